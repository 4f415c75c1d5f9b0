"""Random PromQL over native histograms and floats: the series of random_histograms and those of random_promql."""

import re

import random_promql
from random_promql import Expr

COUNTERS = ["latency", "latency", "weights", "sizes", "bounds", "changing", "kinds", "gone", "nans", "before", "after"]
OTHERS = ["pool", "level_hist", "in_turns", "mixed", "empty", "rare", "thick"]
TOGETHER = ["latency|weights", "before|after", "sizes|weights", "latency|gauge", "pool|level_hist", "latency|sizes",
            "mixed|level", "in_turns|requests_total", "latency|sizes_bucket", "k.*|c.*", "zones|latency"]
EXACT_OVER_TIME = ["sum_over_time", "count_over_time", "last_over_time", "present_over_time", "changes", "resets",
                   "idelta", "max_over_time", "ts_of_last_over_time"]
ROUGH_OVER_TIME = ["rate", "rate", "increase", "increase", "delta", "irate", "avg_over_time", "avg_over_time", "deriv",
                   "stddev_over_time"]
PAIRS = [("latency", "weights"), ("latency", "pool"), ("before", "after"), ("latency", "latency offset 1m"),
         ("sizes", "sizes offset 2m"), ("changing", "changing offset 1m"), ("kinds", "latency"), ("mixed", "latency"),
         ("latency", "info"), ("info", "latency"), ("weights", "gauge"), ("zones", "sizes"), ("nans", "nans"),
         ("in_turns", "level"), ("empty", "latency"), ("weights", "weights @ 900"), ("gone", "gone offset 15s")]


OTHER_THAN_THICK = re.compile("|".join(sorted({*COUNTERS, *OTHERS} - {"thick"})) + "|__name__")
# In what Prometheus 3.5 differs from 3.14, or what depends on how it stores.
OTHER_IN_3_5 = [re.compile(text) for text in (
    # Rates of what may rise from zero, where 3.5 does not look: subqueries of more than a selector, and gauges.
    r"\b(rate|increase)\(([^\[{]*[( ]|[^\[]*(pool|level_hist))",
    # Of what has a bound in its first bucket it makes another fraction.
    r"histogram_fraction\((?!-Inf).*(_bucket|sizes|bounds|kinds|__name__)",
    # Where no bucket has the rank, as counts are negative, the answer is the bound of the last one, even an empty one.
    r"histogram_quantile\([^,]*,.*(-|delta)",
    # In 3.14 what has negative counts is a gauge.
    r"\b(resets|irate|i?delta)\(\(.*-",
    # Its mean of infinities is NaN; the last digits of means are its own, and all that a difference of them has.
    "avg.*(nans|Inf)|(nans|Inf).*avg|avg.*( - |irate|delta|deriv)|( - |irate|delta|deriv).*avg",
    # Equal histograms in two chunks, which end where the kind changes, have other empty buckets.
    "changes.*in_turns",
    # Where the sum is NaN it takes the last bucket for that of any quantile.
    "histogram_quantile.*nans",
)]


def differs_in_3_5(text):
    return ("thick" in text and OTHER_THAN_THICK.search(text.replace("thick", ""))  # it counts some buckets twice
            or any(pattern.search(text) for pattern in OTHER_IN_3_5))


class Generator(random_promql.Generator):
    """Expressions of which most give histograms or are of histograms."""

    def query(self):
        while True:
            text, damaged = super().query()
            if damaged or not differs_in_3_5(text):
                return text, damaged

    def selector(self):
        kind = self.rng.random()
        if kind < 0.3:
            return super().selector()
        matchers = ", ".join(self.matchers())
        if kind < 0.88:
            return self.rng.choice(COUNTERS + OTHERS) + ("{" + matchers + "}" if matchers else "")
        return '{__name__=~"' + self.rng.choice(TOGETHER) + '"' + (", " + matchers if matchers else "") + "}"

    def vector_pair(self, depth):
        if self.chance(0.3):
            left, right = (Expr(text) for text in self.rng.choice(PAIRS))
            return self.rng.choice([(left, right), (right, left), (left, self.vector(depth - 1))])
        return super().vector_pair(depth)

    def range_function(self, depth):
        if self.chance(0.25):
            return super().range_function(depth)
        matrix = self.matrix(depth)
        if matrix.exact and self.chance(0.5):
            return Expr(f"{self.rng.choice(EXACT_OVER_TIME)}({matrix})")
        return Expr(f"{self.rng.choice(ROUGH_OVER_TIME)}({matrix})", False)

    def figure(self, depth):
        """A number that is taken of each histogram."""
        inner = self.vector(depth - 1)
        kind = self.rng.random()
        if kind < 0.4:
            if kind < 0.25:
                return Expr(f"{self.rng.choice(['histogram_count', 'histogram_sum'])}({inner})", inner.exact)
            return Expr(f"histogram_{self.rng.choice(['avg', 'stddev', 'stdvar'])}({inner})", False)
        if kind < 0.75:
            # Of inexact counts only quantiles that are not likely where a bucket ends.
            whole = ["0.5", "0.99", "0", "1", "0.25"] if inner.exact else []
            quantile = self.rng.choice(whole + ["0.3141", "0.9177", "-1", "2", "NaN"])
            return Expr(f"histogram_quantile({quantile}, {inner})", False)
        ends = self.rng.choice(["0, 1", "-Inf, 1", "0.5, Inf", "0.3, 4.7", "-1, 0", "1, 0.5", "NaN, 1", "-Inf, Inf",
                                "0, 0", "-0.001, 0.001", "2.5, 2.5", "2, 10"])
        return Expr(f"histogram_fraction({ends}, {inner})", False)

    def vector(self, depth):
        if depth > 0 and self.chance(0.15):
            return self.figure(depth)
        if depth > 0 and self.chance(0.1):
            inner = self.vector(depth - 1)
            op = self.rng.choice(["sum", "sum", "avg", "count"])
            return Expr(f"{op}{self.grouping()} ({inner})", inner.exact and op != "avg")
        return super().vector(depth)
