"""Pure rules: no I/O, no asyncio, no clock. Everything here can be tested with values alone."""
