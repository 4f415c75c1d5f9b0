"""What is done to each server in turn, and the figures that come of it."""

import json
import statistics
import subprocess
import sys
import time

from servers import Running

# Name -> (expression, range in seconds before the end, step); a range of 0 is an instant query at the end.
QUERIES = {
    "sum by (job) (rate), 1 h": ("sum by (job) (rate(bench_events_total[5m]))", 3600, 15),
    "quantile of rate by le, 4 h": (
        "histogram_quantile(0.99, sum by (le, job) (rate(bench_latency_seconds_bucket[5m])))", 14400, 60),
    "max_over_time 1 h": ("max(max_over_time(bench_bytes[1h]))", 0, 0),
    "avg by over gauges, 1 h": ("avg by (cluster) (bench_temperature)", 3600, 15),
    "count by name": ('count by (__name__) ({__name__=~"bench_.+"})', 0, 0),
    "many-to-one join": (
        "sum(bench_events_total * on (instance) group_left () max by (instance) (bench_load))", 0, 0),
    "increase 3 h of everything": ("sum(increase(bench_cpu_seconds_total[3h]))", 0, 0),
    "one series, 4 h": (
        'bench_events_total{instance="10.0.0.1:9100", device="device62", item="item-0"}', 14400, 15),
}
REPETITIONS = 3
SCRAPE_TARGETS, SCRAPE_SERIES = 50, 2000
WARM_UP_SECONDS = 20  # the first scrapes create the series; what is measured is the steady state
TAIL, TAIL_SECONDS = "10m", 600  # what is pushed before the kill, and counted after


class Load:
    """The remote-write load: the same samples for each server."""

    def __init__(self, options):
        self.generator = options.bin / "load_generator"
        self.series = options.series
        # Fixed once, so that every server gets the same timestamps, and recent enough for all of them.
        hours = {"h": 3600, "m": 60}[options.duration[-1]] * int(options.duration[:-1])
        self.start = int(time.time() - hours) // 15 * 15
        self.end = self.start + hours - 15
        self.duration = options.duration
        self.connections = options.connections

    def push(self, server):
        """The whole load."""
        return self.run(server, self.start, self.duration)

    def push_tail(self, server):
        """The first minutes of the same load again, as if they followed its end."""
        return self.run(server, self.end + 15, TAIL)

    def run(self, server, start, duration):
        command = [self.generator, "--url", server.url + server.kind.write_path, "--series", self.series,
                   "--duration", duration, "--start", start, "--connections", self.connections]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if not done.stdout:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)


def run_all(kind, binary, folder, load, options):
    figures = {}
    server = Running(kind, binary, folder)
    server.start()
    try:
        ingest(server, load, figures)
        figures["queries"] = {name: measure_query(server, load, *query) for name, query in QUERIES.items()}
        restart(server, load, figures)
    finally:
        server.kill()
    if options.scrape_seconds:
        scrape(kind, binary, folder.with_name(folder.name + "-scrape"), options, figures)
    return figures


def ingest(server, load, figures):
    cpu = server.cpu_seconds()
    sent = load.push(server)
    if sent["failed_requests"]:
        print(f"  {server.kind.name}: {sent['failed_requests']} requests failed: {sent['first_error']}", file=sys.stderr)
    server.wait_quiet()
    figures["samples"] = sent["samples"]
    figures["ingest_cpu_per_million"] = (server.cpu_seconds() - cpu) / sent["samples"] * 1e6
    figures["ingest_rate"] = sent["samples_per_second"]
    figures["request_p99_ms"] = sent["p99_ms"]
    figures["peak_memory"] = server.memory_bytes("VmHWM")
    if server.kind.flush_path:
        server.get(server.kind.flush_path, post=server.kind.name == "prometheus")
    server.wait_written()
    figures["disk_per_sample"] = server.disk_bytes(server.kind.flushed_folder) / sent["samples"]


def measure_query(server, load, expr, seconds, step):
    if seconds:
        path, params = "/api/v1/query_range", {"start": load.end - seconds, "end": load.end, "step": step}
    else:
        path, params = "/api/v1/query", {"time": load.end}
    latencies, cpu = [], server.cpu_seconds()
    for _ in range(REPETITIONS):
        begin = time.monotonic()
        data = server.query(path, query=expr, **params)
        latencies.append(time.monotonic() - begin)
        if data is None:
            return None
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


def count_tail(server, load):
    data = server.query("/api/v1/query", query=f'sum(count_over_time({{__name__=~"bench_.+"}}[{TAIL}]))',
                        time=load.end + TAIL_SECONDS)
    return float(data["result"][0]["value"][1]) if data and data["result"] else 0


def restart(server, load, figures):
    """SIGKILL the moment that the last request of some minutes more was acknowledged."""
    sent = load.push_tail(server)
    server.kill()
    figures["restart_seconds"] = server.start()
    figures["restart_peak_memory"] = server.memory_bytes("VmHWM")
    server.wait_quiet()
    figures["lost_samples"] = sent["samples"] - count_tail(server, load)


def scrape(kind, binary, folder, options, figures):
    """50 targets of 2,000 series each second."""
    generator = [options.bin / "load_generator", "--serve-pages", 0, "--targets", SCRAPE_TARGETS,
                 "--series", SCRAPE_TARGETS * SCRAPE_SERIES]
    pages = subprocess.Popen([str(part) for part in generator], stdout=subprocess.PIPE, text=True)
    try:
        port = pages.stdout.readline().split()[-1]
        server = Running(kind, binary, folder, scrape_config(port))
        server.start()
        time.sleep(WARM_UP_SECONDS)
        cpu, begin = server.cpu_seconds(), time.monotonic()
        time.sleep(options.scrape_seconds)
        cpu, seconds = server.cpu_seconds() - cpu, time.monotonic() - begin
        data = server.query("/api/v1/query", time=time.time(),
                            query=f'sum(count_over_time(up{{job="bench"}}[{options.scrape_seconds}s]))')
        scrapes = float(data["result"][0]["value"][1]) if data and data["result"] else 0
        samples = scrapes * SCRAPE_SERIES
        figures["scrape_cpu_per_million"] = cpu / samples * 1e6 if samples else float("nan")
        figures["scrapes_per_second"] = scrapes / seconds
        figures["scrape_memory"] = server.memory_bytes("VmRSS")
        server.kill()
    finally:
        pages.terminate()
        pages.wait()


def scrape_config(port):
    targets = "\n".join(
        f'      - {{targets: ["127.0.0.1:{port}"], labels: {{instance: t{n}, __param_target: "{n}"}}}}'
        for n in range(SCRAPE_TARGETS))
    return f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: bench
    static_configs:
{targets}
"""
