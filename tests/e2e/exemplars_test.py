"""Exemplars of scraped pages and of remote write, in Tidemark and in the real Prometheus 3.5: the same are stored, and
served by query_exemplars. Tidemark has them after a kill."""

import unittest
import urllib.error
import urllib.request

import metric_family as mf
import remote_write_v2
from pages import PageServer
from processes import Prometheus, TestCase, Tidemark, eventually
from protobuf import bytes_field, double_field, varint, varint_field
from remote_write import HEADERS, snappy

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PAGE = """# HELP orders Orders taken.
# TYPE orders counter
orders_total{code="200"} 7 # {trace_id="4bf92f3577b34da6"} 0.3 1700000000.5
orders_total{code="500"} 1 # {} 2e3 1700000001
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 4 # {trace_id="a b",route="/été"} 0.05 1700000002.25
latency_seconds_bucket{le="1"} 20 # {trace_id="y",empty=""} -0.5 1700000003
latency_seconds_bucket{le="+Inf"} 30 # {trace_id="z"} +Inf 1700000004
latency_seconds_count 30
latency_seconds_sum 18.5
# TYPE level gauge
level 5 # {long="LONG"} 1 1700000005
level{fits="yes"} 5 # {long="FITS"} 1 1700000006
# EOF
""".replace("LONG", "x" * 125).replace("FITS", "x" * 124)
LATER = PAGE.replace('{trace_id="z"} +Inf 1700000004', '{trace_id="z"} 7 1700000010').replace(
    '# {} 2e3 1700000001', '# {} 2e3 1600000001')
QUERIES = ['{job="page"}', "orders_total", 'rate(orders_total{code="500"}[5m]) / ignoring (le) latency_seconds_bucket',
           'sum(latency_seconds_bucket{le=~"0.1|1.0"})', "nothing", "max_over_time(latency_seconds_bucket[5m:1m]) > 1"]
RANGES = [{}, {"start": 1700000001, "end": 1700000003}, {"start": 1700000003.001}, {"end": "2023-11-14T22:13:20.5Z"}]
CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: page
    {more}
    static_configs: [{{targets: ["{address}"]}}]
"""


def protobuf_page():
    def at(value, seconds):
        return mf.exemplar(value, seconds, trace_id=f"t{seconds}")

    buckets = mf.classic(29, 18.5, [(0.1, 4), (1, 20)], at(0.3, 1700000000))
    native = mf.native(1, 0.001, 2, (((-2, 2), (4, 2)), (5, 7, 3, 12)))
    several = b"".join(bytes_field(16, at(*e)) for e in [(3, 1700000008), (2, 1700000009), (4, 1700000008)])
    return (mf.family("orders_total", mf.COUNTER, [({"code": "200"}, mf.number(7, at(1, 1700000001)))]) +
            mf.family("latency_seconds", mf.HISTOGRAM, [({}, buckets)]) +
            mf.family("native_seconds", mf.HISTOGRAM, [({"of": "buckets"}, buckets + native),
                                                       ({"of": "its own"}, buckets + native + several)]))


def written_v1():
    def label(name, value):
        return bytes_field(1, bytes_field(1, name.encode()) + bytes_field(2, value.encode()))

    def exemplar(time, value, trace):
        return bytes_field(3, label("trace", trace) + double_field(2, value) + varint_field(3, time))

    return bytes_field(1, label("__name__", "written") + label("job", "v1") +
                       bytes_field(2, double_field(1, 1) + varint_field(2, 1700000000000)) +
                       exemplar(1700000000000, 1, "a") + exemplar(1700000000001, 2, "b") +
                       exemplar(1699999999999, 3, "c") + exemplar(1700000000002, 3, "d" * 200))


def written_v2(exemplars):
    """`exemplars`: (time, value, text of a label) each."""
    symbols = ["", "__name__", "written", "job", "v2", "trace"] + [text for _, _, text in exemplars]
    body = bytes_field(1, bytes([1, 2, 3, 4]))
    body += bytes_field(2, double_field(1, 1) + varint_field(2, 1700000000000))
    for i, (time, value, _) in enumerate(exemplars):
        body += bytes_field(4, bytes_field(1, varint(5) + varint(6 + i)) + double_field(2, value) + varint_field(3, time))
    return b"".join(bytes_field(4, symbol.encode()) for symbol in symbols) + bytes_field(5, body)


def post(server, message, headers):
    """(status, how many exemplars are said to be written, text)."""
    request = urllib.request.Request(server.url + "/api/v1/write", data=snappy(message), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers["X-Prometheus-Remote-Write-Exemplars-Written"], response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["X-Prometheus-Remote-Write-Exemplars-Written"], error.read()


class ExemplarsTest(TestCase):
    maxDiff = None

    def begin_both(self, config, *flags):
        flags = ("--enable-feature=exemplar-storage", "--enable-feature=native-histograms",
                 "--web.enable-remote-write-receiver", *flags)
        return (self.begin(Prometheus(self.folder, config.replace("scrape_native_histograms: true", ""), *flags)),
                self.begin(Tidemark(self.folder, config, *flags)))

    def answers(self, server, queries=QUERIES):
        found = {(query, str(times)): server.data("query_exemplars", query=query, **times)
                 for query in queries for times in RANGES}
        for series in (s for answer in found.values() for s in answer):
            series["seriesLabels"].pop("instance", None)  # of two configurations it would be the same anyway
        return found

    def agree(self, prometheus, tidemark, count, queries=QUERIES):
        """Both store `count` exemplars, and answer alike."""
        for server in (prometheus, tidemark):
            eventually(lambda: self.metric(server, "exemplars_in_storage") == count, f"{server.name} has {count}")
        want = self.answers(prometheus, queries)
        self.assertEqual(self.answers(tidemark, queries), want)
        return want

    def metric(self, server, name):
        with urllib.request.urlopen(server.url + "/metrics", timeout=30) as response:
            for line in response.read().decode().splitlines():
                if line.startswith("prometheus_tsdb_exemplar_" + name + " "):
                    return float(line.split()[1])
        return None

    def test_openmetrics_and_a_kill(self):
        with PageServer() as pages:
            pages.page, pages.content_type = PAGE, OPENMETRICS
            config = CONFIG.format(more="scrape_protocols: [OpenMetricsText1.0.0]", address=pages.address)
            prometheus, tidemark = self.begin_both(config)
            self.agree(prometheus, tidemark, 6)
            pages.page = LATER
            want = self.agree(prometheus, tidemark, 7)
            self.assertEqual(len(want[QUERIES[0], "{}"]), 6)
            tidemark.kill()
            tidemark.start()
            tidemark.wait_ready()
            self.assertEqual(self.answers(tidemark), want)

    def test_protobuf(self):
        for classic in ("true", "false"):
            with self.subTest(always_scrape_classic_histograms=classic), PageServer() as pages:
                pages.page, pages.content_type = protobuf_page(), mf.CONTENT_TYPE
                self.folder = self.folder / classic
                self.folder.mkdir()
                config = CONFIG.format(
                    more="scrape_protocols: [PrometheusProto]\n    scrape_native_histograms: true\n    "
                         f"always_scrape_classic_histograms: {classic}", address=pages.address)
                prometheus, tidemark = self.begin_both(config)
                count = 7 + 4 * (classic == "true")
                self.agree(prometheus, tidemark, count, ['{job="page"}', "native_seconds"])

    def test_remote_write(self):
        prometheus, tidemark = self.begin_both("global: {}\nstorage: {tsdb: {out_of_order_time_window: 1h}}\n")
        both = (prometheus, tidemark)
        self.assertEqual(*(post(server, written_v1(), HEADERS) for server in both))
        v2 = remote_write_v2.HEADERS
        good = written_v2([(1700000000000, 1, "a"), (1700000000000, 2, "b"), (1700000000000, 2, "b")])
        self.assertEqual(*(post(server, good, v2) for server in both))
        bad = written_v2([(1600000000000, 1, "late"), (1800000000000, 2, "long" * 50), (1700000000005, 1, "x")])
        self.assertEqual(*(post(server, bad, v2) for server in both))
        self.agree(prometheus, tidemark, 5, ["written"])

    def test_is_off_without_the_feature(self):
        tidemark = self.begin(Tidemark(self.folder, "global: {}\n", "--web.enable-remote-write-receiver"))
        self.assertEqual(post(tidemark, written_v2([(1700000000000, 1, "a")]), remote_write_v2.HEADERS)[:2], (204, "1"))
        self.assertEqual(tidemark.data("query_exemplars", query="written"), [])


if __name__ == "__main__":
    unittest.main()
