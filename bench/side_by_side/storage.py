"""What a server keeps on disk once it has settled, and what it has in memory and back again after a SIGKILL."""

import contextlib
import time
import urllib.error

STEADY_SECONDS = 20  # how long a server has been idle when its steady memory is read
ANSWER_LIMIT_SECONDS = 30  # from the moment that a server says it is ready


def settled_bytes(server):
    """(bytes on disk, index included; what was measured), once all samples are where they will stay."""
    if server.kind.name == "victoria-metrics":
        return merged_parts(server)
    try:
        # All samples, the newest too, as blocks.
        server.get("/api/v1/admin/tsdb/snapshot", post=True)
        return server.disk_bytes("snapshots"), "a snapshot"
    except urllib.error.HTTPError as error:
        server.wait_written()
        return server.disk_bytes(), f"the data directory, as it makes no snapshot (HTTP {error.code})"


def merged_parts(server):
    server.get("/internal/force_flush")
    server.get("/internal/force_merge")
    time.sleep(1)
    while float(server.own_metric("vm_active_force_merges")) > 0:
        time.sleep(0.5)
    server.wait_quiet()
    server.wait_written(seconds=5.0)
    return server.disk_bytes(), "the data directory after a flush and a full merge"


def measure_storage(server, figures):
    """After the load: disk and memory."""
    samples, series = figures["samples"], figures["series"]
    figures["disk_in_use_per_sample"] = server.disk_bytes() / samples
    time.sleep(STEADY_SECONDS)
    figures["peak_memory"] = server.memory_bytes("VmHWM")
    figures["steady_memory"] = server.memory_bytes("VmRSS")
    figures["peak_memory_per_series"] = figures["peak_memory"] / series
    figures["steady_memory_per_series"] = figures["steady_memory"] / series
    size, figures["disk_measured"] = settled_bytes(server)
    figures["disk_per_sample"] = size / samples
    figures["peak_memory_settling"] = server.memory_bytes("VmHWM")


def kill_and_restart(server, load, figures):
    """SIGKILL the moment that the last request of some minutes more was acknowledged."""
    sent = load.push_tail(server)
    server.kill()
    begin = time.monotonic()
    figures["restart_seconds"] = server.start()
    figures["restart_cpu_seconds"] = server.cpu_seconds()
    figures["restart_answer_seconds"] = first_right_answer(server, load, begin)
    server.wait_quiet()
    figures["restart_peak_memory"] = server.memory_bytes("VmHWM")
    acknowledged = figures["samples"] + sent["samples"]
    figures["lost_samples"] = acknowledged - count_all(server, load)


def first_right_answer(server, load, begin):
    """Seconds from `begin` until the newest samples of one series are all there; NaN where they do not come back."""
    deadline = time.monotonic() + ANSWER_LIMIT_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.URLError):
            if one_value(server, load.tail_of_one_series(), load.tail_end) == load.tail_steps:
                return time.monotonic() - begin
        time.sleep(0.01)
    return float("nan")


def count_all(server, load):
    seconds = load.tail_end - load.start + 1
    return one_value(server, f'sum(count_over_time({{__name__=~"bench_.+"}}[{seconds}s]))', load.tail_end)


def one_value(server, query, at):
    data = server.query("/api/v1/query", query=query, time=at)
    return float(data["result"][0]["value"][1]) if data and data["result"] else 0
