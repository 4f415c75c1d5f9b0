"""Random series and random PromQL over them: what a differential test feeds to two engines.

An expression is `exact` where every engine must give the same bits: selected samples, which are multiples of 1/8, and
their sums, counts and extremes. The rest may differ in the last digits, so what turns such a difference into another
answer (floor, ==, count_values, the choice of topk) is put over exact expressions only.
"""

import math
import re
import struct

STEP_MS = 15000
NUM_STEPS = 120  # half an hour
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]

JOBS = ["a", "b"]
INSTANCES = ["0", "1", "2"]
LABELS = ["job", "instance", "code", "zone", "le", "missing"]
METRICS = ["gauge", "level", "requests_total", "info", "zones", "early", "late", "odd", "lonely", "ranked"]


def random_series(rng):
    """[(labels, [(milliseconds, value), ...]), ...] as remote_write.push takes it, each series ascending by time."""
    series = []

    def add(name, value_of, gaps=0.05, first=0, last=NUM_STEPS, **labels):
        samples = []
        for i in range(first, last):
            if rng.random() < gaps:
                continue
            samples.append((STEP_MS * i + rng.choice([0, 0, 0, rng.randrange(4000)]), value_of()))
        if samples:
            series.append(({"__name__": name, **labels}, samples))

    def odd_value():
        return rng.choice([eighths(), eighths(), math.nan, math.inf, -math.inf, -0.0, 0.0, STALE])

    def eighths():
        return rng.randrange(-80, 800) / 8

    def counter(reset=0.03):
        total = 0.0

        def next_value():
            nonlocal total
            total = 0.0 if rng.random() < reset else total + rng.randrange(400) / 8
            return total

        return next_value

    for job in JOBS:
        add("info", lambda: 1.0, job=job, zone={"a": "north", "b": "south"}[job])
        for zone in ("north", "south", "west"):
            add("zones", lambda: float(rng.randrange(5)), gaps=0.3, job=job, zone=zone)
        for instance in INSTANCES:
            labels = {"job": job, "instance": instance}
            add("gauge", eighths, **labels)
            add("level", lambda: rng.choice([eighths(), STALE, float(rng.randrange(3))]), gaps=0.2, **labels)
            for code in ("200", "500"):
                add("requests_total", counter(), gaps=0.1, code=code, **labels)
            middle = rng.randrange(20, 100)
            add("early", eighths, last=middle, **labels)  # the same labels, one after the other
            add("late", eighths, first=middle + 25, **labels)
            add("odd", odd_value, gaps=0.1, **labels)
            place = JOBS.index(job) * len(INSTANCES) + INSTANCES.index(instance)
            add("ranked", lambda: float(rng.randrange(100) * 8 + place), gaps=0.1, **labels)  # no two are equal
        below = 0
        for le in ("0.5", "1", "2.5", "10", "+Inf"):
            if (job, le) in (("b", "+Inf"), ("b", "1")) and rng.random() < 0.5:
                continue
            add("sizes_bucket", counter(reset=0), gaps=0.02, job=job, le=le)
            below += 1
        add("sizes_bucket", lambda: 3.0, gaps=0.7, job=job, le="much")
    add("lonely", eighths, gaps=0, first=40, last=41)
    add("häppy metric", eighths, **{"label.dot": "x y", "job": "a"})
    return series


class Expr:
    """A piece of a query."""

    def __init__(self, text, exact=True):
        self.text, self.exact = text, exact

    def __str__(self):
        return self.text


EXACT_OVER_TIME = ["min_over_time", "max_over_time", "sum_over_time", "count_over_time", "last_over_time",
                   "present_over_time", "changes", "resets", "idelta", "ts_of_max_over_time",
                   "ts_of_min_over_time", "ts_of_last_over_time"]
ROUGH_OVER_TIME = ["rate", "increase", "delta", "irate", "deriv", "avg_over_time", "stddev_over_time",
                   "stdvar_over_time", "mad_over_time"]
ROUGH_MATH = ["ln", "log2", "log10", "sqrt", "exp", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh",
              "asinh", "acosh", "atanh", "deg", "rad"]
DATES = ["year", "month", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute"]


class Generator:
    """Expressions for the series of `random_series`. `rng` decides everything."""

    def __init__(self, rng):
        self.rng = rng

    def query(self):
        """A whole query, and whether it was damaged on purpose."""
        kind = self.rng.random()
        depth = self.rng.choice([1, 2, 2, 3, 3, 4])
        if kind < 0.04:
            return self.matrix(depth).text, False
        if kind < 0.10:
            return self.scalar(depth).text, False
        if kind < 0.11:
            return self.string(), False
        text = self.vector(depth).text
        return (self.damaged(text), True) if self.chance(0.04) else (text, False)

    def chance(self, p):
        return self.rng.random() < p

    def damaged(self, text):
        """One piece of `text` left out, doubled or replaced: mostly a syntax error."""
        at = self.rng.randrange(len(text))
        to = at + self.rng.randrange(1, 4)
        twice = text[at:to] * 2 if not re.search("[0-9]", text[at:to]) else ""
        piece = self.rng.choice(["", twice, self.rng.choice(list("(){}[],@:+-*/%^=!<>\"'") + [" by ", " on "])])
        return text[:at] + piece + text[to:]

    # Selectors

    def duration(self):
        return self.rng.choice(["30s", "1m", "90s", "2m", "5m", "5m", "7m13s", "10m", "20m", "1h"])

    def modifiers(self):
        text = ""
        if self.chance(0.1):
            text += f" offset {self.rng.choice(['', '-'])}{self.rng.choice(['15s', '1m', '3m7s', '10m'])}"
        if self.chance(0.08):
            text += f" @ {self.rng.choice(['start()', 'end()', '600', '1234.5', '-100', '1800'])}"
        return text

    def matchers(self):
        choices = ['job="a"', 'job="b"', 'job!="a"', 'job=~"a|b"', 'job=~".+"', 'instance="1"', 'instance=~"0|2"',
                   'instance!~"1"', 'code="200"', 'code=""', 'zone!=""', 'zone=~"n.*|west"', 'missing=""', 'le="1"',
                   'job="nope"', 'instance=~"[^0]"']
        chosen = self.rng.sample(choices, self.rng.choice([0, 0, 0, 1, 1, 2]))
        # Of two for one label Prometheus's storage may change the order, and with it the labels of absent().
        return chosen if len({re.match("[a-z]+", m)[0] for m in chosen}) == len(chosen) else chosen[:1]

    def selector(self):
        matchers = self.matchers()
        kind = self.rng.random()
        if kind < 0.80:
            name = self.rng.choice(METRICS + ["gauge", "level", "requests_total", "sizes_bucket"])
            return name + ("{" + ", ".join(matchers) + "}" if matchers or self.chance(0.05) else "")
        if kind < 0.93:  # several metrics: their series are the same once the name is gone
            names = self.rng.choice(["gauge|level", "early|late", "early|late", "info|zones", "odd|gauge|lonely",
                                     ".*e.*", "requests_total|sizes_bucket", "no.*"])
            return '{__name__=~"' + names + '"' + "".join(", " + m for m in matchers) + "}"
        if kind < 0.96:
            return '{"häppy metric"' + "".join(", " + m for m in matchers) + "}"
        return "{" + ", ".join(matchers) + "}"  # refused where all of them match the empty string

    def matrix(self, depth):
        if depth <= 1 or self.chance(0.7):
            return Expr(f"{self.selector()}[{self.duration()}]{self.modifiers()}")
        inner = self.vector(depth - 1)
        step = self.rng.choice(["", "15s", "1m", "47s", "2m"])
        return Expr(f"{self.operand(inner)}[{self.duration()}:{step}]{self.modifiers()}", inner.exact)

    # Scalars and strings

    def number(self):
        return self.rng.choice(["0", "1", "2", "3", "0.5", "-1", "10", "100", "1e3", "0x10", "NaN", "Inf", "-Inf", "7",
                                "1.25", "2m", "-0.0"])

    def string(self):
        return self.rng.choice(['"text"', "'a b'", '`raw`', '"\\u00e9"'])

    def scalar(self, depth):
        kind = self.rng.random()
        if depth <= 0 or kind < 0.45:
            return Expr(self.number())
        if kind < 0.55:
            return Expr("time()")
        if kind < 0.58:
            return Expr("pi()", False)
        if kind < 0.75:
            inner = self.vector(depth - 1)
            return Expr(f"scalar({inner})", inner.exact)
        if kind < 0.8:
            inner = self.scalar(depth - 1)
            return Expr(f"({self.rng.choice(['-', '+', ''])}{self.operand(inner)})", inner.exact)
        left, right = self.scalar(depth - 1), self.scalar(depth - 1)
        op = self.arithmetic(left, right) if self.chance(0.7) else self.comparison(left, right) + " bool"
        return self.combined(left, op, right)

    # Operators

    def operand(self, expr):
        """Parentheses, mostly: without them the operators' precedence decides what belongs to what."""
        text = expr.text
        plain = text.replace("_", "").replace(".", "").isalnum() or text.endswith((")", "}")) and "(" not in text
        return text if plain or self.chance(0.08) else f"({text})"

    def arithmetic(self, left, right):
        exact = ["+", "-", "*", "+", "-", "*", "%"] if left.exact and right.exact else ["+", "-", "*"]
        return self.rng.choice(exact + ["/", "/", "^", "atan2"])

    def comparison(self, left, right):
        exact = ["==", "!=", ">=", "<="] if left.exact and right.exact else []
        return self.rng.choice(exact + ["<", ">"])

    def combined(self, left, op, right):
        exact = left.exact and right.exact and op.split(" ")[0] not in ("/", "^", "atan2")
        return Expr(f"{self.operand(left)} {op} {self.operand(right)}", exact)

    def some_labels(self):
        return ", ".join(self.rng.sample(LABELS, self.rng.choice([0, 1, 1, 2, 2, 3])))

    def matching(self):
        kind = self.rng.random()
        if kind < 0.35:
            return ""
        text = f" {self.rng.choice(['on', 'on', 'ignoring'])} ({self.some_labels()})"
        if self.chance(0.5):
            include = self.rng.choice([" ()", " ()", " (zone)", " (code)", " (zone, missing)", " (job)", " (__name__)"])
            text += f" {self.rng.choice(['group_left', 'group_left', 'group_right'])}{include}"
        return text

    def vector_pair(self, depth):
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        if self.chance(0.4):  # pairs that have partners
            left, right = self.rng.choice([
                (Expr("gauge"), Expr("level")), (Expr("requests_total"), Expr("gauge")),
                (Expr("gauge"), Expr("info")), (Expr("gauge"), Expr("zones")), (Expr("early"), Expr("late")),
                (Expr("info"), Expr("gauge")), (Expr("sizes_bucket"), Expr("info")), (left, Expr("gauge")),
                (Expr("level"), right)])
        return left, right

    def binary(self, depth):
        left, right = self.vector_pair(depth)
        kind = self.rng.random()
        if kind < 0.25:
            op = self.rng.choice(["and", "or", "unless"])
            matching = self.matching().split(" group_")[0]
            return Expr(f"{self.operand(left)} {op}{matching} {self.operand(right)}", left.exact and right.exact)
        if kind < 0.45:
            scalar = self.scalar(depth - 1)
            left, right = self.rng.choice([(left, scalar), (scalar, left)])
            matching = " on (job)" if self.chance(0.01) else ""
        else:
            matching = self.matching()
        if self.chance(0.3):
            op = self.comparison(left, right) + self.rng.choice(["", " bool"])
        else:
            op = self.arithmetic(left, right) + (" bool" if self.chance(0.01) else "")
        return self.combined(left, op + matching, right)

    # Aggregations and functions

    def grouping(self):
        if self.chance(0.3):
            return ""
        return f" {self.rng.choice(['by', 'without'])} ({self.some_labels()})"

    def aggregation(self, depth):
        inner = self.vector(depth - 1)
        grouping = self.grouping()
        ops = ["sum", "min", "max", "count", "group", "avg", "stddev", "stdvar", "quantile"]
        if inner.exact:
            ops += ["count_values", "topk", "bottomk", "limitk"]
        op = self.rng.choice(ops)
        parameter = ""
        if op == "quantile":
            parameter = self.rng.choice(["0.5", "0.9", "0", "1", "-1", "2", "NaN"])
            if self.chance(0.1) and " @ " not in inner.text:  # there Prometheus 3.5 looks at the parameter once
                parameter = "scalar(zones) / 5"
        elif op == "count_values":
            parameter = self.rng.choice(['"value"', '"job"', '"instance"', '"__name__"', '"a b"', '""'])
        elif op in ("topk", "bottomk", "limitk"):
            parameter = self.rng.choice(["1", "2", "3", "100", "0", "-1", "1.9", "NaN", "Inf", "1e30"])
            if op != "limitk" and self.chance(0.1) and " @ " not in inner.text:
                parameter = "scalar(zones)"
        exact = inner.exact and op not in ("avg", "stddev", "stdvar", "quantile")
        arguments = f"({parameter}, {inner})" if parameter else f"({inner})"
        if op == "limitk":  # which series it gives is nobody's promise: only how many
            return Expr(f"count{grouping} ({op}{grouping} {arguments})")
        if op in ("topk", "bottomk"):
            if self.chance(0.6):  # of equal values it may give any series
                return Expr(f"sum{grouping} ({op}{grouping} {arguments})")
            ranked = self.rng.choice(["ranked", "ranked offset 1m", "-ranked", "max_over_time(ranked[30s])",
                                      'ranked{job="a"}'])
            arguments = f"({parameter}, {ranked})"
        text = f"{op}{grouping} {arguments}" if self.chance(0.7) else f"{op}{arguments}{grouping}"
        return Expr(text, exact)

    def range_function(self, depth):
        matrix = self.matrix(depth)
        kind = self.rng.random()
        if kind < 0.08:
            return Expr(f"quantile_over_time({self.rng.choice(['0.5', '0.99', '-1', '2', 'NaN', '1'])}, {matrix})", False)
        if kind < 0.14:
            return Expr(f"predict_linear({matrix}, {self.rng.choice(['60', '-600', '1h', '0'])})", False)
        if kind < 0.20:
            factors = self.rng.choice(["0.5, 0.5", "0.01, 0.1", "0.9, 0.2", "0, 0.5", "1, 0.5", "0.5, 2"])
            return Expr(f"double_exponential_smoothing({matrix}, {factors})", False)
        if kind < 0.25:
            return Expr(f"absent_over_time({matrix})")
        if kind < 0.6 and matrix.exact:
            return Expr(f"{self.rng.choice(EXACT_OVER_TIME)}({matrix})")
        return Expr(f"{self.rng.choice(ROUGH_OVER_TIME)}({matrix})", False)

    def label_function(self, depth):
        inner = self.vector(depth - 1)
        target = self.rng.choice(["job", "instance", "new", "__name__", "zone", "ä b"])
        source = self.rng.choice(LABELS + ["__name__"])
        if self.chance(0.6):
            replacement = self.rng.choice(["$1", "x$1y", "fixed", "", "${1}_$2", "$0", "$name"])
            regex = self.rng.choice(["(.*)", "(.)(.*)", "a", "[0-9]+", "", "(?P<name>.+)"])
            return Expr(f'label_replace({inner}, "{target}", "{replacement}", "{source}", "{regex}")', inner.exact)
        sources = "".join(f', "{label}"' for label in self.rng.sample(LABELS, self.rng.randrange(3)))
        return Expr(f'label_join({inner}, "{target}", "{self.rng.choice(["-", "", ", "])}"{sources})', inner.exact)

    def function(self, depth):
        kind = self.rng.random()
        if kind < 0.12:
            return self.label_function(depth)
        inner = self.vector(depth - 1)
        if kind < 0.2:
            quantile = self.rng.choice(["0.5", "0.99", "0", "1", "-1", "1.5", "NaN"])
            buckets = self.rng.choice(["sizes_bucket", "rate(sizes_bucket[5m])", "sum by (le) (sizes_bucket)",
                                       "sum by (le, job) (increase(sizes_bucket[2m]))", "-sizes_bucket", inner.text])
            return Expr(f"histogram_quantile({quantile}, {buckets})", False)
        if kind < 0.26:
            bounds = f"{self.number()}, {self.number()}"
            name, arguments = self.rng.choice([("clamp", bounds), ("clamp_min", self.number()),
                                               ("clamp_max", self.number())])
            return Expr(f"{name}({inner}, {arguments})", inner.exact)
        if kind < 0.32:
            return Expr(f"absent({inner})")
        if kind < 0.38:
            if " @ " in inner.text and " offset " in inner.text:  # there Prometheus forgets the offset
                return inner
            return Expr(f"timestamp({inner})")
        if kind < 0.44:
            return Expr(f"{self.rng.choice(['sort', 'sort_desc'])}({inner})", inner.exact)
        if kind < 0.48:
            labels = "".join(f', "{label}"' for label in self.rng.sample(LABELS, self.rng.randrange(1, 3)))
            return Expr(f"{self.rng.choice(['sort_by_label', 'sort_by_label_desc'])}({inner}{labels})", inner.exact)
        if kind < 0.53:
            scalar = self.scalar(depth - 1)
            return Expr(f"vector({scalar})", scalar.exact)
        if kind < 0.6:  # of times alone: what NaN and the like are as a time is nobody's promise
            times = ["", "vector(time())", "gauge * 1e6", "timestamp(level)", "-requests_total * 1234567", "info"]
            return Expr(f"{self.rng.choice(DATES)}({self.rng.choice(times)})")
        if kind < 0.8 and inner.exact:
            name = self.rng.choice(["abs", "ceil", "floor", "sgn", "round"])
            to = self.rng.choice(["", ", 5", ", 0.25", ", 0", ", -2"]) if name == "round" else ""
            return Expr(f"{name}({inner}{to})")
        name = self.rng.choice(ROUGH_MATH)
        # Of a large argument that may differ in its last digit these could be anything.
        if name in ("exp", "sin", "cos", "tan", "sinh", "cosh") and not inner.exact:
            return inner
        if name in ("sinh", "cosh"):  # not where only some can still represent the result
            inner = f"(({inner}) % 100)"
        return Expr(f"{name}({inner})", False)

    def vector(self, depth):
        if self.chance(0.008):  # of the wrong type
            return self.rng.choice([self.scalar(depth - 1), self.matrix(1), Expr(self.string())])
        kind = self.rng.random()
        if depth <= 0 or kind < 0.12:
            return Expr(self.selector() + self.modifiers())
        if kind < 0.42:
            return self.binary(depth)
        if kind < 0.47:
            inner = self.vector(depth - 1)
            return Expr(f"-{self.operand(inner)}", inner.exact)
        if kind < 0.65:
            return self.aggregation(depth)
        if kind < 0.85:
            return self.range_function(depth)
        return self.function(depth)
