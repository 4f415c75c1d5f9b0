"""Random OTLP requests, sent to Tidemark in both encodings and to the real VictoriaMetrics: the same series with the
same samples. Prometheus as Debian builds it has no OTLP receiver; VictoriaMetrics follows its rules for names and
labels. It knows neither JSON nor native histograms, so that those are compared between Tidemark's own answers.

    OTLP_SEED=7 OTLP_COUNT=200 python3 otlp_agreement_test.py

Without OTLP_SEED the seed is fixed.
"""

import json
import math
import os
import random
import re
import unittest

import otlp
from agreement import close, samples_of
from processes import ROOT, Server, TestCase, Tidemark, free_port, http, labels_key, peer

SEED = int(os.environ.get("OTLP_SEED", "20261122"))
COUNT = int(os.environ.get("OTLP_COUNT", "40"))
FLAGS = ["--web.enable-otlp-receiver", "--storage.tsdb.retention.time=100y"]
CONFIG = "otlp: {%s}\n"
STRATEGIES = ["UnderscoreEscapingWithSuffixes", "NoUTF8EscapingWithSuffixes", "UnderscoreEscapingWithoutSuffixes",
              "NoTranslation"]
SECOND = 10**9
START = 1_600_000_000 * SECOND

NAMES = ["3com.x", "x:y", "é.x", "http.server.duration", "queue size", "requests_total", "cpu.usage_ratio", "disk_bytes", "a__b",
         "total", "memory.bytes", "per_second"]
UNITS = ["foo bar", "", "1", "s", "ms", "By", "By/s", "{requests}", "{x}/s", "m/h", "%", "KiBy", "Cel", " s ", "requests/s",
         "/s", "1/s"]
KEYS = ["a_b", "a", "a.b", "http.status_code", "0x", "_private", "__two", "é", "x y", "le", "mode"]
VALUES = ["x", "", "some text", 12, -3, True, False, 1.5, ["a", 1, True], "é", 1e-9, 1e22, {"k": "v"}]
# VictoriaMetrics puts no underscore before a digit, replaces colons but not letters, leaves spaces in units, writes some numbers otherwise, makes
# several labels of a map and of two attributes that get one label keeps one.
PEER_NAMES, PEER_UNITS, PEER_KEYS, PEER_VALUES = NAMES[3:], UNITS[1:], KEYS[1:], VALUES[:-3]


class Generator:
    """Requests whose points of one series come at ascending times."""

    def __init__(self, rng, for_peer=False):
        """`for_peer`: nothing that VictoriaMetrics does not have or does otherwise."""
        self.rng, self.for_peer = rng, for_peer
        self.step = 0

    def some_attributes(self, keys=None, most=4):
        rng, values = self.rng, PEER_VALUES if self.for_peer else VALUES
        keys = keys or (PEER_KEYS if self.for_peer else KEYS)
        return otlp.attribute_list({key: rng.choice(values) for key in rng.sample(keys, rng.randint(0, most))})

    def point(self):
        time = START + self.step * 15 * SECOND + self.rng.randint(0, 999) * 1_000_001
        point = {"attributes": self.some_attributes(), "startTimeUnixNano": str(START), "timeUnixNano": str(time)}
        if self.rng.random() < 0.05:
            point["flags"] = 1
        return point

    def number(self):
        rng, point = self.rng, self.point()
        if rng.random() < 0.5:
            point["asInt"] = str(rng.randint(-10**6, 10**15))
        else:
            point["asDouble"] = rng.choice([0.0, 1.5, -2.25, rng.random() * 10**6])
        return point

    def histogram(self):
        rng, point = self.rng, self.point()
        bounds = sorted(rng.sample([-5.0, 0.0, 0.005, 0.1, 1.0, 2.5, 10.0, 1e6, 1e21], rng.randint(0, 6)))
        counts = [rng.randint(0, 50) for _ in range(len(bounds) + 1)]
        point.update(bucketCounts=[str(c) for c in counts], explicitBounds=bounds, count=str(sum(counts)))
        if rng.random() < 0.9:
            point["sum"] = rng.random() * 1000
        return point

    def exponential(self):
        rng, point = self.rng, self.point()
        sides = [{"offset": rng.randint(-40, 40),
                  "bucketCounts": [str(rng.choice([0, 0, 0, 1, 7, 400])) for _ in range(rng.randint(0, 20))]}
                 for _ in range(2)]
        zeros = rng.choice([0, 3])
        count = zeros + sum(int(c) for side in sides for c in side["bucketCounts"])
        point.update(positive=sides[0], negative=sides[1], scale=rng.choice([-5, -4, -1, 0, 3, 8, 9, 12]),
                     zeroCount=str(zeros), count=str(count), sum=rng.random() * 100)
        if rng.random() < 0.3:
            point["zeroThreshold"] = 1e-3
        return point

    def summary(self):
        rng, point = self.rng, self.point()
        point.update(count=str(rng.randint(0, 1000)), sum=rng.random(), quantileValues=[
            {"quantile": q, "value": rng.random()} for q in rng.sample([0.0, 0.5, 0.9, 0.999, 1.0], rng.randint(0, 3))])
        return point

    def metric(self):
        rng = self.rng
        metric = {"name": rng.choice(PEER_NAMES if self.for_peer else NAMES), "unit": rng.choice(PEER_UNITS if self.for_peer else UNITS)}
        kinds = [("gauge", self.number), ("sum", self.number), ("histogram", self.histogram),
                 ("summary", self.summary), ("exponentialHistogram", self.exponential)]
        kind, point = rng.choice(kinds[:4] if self.for_peer else kinds)
        data = {"dataPoints": [point() for _ in range(rng.randint(1, 3))]}
        if kind not in ("gauge", "summary"):
            data["aggregationTemporality"] = 2 if self.for_peer else rng.choice([2, 2, 2, 2, 1, 0])
        if kind == "sum":
            data["isMonotonic"] = rng.random() < 0.5
        metric[kind] = data
        # Kinds do not share a series.
        metric["name"] += "." + kind[:4]
        return metric

    def resource(self):
        rng = self.rng
        values = {}
        for key, choices in (("service.name", ["shop", "cart"]), ("service.namespace", ["prod"]),
                             ("service.instance.id", ["i-1", "i-2"])):
            if rng.random() < 0.7:
                values[key] = rng.choice(choices)
        attributes = otlp.attribute_list(values) + self.some_attributes(["host.name", "a.b", "os", "_p", "a_b"], 3)
        scope = {"name": rng.choice(["", "lib"]), "version": rng.choice(["", "1.2"]),
                 "attributes": self.some_attributes(["s.x", "y"], 2)}
        return {"resource": {"attributes": attributes},
                "scopeMetrics": [{"scope": scope, "metrics": [self.metric() for _ in range(rng.randint(0, 3))]}]}

    def request(self):
        self.step += 1
        return {"resourceMetrics": [self.resource() for _ in range(self.rng.randint(1, 2))]}


class VictoriaMetrics(Server):
    def __init__(self, folder):
        port = free_port()
        super().__init__("victoria-metrics", [
            peer("victoria-metrics"), f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={folder}/vm-data",
            "-retentionPeriod=100y", "-opentelemetry.usePrometheusNaming", "-opentelemetry.promoteScopeMetadata=false",
            "-opentelemetry.promoteAllResourceAttributes=false", "-opentelemetry.promoteResourceAttributes=host.name,os",
        ], folder, port)

    def stored(self):
        """{labels: [(time in s, value)]}, staleness markers left out."""
        http(f"{self.url}/internal/force_flush")
        _, text = http(f"{self.url}/api/v1/export?reduce_mem_usage=1&match[]={{__name__!=''}}&start=1500000000")
        series = {}
        for line in text.splitlines():
            found = json.loads(line)
            samples = [(time / 1000, value) for time, value in zip(found["timestamps"], found["values"])
                       if value is not None]
            if samples:  # a line for each block that has some
                key = labels_key(found["metric"])
                series[key] = sorted(series.get(key, []) + samples)
        return series


def stored(server):
    """The same of Tidemark; histograms as what the API gives."""
    result = server.data("query", query='{__name__!=""}[2h]', time=START / SECOND + 7000)["result"]
    return {labels_key(series["metric"]): [(time, value if isinstance(value, dict) else float(value))
                                           for time, value in samples_of(series)] for series in result}


def time_of_newest(server):
    """In seconds, of what was recorded at any time."""
    metrics = http(f"{server.url}/metrics")[1]
    return float(re.search(r"^prometheus_tsdb_head_max_time (\S+)", metrics, re.M)[1]) / 1000


def same(mine, theirs):
    """VictoriaMetrics keeps some digits of the largest value of a series, and no more of the others."""
    most = max([abs(value) for _, value in theirs if not isinstance(value, dict)], default=0)
    return len(mine) == len(theirs) and all(
        a[0] == b[0] and (a[1] == b[1] or math.isclose(a[1], b[1], rel_tol=1e-9, abs_tol=most * 1e-15)
                          if not isinstance(b[1], dict) else close(a[1], b[1])) for a, b in zip(mine, theirs))


def differences(mine, theirs):
    return [f"{key}\n  {mine.get(key)}\n  FOR {theirs.get(key)}"
            for key in sorted(set(mine) | set(theirs)) if not same(mine.get(key, []), theirs.get(key, []))]


class OtlpAgreementTest(TestCase):
    def check_same(self, mine, theirs):
        found = differences(mine, theirs)
        print(f"{len(theirs)} series")
        self.assertGreater(len(theirs), COUNT)
        self.assertFalse(found, f"{len(found)}, OTLP_SEED={SEED}\n" + "\n".join(found[:10]))

    def begin_tidemark(self, name, section):
        (self.folder / name).mkdir()
        return self.begin(Tidemark(self.folder / name, CONFIG % section, *FLAGS))

    def test_victoria_metrics(self):
        """What both know, under the strategy that both have."""
        print(f"OTLP_SEED={SEED} OTLP_COUNT={COUNT}")
        rng = random.Random(SEED)
        tidemark, victoria = self.begin_tidemark("a", "promote_resource_attributes: [host.name, os]"), self.begin(VictoriaMetrics(self.folder))
        generator = Generator(rng, for_peer=True)
        for _ in range(COUNT):
            request = generator.request()
            self.assertEqual(otlp.push(tidemark.url, request, compressed=rng.random() < 0.3)[0], 200, request)
            self.assertIn(otlp.push(victoria.url, request, path="/opentelemetry/v1/metrics")[0], (200, 204))
        # VictoriaMetrics makes neither target_info nor job and instance.
        mine = {}
        for key, samples in stored(tidemark).items():
            if ("__name__", "target_info") not in key:
                key = tuple(label for label in key if label[0] not in ("job", "instance"))
                mine[key] = sorted(mine.get(key, []) + samples)
        self.check_same(mine, victoria.stored())

    def test_recorded(self):
        """What OpenTelemetry's own SDK for JavaScript sends, recorded: a counter, an up-down counter, a gauge, a histogram
        and an exponential one, in both encodings."""
        tidemark = self.begin_tidemark("a", "")
        for encoding, kind in (("pb", "x-protobuf"), ("json", "json")):
            body = (ROOT / f"tests/fuzz/corpus/otlp/javascript_sdk.{encoding}").read_bytes()
            self.assertEqual(http(tidemark.url + otlp.PATH, body, {"Content-Type": f"application/{kind}"})[0], 200)
        end = time_of_newest(tidemark)
        for job in ("shop/checkout-proto", "shop/checkout-json"):
            found = tidemark.query(f'{{job="{job}", le=~"|0|5", __name__!~"exp.*"}}', time=end)
            by_name = {dict(key)["__name__"] + dict(key).get("le", ""): value for key, value in found.items()}
            self.assertEqual(by_name, {
                "cpu_utilization_ratio": 0.42, "orders_placed_total": 200, "queue_size_bytes": 300, "target_info": 1,
                "http_server_request_duration_seconds_count": 100, "http_server_request_duration_seconds_sum": 99,
                "http_server_request_duration_seconds_bucket0": 1,
                "http_server_request_duration_seconds_bucket5": 100})
            count = tidemark.query(f'histogram_count(exp_latency_milliseconds{{job="{job}"}})', time=end)
            self.assertEqual(list(count.values()), [100])

    def check_encodings(self, section):
        rng = random.Random(SEED)
        servers = [self.begin_tidemark(name, section) for name in ("json", "protobuf")]
        generator = Generator(rng)
        for _ in range(COUNT):
            request = generator.request()
            answers = [otlp.push(server.url, request, server is servers[0], rng.random() < 0.3) for server in servers]
            self.assertEqual([status for status, _ in answers], [200, 200], request)
        self.check_same(*(stored(server) for server in servers))


def add_test(name, section):
    setattr(OtlpAgreementTest, f"test_encodings_{name}", lambda self: self.check_encodings(section))


for strategy in STRATEGIES:
    add_test(strategy, f"translation_strategy: {strategy}")
add_test("promotion", "promote_resource_attributes: [host.name, a.b, service.name], "
         "keep_identifying_resource_attributes: true, promote_scope_metadata: true")
add_test("promotion_of_all", "promote_all_resource_attributes: true, ignore_resource_attributes: [os]")
add_test("custom_buckets", "convert_histograms_to_nhcb: true")

if __name__ == "__main__":
    unittest.main()
