"""The monitor for Storj storage nodes. See README.md for what it does and agent/docs for the facts it builds on."""

from importlib.metadata import version

__version__ = version("storj-node-monitor")
