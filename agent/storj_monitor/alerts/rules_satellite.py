"""Rules about the satellites' view of a node: scores, states, contact (agent/docs/storagenode.md §2.4, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.alerts.rule import DAY, HOUR, UNKNOWN, Level, Measure, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from storj_monitor.alerts.rule import Measures
    from storj_monitor.alerts.view import View

OLD_FACT = 30 * DAY
"""A state that is older when the node is first seen is a fact in the table, not an alert."""
SCORE_AGE = 24 * HOUR
"""Seconds for which a score that only the log tells is believed; the node asks its satellites every four hours."""
STRAY_DAYS = 30


def _score(name: str) -> Callable[[View], Measures]:
    """A score by satellite, percent: the API's, else the last that the log told."""

    def measure(view: View) -> Measures:
        return {satellite: Measure(score, {"value": score}) for satellite, score in _scores(view, name)}

    return measure


def _scores(view: View, name: str) -> Iterator[tuple[str, float | None]]:
    told = {who: (at, score) for (metric, who), (at, score) in view.state.scored.items() if metric == f"scores:{name}"}
    for satellite in {*view.satellites, *told}:
        score = view.satellites.get(satellite, {}).get(f"{name}_score")
        if score is None and satellite in told:
            at, last = told[satellite]
            score = last if view.now - at <= SCORE_AGE else None
        yield satellite, score


def _state(key: str, *, only: str = "") -> Callable[[View], Measures]:
    """Since when a satellite's payload has a date under `key`; `only`: and is in this state."""

    def measure(view: View) -> Measures:
        return {
            satellite: _dated(view, payload, key, only)
            for satellite, payload in view.satellites.items()
            if payload.get("state") is not None
        }

    return measure


def _dated(view: View, payload: Mapping[str, Any], key: str, only: str) -> Measure:
    date = payload.get(key)
    holds = payload.get("state") == only if only else bool(date)
    since = int(date) if isinstance(date, int | float) else None
    if holds and since is not None and view.first_seen - since > OLD_FACT:
        return Measure(0.0)
    return Measure(float(holds), {}, since)


def _failed_audits(view: View) -> Measures:
    """Failed audits of the last hour; those whose client went away are no fault (contract, "Meanings").

    Those of lost and damaged pieces are left to the rules that name them: one cause, one alert.
    """
    failed = view.counts(("transfer:GET_AUDIT:failed",), 60)
    known = view.counts(_EXPLAINED, 60)
    left = {satellite: failed[satellite] - known.get(satellite, 0) for satellite in failed}
    return {satellite: Measure(float(n), {"count": n}) for satellite, n in left.items() if n > 0}


_EXPLAINED = tuple(f"failed:GET_AUDIT:{why}" for why in ("client_gone", "stopping", "lost_piece", "damaged_piece"))


def _slow_audits(view: View) -> Measures:
    slow = view.counts(("audit_slow",), 24 * 60)
    return {satellite: Measure(float(n), {"count": n}) for satellite, n in slow.items()}


def _pieces(error: str) -> Callable[[View], Measures]:
    """Downloads of 24 hours that found a piece gone or too short; audits and repairs weigh as much as five."""
    heavy = tuple(f"failed:{action}:{error}" for action in ("GET_AUDIT", "GET_REPAIR"))

    def measure(view: View) -> Measures:
        audits, others = view.counts(heavy, 24 * 60), view.counts((f"failed:GET:{error}",), 24 * 60)
        return {
            satellite: Measure(
                5.0 * audits.get(satellite, 0) + others.get(satellite, 0),
                {"count": audits.get(satellite, 0) + others.get(satellite, 0)},
            )
            for satellite in {*audits, *others}
        }

    return measure


def _contact(view: View) -> Measures:
    """Hours of the last three in which no attempt to reach a satellite succeeded."""
    lost = view.counts(("contact_lost",), 180)
    return {satellite: Measure(float(n), {"hours": n}) for satellite, n in lost.items() if satellite}


def _orders(view: View) -> Measures:
    """Attempts of three hours to send orders that failed, where none succeeded."""
    sent, failed = view.counts(("orders_sent",), 180), view.counts(("orders_failed", "orders_lost"), 180)
    return {
        satellite: Measure(float(n) if not sent.get(satellite) else 0.0, {"count": n})
        for satellite, n in failed.items()
    }


def _gc(view: View) -> Measures:
    """Days since garbage was last collected, by satellite; only where it ever was."""
    found = {}
    for satellite in view.satellites:
        at = view.state.runs.collected_at(satellite)
        found[satellite] = UNKNOWN if at is None else Measure((view.now - at) / DAY, {}, at)
    return found


RULES = (
    Rule(
        "disqualified",
        "satellite",
        ("node",),
        _state("disqualified"),
        (Level("critical", 1),),
        "{node} is disqualified on {satellites}.",
        "Nothing brings it back there. Stop paying disk for that satellite's data (storagenode "
        "forget-satellite), and find "
        "the cause before the other satellites follow.",
        "All its data and held amount there are lost.",
        ended=True,
    ),
    Rule(
        "suspended",
        "satellite",
        ("node",),
        _state("suspended"),
        (Level("critical", 1),),
        "{node} is suspended on {satellites}: too many audits ended with an unexpected error.",
        "Read the node's errors of GET_AUDIT and mend what they name (disk, database, rights); it is taken back "
        "above 60 %.",
        "No new data comes from there until it is taken back.",
    ),
    Rule(
        "offline_suspended",
        "satellite",
        ("node",),
        _state("offline_suspended", only="offline_suspended"),
        (Level("critical", 1),),
        "{node} is suspended on {satellites} because it was offline for too long.",
        "Keep it online: the score counts the last 30 days; a review of 30 days follows.",
        "No new data comes from there until the online score is above 60 %.",
    ),
    Rule(
        "audit_score",
        "satellite",
        ("node", "log"),
        _score("audit"),
        (Level("warning", 99.95, 99.97), Level("critical", 97.0, 97.2)),
        "The audit score of {node} is down to {value:.2f} % on {satellites}; at 96 % it is disqualified for good.",
        "Look for failed audits in the log: lost pieces or a failing disk. If the disk is not there in full, "
        "stop the node "
        "until it is.",
        below=True,
    ),
    Rule(
        "suspension_score",
        "satellite",
        ("node", "log"),
        _score("suspension"),
        (Level("warning", 95.0, 96.0), Level("critical", 70.0, 72.0)),
        "The suspension score of {node} is down to {value:.1f} % on {satellites}; at 60 % it is suspended.",
        "Read the errors of GET_AUDIT in the log: something else than a missing piece keeps the node from answering.",
        below=True,
    ),
    Rule(
        "online_score",
        "satellite",
        ("node", "log"),
        _score("online"),
        (Level("warning", 95.0, 95.5, threshold="online_score"), Level("critical", 70.0, 71.0)),
        "The online score of {node} is down to {value:.1f} % on {satellites}; below 60 % it is suspended.",
        "Keep the node online; every window of 12 hours without an answer counts for 30 days.",
        below=True,
    ),
    Rule(
        "audit_failed",
        "satellite",
        ("log",),
        _failed_audits,
        (Level("warning", 1, 0, keep=HOUR), Level("critical", 3, 2, keep=HOUR)),
        "{node} failed {count} audit(s) of {satellites} within an hour.",
        "Read the error beside GET_AUDIT: a missing piece cannot be mended, a slow or failing disk can.",
        "41 in a row disqualify.",
        log=True,
    ),
    Rule(
        "audit_slow",
        "satellite",
        ("log",),
        _slow_audits,
        (Level("warning", 3, 0), Level("critical", 20, 10)),
        "{node} took over 5 minutes for {count} audit(s) of {satellites} within a day.",
        "Find what keeps the disk busy (filewalker, another program, SMR); three such answers to one audit count "
        "as failed.",
        log=True,
    ),
    Rule(
        "piece_lost",
        "satellite",
        ("log",),
        _pieces("lost_piece"),
        (Level("warning", 1, 0), Level("critical", 5, 0)),
        "{node} lost pieces of {satellites}: {count} were asked for within a day and are gone.",
        "Check the file system and whether a folder is missing or was restored from an old copy; what is gone "
        "stays gone.",
        "Each one that is audited lowers the audit score.",
        log=True,
    ),
    Rule(
        "piece_damaged",
        "satellite",
        ("log",),
        _pieces("damaged_piece"),
        (Level("warning", 1, 0), Level("critical", 5, 0)),
        "{node} has damaged pieces of {satellites}: {count} that were asked for within a day are too short.",
        "Check disk and file system (SMART, fsck); a power cut leaves such files, too.",
        "Each one that is audited lowers the audit score.",
        log=True,
    ),
    Rule(
        "satellite_unreachable",
        "satellite",
        ("log",),
        _contact,
        (Level("warning", 2, 0), Level("critical", 3, 0, for_=12 * HOUR)),
        "{node} has not reached {satellites} for {hours} hours.",
        "Check internet, DNS and firewall; where the address changed, contact.external-address and the port "
        "forwarding.",
        f"After {STRAY_DAYS} days without contact it is disqualified.",
        log=True,
        several=True,
    ),
    Rule(
        "orders_unsent",
        "satellite",
        ("log",),
        _orders,
        (Level("critical", 2, 0),),
        "{node} cannot send its orders to {satellites}: {count} attempts failed within 3 hours, none succeeded.",
        "Read the error of the logger orders: a locked database, a full disk or the network; orders expire after "
        "48 hours.",
        "It is earning nothing for its egress there.",
        log=True,
    ),
    Rule(
        "gc_stalled",
        "satellite",
        ("log",),
        _gc,
        (Level("warning", 30),),
        "{node} has collected no garbage of {satellites} for over a month.",
        "Look for failed garbage collections or compactions in the log; a node that restarts often never "
        "finishes them.",
        "What the customers deleted stays on the disk, unpaid.",
    ),
)
