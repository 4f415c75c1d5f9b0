"""Tidemark and the real Prometheus 3.5 side by side: the same targets, the same pushed samples, the same answers."""

import math
import random
import unittest

import remote_write
from processes import Process, Prometheus, TestCase, Tidemark, eventually, free_port, labels_key, order_service, peer

CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: []
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ["127.0.0.1:{node}"], labels: {{rack: a1}}}}]
  - job_name: shop
    static_configs: [{{targets: ["127.0.0.1:{shop}"]}}]
"""

# Expression -> how far apart the values may be, as a share: the two servers scrape at other moments. None: only the
# label sets are compared.
SCRAPED = {
    "up": 0,
    "count(up) by (job)": 0,
    'count by (__name__) ({job="shop"})': 0,
    'count by (__name__) ({job="node", __name__!~"scrape_.*"})': 0,
    "node_memory_MemTotal_bytes": 0,
    "node_boot_time_seconds": 1e-6,
    "count(node_cpu_seconds_total) by (mode)": 0,
    'sum by (instance, mode) (node_cpu_seconds_total)': 0.1,
    "node_cpu_seconds_total": None,
    'rate(node_cpu_seconds_total{mode="idle"}[10s])': None,
    "sum by (rack) (irate(node_cpu_seconds_total[10s]))": 0.5,
    "node_filesystem_size_bytes": 0,
    'node_filesystem_size_bytes{mountpoint="/"} / 1024 / 1024 > 1': 0,
    "shop_requests_total": 0.3,
    "sum by (route) (rate(shop_requests_total[10s]))": 0.5,
    "sum(increase(shop_requests_total[10s])) by (code)": None,
    "histogram_quantile(0.9, sum by (le, route) (rate(shop_request_duration_seconds_bucket[20s])))": 1.0,
    "shop_basket_value_euros_sum / shop_basket_value_euros_count": 0.5,
    "max_over_time(up[10s]) + min_over_time(up[10s]) * 2": 0,
    "absent(nothing_at_all{job=\"x\"})": 0,
    "abs(-1 * shop_request_duration_seconds_count)": 0.3,
    "scrape_samples_scraped": 0.01,
    "scrape_samples_post_metric_relabeling": 0.01,
    'node_uname_info * on (instance) group_left (rack) up{job="node"}': 0,
}

# Over pushed samples: the same to 1e-9, as instant queries at several times and as a range query.
PUSHED = [
    "gauge", "counter_total", "rate(counter_total[5m])", "increase(counter_total[2m])", "irate(counter_total[3m])",
    "sum by (job) (rate(counter_total[5m]))", "avg without (instance) (gauge)", "max(gauge) by (job)",
    "min by (job) (gauge)", "count(gauge)", "gauge > 50", "gauge > bool 50", "-gauge", "gauge % 7 + 2 ^ 3",
    "gauge / on (instance, job) counter_total", 'gauge{job="a"} + ignoring (job) gauge{job="b"}',
    "gauge * on (job) group_left (zone) info", "sum_over_time(gauge[5m])", "avg_over_time(gauge[5m])",
    "min_over_time(gauge[3m])", "max_over_time(gauge[3m])", "count_over_time(gauge[10m])",
    "histogram_quantile(0.5, rate(latency_bucket[5m]))", "histogram_quantile(0.99, sum by (le) (rate(latency_bucket[5m])))",
    "absent(gauge{job=\"zzz\"})", "abs(gauge - 50)", "time() - timestamp(gauge)", "gauge offset 2m", "counter_total @ 1200",
    "sum(gauge) by (nothing)", 'gauge{job=~"a|b", instance!~"0|1"}', "1 + 2 * 3", "vector(1) + 1",
    'rate({__name__=~"counter.*"}[90s])',
]


def pushed_series(rng):
    series = [({"__name__": "info", "job": job, "zone": zone}, [(15000 * i, 1.0) for i in range(120)])
              for job, zone in (("a", "north"), ("b", "south"))]
    for job in "ab":
        for instance in "0123":
            labels = {"job": job, "instance": instance}
            gauge, counter, total = [], [], 0.0
            for i in range(120):  # half an hour
                t = 15000 * i + rng.randrange(5)
                if rng.random() < 0.05:
                    continue  # a gap
                gauge.append((t, rng.choice([rng.uniform(0, 100), rng.randrange(100), math.inf, -0.0])))
                total = 0.0 if rng.random() < 0.03 else total + rng.randrange(1000) / 8
                counter.append((t, total))
            series.append(({"__name__": "gauge", **labels}, gauge))
            series.append(({"__name__": "counter_total", **labels}, counter))
        bounds = ["0.1", "0.5", "1.0", "5.0", "+Inf"]
        counts = [0] * len(bounds)
        samples = [[] for _ in bounds]
        for i in range(120):
            for _ in range(rng.randrange(20)):
                for b in range(rng.randrange(len(bounds)), len(bounds)):
                    counts[b] += 1
            for b, count in enumerate(counts):
                samples[b].append((15000 * i, float(count)))
        series += [({"__name__": "latency_bucket", "job": job, "le": le}, points)
                   for le, points in zip(bounds, samples)]
    return series


def close(a, b, share):
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=share, abs_tol=share * 1e-3)


class PrometheusAgreementTest(TestCase):
    def start_both(self, config, *flags):
        prometheus = self.begin(Prometheus(self.folder, config, *flags))
        return self.begin(Tidemark(self.folder, config, *flags)), prometheus

    def compare(self, expr, got, want, share):
        self.assertEqual(sorted(got), sorted(want), f"label sets of {expr}")
        for labels, value in want.items():
            if share is not None:
                self.assertTrue(close(got[labels], value, share), f"{expr} {labels}: {got[labels]} for {value}")

    def test_scraped(self):
        ports = {"node": free_port(), "shop": free_port()}
        self.begin(Process("node_exporter", [peer("node_exporter"), f"--web.listen-address=127.0.0.1:{ports['node']}"],
                           self.folder))
        self.begin(order_service(self.folder, ports["shop"]))
        servers = self.start_both(CONFIG.format(**ports))
        for server in servers:
            # Enough samples in every window that the queries look at.
            eventually(lambda: len(server.query("count_over_time(up[1m]) >= 12")) == 2,
                       f"{server.name} scraped for a while")

        def scraped_alike(expr, share):
            got, want = (server.query(expr) for server in servers)
            try:
                self.compare(expr, got, want, share)
                return True
            except AssertionError as difference:
                self.difference = difference
                return False

        for expr, share in SCRAPED.items():
            with self.subTest(expr):
                # The servers scrape at other moments: a series that came a second ago may be in one only.
                try:
                    eventually(lambda: scraped_alike(expr, share), expr, seconds=5)
                except AssertionError:
                    raise self.difference
                if not expr.startswith("absent"):
                    self.assertTrue(servers[0].query(expr), f"{expr} selects nothing")

    def test_pushed(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        series = pushed_series(random.Random(seed))
        servers = self.start_both("global: {}\n", "--web.enable-remote-write-receiver",
                                  "--storage.tsdb.retention.time=100y")
        for server in servers:
            self.assertEqual(remote_write.push(server.url, series)[0], 204)
        for expr in PUSHED:
            for time in (0, 61.5, 600, 1234, 1800, 2085, 2101):
                with self.subTest(expr, time=time):
                    got, want = (self.instant(server, expr, time) for server in servers)
                    self.compare(expr, got, want, 1e-9)
            for step in (15, 47):
                with self.subTest(expr, step=step):
                    got, want = (self.range(server, expr, step) for server in servers)
                    self.compare(expr, got, want, 1e-9)

    def instant(self, server, expr, time):
        data = server.data("query", query=expr, time=time)
        if data["resultType"] == "scalar":
            return {(): float(data["result"][1])}
        return {labels_key(s["metric"]): float(s["value"][1]) for s in data["result"]}

    def range(self, server, expr, step):
        data = server.data("query_range", query=expr, start=0, end=2200, step=step)
        return {(labels_key(s["metric"]), t): float(v) for s in data["result"] for t, v in s["values"]}


if __name__ == "__main__":
    unittest.main()
