"""Settings: four sources, one truth, every fault told with its place and without its value."""

from __future__ import annotations

import contextlib
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from storj_monitor.core.errors import SettingsError
from storj_monitor.core.names import RESERVED
from storj_monitor.settings import NodeSettings, Settings, credentials, default_agent_name, example, load, parse_node
from storj_monitor.settings.layers import line_of
from storj_monitor.settings.model import tables
from storj_monitor.settings.notify import shown

ROOT = Path(__file__).parents[1]
NOWHERE = Path("/nonexistent/storj-monitor.toml")
WEB = "an address that begins with http:// or https://, without a user name"
SECRET = "correct-horse-battery-staple"


def loaded(tmp_path: Path, text: str = "", env: dict[str, str] | None = None, **overrides: object) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    return load(file, overrides, env or {})


def refusal(tmp_path: Path, text: str = "", env: dict[str, str] | None = None, **overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text, env, **overrides)
    return str(caught.value).replace(str(tmp_path / "settings.toml"), "FILE")


def test_no_file_at_all_gives_the_defaults() -> None:
    found = load(env={}, default=NOWHERE)
    assert found.bridge.listen == "127.0.0.1:8787"
    assert found.data.dir == Path("/var/lib/storj-monitor")
    assert found.mqtt.url is None
    assert found.nodes == {}
    assert re.fullmatch(r"[a-z0-9_-]{1,37}", found.agent.name)


def test_each_source_beats_those_before_it_and_tables_are_merged(tmp_path: Path) -> None:
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    (secrets / "mqtt-password").write_text("from-credential\n")
    text = """
        [mqtt]
        url = "mqtt://file"
        username = "file"
        password = "file"
        interval = 5
        [nodes.attic]
        log = "/file.log"
        node_id = "12vYn7Kq3mXc8RtWzLdBsPeHfGjA5uNiQoTxVbMkCyDrEaSwZh"
    """
    env = {
        "STORJ_MONITOR_MQTT__URL": "mqtt://env",
        "STORJ_MONITOR_MQTT__USERNAME": "env",
        "STORJ_MONITOR_MQTT__PASSWORD": "env",
        "STORJ_MONITOR_MQTT__CA_FILE": "",
        "STORJ_MONITOR_BRIDGE__ALLOWED_HOSTS": "a.lan, b.lan",
        "STORJ_MONITOR_NODES__CELLAR__API": "http://127.0.0.1:14003",
        "CREDENTIALS_DIRECTORY": str(secrets),
    }
    found = loaded(
        tmp_path, text, env, mqtt={"url": "mqtt://line", "username": None}, nodes={"attic": {"log": "/line.log"}}
    )
    assert (found.mqtt.url, found.mqtt.username, found.mqtt.interval) == ("mqtt://line", "env", 5)
    assert found.mqtt.password is not None
    assert found.mqtt.password.get_secret_value() == "from-credential"
    assert found.mqtt.ca_file is None
    assert found.bridge.allowed_hosts == ["a.lan", "b.lan"]
    assert found.nodes["attic"].log == "/line.log"
    assert found.nodes["attic"].node_id is not None
    assert found.nodes["cellar"] == NodeSettings(api="http://127.0.0.1:14003")


def test_the_file_is_the_one_asked_for_else_that_of_the_environment_else_the_default(tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.toml" for name in ("asked", "variable", "default")}
    for name, file in files.items():
        file.write_text(f'[agent]\nname = "{name}"\n')
    env = {"STORJ_MONITOR_CONFIG": str(files["variable"])}
    assert load(files["asked"], {}, env, default=files["default"]).agent.name == "asked"
    assert load(None, {}, env, default=files["default"]).agent.name == "variable"
    assert load(None, {}, {}, default=files["default"]).agent.name == "default"


FAULTS = {
    "[agent]\n\nname = 'My Pi'": "FILE, line 3: agent.name: expected a name of 1 to 40 of a–z, 0–9, _ and -, "
    "for example my-pi.",
    "[agent]\nname = 'ask'": "FILE, line 2: agent.name: expected a name that is no word of the topics, "
    "for example ask-1.",
    "[mqtt]\n# a word\nurll = 'x'": "FILE, line 3: mqtt.urll is not known; did you mean url?",
    "[bridge]\ndiscovery = true": "FILE, line 2: bridge.discovery is not known; it belongs to [mqtt].",
    "[geoip]\nxyz = 1": "FILE, line 2: geoip.xyz is not known; known are database.",
    "[datas]\ndir = '/x'": "FILE, line 1: datas is not known; did you mean data?",
    "mqtt_url = 'x'": "FILE, line 1: mqtt_url is not known; did you mean mqtt.url?",
    "mqtt = 'mqtt://x'": "FILE, line 1: mqtt: expected a table.",
    "nodes = 3": "FILE, line 1: nodes: expected a table.",
    "[data]\ncommit_interval = 0": "FILE, line 2: data.commit_interval: expected at least 1.",
    "[data]\ncommit_interval = 61": "FILE, line 2: data.commit_interval: expected at most 60.",
    "[data]\ncommit_interval = 1.5": "FILE, line 2: data.commit_interval: expected a whole number.",
    "[data]\ncommit_interval = 'soon'": "FILE, line 2: data.commit_interval: expected a whole number.",
    "[data]\ndir = 3": "FILE, line 2: data.dir: expected a path in quotes.",
    "[mqtt]\ndiscovery = 'maybe'": "FILE, line 2: mqtt.discovery: expected true or false.",
    "[mqtt]\nusername = 7": "FILE, line 2: mqtt.username: expected text in quotes.",
    "[mqtt]\nurl = 'broker.lan'": "FILE, line 2: mqtt.url: expected mqtt://HOST, mqtt://HOST:PORT or "
    "mqtts://HOST[:PORT].",
    "[mqtt]\ncert_file = '/c'": "FILE, line 1: mqtt: expected cert_file and key_file together.",
    "[mqtt]\ndiscovery_prefix = 'a/#'": "FILE, line 2: mqtt.discovery_prefix: expected a topic without + and #.",
    "[bridge]\nlisten = '8787'": "FILE, line 2: bridge.listen: expected HOST:PORT, for example 127.0.0.1:8787.",
    "[bridge]\nlisten = 'h:65536'": "FILE, line 2: bridge.listen: expected HOST:PORT, for example 127.0.0.1:8787.",
    "[alerts.thresholds]\n\naudit_score.warning = 0.5": "FILE, line 3: alerts.thresholds.audit_score.warning: "
    "expected at least 96.1.",
    "[alerts.thresholds]\naudit_scor.warning = 99": "FILE, line 2: alerts.thresholds.audit_scor is not known; "
    "did you mean audit_score?",
    "[alerts]\nthresholds.audit_score.warnings = 99": "FILE, line 2: alerts.thresholds.audit_score.warnings is not "
    "known; did you mean warning?",
    "[alerts.thresholds]\nonline_score = 'high'": "FILE, line 2: alerts.thresholds.online_score.warning: "
    "expected a number.",
    "[nodes.roof]\nlog = '/x'\nthresholds.agent_lag.warning = 9": "FILE, line 3: nodes.roof.thresholds: expected rules "
    "about nodes; those about the agent itself belong to [alerts].",
    "[bridge]\nallowed_hosts = 3": 'FILE, line 2: bridge.allowed_hosts: expected a list, as in ["a", "b"].',
    '[bridge]\nframe_ancestors = [\n"\'self\'",\n"a; b"]': "FILE, line 2: bridge.frame_ancestors.1: "
    "expected an origin or 'self'.",
    "[nodes.Attic]\nlog = '/x'": "FILE, line 1: nodes.Attic: expected a name of 1 to 40 of a–z, 0–9, _ and -, "
    "for example attic.",
    "[nodes.roof]": "FILE, line 1: nodes.roof: expected log, api or both.",
    "[nodes.roof]\nlog = 'journal:'": "FILE, line 2: nodes.roof.log: expected a path, a glob, journal:UNIT or "
    "docker:CONTAINER.",
    "[nodes.roof]\nlog = '/x'\napi = 'localhost:14002'": "FILE, line 3: nodes.roof.api: expected an address that "
    "begins with http:// or https://, without a user name.",
    "[nodes.roof]\nurl = '/x'\nlog = '/x'": (
        "FILE, line 2: nodes.roof.url is not known; known are api, config, databases, debug, disk_cost, health, log, "
        "node_id, storage, thresholds, wallet, watts."
    ),
    "[nodes.roof]\nlog = '/x'\nnode_id = 'me'": "FILE, line 3: nodes.roof.node_id: expected a node id as "
    "`storagenode info` prints it.",
    "[notify]\nquiet_hours = '22-7'": "FILE, line 2: notify.quiet_hours: expected hours such as 22:00-07:00, on a "
    "clock of 24 hours.",
    "[notify]\ntimezone = 'Berlin'": "FILE, line 2: notify.timezone: expected a time zone such as Europe/Berlin "
    "or UTC.",
    "[notify]\ndigest = 'hourly'": "FILE, line 2: notify.digest: expected 'off', 'daily' or 'weekly'.",
    "[notify.routes.phone]\nurl = 'ntfy.sh'": "FILE, line 2: notify.routes.phone.url: expected an address as Apprise "
    "takes it, or webhook+https://….",
    "[notify.routes.phone]\nsevere = []\nurl = 'ntfys://h/t'": "FILE, line 2: notify.routes.phone.severe is not known; "
    "did you mean severities?",
    "[notify.routes.My-phone]\nurl = 'ntfys://h/t'": "FILE, line 1: notify.routes.My-phone: expected a name of 1 to 40 "
    "of a–z, 0–9, _ and -, for example phone.",
    "[agent\n": "The settings file FILE is not valid TOML: Expected ']' at the end of a table declaration (at line 1, "
    "column 7).",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_names_its_line_and_what_was_expected(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text) == FAULTS[text]


def test_all_faults_are_told_at_once_wherever_they_come_from(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        "[mqtt]\nurll = 'x'",
        {"STORJ_MONITOR_MQTT_URL": "x", "STORJ_MONITOR_DATA__COMMIT_INTERVAL": "x"},
        bridge={"listen": "everywhere"},
    ).split("\n")
    assert sorted(said) == [
        "FILE, line 2: mqtt.urll is not known; did you mean url?",
        "The command line: bridge.listen: expected HOST:PORT, for example 127.0.0.1:8787.",
        "The environment variable STORJ_MONITOR_DATA__COMMIT_INTERVAL: data.commit_interval: expected a whole number.",
        "The environment variable STORJ_MONITOR_MQTT_URL: mqtt_url is not known; did you mean STORJ_MONITOR_MQTT__URL?",
    ]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml", {}, {})
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(tmp_path, {}, {})
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(SettingsError, match=r"is not UTF-8 text \(byte 5\)"):
        load(tmp_path / "latin.toml", {}, {})
    contradiction = {"STORJ_MONITOR_MQTT": "x", "STORJ_MONITOR_MQTT__URL": "y"}
    assert "STORJ_MONITOR_MQTT__URL contradicts" in refusal(tmp_path, "", contradiction)


def test_a_misspelt_credential_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mqtt-pasword").write_text(SECRET)
    with pytest.raises(SettingsError) as caught:
        load(None, {}, {"CREDENTIALS_DIRECTORY": str(tmp_path)}, default=NOWHERE)
    assert str(caught.value) == "The credential mqtt-pasword is not known; did you mean mqtt-password?"


def test_the_address_of_a_route_may_be_a_credential(tmp_path: Path) -> None:
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    (secrets / "notify-route-phone").write_text(f"tgram://123456:{SECRET}/789\n")
    (secrets / "notify-ping-url").write_text("https://hc.example.org/x")
    text = "[notify.routes.phone]\nseverities = ['critical']"
    notify = loaded(tmp_path, text, {"CREDENTIALS_DIRECTORY": str(secrets)}).notify
    phone = notify.routes["phone"]
    assert (phone.url.get_secret_value(), phone.shown) == (f"tgram://123456:{SECRET}/789", "tgram://…")
    assert phone.severities == ["critical"]
    assert notify.ping_url is not None
    assert "notify.routes.phone.url: expected a value" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("mailtos://me:secret@smtp.example.org:587?to=a@b.org", "mailtos://smtp.example.org"),
        ("ntfy://topic-nobody-guesses", "ntfy://…"),
        ("ntfys://u:p@ntfy.sh/topic", "ntfys://ntfy.sh"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord://…"),
        ("webhook+http://127.0.0.1:8/secret", "webhook+http://127.0.0.1"),
        ("webhook+https://[::1]:8/secret", "webhook+https://::1"),
        ("json://[bad", "…"),
    ],
)
def test_what_may_be_seen_of_an_address(url: str, seen: str) -> None:
    assert shown(url) == seen


def test_a_password_in_the_address_becomes_a_secret(tmp_path: Path) -> None:
    found = loaded(tmp_path, f'[mqtt]\nurl = "mqtts://me:{SECRET}%20x@[::1]:1884"')
    assert found.mqtt.url == "mqtts://[::1]:1884"
    assert found.mqtt.address == ("::1", 1884, True)
    assert (found.mqtt.username, found.mqtt.password and found.mqtt.password.get_secret_value()) == (
        "me",
        f"{SECRET} x",
    )
    kept = loaded(tmp_path, f'[mqtt]\nurl = "mqtt://me:{SECRET}@b"\npassword = "other"').mqtt
    assert kept.address == ("b", 1883, False)
    assert kept.password is not None
    assert kept.password.get_secret_value() == "other"


@pytest.mark.parametrize(
    "key",
    [
        "mqtt.url",
        "mqtt.password",
        "bridge.token",
        "nodes.attic.api",
        "bridge.public_url",
        "notify.ping_url",
        "notify.routes.phone.url",
    ],
)
@pytest.mark.parametrize(
    "value", ["'mqtt://u:{}@h:1'", "'mqtt://u:{}@h:999999'", "'https://u:{}@h'", "['{}']", "{{ a = '{}' }}", "'{}'"]
)
def test_no_secret_is_ever_printed(tmp_path: Path, key: str, value: str) -> None:
    try:
        found = loaded(tmp_path, f"{key} = {value.format(SECRET)}")
    except SettingsError as error:
        said = f"{error!r} {error.__cause__!r}"
    else:
        said = f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"
    assert said
    assert SECRET not in said


@given(text=st.text(max_size=80), value=st.text(max_size=40), env=st.text(max_size=30), where=st.integers(0, 3))
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_taken_or_refused_in_words(
    tmp_path: Path, text: str, value: str, env: str, where: int
) -> None:
    switched_on = re.sub(r"(?m)^#(?=\S)", "", example()).splitlines(keepends=True)
    switched_on.insert(where * 12, text + "\n")
    file = tmp_path / "settings.toml"
    file.write_text("".join(switched_on), encoding="utf-8", errors="replace")
    variables = {"STORJ_MONITOR_" + env: value, "STORJ_MONITOR_MQTT__INTERVAL": value}
    for source in ({"config": file, "env": {}}, {"env": variables, "default": NOWHERE}):
        with contextlib.suppress(SettingsError):
            load(**source)  # type: ignore[arg-type]


@given(
    st.lists(st.sampled_from(["a = 1", "# x", "", "b = [\n1,\n2]", 'c = """\nx = 1\n[t]\n"""', "d.e = 1"]), unique=True)
)
def test_the_line_of_a_key_is_where_it_begins(blocks: list[str]) -> None:
    text = "\n".join(["[first]", *blocks, "[t]", *blocks, "[t.sub]", "last = 1"])
    lines = text.split("\n")
    for key in tomllib.loads(text)["t"]:
        begins = [n for n, line in enumerate(lines, 1) if re.match(rf"{key}( =|\.)|\[t\.{key}\]", line)]
        assert line_of(text, ("t", key)) == begins[-1]
    assert lines[line_of(text, ("t", "sub", "missing")) - 1] == "[t.sub]"


NODES = {
    "attic=/log": {"log": "/log"},
    "attic=/log,": {"log": "/log"},
    "attic=/var/*.log,http://h:1": {"log": "/var/*.log", "api": "http://h:1"},
    "attic=/a,b,https://h/x": {"log": "/a,b", "api": "https://h/x"},
    "attic=http://[::1]:14002": {"api": "http://[::1]:14002"},
    "attic=,http://h:1": {"api": "http://h:1"},
    "attic=journal:storagenode.service": {"log": "journal:storagenode.service"},
    "attic=docker:storagenode,http://h": {"log": "docker:storagenode", "api": "http://h"},
    "a=b=c": {"log": "b=c"},
}


@pytest.mark.parametrize("text", NODES)
def test_node_of_the_command_line(text: str) -> None:
    assert parse_node(text) == (text.split("=", maxsplit=1)[0], NodeSettings.model_validate(NODES[text]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("attic", "--node is NAME=[LOG][,API], for example attic=/var/log/storagenode.log; it was attic."),
        ("attic=", "--node attic: expected log, api or both."),
        ("attic=,", "--node attic: expected log, api or both."),
        ("Attic 1=/x", "--node Attic 1: expected a name of 1 to 40 of a–z, 0–9, _ and -, for example attic-1."),
        ("=/x", "--node : expected a name of 1 to 40 of a–z, 0–9, _ and -, for example attic."),
        ("attic=/x,localhost:14002", "--node attic: begin the address of the API with http://."),
        ("attic=docker:", "--node attic log: expected a path, a glob, journal:UNIT or docker:CONTAINER."),
        (f"attic=http://u:{SECRET}@h", f"--node attic api: expected {WEB}."),
    ],
)
def test_node_of_the_command_line_refused(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_node(text)
    assert str(caught.value) == said


@given(st.text(max_size=80))
def test_every_host_gets_a_name_that_topics_can_carry(host: str) -> None:
    name = default_agent_name(host)
    assert re.fullmatch(r"[a-z0-9_-]{1,37}", name)
    assert name not in RESERVED


def test_host_names() -> None:
    hosts = ["Raspberry Pi.lan", "status", "", ".lan", "x" * 60]
    assert [default_agent_name(host) for host in hosts] == ["raspberry-pi", "agent", "agent", "agent", "x" * 37]


def test_the_example_is_the_one_in_the_tree() -> None:
    kept = (ROOT / "config/storj-monitor.example.toml").read_text(encoding="utf-8")
    assert kept == example(), "`make example` writes it anew"


def test_the_example_is_valid_as_it_is_and_with_every_option_switched_on(tmp_path: Path) -> None:
    assert loaded(tmp_path, example()) == load(env={}, default=NOWHERE)
    text = re.sub(r"(?m)^#(?=\S)", "", example())
    found = loaded(tmp_path, text)
    written = tomllib.loads(text)
    for name, model in tables().items():
        table = written[name]["attic"] if name == "nodes" else written[name]
        assert set(table) == set(model.model_fields)
    assert found.mqtt.address == ("broker.lan", 1883, False)


def test_every_option_has_a_help_text_and_every_secret_a_credential() -> None:
    for model in tables().values():
        assert model.__doc__
        for key, field in model.model_fields.items():
            assert (field.description or "").endswith("."), key
    assert credentials() == {
        "bridge-token": ("bridge", "token"),
        "mqtt-password": ("mqtt", "password"),
        "notify-ping-url": ("notify", "ping_url"),
    }
