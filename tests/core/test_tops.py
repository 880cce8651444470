from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core.tops import Repeats, Tops


def test_the_largest_stay() -> None:
    tops = Tops("reasons", 10)
    draw = random.Random(1)
    truth: Counter[str] = Counter()
    for _ in range(20_000):
        item = f"often {draw.randrange(5)}" if draw.random() < 0.5 else f"once {draw.random()}"
        truth[item] += 1
        tops.add(3_600, item, 1, 7)
    found = {top.item: top for top in tops.take()}
    assert len(found) == 10
    for item, n in truth.most_common(5):
        assert (found[item].n, found[item].bytes) == (n, 7 * n)
    assert all(top.n <= truth[item] for item, top in found.items())
    assert tops.take() == []


def grown(repeats: Repeats, items: list[str], size: int) -> Counter[str]:
    """What `Repeats` tells of items that come in blocks of a size; each has ten bytes."""
    sums: Counter[str] = Counter()
    for at in range(0, len(items), size):
        part = items[at : at + size]
        for item, (n, total) in repeats.add(part, [10] * len(part)).items():
            assert total == 10 * n
            sums[item] += n
    return sums


@given(st.lists(st.integers(0, 30).map(str), max_size=300), st.integers(1, 50))
def test_all_that_comes_again_is_counted_from_the_first_on(items: list[str], size: int) -> None:
    assert grown(Repeats(), items, size) == {item: n for item, n in Counter(items).items() if n > 1}


@settings(deadline=None)
@given(st.lists(st.integers(0, 30).map(str), max_size=300), st.integers(1, 50), st.integers(2, 20))
def test_what_is_forgotten_makes_counts_lower_never_higher(items: list[str], size: int, most: int) -> None:
    truth = Counter(items)
    assert all(n <= truth[item] for item, n in grown(Repeats(most), items, size).items())


def test_hot_items_are_found_among_hundred_thousands() -> None:
    draw, items = random.Random(2), list[str]()
    for number in range(200_000):
        items.append(f"hot {draw.randrange(20)}" if draw.random() < 0.01 else f"cold {number}")
    repeats, truth = Repeats(), Counter(items)
    found = grown(repeats, items, 4_096)
    assert set(found) == {f"hot {number}" for number in range(20)}
    assert all(found[item] >= truth[item] - 2 for item in found)
    assert len(repeats._seen) <= 16_384 + 4_096
