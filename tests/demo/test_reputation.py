"""Score arithmetic against the figures of agent/docs/storagenode.md §6."""

from __future__ import annotations

import pytest

from storj_monitor.demo.reputation import WINDOW, Standing


def test_the_41st_consecutive_failure_disqualifies() -> None:
    standing = Standing()
    for count in range(1, 42):
        standing.audit(1000 + count, "lost")
        assert (standing.disqualified is not None) == (count == 41)
    assert standing.disqualified == 1041
    assert standing.suspended is None
    assert (standing.total, standing.success) == (41, 0)


def test_one_failure_costs_a_thousandth_and_recovers_slowly() -> None:
    standing = Standing()
    standing.audit(0, "lost")
    assert standing.audit_score == pytest.approx(0.999, abs=1e-6)
    standing.audit(0, "ok")
    assert standing.audit_score == pytest.approx(0.999001, abs=1e-6)


def test_unknown_errors_suspend_a_new_node_at_once_and_an_old_one_after_ten() -> None:
    new, old = Standing(unknown_alpha=1.0), Standing()
    new.audit(7, "unknown")
    assert new.suspension_score == pytest.approx(0.487, abs=1e-3)
    assert new.suspended == 7
    for count in range(1, 11):
        old.audit(count, "unknown")
        assert (old.suspended is not None) == (count == 10)
    while old.suspended is not None:
        old.audit(99, "ok")
    assert old.suspension_score > 0.6
    assert old.audit_score == 1


def test_online_score_is_the_mean_of_complete_windows_of_30_days() -> None:
    standing, now = Standing(), 100 * WINDOW + 500
    assert standing.online_score(now) == 1
    standing.windows = {start * WINDOW: [10, 5] for start in (20, 40)}
    standing.windows[98 * WINDOW] = [4, 4]
    standing.missed(99 * WINDOW, 8)
    standing.missed(now, 50)
    assert standing.history(now) == [(40 * WINDOW, 10, 5), (98 * WINDOW, 4, 4), (99 * WINDOW, 8, 0)]
    assert standing.online_score(now) == pytest.approx(0.5)


def test_a_poll_tells_what_changed() -> None:
    standing = Standing()
    scores, deltas = standing.poll(0)
    assert scores.audit == 1
    assert deltas == (1, 1, 1)
    standing.audit(5, "lost")
    scores, deltas = standing.poll(9)
    assert scores[:2] == (1, 0)
    assert list(deltas) == pytest.approx([-0.001, 0, 0], abs=1e-6)
    assert standing.poll(10)[1] == (0, 0, 0)
