"""How long a test waits for what must come."""

PATIENCE = 120.0
"""Seconds: far more than anything takes, for the machine may have more to do; only failures wait so long."""
