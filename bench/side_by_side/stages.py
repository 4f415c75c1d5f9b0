"""What is done to each server in turn, and the figures that come of it."""

import json
import statistics
import subprocess
import sys
import time

import scraping
import storage
from servers import Running

EVERYTHING = '{__name__=~"bench_.+"}'
# Name -> (expression, range in seconds before the end, step); a range of 0 is an instant query at the end.
QUERIES = {
    "sum by (job) (rate), 1 h": ("sum by (job) (rate(bench_events_total[5m]))", 3600, 15),
    "quantile of rate by le, 4 h": (
        "histogram_quantile(0.99, sum by (le, job) (rate(bench_latency_seconds_bucket[5m])))", 14400, 60),
    "topk of rate, 1 h": ("topk(10, rate(bench_events_total[5m]))", 3600, 60),
    "max_over_time 1 h": ("max_over_time(bench_bytes[1h])", 0, 0),
    "quantile_over_time 1 h": ("max(quantile_over_time(0.9, bench_temperature[1h]))", 3600, 60),
    "avg by over gauges, 1 h": ("avg by (cluster) (bench_temperature)", 3600, 15),
    "count by name": ('count by (__name__) ({__name__=~".+"})', 0, 0),
    "many-to-one join, 1 h": (
        "sum by (cluster) (bench_events_total * on (instance) group_left () max by (instance) (bench_load))", 3600, 60),
    "subquery": ("max_over_time(sum by (job) (rate(bench_events_total[5m]))[1h:1m])", 0, 0),
    "increase 3 h of everything": (f"sum(increase({EVERYTHING}[3h]))", 0, 0),
    "avg_over_time 4 h of everything": (f"sum(avg_over_time({EVERYTHING}[4h]))", 0, 0),
    "sum of rate of everything, 4 h": (f"sum(rate({EVERYTHING}[5m]))", 14400, 60),
    "one series, 4 h": (
        'bench_events_total{instance="10.0.0.1:9100", device="device62", item="item-0"}', 14400, 15),
}
# Over native histograms: title -> (expression, seconds of the range, step), as above.
HISTOGRAM_QUERIES = {
    "quantile of all, at once": ("histogram_quantile(0.99, sum(rate(bench_request_duration_seconds[5m])))", 0, 0),
    "quantile of all, 1 h": ("histogram_quantile(0.99, sum(rate(bench_request_duration_seconds[5m])))", 3600, 60),
    "quantile by job, 1 h": (
        "histogram_quantile(0.99, sum by (job) (rate(bench_request_duration_seconds[5m])))", 3600, 60),
    "average by job, 1 h": ("histogram_avg(sum by (job) (rate(bench_request_duration_seconds[5m])))", 3600, 60),
    "rate of observations, 1 h": (
        "sum by (job) (histogram_count(rate(bench_request_duration_seconds[5m])))", 3600, 60),
}
REPETITIONS = 7
INTERVAL = 15
PAGE_TARGETS = 16  # targets that the captured pages are replayed as: the generator makes so many that differ


class Load:
    """The remote-write load: the same samples for each server."""

    def __init__(self, options, series, duration, tail):
        self.options = options
        self.series, self.duration, self.tail = series, duration, tail
        # Fixed once, so that every server gets the same timestamps, and recent enough for all of them.
        self.start = int(time.time() - seconds_of(duration)) // INTERVAL * INTERVAL
        self.end = self.start + seconds_of(duration) - INTERVAL
        # Targets are scraped somewhere in the interval: the last samples are a little later than `end`.
        self.tail_start = self.end + INTERVAL
        self.tail_end = self.tail_start + seconds_of(tail) - 1
        self.tail_steps = seconds_of(tail) // INTERVAL

    def resume(self, folder):
        """Keeps the time of the load beside the data, or takes it from there."""
        kept = folder / "load.json"
        if kept.exists():
            self.series, self.start, self.end = json.loads(kept.read_text())
        else:
            kept.write_text(json.dumps([self.series, self.start, self.end]))

    def push(self, server, capture=None):
        """The whole load, or captured pages in its place."""
        return self.run(server, self.start, self.duration, capture)

    def push_tail(self, server):
        """The first minutes of the same load again, as if they followed its end."""
        return self.run(server, self.tail_start, self.tail)

    def tail_of_one_series(self):
        target = self.series // 1000 - 1
        return (f'sum(count_over_time(bench_events_total{{instance="10.0.{target // 250}.{target % 250}:9100", '
                f'device="device62", item="item-9"}}[{seconds_of(self.tail)}s]))')

    def run(self, server, start, duration, capture=None):
        command = [self.options.bin / "load_generator", "--url", server.url + server.kind.write_path,
                   "--series", self.series, "--duration", duration, "--start", start,
                   "--connections", self.options.connections]
        command += ["--aligned"] if self.options.aligned else []
        command += ["--histograms"] if self.options.histograms else []
        command += ["--capture", capture.path] if capture else []
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if not done.stdout:
            raise RuntimeError(done.stderr)
        sent = json.loads(done.stdout)
        if sent["failed_requests"]:
            print(f"  {server.kind.name}: {sent['failed_requests']} requests failed: {sent['first_error']}",
                  file=sys.stderr)
        return sent


def seconds_of(duration):
    return {"h": 3600, "m": 60, "s": 1}[duration[-1]] * int(duration[:-1])


def run_all(kind, binary, folder, load, options):
    """The figures of one server under the mix."""
    figures = {"queries": {}, "series": load.series}
    server = Running(kind, binary, folder)
    server.start()
    try:
        ingest(server, load, figures)
        storage.measure_storage(server, figures)
        if options.queries:
            figures["queries"] = {name: measure_query(server, load, *query) for name, query in QUERIES.items()}
        storage.kill_and_restart(server, load, figures)
    finally:
        server.kill()
    if options.scrape_seconds:
        scraping.few(kind, binary, folder.with_name(folder.name + "-scrape"), options, figures)
    return figures


def run_scraping(kind, binary, folder, options):
    """Scraping alone: thousands of targets, or a few large ones."""
    figures = {"queries": {}}
    (scraping.farm if options.targets else scraping.few)(kind, binary, folder, options, figures)
    return figures


def run_histograms(kind, binary, folder, load, options):
    """The figures of one server under native histograms."""
    figures = {"series": load.series}
    server = Running(kind, binary, folder)
    server.start()
    try:
        ingest(server, load, figures)
        storage.measure_storage(server, figures)
        figures["queries"] = {name: measure_query(server, load, *query) for name, query in HISTOGRAM_QUERIES.items()}
    finally:
        server.kill()
    return figures


def run_queries(kind, binary, folder, load):
    """The figures of the queries alone, over data that an earlier run has left in `folder` or that is loaded now."""
    figures = {"queries": {}, "series": load.series}
    loaded = folder / "loaded"
    server = Running(kind, binary, folder)
    server.start()
    try:
        if not loaded.exists():
            ingested = {}
            ingest(server, load, ingested)
            loaded.write_text(str(ingested["samples"]))
        server.wait_quiet()
        figures["samples"] = int(loaded.read_text())
        figures["queries"] = {name: measure_query(server, load, *query) for name, query in QUERIES.items()}
    finally:
        server.stop()
    return figures


def ingest(server, load, figures, capture=None):
    cpu = server.cpu_seconds()
    sent = load.push(server, capture)
    server.wait_quiet()
    figures["samples"] = sent["samples"]
    figures["ingest_cpu_per_million"] = (server.cpu_seconds() - cpu) / sent["samples"] * 1e6
    figures["ingest_rate"] = sent["samples_per_second"]
    figures["request_p99_ms"] = sent["p99_ms"]


def pages(kind, binary, folder, capture, options, figures):
    """Captured pages, replayed: their bytes on disk."""
    num_pages, page_series = capture.finish()
    load = Load(options, page_series * PAGE_TARGETS, f"{min(num_pages * INTERVAL, 14400)}s", "0s")
    server = Running(kind, binary, folder)
    server.start()
    try:
        of_pages = {}
        ingest(server, load, of_pages, capture)
        size, _ = storage.settled_bytes(server)
        figures["pages_samples"] = of_pages["samples"]
        figures["pages_disk_per_sample"] = size / of_pages["samples"]
    finally:
        server.kill()


def measure_query(server, load, expr, seconds, step):
    if seconds:
        path, params = "/api/v1/query_range", {"start": load.end - seconds, "end": load.end, "step": step}
    else:
        path, params = "/api/v1/query", {"time": load.end}
    latencies, cpu = [], server.cpu_seconds()
    for _ in range(REPETITIONS):
        begin = time.monotonic()
        answer = server.ask(path, query=expr, **params)
        latencies.append(time.monotonic() - begin)
        if answer is None:
            return None
    data = json.loads(answer)["data"]  # what that takes is no time of the server
    return {"seconds": statistics.median(latencies), "cpu": (server.cpu_seconds() - cpu) / REPETITIONS,
            "answer": summary(data)}


def summary(data):
    """What two servers' answers are compared by: per series its labels, number of points and sum of values."""
    if data["resultType"] in ("scalar", "string"):
        return {"": (1, float(data["result"][1]))}
    found = {}
    for series in data["result"]:
        points = series.get("values") or [series["value"]]
        values = [float(value) for _, value in points]
        found[json.dumps(series["metric"], sort_keys=True)] = (len(values), sum(v for v in values if v == v))
    return found
