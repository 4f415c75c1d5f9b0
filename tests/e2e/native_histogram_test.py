"""Native histograms on their way in: a protobuf page, scraped by Tidemark and by the real Prometheus 3.5, and what
Prometheus sends on by remote write 2.0."""

import unittest

import metric_family as mf
from pages import PageServer
from processes import Prometheus, TestCase, Tidemark, eventually, labels_key

EXEMPLAR = mf.exemplar(0.3, 1700000000, trace_id="4bf92f3577b34da6")


def page():
    latency = mf.classic(30, 18.5, [(0.1, 4), (1, 20)], EXEMPLAR)
    positive = (((-2, 2), (4, 2)), (5, 7, 3, 12))
    return (
        mf.family("orders_total", mf.COUNTER, [({"code": "200"}, mf.number(7, EXEMPLAR)), ({"code": "500"}, mf.number(0))],
                  "Orders taken.") +
        mf.family("température", mf.GAUGE, [({"room name": "été"}, mf.number(-0.5))]) +
        mf.family("answer", mf.UNTYPED, [({}, mf.number(42))]) +
        mf.family("basket_euros", mf.SUMMARY, [({}, mf.summary(9, 4.5, [(0.5, 0.02), (1, 3)]))]) +
        mf.family("classic_seconds", mf.HISTOGRAM, [({}, latency)]) +
        mf.family("latency_seconds", mf.HISTOGRAM, [
            ({"route": "/"}, latency + mf.native(1, 0.001, 2, positive, (((0, 1),), (1,)), EXEMPLAR)),
            ({"route": "/idle"}, mf.native(3, 0, 0, (((0, 0),), ()))),
        ]) +
        mf.family("share", mf.GAUGE_HISTOGRAM, [({}, mf.native(-4, 1e-6, 1, (((1, 2),), (1, 0)))
                                                 + mf.classic(2, 9, []))]) +
        mf.family("weights", mf.HISTOGRAM, [({}, mf.native_float(8, 2.75, 0.5, (((7, 2),), (0.25, 2))))]))


CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: page
    scrape_protocols: [PrometheusProto]
    {more}
    static_configs: [{{targets: ["{address}"]}}]
"""
REMOTE_WRITE = """
remote_write:
  - url: {url}/api/v1/write
    protobuf_message: io.prometheus.write.v2.Request
    send_native_histograms: true
    queue_config: {{batch_send_deadline: 100ms, min_backoff: 50ms}}
"""
SELECTED = '{job="page", __name__!~"scrape_.*"}'


class NativeHistogramTest(TestCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.pages = self.enterContext(PageServer())
        self.pages.page, self.pages.content_type = page(), mf.CONTENT_TYPE

    def prometheus(self, more="", after=""):
        return self.begin(Prometheus(self.folder, CONFIG.format(more=more, address=self.pages.address) + after,
                                     "--enable-feature=native-histograms"))

    def samples(self, server, **params):
        """{labels: what the sample is, a text or the parts of a histogram}."""
        result = server.data("query", query=SELECTED, **params)["result"]
        return {labels_key(s["metric"]): s["value"][1] if "value" in s else s["histogram"][1] for s in result}

    def wait_for_page(self, server):
        return eventually(lambda: len(found := self.samples(server)) > 10 and found, f"{server.name} has the page")

    def test_scraped(self):
        for classic in ("always_scrape_classic_histograms: true", "always_scrape_classic_histograms: false"):
            with self.subTest(classic):
                self.folder = self.folder / classic[-4:].strip()
                self.folder.mkdir()
                tidemark = self.begin(Tidemark(self.folder, CONFIG.format(
                    more="scrape_native_histograms: true\n    " + classic, address=self.pages.address)))
                want = self.wait_for_page(self.prometheus(classic))
                self.assertEqual(self.wait_for_page(tidemark), want)
                self.assertEqual(sum(isinstance(v, dict) for v in want.values()), 4)

    def test_sent_on(self):
        tidemark = self.begin(Tidemark(self.folder, "global: {}\n", "--web.enable-remote-write-receiver",
                                       "--web.remote-write-receiver.accepted-protobuf-messages="
                                       "io.prometheus.write.v2.Request"))
        prometheus = self.prometheus(after=REMOTE_WRITE.format(url=tidemark.url))
        self.wait_for_page(prometheus)
        # Of one scrape: later ones may have been sent on in part.
        time = prometheus.query('timestamp(up{job="page"})').popitem()[1]
        want = self.samples(prometheus, time=time)
        self.assertEqual(sum(isinstance(v, dict) for v in want.values()), 4)
        try:
            eventually(lambda: self.samples(tidemark, time=time) == want, "all was sent on", seconds=20)
        except AssertionError:
            self.assertEqual(self.samples(tidemark, time=time), want)  # shows what differs
        self.assertNotIn("level=ERROR", prometheus.log())


if __name__ == "__main__":
    unittest.main()
