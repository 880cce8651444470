"""The sentence of what one would have been told."""

from __future__ import annotations

import pytest
from tests.alerts.histories import DAY, HOUR, MINUTE, NOON, History
from tests.alerts.rows import busy

from storj_monitor.alerts.episodes import KEPT, Ending, Episode, Found, document, gather

FIRST = NOON - 214 * DAY


def found(*days_ago: float, last: int = NOON - HOUR) -> Found:
    alerts = [Episode(int(NOON - days * DAY), "piece_lost", "critical", "…") for days in days_ago]
    return Found(FIRST, last, len(alerts), alerts)


SUSPENDED = Ending("suspended", NOON - 5 * DAY)


@pytest.mark.parametrize(
    ("each", "ending", "text"),
    [
        (
            found(16, 9, 2),
            SUSPENDED,
            "Last 214 days: 3 alerts you would have had; the first, 11 days before your suspension.",
        ),
        (found(6), SUSPENDED, "Last 214 days: 1 alert you would have had, 1 day before your suspension."),
        (found(5.5), SUSPENDED, "Last 214 days: 1 alert you would have had, on the day of your suspension."),
        (found(4, 3), SUSPENDED, "Last 214 days: 2 alerts you would have had; the first on 2026-11-19."),
        (
            found(30, 9),
            Ending("disqualified", NOON - 5 * DAY),
            "Last 214 days: 2 alerts you would have had; the first, 25 days before your disqualification.",
        ),
        (found(), SUSPENDED, "Last 214 days: no alert that you would have had, as far as logs alone tell."),
        (
            found(20, last=NOON - 14 * DAY),
            None,
            "The 200 days up to 2026-11-09: 1 alert you would have had, on 2026-11-03.",
        ),
        (
            Found(NOON - DAY, NOON, 0, []),
            None,
            "Last day: no alert that you would have had, as far as logs alone tell.",
        ),
    ],
)
def test_it_says_how_many_and_how_early(each: Found, ending: Ending | None, text: str) -> None:
    said = document(each, ending, NOON)
    assert said["text"] == text
    assert (said["before"] is not None) == ("before your" in text or "day of your" in text)
    assert said["from"] == each.first


def test_an_episode_is_the_worst_it_came_to_and_ends_when_it_closed() -> None:
    made = History(api=False)
    made.starts()
    made.failed("GET", "hashstore: file does not exist")
    made.pass_(10 * 60)
    made.failed("GET_AUDIT", "hashstore: file does not exist")
    busy(made, 26 * HOUR, 10 * MINUTE)
    total, (lost,) = gather(each for each in made.told if each.alert.rule == "piece_lost")
    assert total == 1
    assert (lost.rule, lost.severity) == ("piece_lost", "critical")
    assert lost.closed is not None
    assert lost.closed - lost.at == pytest.approx(DAY + 600, abs=1200)


def test_of_very_many_the_first_are_kept_and_all_are_counted() -> None:
    made = History(api=False)
    made.starts()
    made.failed("GET", "hashstore: file does not exist")
    (opened,) = made.pass_().told
    many = [opened._replace(at=n, type=kind) for n in range(KEPT + 7) for kind in ("open", "close")]
    total, kept = gather(many)
    assert total == KEPT + 7
    assert [each.at for each in kept] == list(range(KEPT))
