"""/federate: the same pages as the real Prometheus 3.5 makes of the same samples, and what it scrapes of Tidemark's."""

import math
import struct
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import remote_write
import written_histogram as wh
from processes import Prometheus, TestCase, Tidemark, eventually, http, labels_key
from protobuf import bytes_field

CONFIG = "global: {external_labels: {replica: a, zone: z}}\n"
FLAGS = ["--web.enable-remote-write-receiver"]
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
ALL = '{__name__=~".+", k!="custom"}'
FEDERATING = """
global: {{scrape_interval: 200ms}}
scrape_configs:
  - job_name: federate
    honor_labels: true
    scrape_protocols: [{protocol}]
    {more}
    metrics_path: /federate
    params: {{"match[]": ['{{__name__=~".+"}}']}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def label_fields(**labels):
    return b"".join(bytes_field(1, bytes_field(1, name.encode()) + bytes_field(2, value.encode()))
                    for name, value in sorted(labels.items()))


def samples(now):
    floats = [({"__name__": "up", "job": "a", "instance": "x"}, [(now - 5000, 5), (now, 1)]),
              ({"__name__": "up", "job": 'b"\\\n', "zone": "own"}, [(now, 0.1)]),
              ({"__name__": "old"}, [(now - 400_000, 1)]), ({"__name__": "gone"}, [(now, STALE)]),
              ({"__name__": "température.été", "room name": "été"}, [(now, 1)]),
              ({"__name__": "my.dots", "a.b": "c"}, [(now, 2)]), ({"__name__": "a_b__c:d", "x__y": "1"}, [(now, 3)])]
    floats += [({"__name__": "value", "k": str(i)}, [(now, value)]) for i, value in enumerate(
        (1e300, math.inf, -math.inf, math.nan, 1e-7, -0.0, 1e21, 123456789, -1, 0.1 + 0.2))]
    buckets = (((0, 2), (1, 1)), [1, 2, 3]), (((0, 1),), [2])
    histograms = (
        ("integer", wh.histogram_field(now, 0, 3.5, *buckets, zero=1)),
        ("gauge", wh.histogram_field(now, 3, -3.5, *buckets, zero=1, hint=wh.GAUGE)),
        ("float", wh.histogram_field(now, -2, 3.5, (buckets[0][0], [1.5, 0.25, 3]), zero=0.5, is_float=True)),
        ("empty", wh.histogram_field(now, 1, 0, ((), []))),
        ("custom", wh.histogram_field(now, -53, 3.5, (((0, 1), (1, 1)), [1, 3]), bounds=(0.5, 1, 2.5))))
    return remote_write.write_request(floats) + b"".join(
        bytes_field(1, label_fields(__name__="latency", k=kind) + field) for kind, field in histograms)


def federate(server, selectors, accept):
    """(status, content type, body) of the page."""
    query = urllib.parse.urlencode([("match[]", selector) for selector in selectors])
    request = urllib.request.Request(f"{server.url}/federate?{query}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers["Content-Type"], response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


class FederateTest(TestCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.message = samples(int(time.time() * 1000) - 1000)

    def write(self, server):
        status, text = http(server.url + "/api/v1/write", remote_write.snappy(self.message), remote_write.HEADERS)
        self.assertEqual(status, 204, text)
        return server

    def tidemark(self):
        return self.write(self.begin(Tidemark(self.folder, CONFIG, *FLAGS)))

    def test_same_pages(self):
        tidemark = self.tidemark()
        prometheus = self.write(self.begin(Prometheus(self.folder, CONFIG, *FLAGS,
                                                      "--enable-feature=native-histograms")))
        accepts = ["", "*/*", "text/plain", "text/plain;version=1.0.0;escaping=allow-utf-8", "text/plain;escaping=dots",
                   "text/plain;escaping=values", "text/plain;q=0.1," + PROTOBUF + ";q=0.9;escaping=values", PROTOBUF,
                   PROTOBUF + ";escaping=allow-utf-8", "application/openmetrics-text;version=1.0.0"]
        selections = [[], [ALL], ["up"], ["up", 'up{job="a"}', "value"], ['{"my.dots"}'], ["latency{k!='custom'}"],
                      ["none"], ["{zone='z'}"], ["{zone='own'}"]]
        for accept in accepts:
            for selectors in selections:
                with self.subTest(accept=accept, selectors=selectors):
                    self.assertEqual(federate(tidemark, selectors, accept), federate(prometheus, selectors, accept))
        for selector in ("up[5m]", "up{", "", "rate(up[5m])", "my.dots"):
            with self.subTest(selector):
                self.assertEqual(federate(tidemark, ["up", selector], "")[:2],
                                 federate(prometheus, ["up", selector], "")[:2])

    def test_prometheus_federates_from_tidemark(self):
        tidemark = self.tidemark()
        for protocol, more in (("PrometheusText0.0.4", ""),
                               ("PrometheusProto", "convert_classic_histograms_to_nhcb: true")):
            with self.subTest(protocol):
                folder = self.folder / protocol
                folder.mkdir()
                prometheus = self.begin(Prometheus(folder, FEDERATING.format(protocol=protocol, more=more,
                                                                             port=tidemark.port),
                                                   "--enable-feature=native-histograms"))
                eventually(lambda server=prometheus: server.query("my_dots or {'my.dots'}"), "the page was scraped")
                up = {"__name__": "up", "instance": "x", "job": "a", "replica": "a", "zone": "z"}
                self.assertEqual(prometheus.query("up{job='a'}"), {labels_key(up): 1})
                native = protocol == "PrometheusProto"
                queries = ["timestamp(up{job='a'})", "value{k='0'}"]
                if native:
                    queries += [f"histogram_quantile(0.7, latency{{k='{kind}'}})"
                                for kind in ("integer", "gauge", "float", "custom")]
                for query in queries:
                    got, want = (list(server.query(query).values()) for server in (prometheus, tidemark))
                    self.assertEqual(len(want), 1, query)
                    self.assertEqual(str(got), str(want), query)  # NaN is equal to NaN
                if not native:
                    self.assertEqual(list(prometheus.query("latency_bucket{k='custom', le='2.5'}").values()), [4])


if __name__ == "__main__":
    unittest.main()
