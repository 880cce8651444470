"""What a satellite thinks of the simulated node: the score arithmetic of agent/docs/storagenode.md §6."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

WINDOW = 43_200
"""Seconds of one window of the online score."""
WINDOWS = 60
_LAMBDA = {"audit": 0.999, "unknown": 0.95}
_DISQUALIFIED, _SUSPENDED = 0.96, 0.6


class Scores(NamedTuple):
    """What the node last heard: counts and scores 0–1."""

    total: int
    success: int
    audit: float
    online: float
    suspension: float


@dataclass(slots=True)
class Standing:
    """One satellite's books about the node; `heard` is what the node learned at its last poll."""

    alpha: float = 1000.0
    beta: float = 0.0
    unknown_alpha: float = 20.0
    unknown_beta: float = 0.0
    total: int = 0
    success: int = 0
    windows: dict[int, list[int]] = field(default_factory=dict)
    disqualified: float | None = None
    suspended: float | None = None
    heard: Scores | None = None

    def audit(self, at: int, verdict: str) -> None:
        """An audit that reached the node: `ok`, `lost` (missing piece) or `unknown` (any other error)."""
        self._seen(at, 1, online=True)
        self.total += 1
        self.success += verdict == "ok"
        self.judge(at, verdict)

    def judge(self, at: int, verdict: str) -> None:
        """Move the scores, as an audit or a repair download does."""
        if verdict != "unknown":
            decay, good = _LAMBDA["audit"], verdict == "ok"
            self.alpha, self.beta = decay * self.alpha + good, decay * self.beta + (not good)
        if verdict != "lost":
            decay, good = _LAMBDA["unknown"], verdict == "ok"
            self.unknown_alpha = decay * self.unknown_alpha + good
            self.unknown_beta = decay * self.unknown_beta + (not good)
        self._sentence(at)

    def missed(self, at: int, count: int) -> None:
        """Audits for which the node could not be reached."""
        self._seen(at, count, online=False)

    def _seen(self, at: int, count: int, *, online: bool) -> None:
        window = self.windows.setdefault(at // WINDOW * WINDOW, [0, 0])
        window[0] += count
        window[1] += count * online

    def _sentence(self, at: int) -> None:
        if self.disqualified is None and self.audit_score <= _DISQUALIFIED:
            self.disqualified = at
        if self.suspension_score > _SUSPENDED:
            self.suspended = None
        elif self.suspended is None:
            self.suspended = at

    @property
    def audit_score(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def suspension_score(self) -> float:
        return self.unknown_alpha / (self.unknown_alpha + self.unknown_beta)

    def history(self, at: int) -> list[tuple[int, int, int]]:
        """Complete windows of the last 30 days, oldest first: (start, audits, of them online)."""
        running = at // WINDOW * WINDOW
        for old in [start for start in self.windows if start < running - WINDOWS * WINDOW]:
            del self.windows[old]
        return [(start, total, online) for start, (total, online) in sorted(self.windows.items()) if start < running]

    def online_score(self, at: int) -> float:
        shares = [online / total for _, total, online in self.history(at)]
        return sum(shares) / len(shares) if shares else 1.0

    def now(self, at: int) -> Scores:
        return Scores(self.total, self.success, self.audit_score, self.online_score(at), self.suspension_score)

    def poll(self, at: int) -> tuple[Scores, tuple[float, float, float]]:
        """The node asks: what it hears, and how audit, online and suspension score changed since."""
        new, old = self.now(at), self.heard or Scores(0, 0, 0.0, 0.0, 0.0)
        self.heard = new
        return new, (new.audit - old.audit, new.online - old.online, new.suspension - old.suspension)
