"""How a server scrapes: a few large targets every second, or thousands of small ones."""

import json
import pathlib
import subprocess
import sys
import time

from servers import Running

FEW_TARGETS, FEW_SERIES = 50, 2000
WARM_UP_SECONDS = 20  # the first scrapes create the series; what is measured is the steady state
FARM_SERIES, FARM_INTERVAL, FARM_SECONDS = 20, 15, 60
MISSED = 1.5  # intervals between two scrapes of a target that are one missed


def few(kind, binary, folder, options, figures):
    """50 targets of 2,000 series each second."""
    generator = [options.bin / "load_generator", "--serve-pages", 0, "--targets", FEW_TARGETS,
                 "--series", FEW_TARGETS * FEW_SERIES]
    with Pages(generator) as port:
        measure(kind, binary, folder, few_config(port), WARM_UP_SECONDS, options.scrape_seconds, FEW_SERIES, figures)


def farm(kind, binary, folder, options, figures):
    """Thousands of targets that one process serves, each on an address of its own, every 15 s."""
    script = pathlib.Path(__file__).with_name("target_farm.py")
    with Pages([sys.executable, script, "--series", FARM_SERIES]) as port:
        # Two intervals: in the first one connections are made and series created.
        server = measure(kind, binary, folder, farm_config(port, options.targets), 2 * FARM_INTERVAL, FARM_SECONDS,
                         FARM_SERIES, figures, keep=True)
        try:
            count_missed(server, options.targets, figures)
        finally:
            server.kill()


class Pages:
    """A process that serves pages and says on its first line at which port, last."""

    def __init__(self, command):
        self.command = [str(part) for part in command]

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        return self.child.stdout.readline().split()[-1]

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()


def measure(kind, binary, folder, config, warm_up, seconds, series, figures, keep=False):
    server = Running(kind, binary, folder, config)
    server.start()
    try:
        time.sleep(warm_up)
        cpu, begin = server.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        cpu, took = server.cpu_seconds() - cpu, time.monotonic() - begin
        data = server.query("/api/v1/query", time=time.time(), query=f'sum(count_over_time(up{{job="bench"}}[{seconds}s]))')
        scrapes = float(data["result"][0]["value"][1]) if data and data["result"] else 0
        samples = scrapes * series
        figures["scrape_cpu_per_million"] = cpu / samples * 1e6 if samples else float("nan")
        figures["scrapes_per_second"] = scrapes / took
        figures["scrape_memory"] = server.memory_bytes("VmRSS")
    finally:
        if not keep:
            server.kill()
    return server


def count_missed(server, num_targets, figures):
    """Gaps between the scrapes of each target, and scrapes that failed, since the second interval."""
    seconds = FARM_SECONDS + FARM_INTERVAL
    data = json.loads(server.get("/api/v1/query", time=time.time(), query=f'up{{job="bench"}}[{seconds}s]'))["data"]["result"]
    missed = num_targets - len(data)
    for target in data:
        times = [t for t, _ in target["values"]]
        missed += sum(1 for a, b in zip(times, times[1:]) if b - a > MISSED * FARM_INTERVAL)
        missed += sum(1 for _, up in target["values"] if up != "1")
    figures["scrapes_missed"] = missed


def few_config(port):
    targets = "\n".join(
        f'      - {{targets: ["127.0.0.1:{port}"], labels: {{instance: t{n}, __param_target: "{n}"}}}}'
        for n in range(FEW_TARGETS))
    return f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: bench
    static_configs:
{targets}
"""


def farm_config(port, num_targets):
    targets = ", ".join(f"'127.1.{n // 250}.{1 + n % 250}:{port}'" for n in range(num_targets))
    return f"""
global: {{scrape_interval: {FARM_INTERVAL}s, scrape_timeout: 10s}}
scrape_configs:
  - job_name: bench
    static_configs: [{{targets: [{targets}]}}]
"""
