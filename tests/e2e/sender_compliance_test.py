"""What the public compliance suite asks of a remote-write sender (github.com/prometheus/compliance, remotewrite/sender),
asked of Tidemark by a receiver of our own: real scrapes in, decoded requests out."""

import struct
import threading
import time
import unittest

from pages import LocalServer, PageServer
from processes import TestCase, Tidemark, eventually
from protobuf import fields, read_varint

STALE = struct.pack("<Q", 0x7FF0000000000002)
PAGE = """# HELP c Help of c.
# TYPE c counter
c{b="2",a="1",empty=""} 3
# TYPE g gauge
g -5.5
g_nan NaN
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
# TYPE s summary
s{quantile="0.9"} 7
s_sum 8
s_count 9
own{job="own",instance="own"} 1
timed 4 %d
"""
CONFIG = """
global: {{scrape_interval: 1s, external_labels: {{zone: z, a: not-this-one}}}}
remote_write:
  - url: http://{sink}/write?x=1
    headers: {{X-Tenant: seven}}
    basic_auth: {{username: u, password: p}}
    queue_config: {{batch_send_deadline: 50ms, min_backoff: 10ms, max_backoff: 50ms}}
    metadata_config: {{send_interval: 100ms}}
scrape_configs:
  - {{job_name: plain, static_configs: [{{targets: ["{page}"]}}]}}
  - {{job_name: honest, honor_labels: true, static_configs: [{{targets: ["{page}"], labels: {{a: target}}}}]}}
  - {{job_name: untimed, honor_timestamps: false, static_configs: [{{targets: ["{page}"]}}]}}
"""


def unsnappy(data):
    """The snappy block format."""
    size, at = read_varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag, at = data[at], at + 1
        kind, length = tag & 3, tag >> 2
        if kind == 0:
            if length >= 60:
                extra = length - 59
                length, at = int.from_bytes(data[at:at + extra], "little"), at + extra
            out += data[at:at + length + 1]
            at += length + 1
            continue
        if kind == 1:
            length, offset, at = (length & 7) + 4, tag >> 5 << 8 | data[at], at + 1
        else:
            width = 2 if kind == 2 else 4
            length, offset, at = length + 1, int.from_bytes(data[at:at + width], "little"), at + width
        for _ in range(length):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)


class Sink(LocalServer):
    """Decodes what it is sent; `statuses` are its first answers, then 200."""

    def __init__(self, statuses=()):
        self.statuses = list(statuses)
        self.lock = threading.Lock()
        self.requests, self.series, self.metadata = [], [], {}

    def post(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self.lock:
            status = self.statuses.pop(0) if self.statuses else 200
            self.requests.append((status, handler.path, dict(handler.headers), body))
            if status == 200:
                self.take(unsnappy(body))
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def take(self, message):
        for number, part in fields(message):
            if number == 3:
                metadata = dict(fields(part))
                self.metadata[metadata[2].decode()] = (metadata.get(1, 0), metadata.get(4, b"").decode())
            if number != 1:
                continue
            labels = [tuple(text.decode() for _, text in fields(label)) for n, label in fields(part) if n == 1]
            samples = [dict(fields(sample)) for n, sample in fields(part) if n == 2]
            self.series.append((labels, [(s[2], struct.pack("<Q", s.get(1, 0))) for s in samples]))

    def find(self, **wanted):
        """(labels, [(ms, bytes of the value)]) of the series with these labels, in order of arrival."""
        name = wanted.pop("name")
        with self.lock:
            return [(dict(labels), samples) for labels, samples in self.series
                    if {**wanted, "__name__": name}.items() <= dict(labels).items()]


class Page(PageServer):
    def __init__(self):
        self.timestamp = int(time.time() * 1000) - 5000
        self.page = PAGE % self.timestamp
        self.failing = False

    def get(self, handler):
        return handler.send_error(500) if self.failing else super().get(handler)


class SenderComplianceTest(TestCase):
    def test_what_is_sent(self):
        with Sink(statuses=[500, 503]) as sink, Page() as page:
            self.begin(Tidemark(self.folder, CONFIG.format(sink=sink.address, page=page.address)))
            jobs = ("plain", "honest", "untimed")
            eventually(lambda: all(len(sink.find(name="up", job=job)) >= 2 for job in jobs), "two scrapes of each")
            self.check_headers(sink)
            self.check_retries(sink)
            self.check_values(sink, page)
            self.check_labels(sink, page)
            eventually(lambda: {"c", "h", "s", "g"} <= sink.metadata.keys(), "metadata")
            self.assertEqual(sink.metadata["c"], (1, "Help of c."))
            self.assertEqual([sink.metadata[name][0] for name in "ghs"], [2, 3, 5])
            # A target that fails ends its series, and says so.
            page.failing = True
            eventually(lambda: any(value == STALE for _, samples in sink.find(name="g", job="plain")
                                   for _, value in samples), "staleness marker")
            eventually(lambda: any(value == struct.pack("<d", 0) for _, samples in sink.find(name="up", job="plain")
                                   for _, value in samples), "up 0")
            self.check_order(sink)

    def check_headers(self, sink):
        _, path, headers, _ = sink.requests[-1]
        self.assertEqual(path, "/write?x=1")
        self.assertEqual({name: headers.get(name) for name in (
            "Content-Encoding", "Content-Type", "X-Prometheus-Remote-Write-Version", "X-Tenant", "Authorization")}, {
                "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
                "X-Prometheus-Remote-Write-Version": "0.1.0", "X-Tenant": "seven", "Authorization": "Basic dTpw"})
        self.assertTrue(headers.get("User-Agent"))

    def check_retries(self, sink):
        bodies = [body for _, _, _, body in sink.requests]
        for number, (status, *_) in enumerate(sink.requests[:2]):
            self.assertEqual(status, [500, 503][number])
            self.assertIn(bodies[number], bodies[number + 1:], "a request that failed comes again")

    def check_values(self, sink, page):
        want = {"c": 3, "g": -5.5, "h_sum": 3, "h_count": 2, "s_sum": 8, "s_count": 9, "up": 1}
        for name, value in want.items():
            _, samples = sink.find(name=name, job="plain")[0]
            self.assertEqual(samples[0][1], struct.pack("<d", value), name)
        self.assertEqual(sink.find(name="h_bucket", le="1.0", job="plain")[0][1][0][1], struct.pack("<d", 1))
        self.assertEqual(sink.find(name="s", quantile="0.9", job="plain")[0][1][0][1], struct.pack("<d", 7))
        nan = struct.unpack("<d", sink.find(name="g_nan", job="plain")[0][1][0][1])[0]
        self.assertNotEqual(nan, nan)
        # Stated times are kept, unless the job does not honour them; others are those of the scrape.
        now = time.time() * 1000
        self.assertEqual(sink.find(name="timed", job="plain")[0][1][0][0], page.timestamp)
        self.assertLess(now - sink.find(name="timed", job="untimed")[0][1][0][0], 60_000)
        self.assertNotEqual(sink.find(name="timed", job="untimed")[0][1][0][0], page.timestamp)

    def check_labels(self, sink, page):
        for labels, samples in list(sink.series):
            names = [name for name, _ in labels]
            self.assertEqual(names, sorted(set(names)), "sorted, each once")
            self.assertNotIn("", [value for _, value in labels])
            self.assertIn("__name__", names)
            self.assertIn(("zone", "z"), labels)
            self.assertEqual(len(samples), 1)
        plain = dict(sink.find(name="c", job="plain")[0][0])
        self.assertEqual(plain, {"__name__": "c", "a": "1", "b": "2", "job": "plain", "instance": page.address,
                                 "zone": "z"})
        self.assertEqual(sink.find(name="g", job="plain")[0][0]["a"], "not-this-one")
        self.assertEqual(sink.find(name="g", job="honest")[0][0]["a"], "target")
        own = sink.find(name="own", exported_job="own", exported_instance="own", job="plain")
        self.assertTrue(own)
        self.assertTrue(sink.find(name="own", job="own", instance="own"))

    def check_order(self, sink):
        newest = {}
        for labels, samples in list(sink.series):
            for at, _ in samples:
                key = tuple(labels)
                self.assertGreater(at, newest.get(key, 0), labels)
                newest[key] = at

    def test_what_is_refused_does_not_come_again(self):
        for status in (400, 404, 409):
            with Sink(statuses=[status]) as sink, Page() as page:
                folder = self.folder / str(status)
                folder.mkdir()
                config = CONFIG.format(sink=sink.address, page=page.address)
                server = self.begin(Tidemark(folder, config.replace("metadata_config: {send_interval: 100ms}", "")))
                eventually(lambda: len(sink.requests) >= 4, "requests after the one that was refused")
                self.assertEqual(sink.requests[0][0], status)
                self.assertNotIn(sink.requests[0][3], [body for _, _, _, body in sink.requests[1:]])
                server.stop()


if __name__ == "__main__":
    unittest.main()
