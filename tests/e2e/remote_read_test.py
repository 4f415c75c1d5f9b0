"""Remote read: the real Prometheus 3.5, which stores nothing itself, answers queries from Tidemark's samples as one
does that stores them, and as Tidemark does."""

import itertools
import math
import random
import re
import unittest
import urllib.request

import remote_write
import written_histogram as wh
from processes import Prometheus, TestCase, Tidemark, http
from protobuf import bytes_field, fields, read_varint, varint_field

STEP = 15_000
SAMPLES = 230  # not more than an hour: what is older than that is too old for the next series
END = STEP * SAMPLES / 1000
READING = """
global: {{scrape_interval: 1h}}
remote_read:
  - url: {url}/api/v1/read
    read_recent: true
    {more}
"""
FLAGS = ["--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y"]
QUERIES = [
    "requests_total", 'requests_total{instance="2"}', 'requests_total{instance!="2"}',
    'requests_total{instance=~"[0-3]"}', 'requests_total{instance!~"[0-3]"}', '{__name__=~"latency.*"}', "missing",
    "sum by (job) (rate(requests_total[5m]))",
    "max_over_time(requests_total[30m:1m])", "latency", "rate(latency[5m])", "increase(latency[10m])",
    "sum by (kind) (rate(latency[5m]))", "histogram_quantile(0.9, sum(rate(latency{kind='integer'}[5m])))",
    "histogram_count(latency)", "resets(latency[1h])", "changes(latency[1h])", "count_over_time(latency[1h])",
    "avg_over_time(latency{kind='gauge'}[20m])", "histogram_fraction(0, 1, latency)",
    "delta(latency{kind='gauge'}[10m])",
    "sum_over_time(latency[5m])", "mixed", "count_over_time(mixed[20m])", "last_over_time(mixed[5m])",
]
# Rates of histograms that would begin below zero.
EXTRAPOLATED_OTHERWISE_IN_3_5 = re.compile(r"(rate|increase)\(latency")


def close(got, want):
    """Whether two answers are equal but for the last digits of numbers: sums are not added in the same order."""
    if isinstance(got, dict) and isinstance(want, dict):
        return got.keys() == want.keys() and all(close(got[key], want[key]) for key in got)
    if isinstance(got, list) and isinstance(want, list):
        return len(got) == len(want) and all(map(close, got, want))
    if got == want:
        return True
    try:
        return math.isclose(float(got), float(want), rel_tol=1e-9)
    except (TypeError, ValueError):
        return False


def label_fields(labels):
    return b"".join(bytes_field(1, bytes_field(1, name.encode()) + bytes_field(2, value.encode()))
                    for name, value in sorted(labels.items()))


def histogram_series(rng, kind, labels):
    """A series of histograms that changes its buckets, is reset and has gaps, as the fields of a TimeSeries."""
    fields = label_fields(labels | {"kind": kind})
    exponential = kind != "custom"
    schema = rng.choice([-2, 0, 3, 8]) if exponential else -53
    positive, negative = (((0, 3), (2, 1)), [0] * 4), (((1, 2),), [0] * 2) if exponential else ((), [])
    bounds = () if exponential else (0.1, 0.25, 1, 2.5, 7.125, 10)
    zero = 0
    for i in range(SAMPLES):
        if i % 57 == 56:  # more buckets, or all at 0 again
            spans = ((0, 3), (1, 2)) if len(positive[1]) == 4 else ((0, 3), (2, 1))
            positive = (spans, [0] * sum(length for _, length in spans))
            negative, zero = (negative[0], [0] * len(negative[1])), 0
        for counts in (positive[1], negative[1]):
            for k in range(len(counts)):
                step = rng.randrange(5) if kind != "float" else rng.randrange(5) / 4
                counts[k] = rng.randrange(50) if kind == "gauge" else counts[k] + step
        zero += rng.randrange(2) if exponential else 0
        if 140 <= i < 162:
            continue
        hint = wh.GAUGE if kind == "gauge" else wh.UNKNOWN
        fields += wh.histogram_field(i * STEP, schema, i / 8, positive, negative, zero, bounds, hint, kind == "float")
    return bytes_field(1, fields)


def mixed_series(rng):
    """Floats and histograms that take turns: requests, as each brings its floats before its histograms."""
    labels, count = {"__name__": "mixed"}, 0
    for start in range(0, SAMPLES, 25):
        times = range(start, min(start + 25, SAMPLES))
        if start % 50 == 0:
            yield remote_write.write_request([(labels, [(i * STEP, rng.random()) for i in times])])
        else:
            count += 1
            yield bytes_field(1, label_fields(labels) + b"".join(
                wh.histogram_field(i * STEP, 1, i, (((0, 1),), [count + i])) for i in times))


def requests(rng):
    message = remote_write.write_request([
        ({"__name__": "requests_total", "job": job, "instance": str(i)},
         [(t * STEP, float(t * (i + 1) % 500)) for t in range(SAMPLES) if t % (i + 7)])
        for job in ("api", "db") for i in range(6)])
    for kind in ("integer", "float", "gauge", "custom"):
        message += histogram_series(rng, kind, {"__name__": "latency", "job": "api"})
    return [message, *mixed_series(rng)]


def snappy_decode(data):
    """The reverse of the snappy block format."""
    size, at = read_varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag, at = data[at], at + 1
        length = tag >> 2
        if tag & 3 == 0:
            if length >= 60:
                width = length - 59
                length, at = int.from_bytes(data[at:at + width], "little"), at + width
            out += data[at:at + length + 1]
            at += length + 1
            continue
        if tag & 3 == 1:
            length, offset, at = (length & 7) + 3, tag >> 5 << 8 | data[at], at + 1
        else:
            width = 2 if tag & 3 == 2 else 4
            offset, at = int.from_bytes(data[at:at + width], "little"), at + width
        for _ in range(length + 1):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)


def result_series(result):
    """{labels: its fields} of a QueryResult: samples and histograms, without what is 0, which may be left out."""
    series = {}
    for _, one in fields(result):
        labels = b"".join(value for number, value in fields(one) if number == 1)
        # Prometheus gives the gauge histograms of a chunk the buckets that any of them has.
        left_out = (HINT, BOUNDS, *SPANS, *DELTAS) if b"gauge" in labels else (HINT, BOUNDS)
        series[labels] = [(number, sample_fields(value, left_out)) for number, value in fields(one) if number != 1]
    return series


def sample_fields(message, left_out):
    """Those of a Sample or a Histogram, by number; of spans their fields."""
    return sorted(((number, [field for field in fields(value) if field[1]] if number in SPANS else value)
                   for number, value in fields(message) if value and number not in left_out),
                  key=lambda field: field[0])


SPANS, DELTAS = (8, 11), (9, 12)
BOUNDS = 16  # of custom buckets, which Prometheus 3.5 forgets
HINT = 14  # each server knows other places where a histogram goes on from the one before


class RemoteReadTest(TestCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        (self.folder / "storing").mkdir()
        rng = random.Random(7)
        self.requests = requests(rng)

    def write(self, server):
        for message in self.requests:
            status, text = http(server.url + "/api/v1/write", remote_write.snappy(message), remote_write.HEADERS)
            self.assertEqual(status, 204, text)

    def tidemark(self, config="global: {}\n", *flags):
        server = self.begin(Tidemark(self.folder, config, *FLAGS, *flags))
        self.write(server)
        return server

    def reader(self, server, more="", config=""):
        return self.begin(Prometheus(self.folder, config or READING.format(url=server.url, more=more)))

    def answers(self, server, query):
        out = []
        for path, params in (("query", {"time": END / 2}), ("query", {"time": END}),
                             ("query_range", {"start": 0, "end": END, "step": 120})):
            status, answer = server.api(path, query=query, **params)
            self.assertEqual(status, 200, (query, answer))
            out.append(sorted(answer["data"]["result"], key=lambda series: sorted(series["metric"].items())))
        return out

    def test_prometheus_answers_as_tidemark_does(self):
        tidemark = self.tidemark()
        prometheus = self.reader(tidemark)
        storing = self.begin(Prometheus(self.folder / "storing", "global: {scrape_interval: 1h}\n", *FLAGS,
                                        "--enable-feature=native-histograms"))
        self.write(storing)
        found = 0
        for query in QUERIES:
            with self.subTest(query):
                got = self.answers(prometheus, query)
                for other in (storing, tidemark):
                    want = self.answers(other, query)
                    if other is tidemark and EXTRAPOLATED_OTHERWISE_IN_3_5.search(query):
                        continue
                    if not close(got, want):
                        self.assertEqual(got, want, other.name)  # shows what differs
                found += any(got)
        self.assertEqual(found, len(QUERIES) - 1)  # but for the one that is missing
        self.assertEqual(*(server.data("series", start=0, end=END, **{"match[]": "latency"})
                           for server in (prometheus, tidemark)))
        metrics = http(tidemark.url + "/metrics")[1]
        self.assertIn('prometheus_http_requests_total{code="200",handler="/api/v1/read"}', metrics)
        self.assertIn("prometheus_remote_read_handler_queries 0\n", metrics)
        self.assertNotIn("level=ERROR", tidemark.log() + prometheus.log())

    def test_answers_with_samples_are_those_of_prometheus(self):
        config = "global: {external_labels: {replica: a}}\n"
        servers = [self.begin(Tidemark(self.folder, config, *FLAGS)),
                   self.begin(Prometheus(self.folder, config, *FLAGS, "--enable-feature=native-histograms"))]
        for server in servers:
            self.write(server)
        matchers = [(2, ".+", 0), (0, "latency", 500), (0, "mixed", 1000), (1, "latency", 3000), (3, "[l-r].*", 0)]
        request = b"".join(
            bytes_field(1, varint_field(1, start * 1000) + varint_field(2, int(END) * 1000) + bytes_field(
                3, varint_field(1, kind) + bytes_field(2, b"__name__") + bytes_field(3, value.encode())))
            for kind, value, start in matchers)
        got, want = ([result_series(result) for _, result in fields(snappy_decode(self.read(server, request)))]
                     for server in servers)
        self.assertEqual([sorted(series) for series in got], [sorted(series) for series in want])
        self.assertEqual([len(series) for series in want], [17, 4, 1, 13, 0])
        for mine, theirs in zip(got, want):
            for labels, samples in theirs.items():
                for pair in itertools.zip_longest(mine[labels], samples):
                    self.assertEqual(*pair, labels)

    def read(self, server, request):
        with urllib.request.urlopen(urllib.request.Request(
                server.url + "/api/v1/read", data=remote_write.snappy(request), headers=remote_write.HEADERS),
                timeout=30) as response:
            return response.read()

    def test_external_labels_and_limits(self):
        tidemark = self.tidemark("global: {external_labels: {replica: a}}\n", "--storage.remote.read-sample-limit=1e3",
                                 "--storage.remote.read-concurrent-limit=1")
        prometheus = self.reader(tidemark)
        query = 'count(requests_total{replica="a"}) by (replica)'
        self.assertEqual(prometheus.query(query, time=END - 15), {(("replica", "a"),): 12})
        self.assertEqual(prometheus.query('requests_total{replica="b"}', time=END), {})
        self.assertEqual(tidemark.query('requests_total{replica="a"}', time=END), {})


if __name__ == "__main__":
    unittest.main()
