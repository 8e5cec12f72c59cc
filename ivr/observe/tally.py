"""Counters and histograms kept in plain arrays, turned into Prometheus families when they are scraped.

prometheus_client's own `observe` takes a lock and walks the buckets; a simulated month folds millions
of facts, so the hot path here is one dictionary look-up and one addition, and `family()` pays at
scrape. Labels come from what is known at the start; a value that is not becomes `other`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import product
from typing import Final, Generic, TypeAlias, TypeVar

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from ivr.core.time import Ms
from ivr.limits import METRIC_NAMES_MAX

OTHER: Final = "other"

Key: TypeAlias = tuple[str, ...]
Values: TypeAlias = Iterable[str] | None
"""The values a label may have; None for names met in flows as they come, a bounded number of them."""

T = TypeVar("T")


class Table(dict[Key, T], Generic[T]):
    """Cells by label values; asking for a key that is not allowed gives the cell of its `other` key.

    Where all values are known each combination exists from the start, so that a rate sees the first
    event. `lazy` tables, whose combinations are too many, make a cell when it is first needed.
    """

    def __init__(self, make: Callable[[], T], labels: dict[str, Values], *, lazy: bool = False) -> None:
        super().__init__()
        self.names = tuple(labels)
        self._make = make
        self._allowed = [None if values is None else dict.fromkeys(values) for values in labels.values()]
        known = [list(values) for values in self._allowed if values is not None]
        if not lazy and len(known) == len(labels):
            for key in product(*known):
                self[key] = make()

    def __missing__(self, key: Key) -> T:
        pairs = zip(key, self._allowed, strict=True)
        known = tuple(value if allowed is None or value in allowed else OTHER for value, allowed in pairs)
        if None in self._allowed and known not in self and len(self) >= METRIC_NAMES_MAX:
            known = (OTHER,) * len(known)
        cell = self.get(known)
        if cell is None:
            cell = self[known] = self._make()
        return cell

    def allow(self, label: str, values: Iterable[str]) -> None:
        """Let a label have further values from now on."""
        allowed = self._allowed[self.names.index(label)]
        assert allowed is not None, "an open label needs no permission"
        allowed.update(dict.fromkeys(values))


class Histogram:
    """Durations in ms by upper bound, a bound included in its bucket."""

    __slots__ = ("bounds", "counts", "sum_ms")

    def __init__(self, bounds: tuple[Ms, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum_ms = 0

    def add(self, durations: list[Ms]) -> None:
        """Take some durations."""
        bounds, counts = self.bounds, self.counts
        for ms in durations:
            counts[bisect_left(bounds, ms)] += 1
        self.sum_ms += sum(durations)

    def within(self, ms: Ms) -> int:
        """How many took at most `ms`, which is one of the bounds."""
        return sum(self.counts[: self.bounds.index(ms) + 1])


class Counters(Table[list[int]]):
    """A family of counters; a cell is a list of one number, to be added to in place."""

    def __init__(
        self, name: str, text: str, labels: dict[str, Values], *, lazy: bool = False, per: int = 1
    ) -> None:
        """`per` is how many counted units make one exported: 1 000 for ms exported as seconds."""
        super().__init__(lambda: [0], labels, lazy=lazy)
        self.name = name
        self._text = text
        self._per = per

    def add(self, values: list[str]) -> None:
        """Count the values of a single label."""
        for value, many in Counter(values).items():
            self[value,][0] += many

    def family(self) -> CounterMetricFamily:
        """The family as it stands."""
        family = CounterMetricFamily(self.name, self._text, labels=self.names)
        for key, cell in list(self.items()):
            family.add_metric(key, cell[0] / self._per)
        return family


class Histograms(Table[Histogram]):
    """A family of classic histograms of durations, exported in seconds."""

    def __init__(self, name: str, text: str, labels: dict[str, Values], bounds: Iterable[Ms]) -> None:
        ordered = tuple(sorted(set(bounds)))
        super().__init__(lambda: Histogram(ordered), labels)
        self.name = name
        self._text = text
        self._le = [repr(bound / 1000) for bound in ordered] + ["+Inf"]

    def family(self) -> HistogramMetricFamily:
        """The family as it stands: cumulative buckets, sum in seconds, count."""
        family = HistogramMetricFamily(self.name, self._text, labels=self.names)
        for key, cell in list(self.items()):
            total = 0
            buckets = []
            for le, count in zip(self._le, cell.counts, strict=True):
                total += count
                buckets.append((le, total))
            family.add_metric(key, buckets, cell.sum_ms / 1000)
        return family
