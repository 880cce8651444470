"""The monitor for Storj storage nodes. See README.md for what it does and agent/docs for the facts it builds on."""

__version__ = "0.1.0"
