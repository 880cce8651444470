"""What transfers tell beside their counts: sizes, hot pieces, reasons, places, durations, errors by the hour.

All of it is bounded and cheap, and some of it is therefore approximate; counts and bytes of transfers never are.

- Sizes: transfers by action, outcome and class of size (`SIZES`), by the hour: `size:GET:ok:64k`. Lines without a size
  are in no class.
- Hot pieces: downloads of pieces that are downloaded again within some ten thousand others (`core.tops.Repeats`). The
  first downloads are remembered in memory only, so a restart of the agent may cost a piece one download.
- Countries and places, if there is a place file: of each transfer while no more than `ALL` come between two commits;
  when they come in bulk, of every hundredth or so, which then stands for those around it, so that the sums stay right.
- Durations, where the log has start lines (at INFO up to 1.115, else at DEBUG): log times have a resolution of one
  second, so a duration is right to a second. Of two transfers of one piece at the same time only one is measured.
- An audit is slow when its end is not logged within `AUDIT_SLOW` seconds; it is counted at the minute in which these
  are over, by `audit_slow`, whether it ends later or never.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from storj_monitor.core import errortexts, sketch
from storj_monitor.core.facts import Sample, Spread
from storj_monitor.core.tops import Repeats, Tops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storj_monitor.core.facts import Batch
    from storj_monitor.core.live import Place
    from storj_monitor.core.transfers import Ended

HOUR = 3600
FOLD = 4_096
"""Transfers that may wait before they are looked at together."""
ALL, LOOKUPS = 1_000, 32
"""So many transfers that come together are all looked up on the map; of more, about so many."""
AUDIT, AUDIT_SLOW = "GET_AUDIT", 300
SLOW_LEAST = 5
"""Seconds from which on an operation may be among the slowest."""
LONGEST = 86_400
"""Seconds; what seems to take longer is no duration but a start without its end."""
NO_REASON = "no reason logged"
SIZES = {"2k": 11, "16k": 14, "64k": 16, "256k": 18, "1m": 20, "2m": 21, "max": 62}
"""Class of size → the power of two that its sizes are below; a full piece (2 319 360 bytes) is in the last."""
CLASS = [next((name for name, bits in SIZES.items() if length <= bits), "max") for length in range(65)]

Key = tuple[str, str, str]
"""Satellite, action, outcome."""
Cell = list[int]
"""How many transfers, how many bytes."""

_reason = lru_cache(1_024)(errortexts.template)


class Details:
    """Adds up details of one node's transfers; `place` finds where a client is."""

    def __init__(self, place: Callable[[str], Place | None] | None = None) -> None:
        self._place = place
        self._repeats = Repeats()
        self._pieces = Tops("pieces", 500)
        self._reasons = Tops("reasons", 200)
        self._countries = Tops("countries", 500)
        self._places = Tops("places", 1_000)
        self._errors = Tops("errors", 500)
        self._slow = Tops("slow", 50)
        self._sizes: dict[tuple[int, str, str], Counter[int]] = {}
        self._durations: dict[tuple[int, str], sketch.Bins] = {}

    # ---- what goes in ----

    def fold(
        self, waiting: Mapping[int, Mapping[Key, list[Ended]]], tallies: dict[int, dict[Key, Cell]], n: int
    ) -> None:
        """Add `n` transfers that ended, by minute and kind, to the tallies, and what they tell to the details.

        What all transfers of a kind and minute need is done at once: that costs a third of doing it line by line.
        """
        step = 1 if n <= ALL else 1 + n // LOOKUPS
        hours: dict[tuple[int, str, str], tuple[list[Ended], list[int]]] = {}
        for minute, cells in waiting.items():
            sums = tallies.setdefault(minute, {})
            hour = minute - minute % HOUR
            for key, ended in cells.items():
                sizes = [each.size for each in ended]
                cell = sums.get(key)
                if cell is None:
                    cell = sums[key] = [0, 0]
                cell[0] += len(sizes)
                cell[1] += sum(sizes)
                together = hours.get((hour, key[1], key[2]))
                if together is None:
                    hours[hour, key[1], key[2]] = (ended, sizes)
                else:
                    together[0].extend(ended)
                    together[1].extend(sizes)
        for (hour, action, outcome), (ended, sizes) in hours.items():
            self._add(hour, (action, outcome), ended, sizes, step)

    def _add(self, hour: int, words: tuple[str, str], ended: Sequence[Ended], sizes: Sequence[int], step: int) -> None:
        action, outcome = words
        lengths = self._sizes.get((hour, action, outcome))
        if lengths is None:
            lengths = self._sizes[hour, action, outcome] = Counter()
        lengths.update(map(int.bit_length, sizes))
        if action == "GET":
            for piece, (n, size) in self._repeats.add([each.piece_id for each in ended], sizes).items():
                self._pieces.add(hour, piece, n, size)
        if outcome == "canceled":
            for reason, n in Counter([each.reason for each in ended]).items():
                self._reasons.add(hour, _reason(reason) if reason else NO_REASON, n)
        if self._place is not None:
            self._locate(hour, ended, sizes, step)

    def _locate(self, hour: int, ended: Sequence[Ended], sizes: Sequence[int], step: int) -> None:
        for at in range(0, len(ended), step):
            place = self._place(ended[at].remote_address or "")  # type: ignore[misc]  # asked by the caller
            if place is not None:
                n, size = len(sizes[at : at + step]), sum(sizes[at : at + step])
                latitude, longitude, country = place
                self._countries.add(hour, country, n, size)
                if latitude is not None:
                    self._places.add(hour, f"{latitude},{longitude},{country}", n, size)

    def timed(self, began: int, at: int, transfer: Ended, outcome: str) -> None:
        """A transfer of which the start was seen, too: from second `began` to second `at`."""
        seconds = max(0, at - began)
        if seconds > LONGEST:
            return
        hour = at - at % HOUR
        if outcome == "ok":
            sketch.add(self._durations.setdefault((hour, transfer.action), {}), seconds)
        if seconds >= SLOW_LEAST:
            words = (str(at), transfer.action, outcome, transfer.satellite_id, transfer.piece_id)
            self._slow.add(hour, "\t".join(words), seconds, max(transfer.size, 0))

    def error(self, at: int, level: str, logger: str, text: str) -> None:
        """A line that counts among the errors of the node."""
        self._errors.add(at - at % HOUR, f"{level}\t{logger}\t{errortexts.template(text)}")

    # ---- what comes out ----

    def take(self, batch: Batch) -> None:
        """Add everything since the last call to a batch."""
        batch.samples += self._classes()
        batch.spreads += [Spread(f"duration:{action}", hour, bins) for (hour, action), bins in self._durations.items()]
        tops = (self._pieces, self._reasons, self._countries, self._places, self._errors, self._slow)
        batch.tops += [top for each in tops for top in each.take()]
        self._sizes, self._durations = {}, {}

    def _classes(self) -> list[Sample]:
        counts: Counter[tuple[int, str]] = Counter()
        for (hour, action, outcome), lengths in self._sizes.items():
            for length, n in lengths.items():
                counts[hour, f"size:{action}:{outcome}:{CLASS[min(length, 64)]}"] += n
        return [Sample(metric, hour, n, n) for (hour, metric), n in counts.items()]
