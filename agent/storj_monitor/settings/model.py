"""Every option, typed, with its help text and unit.

A class is a table of the file, a `Field` an option: the example file, the checks and the messages are made from it. A
`ValueError` says what was expected ("a path or a glob"), never the value, so that no secret reaches a message.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Annotated, Any, get_args
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from storj_monitor.core.names import check_name, default_agent_name
from storj_monitor.settings.alerts import AlertsSettings, NodeThresholds
from storj_monitor.settings.costs import CostsSettings
from storj_monitor.settings.notify import NotifySettings
from storj_monitor.settings.section import Section
from storj_monitor.settings.versions import VersionsSettings

_PORT = r"(?::(?P<port>\d{1,5}))?"
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]*):(?P<port>\d{1,5})", re.ASCII)
_BROKER = re.compile(rf"(mqtts?)://(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+){_PORT}/?", re.ASCII)
_WEB = re.compile(rf"https?://(\[[0-9A-Fa-f:.]+\]|[^\s:/@?#\[\]]+){_PORT}(/[^\s?#]*)?", re.ASCII | re.IGNORECASE)
_TOPIC = re.compile(r"[^\s+#/]+(/[^\s+#/]+)*")
_FRAME = re.compile(r"'self'|[^\s;,'\"]+", re.ASCII)
_WALLET = re.compile(r"0x[0-9A-Fa-f]{40}", re.ASCII)
_NODE_ID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{40,60}", re.ASCII)


def _matching(pattern: re.Pattern[str], expected: str) -> AfterValidator:
    """A check that a text has the shape, and that the port in it, if any, can exist."""

    def check(text: str) -> str:
        match = pattern.fullmatch(text)
        if match is None or int(match.groupdict().get("port") or 0) > 65535:
            raise ValueError(expected)
        return text

    return AfterValidator(check)


def _split_commas(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _home(value: object) -> object:
    return os.path.expanduser(value) if isinstance(value, str) else value  # noqa: PTH111 - globs are no Path


def _log(text: str) -> str:
    kind, colon, rest = text.partition(":")
    if not text or (colon and kind in {"journal", "docker"} and not rest) or text.startswith(("http://", "https://")):
        raise ValueError("a path, a glob, journal:UNIT or docker:CONTAINER")
    return text


Name = Annotated[str, AfterValidator(check_name)]
LocalPath = Annotated[Path, BeforeValidator(_home)]
WebAddress = Annotated[str, _matching(_WEB, "an address that begins with http:// or https://, without a user name")]
_Commas = BeforeValidator(_split_commas)


class AgentSettings(Section):
    """The agent itself."""

    name: Name = Field(
        default_factory=lambda: default_agent_name(socket.gethostname()),
        description="Name of this agent in topics and on the page; without it the first part of the host's name.",
        examples=["raspberrypi"],
    )


class DataSettings(Section):
    """Where the history is kept."""

    dir: LocalPath = Field(
        default=Path("/var/lib/storj-monitor"), description="Folder of the database; one agent per folder."
    )
    commit_interval: int = Field(
        default=10,
        ge=1,
        le=60,
        description="Seconds between two writes, 1 to 60; 60 spares an SD card. Alerts are written at once.",
    )


class BridgeSettings(Section):
    """The viewer's web server."""

    listen: Annotated[str, _matching(_LISTEN, "HOST:PORT, for example 127.0.0.1:8787")] = Field(
        default="127.0.0.1:8787",
        description="Address to listen at, HOST:PORT. Any other than a loopback address asks for the token.",
    )
    public_url: WebAddress | None = Field(
        default=None,
        description="The address browsers use when a reverse proxy stands before it; Home Assistant links to it. The "
        "page then asks for the token.",
        examples=["https://storj.example.org"],
    )
    token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret that the page asks for, 16 characters or more; better the credential bridge-token. Where "
        "one is needed and none is set, the agent makes one and prints it once.",
        examples=["write-16-characters-or-more"],
    )
    allowed_hosts: Annotated[list[str], _Commas] = Field(
        default=[],
        description="More host names under which the page may be asked for, with the token.",
        examples=[["pi.lan"]],
    )
    allowed_origins: Annotated[list[WebAddress], _Commas] = Field(
        default=[],
        description="Other pages that may connect, with the token.",
        examples=[["https://viewer.example.org"]],
    )
    frame_ancestors: Annotated[list[Annotated[str, _matching(_FRAME, "an origin or 'self'")]], _Commas] = Field(
        default=[],
        description="Pages that may show this one in a frame, as Home Assistant's Webpage dashboard does.",
        examples=[["http://homeassistant.local:8123"]],
    )


class MqttSettings(Section):
    """The MQTT broker; without `url` nothing is published."""

    url: Annotated[str, _matching(_BROKER, "mqtt://HOST, mqtt://HOST:PORT or mqtts://HOST[:PORT]")] | None = Field(
        default=None,
        description="The broker: mqtt://HOST[:1883], or mqtts://HOST[:8883] with TLS.",
        examples=["mqtt://broker.lan"],
    )
    username: str | None = Field(default=None, description="User name at the broker.", examples=["storj-monitor"])
    password: SecretStr | None = Field(
        default=None, description="Password at the broker; better the credential mqtt-password.", examples=["…"]
    )
    ca_file: LocalPath | None = Field(
        default=None,
        description="CA certificates (PEM) to trust instead of the system's.",
        examples=["/etc/storj-monitor/ca.pem"],
    )
    cert_file: LocalPath | None = Field(
        default=None,
        description="This client's certificate (PEM); needs key_file.",
        examples=["/etc/storj-monitor/client.pem"],
    )
    key_file: LocalPath | None = Field(
        default=None, description="The key (PEM) of cert_file.", examples=["/etc/storj-monitor/client.key"]
    )
    interval: int = Field(
        default=60,
        ge=1,
        le=3600,
        description="Seconds between two states of a node; alerts and changes of life are sent at once.",
    )
    fleet: bool = Field(
        default=True, description="Show the other agents of this broker on this agent's page, too: true or false."
    )
    discovery: bool = Field(default=True, description="Announce devices to Home Assistant: true or false.")
    discovery_prefix: Annotated[str, _matching(re.compile(r"[^\s+#/]+(/[^\s+#/]+)*"), "a topic without + and #")] = (
        Field(default="homeassistant", description="First part of the discovery topics, as set in Home Assistant.")
    )

    @model_validator(mode="before")
    @classmethod
    def _take_user_from_url(cls, data: Any) -> Any:
        """`mqtt://user:password@host` is how people write it; the password must not stay in a text that is printed."""
        url = data.get("url") if isinstance(data, dict) else None
        if not isinstance(url, str) or "@" not in url:
            return data
        try:
            parts = urlsplit(url)
        except ValueError:
            return data
        user, _, host = parts.netloc.rpartition("@")
        name, _, password = user.partition(":")
        given = {"username": unquote(name), "password": unquote(password)}
        return {
            **{key: text for key, text in given.items() if text},
            **data,
            "url": f"{parts.scheme}://{host}{parts.path}",
        }

    @model_validator(mode="after")
    def _certificate_has_key(self) -> MqttSettings:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file together")
        return self

    @property
    def address(self) -> tuple[str, int, bool]:
        """Host, port and whether TLS is spoken; ValueError without `url`."""
        match = _BROKER.fullmatch(self.url or "")
        if match is None:
            raise ValueError("no broker is set")
        tls = match[1] == "mqtts"
        return match[2].strip("[]"), int(match["port"] or (8883 if tls else 1883)), tls


class NodeSettings(Section):
    """One storage node: its log, its API, or both."""

    log: Annotated[str, BeforeValidator(_home), AfterValidator(_log)] | None = Field(
        default=None,
        description="The node's log: a path, a glob, journal:UNIT or docker:CONTAINER.",
        examples=["/var/log/storagenode.log"],
    )
    api: WebAddress | None = Field(
        default=None,
        description="The node's API, the address of its own dashboard.",
        examples=["http://127.0.0.1:14002"],
    )
    node_id: Annotated[str, _matching(_NODE_ID, "a node id as `storagenode info` prints it")] | None = Field(
        default=None,
        description="The node's id, where neither the API nor the log tells it.",
        examples=["12vYn7Kq3mXc8RtWzLdBsPeHfGjA5uNiQoTxVbMkCyDrEaSwZh"],
    )
    wallet: Annotated[str, _matching(_WALLET, "a wallet address, 0x and 40 hexadecimal digits")] | None = Field(
        default=None,
        description="Shown in /metrics/NAME for dashboards that ask for it, and nowhere else.",
        examples=["0x0000000000000000000000000000000000000000"],
    )
    config: LocalPath | None = Field(
        default=None,
        description="The node's config.yaml as this host sees it; it tells the log's level and where storage and "
        "orders lie. Wallet and e-mail address in it are passed over.",
        examples=["/mnt/storj/config.yaml"],
    )
    storage: LocalPath | None = Field(
        default=None,
        description="The folder of the node's data, where config.yaml does not tell it: its disk is watched.",
        examples=["/mnt/storj/storage"],
    )
    health: WebAddress | None = Field(
        default=None,
        description="The node's public port, for its healthcheck.",
        examples=["http://127.0.0.1:28967"],
    )
    debug: WebAddress | None = Field(
        default=None,
        description="The node's debug.addr; its counters show failures that the log hides, and the time of transfers.",
        examples=["http://127.0.0.1:5999"],
    )
    databases: bool = Field(
        default=False,
        description="Read reputation.db and satellites.db of the node, never writing: true or false. Only they tell "
        "of an offline suspension and of a graceful exit.",
    )
    watts: float | None = Field(
        default=None, ge=0, le=100_000, description="What the node draws, in watts; see [costs].", examples=[8.5]
    )
    disk_cost: float | None = Field(
        default=None, ge=0, le=100_000, description="What its disk costs a month, in USD.", examples=[3.5]
    )

    thresholds: NodeThresholds = Field(
        default={},
        description="From which numbers on alerts of this node fire, as in [alerts].",
        examples=[{"online_score.warning": 80}],
    )

    @model_validator(mode="after")
    def _has_a_source(self) -> NodeSettings:
        if self.log is None and self.api is None:
            raise ValueError("log, api or both")
        return self


class GeoipSettings(Section):
    """Where on the map the transfers go."""

    database: LocalPath | None = Field(
        default=None,
        description="A GeoLite2 or DB-IP Lite database (.mmdb); default: city.mmdb in the data folder, where "
        "`storj-monitor geoip update` puts a free one. Without a database the map stays empty.",
        examples=["/var/lib/storj-monitor/city.mmdb"],
    )


class Settings(BaseSettings):
    """All options of one agent. `nodes` may be empty: with a broker that is a viewer of the whole fleet."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)

    agent: AgentSettings = Field(default_factory=AgentSettings)
    data: DataSettings = Field(default_factory=DataSettings)
    bridge: BridgeSettings = Field(default_factory=BridgeSettings)
    mqtt: MqttSettings = Field(default_factory=MqttSettings)
    nodes: dict[Name, NodeSettings] = Field(default_factory=dict)
    geoip: GeoipSettings = Field(default_factory=GeoipSettings)
    alerts: AlertsSettings = Field(default_factory=AlertsSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    costs: CostsSettings = Field(default_factory=CostsSettings)
    versions: VersionsSettings = Field(default_factory=VersionsSettings)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: Any, init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but what is given: the sources, which know the place of each value, are laid on by `load`."""
        del settings_cls
        return (init_settings,)


def tables() -> dict[str, type[Section]]:
    """Every table of the file with its model; `nodes` stands for each `[nodes.NAME]`."""
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        found[name] = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section))
    return found


def inner_tables(model: type[Section]) -> dict[str, type[Section]]:
    """The tables of tables in a table, by key: `{"routes": RouteSettings}` of `[notify]`."""
    found = {key: get_args(field.annotation)[-1:] for key, field in model.model_fields.items()}
    return {
        key: last[0]
        for key, last in found.items()
        if last and isinstance(last[0], type) and issubclass(last[0], Section)
    }
