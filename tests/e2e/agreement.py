"""Two servers asked the same: what one answers otherwise than the other."""

import http.client
import json
import math
import re
import urllib.parse

from processes import Prometheus, TestCase, Tidemark, labels_key

FEATURES = "promql-experimental-functions,native-histograms"
FLAGS = ["--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y", f"--enable-feature={FEATURES}"]
CONFIG = "global: {evaluation_interval: 30s}\n"


class Client:
    """One connection that stays open."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def ask(self, path, **params):
        self.connection.request("POST", "/api/v1/" + path, urllib.parse.urlencode(params),
                                {"Content-Type": "application/x-www-form-urlencoded"})
        return json.loads(self.connection.getresponse().read())


def samples_of(series):
    """[(time, a text or the parts of a histogram), ...] of a series of a vector or a matrix."""
    return [sample for kind in ("value", "histogram") for sample in
            series.get(kind + "s", [series[kind]] if kind in series else [])]


def values_of(data):
    """{(labels, time): value} of an answer of any type."""
    kind, result = data["resultType"], data["result"]
    if kind in ("scalar", "string"):
        return {((), result[0]): result[1]}
    return {(labels_key(series["metric"]), time): value for series in result for time, value in samples_of(series)}


def close(got, want):
    if got == want:
        return True
    if isinstance(got, dict) or isinstance(want, dict):
        return isinstance(got, dict) and isinstance(want, dict) and histograms_close(got, want)
    try:
        a, b = float(got), float(want)
    except ValueError:
        return False
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def histograms_close(got, want):
    """Buckets by their bounds; one that is not there counts nothing."""
    if not close(got["count"], want["count"]) or not close(got["sum"], want["sum"]):
        return False
    mine, theirs = ({tuple(bucket[:3]): bucket[3] for bucket in h.get("buckets", [])} for h in (got, want))
    # Empty ones times NaN or Inf are not zero, and which are there depends on the store.
    return all(close(mine.get(bounds, "0"), theirs.get(bounds, "0")) or "NaN" in (mine.get(bounds), theirs.get(bounds))
               for bounds in mine.keys() | theirs.keys())


def error_of(answer):
    """The error's type and its text without the series it names: of several at fault the order of a map decides."""
    text = re.sub(r"\[\{.*\}\]|\{[^{}]*\}", "{}", answer["error"])
    if "bool modifier" in text or "in ON and GROUP" in text:  # behind some aggregations Prometheus gives another place
        text = re.sub(r" 1:\d+:", "", text)
    return answer["errorType"], NAN_PARAMETER_OF_3_5.sub("Parameter value is NaN", text)


# Which series they name depends on the order of the store.
NOT_OF_A_NAME = re.compile("monotonicity|NaN observations|mix of histograms with exponential and custom buckets")
# Of both, what is told depends on which series come first.
A_MIX = re.compile(".*(mix of histograms and floats for aggregation|mix of histograms with exponential and custom).*")
OPERATOR = re.compile("encountered for binary operator")
# What Prometheus 3.14 says otherwise than 3.5.
NAN_PARAMETER_OF_3_5 = re.compile("^Scalar value NaN overflows int64$")
SAME_LABELS = "vector cannot contain metrics with the same labelset"
NO_NAME_OF_3_5 = ' for metric name ""'
WARNING_OF_3_14 = "PromQL warning: sort is ineffective for range queries"
FAULT_OF_3_5 = re.compile("^unexpected error: runtime error: index out of range")
DUPLICATE = "found duplicate series for the match group"
# In 3.14 a pair that a comparison filters out, or that has no result, counts as a match.
MANY_TO_ONE_OF_3_14 = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
FILTER = re.compile("(==|!=|<=|>=|<|>) (?!bool)")
# Where custom bounds differ 3.14 takes those that both have; where one histogram is known to be a reset and another one
# not it adds nothing.
OTHER_IN_3_14 = re.compile("incompatible custom buckets|mismatched custom buckets were reconciled|"
                           "conflicting counter resets")
# For these functions 3.5 reads no buckets and so does not see that those of two histograms do not fit.
WITHOUT_BUCKETS = re.compile("histogram_(sum|count|avg)")
SCHEMAS = re.compile("exponential and custom buckets|incompatible bucket layout")
# 3.5 looks at the parameter of topk and its like only where there are series.
EAGER_ERROR_OF_3_14 = re.compile("^(Parameter value is NaN|Scalar value .* (over|under)flows int64|"
                                 "Ratio value is NaN)$")


def notes_of(answer):
    """The annotations, less what Prometheus 3.5 says otherwise than 3.14, and: it knows no place within a subquery,
    and in range queries it says of a histogram both with and without its name that it was not monotonic or has NaN
    observations, and never in which buckets."""

    def as_3_14(note):
        if NOT_OF_A_NAME.search(note):
            note = re.sub(r' for metric name ".*"|, from buckets .*Z', "", note)
        note = A_MIX.sub("a mix", note)
        return re.sub(r" \(1:\d+\)$", "", note.replace(NO_NAME_OF_3_5, ""))

    notes = {kind: sorted({as_3_14(note) for note in answer.get(kind, [])
                           if not note.startswith(WARNING_OF_3_14) and not OPERATOR.search(note)})
             for kind in ("warnings", "infos")}
    if any("annotations omitted" in note for note in notes["warnings"] + notes["infos"]):
        return "many"  # which of them are told is nobody's promise
    # Of what does not fit an operator 3.5 tells the last only.
    return notes, any(OPERATOR.search(note) for kind in notes for note in answer.get(kind, []))


def adds_up(histogram):
    """Whether its buckets hold what it counts. NaN is in none of them."""
    inside = sum(float(bucket[3]) for bucket in histogram.get("buckets", []))
    count = float(histogram["count"])
    return "NaN" in (histogram["sum"], histogram["count"]) or math.isclose(inside, count, rel_tol=1e-6)


def difference(query, got, want):
    """What the answer `got` has otherwise than `want`, in a line; empty where they agree."""
    if FAULT_OF_3_5.search(want.get("error", "")):
        return ""
    notes = [note for answer in (got, want) for note in answer.get("warnings", []) + answer.get("infos", [])]
    if any(OTHER_IN_3_14.search(note) for note in notes):
        return ""
    if WITHOUT_BUCKETS.search(query) and any(SCHEMAS.search(note) for note in notes):
        return ""
    if "error" in got or "error" in want:
        if "error" in got and "error" in want and error_of(got) == error_of(want):
            return ""
        if EAGER_ERROR_OF_3_14.match(got.get("error", "")):
            return ""
        if got.get("error") == MANY_TO_ONE_OF_3_14 and (FILTER.search(query) or DUPLICATE in want.get("error", "")):
            return ""
        return f"{got.get('error', 'an answer')}  FOR  {want.get('error', 'an answer')}"
    if notes_of(got) != notes_of(want):
        return f"{notes_of(got)}  FOR  {notes_of(want)}"
    if got["data"]["resultType"] != want["data"]["resultType"]:
        return f"{got['data']['resultType']}  FOR  {want['data']['resultType']}"
    mine, theirs = values_of(got["data"]), values_of(want["data"])
    for key in sorted(set(mine) ^ set(theirs), key=str):
        return f"{'more' if key in mine else 'less'}: {key} {mine.get(key, theirs.get(key))}"
    for key, value in theirs.items():
        if not close(mine[key], value):
            if isinstance(value, dict) and not adds_up(value) and adds_up(mine[key]):
                return ""  # a fault of 3.5: it reuses histograms that are still in use
            return f"{key}: {mine[key]}  FOR  {value}"
    return ""


class AgreementTest(TestCase):
    """Tidemark and a real Prometheus 3.5, which get the same samples and the same queries."""

    def begin_both(self):
        self.servers = [self.begin(Tidemark(self.folder, CONFIG, *FLAGS)),
                        self.begin(Prometheus(self.folder, CONFIG, *FLAGS))]
        self.clients = [Client(server) for server in self.servers]
        for client in self.clients:
            self.addCleanup(client.connection.close)

    def differences(self, rng, generator, count):
        """Asks for `count` expressions, each at one time and over a range. Gives texts of what differs."""
        found = []
        for _ in range(count):
            query, damaged = generator.query()
            for path, params in (("query", {"time": rng.choice([0, 300, 617.3, 900, 1234, 1800, 2085])}),
                                 ("query_range", {"start": rng.choice([0, 0, 300.5, 1000]), "end": 2200,
                                                  "step": rng.choice([15, 60, 47, 300])})):
                got, want = (client.ask(path, query=query, **params) for client in self.clients)
                if damaged and got.get("errorType") == want.get("errorType") == "bad_data":
                    continue  # which of several faults is named, and how, depends on the parser
                what = self.difference(path, query, params, got, want)
                for _ in range(3):  # 3.5 now and then gives histograms that it overwrites for another query
                    if not what:
                        break
                    what = self.difference(path, query, params, got, self.clients[1].ask(path, query=query, **params))
                if what:
                    found.append(f"{path} {params}\n  {query}\n  {what}")
        print(f"{len(found)} differences")
        return found

    def difference(self, path, query, params, got, want):
        if want.get("error") == SAME_LABELS and (path == "query_range" or ":" in query):
            return self.difference_by_steps(query, params, got)
        return difference(query, got, want)

    def difference_by_steps(self, query, params, got):
        """Prometheus 3.5 refuses series that get equal labels even where they take turns, 3.14 only where both have a
        sample at a step. So it is asked for some of the steps one by one; within a subquery it refuses even those."""
        if got.get("errorType") == "execution" or "time" in params:
            return ""  # in a part of the query that 3.5 does not come to
        mine = values_of(got["data"])
        steps = int((params["end"] - params["start"]) / params["step"]) + 1
        for time in [params["start"] + i * params["step"] for i in range(0, steps, max(steps // 6, 1))]:
            want = self.clients[1].ask("query", query=query, time=time)
            if want.get("error") == SAME_LABELS and ":" in query:
                continue
            column = {key: value for key, value in mine.items() if key[1] == time}
            if "error" in want or set(values_of(want["data"])) != set(column):
                return f"at {time}: {column}  FOR  {want}"
        return ""
