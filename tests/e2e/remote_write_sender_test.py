"""Remote write from Tidemark: into the real Prometheus 3.5, VictoriaMetrics and Tidemark, and nothing lost when either
side is killed."""

import json
import random
import re
import threading
import time
import unittest
from http.client import HTTPException

import remote_write
import written_histogram as wh
from processes import Prometheus, Server, TestCase, Tidemark, eventually, free_port, http, peer
from protobuf import bytes_field

V2 = "io.prometheus.write.v2.Request"
SENDING = """
global: {{scrape_interval: 1h, external_labels: {{region: eu}}}}
remote_write:
"""
ENTRY = """
  - url: {url}
    name: {name}
    protobuf_message: {message}
    send_native_histograms: {histograms}
    queue_config: {{batch_send_deadline: 100ms, min_backoff: 30ms, max_backoff: 200ms, max_samples_per_send: 500}}
    write_relabel_configs:
      - {{target_label: via, replacement: {name}}}
      - {{source_labels: [__name__], regex: secret, action: drop}}
"""
RECEIVE = "--web.enable-remote-write-receiver"
SERIES, STEPS = 40, 30


def entry(url, name, message="prometheus.WriteRequest", histograms="true"):
    return ENTRY.format(url=url, name=name, message=message, histograms=histograms)


def metrics(server):
    """{name with labels: value} of /metrics."""
    text = http(server.url + "/metrics")[1]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


def metric(server, name, **labels):
    """The sum of a metric over the series that have these labels."""
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    return sum(value for key, value in metrics(server).items()
               if re.match(rf"{name}(\{{|$)", key) and all(label in key for label in wanted))


class Writer(threading.Thread):
    """Posts one sample of each series a request until told to end; a server that is gone is tried again."""

    def __init__(self, server, start):
        super().__init__()
        self.server, self.time = server, start
        self.ending = threading.Event()
        self.acknowledged = []

    def run(self):
        while not self.ending.is_set():
            series = [({"__name__": "written_total", "series": str(n)}, [(self.time, n * 1e6 + self.time % 1000)])
                      for n in range(SERIES)]
            try:
                status, text = remote_write.push(self.server.url, series)
            except (OSError, HTTPException):
                time.sleep(0.02)  # it is being started again
                continue
            if status == 503:
                continue  # it replays its journal
            assert status == 204, (status, text)
            self.acknowledged.append(self.time)
            self.time += 7


class RemoteWriteSenderTest(TestCase):
    def push(self, sender):
        """Fills the sender; {(series, ms): value} of what a receiver is to have."""
        start = int(time.time() * 1000) - 20 * 60_000
        expected = {}
        for step in range(STEPS):
            at = start + 15_000 * step
            series = [({"__name__": "sent", "series": str(n)}, [(at, n + step / 8)]) for n in range(SERIES)]
            expected.update({(str(n), at): n + step / 8 for n in range(SERIES)})
            series.append(({"__name__": "secret"}, [(at, 1.0)]))
            self.assertEqual(remote_write.push(sender.url, series)[0], 204)
        body = b"".join(bytes_field(1, bytes_field(1, k) + bytes_field(2, v)) for k, v in [(b"__name__", b"latency")])
        for step in range(3):
            body += wh.histogram_field(start + 15_000 * step, 3, 12.5 + step, (((0, 2),), (4 + step, 5)))
        message = remote_write.snappy(bytes_field(1, body))
        self.assertEqual(http(sender.url + "/api/v1/write", message, remote_write.HEADERS)[0], 204)
        return expected

    def stored(self, server, via, end):
        """What a receiver has of `sent`."""
        result = server.data("query", query=f'sent{{via="{via}",region="eu"}}[1h]', time=end)["result"]
        return {(series["metric"]["series"], round(float(t) * 1000)): float(v)
                for series in result for t, v in series["values"]}

    def test_into_prometheus(self):
        receiver = self.begin(Prometheus(self.folder, "global: {}\n", RECEIVE, "--enable-feature=native-histograms"))
        url = receiver.url + "/api/v1/write"
        sender = self.begin(Tidemark(self.folder, SENDING.format() + entry(url, "first") + entry(url, "second", V2),
                                     RECEIVE))
        expected = self.push(sender)
        end = time.time()
        for via in ("first", "second"):
            eventually(lambda: self.stored(receiver, via, end) == expected, f"all samples by {via}")
            eventually(lambda: metric(sender, "prometheus_remote_storage_histograms_total", remote_name=via) == 3,
                       "histograms acknowledged")
            found = receiver.query(f'histogram_count(last_over_time(latency{{via="{via}"}}[1h]))', time=end)
            self.assertEqual(list(found.values()), [11.0])
            self.assertEqual(receiver.query(f'secret{{via="{via}"}}', time=end), {})
            eventually(lambda: metric(sender, "prometheus_remote_storage_samples_total", remote_name=via) ==
                       len(expected), "samples acknowledged")
            self.assertEqual(metric(sender, "prometheus_remote_storage_samples_failed_total", remote_name=via), 0)
            self.assertEqual(metric(sender, "prometheus_remote_storage_samples_pending", remote_name=via), 0)
            self.assertEqual(metric(sender, "prometheus_remote_storage_samples_dropped_total", remote_name=via,
                                    reason="dropped_series"), STEPS)
        self.assertEqual(sender.stop(), 0)

    def test_into_victoria_metrics(self):
        port = free_port()
        receiver = Server("victoria-metrics", [
            peer("victoria-metrics"), f"-storageDataPath={self.folder / 'victoria'}",
            f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=1y"], self.folder, port)
        self.processes.append(receiver)
        receiver.start()
        eventually(lambda: http(receiver.url + "/health")[0] == 200, "VictoriaMetrics ready")
        sender = self.begin(Tidemark(
            self.folder, SENDING.format() + entry(receiver.url + "/api/v1/write", "first", histograms="false"),
            RECEIVE))
        expected = self.push(sender)

        def exported():
            http(receiver.url + "/internal/force_flush")
            lines = http(receiver.url + "/api/v1/export?match[]=sent")[1].splitlines()
            rows = [json.loads(line) for line in lines]
            return {(row["metric"]["series"], t): v for row in rows for t, v in zip(row["timestamps"], row["values"])}

        eventually(lambda: exported() == expected, "all samples")
        self.assertEqual(metric(sender, "tidemark_remote_storage_histograms_not_sent_total"), 3)

    def test_nothing_is_lost_when_either_side_is_killed(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        rng = random.Random(seed)
        (self.folder / "receiver").mkdir()
        port = free_port()  # the one that the sender knows, whoever serves there
        receiver = self.begin(Tidemark(self.folder / "receiver", "global: {}\n", RECEIVE,
                                       f"--web.listen-address=127.0.0.1:{port}", name="receiver"))
        url = f"http://127.0.0.1:{port}/api/v1/write"
        sender = self.begin(Tidemark(
            self.folder, SENDING.format() + entry(url, "first") + entry(url, "second", V2), RECEIVE))
        writer = Writer(sender, int(time.time() * 1000) - 30 * 60_000)
        writer.start()
        for _ in range(4):
            for victim in rng.sample([sender, receiver], rng.randint(1, 2)):
                reached = len(writer.acknowledged)
                eventually(lambda: len(writer.acknowledged) > reached, "writing goes on")
                time.sleep(rng.uniform(0, 0.3))  # the moment is random, nothing waits for it
                victim.kill()
                victim.start()
                if victim is sender:
                    victim.wait_ready()
            receiver.wait_ready()
        writer.ending.set()
        writer.join()
        wanted = {(str(n), at): n * 1e6 + at % 1000 for at in writer.acknowledged for n in range(SERIES)}
        end = time.time()

        def missing(via):
            result = receiver.data("query", query=f'written_total{{via="{via}"}}[1h]', time=end)["result"]
            found = {(series["metric"]["series"], round(float(t) * 1000)): float(v)
                     for series in result for t, v in series["values"]}
            return [key for key in wanted if found.get(key) != wanted[key]]

        for via in ("first", "second"):
            eventually(lambda: not missing(via), f"all {len(wanted)} samples by {via}")
            self.assertEqual(metric(sender, "prometheus_remote_storage_samples_failed_total", remote_name=via), 0)
            self.assertEqual(metric(sender, "tidemark_remote_storage_journal_batches_lost_total"), 0)
        print(f"{len(wanted)} samples twice")


if __name__ == "__main__":
    unittest.main()
