"""Rules about the satellites' view of a node: scores, states, contact (agent/docs/storagenode.md §2.4, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.alerts.rule import DAY, FORUM, GITHUB, HOUR, UNKNOWN, Count, Level, Measure, Rule
from storj_monitor.core.lastruns import GC
from storj_monitor.core.readings import satellite_source

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
    """A score by satellite, percent: the newer of what the API and the log told."""

    def measure(view: View) -> Measures:
        return {satellite: Measure(score, {"value": score}) for satellite, score in _scores(view, name)}

    return measure


def _scores(view: View, name: str) -> Iterator[tuple[str, float | None]]:
    told = {who: (at, score) for (metric, who), (at, score) in view.state.scored.items() if metric == f"scores:{name}"}
    for satellite in {*view.satellites, *told}:
        score = view.satellites.get(satellite, {}).get(f"{name}_score")
        at, last = told.get(satellite, (0, None))
        if score is None or at > _asked(view, satellite):
            score = last if view.now - at <= SCORE_AGE else score
        yield satellite, score


def _asked(view: View, satellite: str) -> int:
    """When the API last told the scores of a satellite."""
    known = [view.state.readings.get(source) for source in ("month", satellite_source(satellite))]
    return max((each.at for each in known if each is not None), default=0)


def _state(key: str, *, only: str = "") -> Callable[[View], Measures]:
    """Since when a satellite's payload has a date under `key`; `only`: and is in this state."""

    def measure(view: View) -> Measures:
        return {satellite: _dated(view, payload, key, only) for satellite, payload in view.satellites.items()}

    return measure


def _dated(view: View, payload: Mapping[str, Any], key: str, only: str) -> Measure:
    date = payload.get(key)
    if payload.get("state") is None:
        return UNKNOWN
    holds = payload.get("state") == only if only else bool(date)
    since = int(date) if isinstance(date, int | float) else None
    if holds and since is not None and view.first_seen - since > OLD_FACT:
        return Measure(0.0)
    return Measure(float(holds), {}, since)


def _failed_audits(view: View) -> Measures:
    """Failed audits of the last hour; those whose client went away are no fault (contract, "Meanings").

    Those of lost and damaged pieces are left to the rules that name them: one cause, one alert.
    """
    failed = view.counts(FAILED_AUDITS, 60)
    known = view.counts(_EXPLAINED, 60)
    left = {satellite: failed[satellite] - known.get(satellite, 0) for satellite in failed}
    return {satellite: Measure(float(n), {"count": n}) for satellite, n in left.items() if n > 0}


FAILED_AUDITS = ("transfer:GET_AUDIT:failed",)
_EXPLAINED = tuple(f"failed:GET_AUDIT:{why}" for why in ("client_gone", "stopping", "lost_piece", "damaged_piece"))


def _slow_audits(view: View) -> Measures:
    slow = view.counts(("audit_slow",), 24 * 60)
    return {satellite: Measure(float(n), {"count": n}) for satellite, n in slow.items()}


def _piece_counts(error: str) -> tuple[str, ...]:
    return tuple(f"failed:{action}:{error}" for action in ("GET_AUDIT", "GET_REPAIR", "GET"))


def _pieces(error: str) -> Callable[[View], Measures]:
    """Downloads of 24 hours that found a piece gone or too short; audits and repairs weigh as much as five."""
    *heavy, light = _piece_counts(error)

    def measure(view: View) -> Measures:
        audits, others = view.counts(heavy, 24 * 60), view.counts((light,), 24 * 60)
        return {
            satellite: Measure(
                5.0 * audits.get(satellite, 0) + others.get(satellite, 0),
                {"count": audits.get(satellite, 0) + others.get(satellite, 0)},
            )
            for satellite in {*audits, *others}
        }

    return measure


def _contact(view: View) -> Measures:
    """Hours of the last three in which no attempt to reach a satellite succeeded, plus ten where all are lost.

    A success leaves no line: a satellite is reached again when its next hour ends without one.
    """
    lost, lately = view.counts(("contact_lost",), 180), view.counts(("contact_lost",), 75)
    every = ALL if view.working <= lost.keys() else 0
    return {
        satellite: Measure(float(n + every if satellite in lately else 0), {}, view.at - n * HOUR)
        for satellite, n in lost.items()
        if satellite
    }


ALL = 10


def _contact_text(facts: Mapping[str, Any]) -> str:
    days, hours = divmod(facts["lasted"] // HOUR, 24)
    long = Count(days).__format__("day") if days >= 2 else Count(days * 24 + hours).__format__("hour")
    left = Count(max(0, STRAY_DAYS - days)).__format__("day")
    return (
        f"{facts['node']} could not reach {facts['satellites']} for {long}. A node without contact for {STRAY_DAYS} "
        f"days is disqualified: {left} left."
    )


def _orders(view: View) -> Measures:
    """Attempts of three hours to send orders that failed, where none succeeded."""
    sent, failed = view.counts(("orders_sent",), 180), view.counts(("orders_failed", "orders_lost"), 180)
    return {
        satellite: Measure(float(n) if not sent.get(satellite) else 0.0, {"count": n})
        for satellite, n in failed.items()
        if satellite
    }


def _gc(view: View) -> Measures:
    """Days since garbage was last collected, by satellite; only where it ever was."""
    found = {}
    for satellite in {satellite for kind, satellite, _ in view.state.runs.done if kind in GC}:
        at = view.state.runs.collected_at(satellite)
        days = (view.at - at) / DAY if at is not None else 0.0
        found[satellite] = UNKNOWN if at is None else Measure(days, {"days": int(days)}, at)
    return found


def _insights(fits: Callable[[str], bool]) -> Callable[[View], Measures]:
    """What is out of its usual range now, by satellite ("": the node as a whole)."""

    def measure(view: View) -> Measures:
        found: dict[str, Measure] = {}
        for each in sorted((each for each in view.insights if fits(each.metric)), key=lambda each: int(each.since)):
            text = f"{each.text} {getattr(each, 'cause', '')}".strip()
            if each.satellite in found:
                text = f"{found[each.satellite].facts['text']} {text}"
            since = found[each.satellite].since if each.satellite in found else int(each.since)
            found[each.satellite] = Measure(1.0, {"text": text}, since)
        return found

    return measure


RACES = frozenset({"upload_success", "download_success", "repair_success"})


RULES = (
    Rule(
        "disqualified",
        "satellite",
        ("node",),
        _state("disqualified"),
        (Level("critical", 1),),
        "{node} is disqualified on {satellites}.",
        "Find the cause before the other satellites follow. Nothing brings it back there: free the disk of that "
        "satellite's data (storagenode forget-satellite).",
        "All its data and held amount there are lost.",
        link=FORUM + "19473",
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
        link=FORUM + "14670/6",
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
        link=FORUM + "10921",
    ),
    Rule(
        "audit_score",
        "satellite",
        ("node", "log"),
        _score("audit"),
        (Level("warning", 99.95, 99.97), Level("critical", 97.0, 97.2)),
        "The audit score of {node} is down to {value:.2f} % on {satellites}; at 96 % it is disqualified for good.",
        "Look for failed audits in the log: lost pieces or a failing disk. If the disk is not there in full, stop the "
        "node until it is.",
        "Its data and held amount there would be lost.",
        link=FORUM + "19473",
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
        "Suspended it gets no new data from there.",
        link=FORUM + "14670/6",
        below=True,
    ),
    Rule(
        "online_score",
        "satellite",
        ("node", "log"),
        _score("online"),
        (Level("warning", 95.0, 95.5), Level("critical", 70.0, 71.0)),
        "The online score of {node} is down to {value:.1f} % on {satellites}; below 60 % it is suspended.",
        "Keep the node online; every window of 12 hours without an answer counts for 30 days.",
        "Suspended it gets no new data from there.",
        link=FORUM + "14012/7",
        below=True,
    ),
    Rule(
        "audit_failed",
        "satellite",
        ("log",),
        _failed_audits,
        (Level("warning", 1, 0, keep=HOUR), Level("critical", 3, 2, keep=HOUR)),
        "{node} failed {total:audit} of {satellites} within an hour.",
        "Read the error beside GET_AUDIT: a missing piece cannot be mended, a slow or failing disk can.",
        "Failed audits end in suspension or disqualification.",
        link=FORUM + "14839",
        log=True,
        counts=FAILED_AUDITS,
    ),
    Rule(
        "audit_slow",
        "satellite",
        ("log",),
        _slow_audits,
        (Level("warning", 3, 0), Level("critical", 20, 10)),
        "{node} took over 5 minutes for {total:audit} of {satellites} within a day.",
        "Find what keeps the disk busy (filewalker, another program, SMR); three such answers to one audit count "
        "as failed.",
        "Audits that fail end in disqualification.",
        link=FORUM + "14839/20",
        log=True,
        counts=("audit_slow",),
    ),
    Rule(
        "piece_lost",
        "satellite",
        ("log",),
        _pieces("lost_piece"),
        (Level("warning", 1, 0), Level("critical", 5, 0)),
        "{node} lost pieces of {satellites}: {total:time} within a day one was asked for that is gone.",
        "Check the file system and whether a folder is missing or was restored from an old copy; what is gone "
        "stays gone.",
        "Each one that is audited lowers the audit score.",
        log=True,
        counts=_piece_counts("lost_piece"),
    ),
    Rule(
        "piece_damaged",
        "satellite",
        ("log",),
        _pieces("damaged_piece"),
        (Level("warning", 1, 0), Level("critical", 5, 0)),
        "{node} has damaged pieces of {satellites}: {total:time} within a day one was asked for that is too short.",
        "Check disk and file system (SMART, fsck); a power cut leaves such files, too.",
        "Each one that is audited lowers the audit score.",
        log=True,
        counts=_piece_counts("damaged_piece"),
    ),
    Rule(
        "satellite_unreachable",
        "satellite",
        ("log",),
        _contact,
        (Level("warning", 2, 0), Level("critical", 2, 0, for_=12 * HOUR), Level("critical", ALL + 1, 0, fixed=True)),
        _contact_text,
        "Check internet, DNS and firewall; where the address changed, contact.external-address and the port "
        "forwarding.",
        "Its online score falls meanwhile.",
        link=FORUM + "23645/62",
        log=True,
        counts=("contact_lost",),
        several=True,
    ),
    Rule(
        "orders_unsent",
        "satellite",
        ("log",),
        _orders,
        (Level("critical", 2, 0),),
        "{node} cannot send its orders to {satellites}: {total:attempt} failed within 3 hours, none succeeded.",
        "Read the error of the logger orders: a locked database, a full disk or the network; orders expire after "
        "48 hours.",
        "It is earning nothing for its egress there.",
        link=GITHUB + "5318",
        log=True,
        counts=("orders_failed", "orders_lost"),
    ),
    Rule(
        "gc_stalled",
        "satellite",
        ("log",),
        _gc,
        (Level("warning", 30),),
        "{node} has collected no garbage of {satellites} for {days:day}.",
        "Look for failed garbage collections or compactions in the log; a node that restarts often never "
        "finishes them.",
        "What the customers deleted stays on the disk, unpaid.",
        link=FORUM + "24715/61",
    ),
    Rule(
        "success_rate",
        "satellite",
        ("log",),
        _insights(RACES.__contains__),
        (Level("warning", 1),),
        "{node}: {text}",
        "Look what else keeps the disk or the line busy; before and after on the node's page shows since when.",
        "Lost races are unpaid work.",
        link=FORUM + "3703",
    ),
    Rule(
        "traffic_unusual",
        "satellite",
        ("log",),
        _insights(lambda metric: metric not in RACES),
        (Level("warning", 1),),
        "{node}: {text}",
        "Compare with your other nodes: on one alone look at the node, on all at the network.",
        "Less traffic is less money.",
    ),
)
