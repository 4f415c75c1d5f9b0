"""Random queries over random series, asked of Tidemark and of the real Prometheus 3.5: the same answers.

    QUERY_SEED=7 QUERY_COUNT=20000 python3 query_agreement_test.py

Without QUERY_SEED the seed is fixed. Every difference is printed with what asks for it again.
"""

import http.client
import json
import math
import os
import random
import re
import unittest
import urllib.parse

import random_promql
import remote_write
from processes import Prometheus, TestCase, Tidemark, labels_key

SEED = int(os.environ.get("QUERY_SEED", "20261121"))
COUNT = int(os.environ.get("QUERY_COUNT", "2000"))
FEATURES = "promql-experimental-functions"
MOST_SHOWN = int(os.environ.get("QUERY_SHOW", "20"))


class Client:
    """One connection that stays open."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def ask(self, path, **params):
        self.connection.request("POST", "/api/v1/" + path, urllib.parse.urlencode(params),
                                {"Content-Type": "application/x-www-form-urlencoded"})
        return json.loads(self.connection.getresponse().read())


def values_of(data):
    """{(labels, time): value} of an answer of any type."""
    kind, result = data["resultType"], data["result"]
    if kind in ("scalar", "string"):
        return {((), result[0]): result[1]}
    return {(labels_key(series["metric"]), time): value
            for series in result for time, value in series.get("values", [series.get("value")])}


def close(got, want):
    if got == want:
        return True
    try:
        a, b = float(got), float(want)
    except ValueError:
        return False
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def error_of(answer):
    """The error's type and its text without the series it names: of several at fault the order of a map decides."""
    text = re.sub(r"\{[^{}]*\}", "{}", answer["error"])
    if "bool modifier" in text or "in ON and GROUP" in text:  # behind some aggregations Prometheus gives another place
        text = re.sub(r" 1:\d+:", "", text)
    return answer["errorType"], NAN_PARAMETER_OF_3_5.sub("Parameter value is NaN", text)


# What Prometheus 3.14 says otherwise than 3.5.
NAN_PARAMETER_OF_3_5 = re.compile("^Scalar value NaN overflows int64$")
SAME_LABELS = "vector cannot contain metrics with the same labelset"
NO_NAME_OF_3_5 = ' for metric name ""'
WARNING_OF_3_14 = "PromQL warning: sort is ineffective for range queries"
# In 3.14 a pair that a comparison filters out counts as a match.
MANY_TO_ONE_OF_3_14 = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
FILTER = re.compile("(==|!=|<=|>=|<|>) (?!bool)")
# 3.5 looks at the parameter of topk and its like only where there are series.
EAGER_ERROR_OF_3_14 = re.compile("^(Parameter value is NaN|Scalar value .* (over|under)flows int64|Ratio value is NaN)$")


def notes_of(answer):
    """The annotations, less what Prometheus 3.5 says otherwise than 3.14, and: it knows no place within a subquery,
    and in range queries it says of a histogram both with and without its name that it was not monotonic, and never in
    which buckets."""

    def as_3_14(note):
        if "monotonicity" in note:
            note = re.sub(r' for metric name ".*"|, from buckets .*Z', "", note)
        return re.sub(r" \(1:\d+\)$", "", note.replace(NO_NAME_OF_3_5, ""))

    return {kind: sorted({as_3_14(note) for note in answer.get(kind, []) if not note.startswith(WARNING_OF_3_14)})
            for kind in ("warnings", "infos")}


def difference(query, got, want):
    """What the answer `got` has otherwise than `want`, in a line; empty where they agree."""
    if "error" in got or "error" in want:
        if "error" in got and "error" in want and error_of(got) == error_of(want):
            return ""
        if EAGER_ERROR_OF_3_14.match(got.get("error", "")):
            return ""
        if got.get("error") == MANY_TO_ONE_OF_3_14 and FILTER.search(query):
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
            return f"{key}: {mine[key]}  FOR  {value}"
    return ""


class QueryAgreementTest(TestCase):
    def test_random_queries(self):
        print(f"QUERY_SEED={SEED} QUERY_COUNT={COUNT}")
        rng = random.Random(SEED)
        config = "global: {evaluation_interval: 30s}\n"
        flags = ["--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y",
                 f"--enable-feature={FEATURES}"]
        servers = [self.begin(Tidemark(self.folder, config, *flags)),
                   self.begin(Prometheus(self.folder, config, *flags))]
        series = random_promql.random_series(rng)
        for server in servers:
            self.assertEqual(remote_write.push(server.url, series)[0], 204)
        clients = [Client(server) for server in servers]
        for client in clients:
            self.addCleanup(client.connection.close)
        generator = random_promql.Generator(rng)
        found = []
        for _ in range(COUNT):
            query, damaged = generator.query()
            for path, params in (("query", {"time": rng.choice([0, 300, 617.3, 900, 1234, 1800, 2085])}),
                                 ("query_range", {"start": rng.choice([0, 0, 300.5, 1000]), "end": 2200,
                                                  "step": rng.choice([15, 60, 47, 300])})):
                got, want = (client.ask(path, query=query, **params) for client in clients)
                if damaged and got.get("errorType") == want.get("errorType") == "bad_data":
                    continue  # which of several faults is named, and how, depends on the parser
                if want.get("error") == SAME_LABELS and (path == "query_range" or ":" in query):
                    what = self.difference_by_steps(clients[1], query, params, got)
                else:
                    what = difference(query, got, want)
                if what:
                    found.append(f"{path} {params}\n  {query}\n  {what}")
        print(f"{len(found)} differences")
        self.assertFalse(found, f"QUERY_SEED={SEED}\n" + "\n".join(found[:MOST_SHOWN]))

    def difference_by_steps(self, prometheus, query, params, got):
        """Prometheus 3.5 refuses series that get equal labels even where they take turns, 3.14 only where both have a
        sample at a step. So it is asked for some of the steps one by one; within a subquery it refuses even those."""
        if got.get("errorType") == "execution" or "time" in params:
            return ""  # in a part of the query that 3.5 does not come to
        mine = values_of(got["data"])
        steps = int((params["end"] - params["start"]) / params["step"]) + 1
        for time in [params["start"] + i * params["step"] for i in range(0, steps, max(steps // 6, 1))]:
            want = prometheus.ask("query", query=query, time=time)
            if want.get("error") == SAME_LABELS and ":" in query:
                continue
            column = {key: value for key, value in mine.items() if key[1] == time}
            if "error" in want or set(values_of(want["data"])) != set(column):
                return f"at {time}: {column}  FOR  {want}"
        return ""


if __name__ == "__main__":
    unittest.main()
