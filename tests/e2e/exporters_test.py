"""Real exporters, scraped by Tidemark and by the real Prometheus 3.5 with one configuration: the same series, the same
values, the same metadata."""

import math
import re
import socket
import unittest
import urllib.request

from processes import ROOT, Process, Prometheus, TestCase, Tidemark, eventually, free_port, http, labels_key, order_service, peer

JOB = """
  - job_name: {name}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
{more}"""

BLACKBOX = """
modules:
  web: {{prober: http, timeout: 2s}}
  port: {{prober: tcp, timeout: 2s}}
"""
PROBES = """
    metrics_path: /probe
    params: {{module: [{module}]}}
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: probed}}
"""

PUSHED = """# TYPE batch_seconds gauge
# HELP batch_seconds Time of the last run, with a \\\\ and a \\n.
batch_seconds{step="a",instance="own"} 12.5
# TYPE batch_items_total counter
batch_items_total 1e+06
# TYPE batch_size histogram
batch_size_bucket{le="1"} 3
batch_size_bucket{le="+Inf"} 4
batch_size_sum 9
batch_size_count 4
"""

# What two scrapes at other moments may see with nothing in common.
FLEETING = re.compile("scrape_duration_seconds|.*_time_seconds|.*duration_seconds.*|go_.*|.*timestamp.*")


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class ExportersTest(TestCase):
    def start_exporter(self, name, command, port):
        self.begin(Process(name, command, self.folder))
        eventually(lambda: listens(port), f"{name} listens")
        return JOB.format(name=name, port=port, more="")

    def node(self, port):
        return self.start_exporter("node", [peer("node_exporter"), f"--web.listen-address=127.0.0.1:{port}"], port)

    def shop(self, port):
        self.begin(order_service(self.folder, port))
        return JOB.format(name="shop", port=port, more="")

    def multiprocess(self, port):
        (self.folder / "shared").mkdir()
        command = ["/usr/bin/python3", ROOT / "tests/e2e/multiprocess_app.py", port, self.folder / "shared"]
        return self.start_exporter("multiprocess", command, port)

    def blackbox(self, port):
        config = self.folder / "blackbox.yml"
        config.write_text(BLACKBOX.format())
        command = [peer("blackbox_exporter"), f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
        own = self.start_exporter("blackbox", command, port)
        # Both probe the exporter itself, which is scraped under its own address.
        probes = [JOB.format(name=f"probe_{module}", port=port, more=PROBES.format(module=module))
                  for module in ("web", "port")]
        return own + "".join(probes)

    def pushgateway(self, port):
        command = [peer("pushgateway"), f"--web.listen-address=127.0.0.1:{port}"]
        self.start_exporter("pushgateway", command, port)
        status, answer = http(f"http://127.0.0.1:{port}/metrics/job/batch/zone/north", PUSHED.encode())
        self.assertEqual(status, 200, answer)
        return JOB.format(name="pushgateway", port=port, more="    honor_labels: true\n")

    def process(self, port):
        command = [peer("process_exporter"), f"-web.listen-address=127.0.0.1:{port}", "-procnames=process-exporte,redis-server"]
        return self.start_exporter("process", command, port)

    def redis(self, port):
        server_port = free_port()
        self.begin(Process("redis_server", [peer("redis-server"), "--port", server_port, "--bind", "127.0.0.1",
                                            "--save", "", "--dir", self.folder], self.folder))
        eventually(lambda: listens(server_port), "redis listens")
        with socket.create_connection(("127.0.0.1", server_port)) as client:
            client.sendall(b"SET a 1\r\nSET b 2\r\n")
        command = [peer("redis_exporter"), f"--web.listen-address=127.0.0.1:{port}",
                   f"--redis.addr=redis://127.0.0.1:{server_port}"]
        return self.start_exporter("redis", command, port)

    def test_the_same_series_and_values(self):
        config, missing = "global: {scrape_interval: 1s, evaluation_interval: 1s}\nscrape_configs:\n", []
        for exporter in (self.node, self.shop, self.multiprocess, self.blackbox, self.pushgateway, self.process, self.redis):
            try:
                config += exporter(free_port())
            except unittest.SkipTest as reason:
                missing.append(f"{exporter.__name__}: {reason}")
        self.servers = [self.begin(server(self.folder, config)) for server in (Tidemark, Prometheus)]
        jobs = re.findall("job_name: (\\w+)", config)
        for server in self.servers:
            eventually(lambda: len(server.query("count_over_time(up[1m]) >= 8")) == len(jobs), f"{server.name} scraped")
        for job in jobs:
            with self.subTest(job):
                self.compare_values(job)
                self.compare_metadata(job)
        if missing:
            print("not compared:", *missing, sep="\n  ")

    def windows(self, server, job):
        """{labels: (least, greatest value)} of the last scrapes."""
        result = server.data("query", query=f'{{job="{job}"}}[8s]')["result"]
        if job == "pushgateway":  # the labels that were pushed are honored
            result += server.data("query", query='{job="batch"}[8s]')["result"]
        windows = {}
        for series in result:
            values = [float(value) for _, value in series["values"]]
            windows[labels_key(series["metric"])] = min(values), max(values)
        return windows

    def compare_values(self, job):
        def difference():
            got, want = (self.windows(server, job) for server in self.servers)
            self.assertGreater(len(want), 5)
            apart = sorted(set(got) ^ set(want))
            for labels in set(got) & set(want):
                if not FLEETING.fullmatch(dict(labels)["__name__"]) and not overlap(got[labels], want[labels]):
                    apart.append((labels, got[labels], want[labels]))
            return apart

        # A series that comes or goes may be in one of them only for a moment.
        try:
            eventually(lambda: not difference(), job, seconds=15)
        except AssertionError:
            self.fail(f"{job}: {difference()[:10]}")

    def compare_metadata(self, job):
        def said(server):
            entries = server.data("targets/metadata", match_target=f'{{job="{job}"}}')
            return sorted((e["metric"], e["type"], e["help"], e["unit"], labels_key(e["target"])) for e in entries)

        got, want = (said(server) for server in self.servers)
        self.assertEqual(got, want, job)
        self.assertTrue(want, job)


def overlap(a, b):
    """Whether what was seen in two windows of the same time can be the same: they overlap, or nearly."""
    if any(math.isnan(v) for v in (*a, *b)):
        return all(math.isnan(v) for v in (*a, *b))
    slack = 0.2 * max(a[1] - a[0], b[1] - b[0])
    return a[0] <= b[1] + slack and b[0] <= a[1] + slack


if __name__ == "__main__":
    unittest.main()
