"""SQL lives here and nowhere else."""

from storj_monitor.store.db import LogState, NodeRow, Store, StoredReading
from storj_monitor.store.prune import prune
from storj_monitor.store.reader import Column, History, Reader

__all__ = ["Column", "History", "LogState", "NodeRow", "Reader", "Store", "StoredReading", "prune"]
