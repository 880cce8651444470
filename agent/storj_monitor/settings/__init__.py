"""What the owner sets: the options (`model`), their sources (`layers`), how both come together (`load`)."""

from storj_monitor.core.names import check_name, default_agent_name
from storj_monitor.settings.example import example
from storj_monitor.settings.load import DEFAULT_CONFIG, credentials, load, parse_node
from storj_monitor.settings.model import (
    AgentSettings,
    BridgeSettings,
    DataSettings,
    GeoipSettings,
    MqttSettings,
    NodeSettings,
    Settings,
)
from storj_monitor.settings.notify import NotifySettings, RouteSettings
from storj_monitor.settings.versions import VersionsSettings

__all__ = [
    "DEFAULT_CONFIG",
    "AgentSettings",
    "BridgeSettings",
    "DataSettings",
    "GeoipSettings",
    "MqttSettings",
    "NodeSettings",
    "NotifySettings",
    "RouteSettings",
    "Settings",
    "VersionsSettings",
    "check_name",
    "credentials",
    "default_agent_name",
    "example",
    "load",
    "parse_node",
]
