"""Random series of native histograms, and of histograms and floats in turns.

Counts are whole numbers or multiples of 1/4, sums multiples of 1/8, so that sums and differences are exact.
"""

import bisect
import dataclasses
import math

from random_promql import INSTANCES, JOBS, NUM_STEPS, STALE, STEP_MS

CUSTOM = -53
UNKNOWN, RESET, NO_RESET, GAUGE = range(4)


@dataclasses.dataclass
class Histogram:
    schema: int = 0
    zero_threshold: float = 0.0
    zero_count: float = 0
    positive: dict = dataclasses.field(default_factory=dict)  # count by the number of the bucket
    negative: dict = dataclasses.field(default_factory=dict)
    count: float = 0
    sum: float = 0.0
    hint: int = UNKNOWN
    is_float: bool = False
    bounds: tuple = ()  # of custom buckets

    def copy(self):
        return dataclasses.replace(self, positive=dict(self.positive), negative=dict(self.negative))

    def bucket_of(self, value):
        """The number of the bucket of a value above zero."""
        if math.isinf(value):
            return math.ceil(math.ldexp(1024, self.schema)) + 1
        return math.ceil(round(math.log2(value) * 2.0 ** self.schema, 9))

    def far(self):
        """The number of a bucket beyond all zero buckets."""
        return 5 << max(self.schema, 0)

    def observe(self, value, times):
        self.count += times
        self.sum += value * times if math.isnan(value) or math.isinf(value) else round(value * 8) / 8 * times
        if math.isnan(value):
            return
        if self.schema == CUSTOM:
            at = bisect.bisect_left(self.bounds, value)
            self.positive[at] = self.positive.get(at, 0) + times
        elif abs(value) <= self.zero_threshold:
            self.zero_count += times
        else:
            side = self.positive if value > 0 else self.negative
            at = self.bucket_of(abs(value))
            side[at] = side.get(at, 0) + times

    def reduce(self, schema):
        """Buckets of a lower resolution."""
        for name in ("positive", "negative"):
            reduced = {}
            for at, count in getattr(self, name).items():
                to = ((at - 1) >> (self.schema - schema)) + 1
                reduced[to] = reduced.get(to, 0) + count
            setattr(self, name, reduced)
        self.schema = schema

    def widen(self, threshold):
        """A zero bucket up to `threshold` or where the bucket ends that holds it."""
        for side in filter(None, (self.positive, self.negative)):
            side.setdefault(self.far(), 0)  # so that the sign stays
            for at in [at for at in side if 2.0 ** ((at - 1) * 2.0 ** -self.schema) < threshold]:
                self.zero_count += side.pop(at)
                threshold = max(threshold, 2.0 ** (at * 2.0 ** -self.schema))
        self.zero_threshold = threshold


class Walk:
    """The histograms of one series, one after the other. With `custom` a choice of bounds, else exponential buckets;
    `changes` is how likely each next one differs in schema, zero threshold or bounds, or with `turns` in its kind.

    Counts begin high, and after each reset at a third of that: so no window has more in it than before it, and `rate`
    need not look where the counter was zero, which 3.5 does for floats alone. A bucket that is there stays, even empty,
    until a reset: of buckets that come and go 3.5 stores some in the wrong place. Both signs that occur are there from
    the start, because a chunk of Prometheus has the buckets of all its samples, and where a zero bucket ends depends
    on that."""

    def __init__(self, rng, schemas=(0,), custom=(), thresholds=(0.0, 2.0 ** -128), is_float=False, gauge=False,
                 changes=0.0, turns=False, values=None, odd=()):
        self.rng, self.schemas, self.custom, self.thresholds = rng, schemas, custom, thresholds
        self.is_float, self.gauge, self.changes, self.turns, self.odd = is_float, gauge, changes, turns, list(odd)
        self.values = values or [2 ** rng.uniform(-6, 7) * rng.choice([1, 1, 1, 1, -1]) for _ in range(10)] + [0.0]
        self.base = 8000 * 3 ** 4
        self.restart(self.empty())

    def empty(self):
        if self.custom and (not self.schemas or self.rng.random() < 0.5):
            return Histogram(CUSTOM, bounds=self.rng.choice(self.custom))
        return Histogram(self.rng.choice(self.schemas), self.rng.choice(self.thresholds))

    def restart(self, empty):
        self.now = empty
        self.base //= 3
        for value in self.values[:3]:
            self.now.observe(value, self.base)
        for value in self.values:
            if value and empty.schema != CUSTOM:
                side = empty.positive if value > 0 else empty.negative
                side.update(side or {empty.far(): 0})

    def next(self):
        rng = self.rng
        can_restart = not self.gauge and self.base > 8000
        if can_restart and rng.random() < 0.03:
            anew = self.changes or rng.random() < 0.3
            self.restart(self.empty() if anew else dataclasses.replace(
                self.now, positive={}, negative={}, zero_count=0, count=0, sum=0.0))
        elif rng.random() < self.changes:
            if self.now.schema != CUSTOM:
                self.change()
            elif can_restart:
                self.restart(self.empty())
        for _ in range(rng.randrange(5)):
            self.now.observe(rng.choice(self.values + self.odd), self.number())
        if self.gauge:
            self.fall()
        if rng.random() < 0.1:  # a bucket that counts nothing
            at = rng.randrange(-2, 4) if self.now.schema != CUSTOM else rng.randrange(len(self.now.bounds) + 1)
            if self.thresholds[0] == 0:
                self.now.positive.setdefault(at, 0)
        if self.turns and rng.random() < 0.07:
            self.is_float = rng.random() < 0.5
        sample = self.now.copy()
        sample.hint = GAUGE if self.gauge or (self.turns and sample.count % 3 == 0) else UNKNOWN
        sample.is_float = self.is_float
        return sample

    def number(self):
        whole = not self.is_float or self.turns
        return self.rng.randrange(1, 12) if whole else self.rng.randrange(1, 40) / 4

    def fall(self):
        for side in (self.now.positive, self.now.negative):
            for at in side:
                if side[at] and self.rng.random() < 0.3:
                    most = min(side[at], 50)
                    less = self.rng.randrange(1, int(most * 4) + 1) / 4 if self.is_float else \
                        self.rng.randrange(1, most + 1)
                    side[at] -= less
                    self.now.count -= less
                    self.now.sum -= less

    def change(self):
        h = self.now
        h.reduce(self.rng.choice([s for s in self.schemas if s <= h.schema]))
        h.widen(self.rng.choice([t for t in self.thresholds if t >= h.zero_threshold] or [h.zero_threshold]))


BOUNDS = ((0.5, 1.0, 2.5, 10.0), (0.5, 1.0, 2.0, 5.0, 10.0), (-1.0, 0.0, 1.0), (1.0, 10.0))


def random_series(rng):
    """[(labels, [(milliseconds, float or Histogram), ...]), ...], each series ascending by time."""
    series = []

    def add(name, value_of, gaps=0.05, first=0, last=NUM_STEPS, **labels):
        samples = [(STEP_MS * i + rng.choice([0, 0, 0, rng.randrange(4000)]), value_of())
                   for i in range(first, last) if rng.random() >= gaps]
        series.append(({"__name__": name, **labels}, samples))

    def now_and_then_stale(walk):
        def value_of():
            if rng.random() < 0.1:
                walk.now.observe(1.0, 1)  # the next one is another one, whatever chunk it is in
                return Histogram(sum=STALE)
            return walk.next()

        return value_of

    def in_turns(*kinds):
        kind = rng.choice(kinds)

        def value_of():
            nonlocal kind
            if rng.random() < 0.07:
                kind = rng.choice(kinds)
            return kind()

        return value_of

    def eighths():
        return rng.randrange(-80, 800) / 8

    for job in JOBS:
        for instance in INSTANCES:
            labels = {"job": job, "instance": instance}
            values = [2 ** rng.uniform(-3, 5) for _ in range(6)]
            add("latency", Walk(rng, [rng.randrange(-1, 4)]).next, **labels)
            add("weights", Walk(rng, [rng.randrange(-4, 9)], is_float=True, values=values).next, gaps=0.1, **labels)
            add("pool", Walk(rng, [0, 1], gauge=True, changes=0.02).next, **labels)
            add("level_hist", Walk(rng, [2], is_float=True, gauge=True).next, gaps=0.2, **labels)
            add("sizes", Walk(rng, (), BOUNDS[:1], is_float=rng.random() < 0.3).next, **labels)
            add("bounds", Walk(rng, (), BOUNDS, changes=0.03).next, **labels)
            add("changing", Walk(rng, range(-4, 9), changes=0.05).next, gaps=0.1, **labels)
            add("kinds", Walk(rng, [0, 1], BOUNDS[:2], changes=0.05).next, **labels)
            add("thick", Walk(rng, [1], thresholds=[0.001, 0.25, 0.5, 1.0], changes=0.1).next, **labels)
            add("gone", now_and_then_stale(Walk(rng, [1, 2])), gaps=0.2, **labels)
            add("nans", Walk(rng, [0, 2], odd=[math.nan, math.inf, -math.inf]).next, **labels)
            add("in_turns", Walk(rng, [1], turns=True).next, **labels)
            add("mixed", in_turns(Walk(rng, [0, 1]).next, eighths), **labels)
            middle = rng.randrange(20, 100)
            # The same labels, one after the other.
            add("before", Walk(rng, [1], values=values).next, last=middle, **labels)
            add("after", Walk(rng, [0], values=values).next, first=middle + 25, **labels)
        add("empty", lambda: Histogram(3, rng.choice([0.0, 0.5])), job=job)
        add("rare", Walk(rng, [0]).next, gaps=0.9, job=job)
    return series
