"""The monitor for Storj storage nodes. See README.md for what it does and agent/docs for the facts it builds on."""

__version__: str


def __getattr__(name: str) -> str:
    """The version, looked up when it is asked for: that takes as long as starting Python, and few commands need it."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import version  # noqa: PLC0415 - see above

    found = globals()[name] = version("storj-node-monitor")
    return found
