"""The figures as one Markdown table, and the places where answers differ."""

import math

MIB = 1 << 20
# Key -> (row, how the figure is written).
ROWS = {
    "ingest_cpu_per_million": ("remote write: server CPU s per million samples", "{:.3f}"),
    "ingest_rate": ("remote write: samples/s, wall", "{:,.0f}"),
    "request_p99_ms": ("remote write: p99 of a request, ms", "{:.1f}"),
    "peak_memory": ("remote write: peak memory, MiB", "{:,.0f}"),
    "peak_memory_per_series": ("remote write: peak memory, bytes per active series", "{:,.0f}"),
    "steady_memory": ("steady memory after it, MiB", "{:,.0f}"),
    "steady_memory_per_series": ("steady memory, bytes per active series", "{:,.0f}"),
    "disk_per_sample": ("disk bytes per sample, settled", "{:.3f}"),
    "pages_disk_per_sample": ("the same, captured pages", "{:.3f}"),
    "disk_in_use_per_sample": ("disk bytes per sample right after the load", "{:.2f}"),
    "restart_seconds": ("restart after SIGKILL: until ready, s", "{:.2f}"),
    "restart_answer_seconds": ("restart: until the first right answer, s", "{:.2f}"),
    "restart_cpu_seconds": ("restart: CPU s until ready", "{:.2f}"),
    "restart_peak_memory": ("restart: peak memory, MiB", "{:,.0f}"),
    "lost_samples": ("acknowledged samples lost", "{:,.0f}"),
    "scrape_cpu_per_million": ("scrape: server CPU s per million samples", "{:.3f}"),
    "scrapes_per_second": ("scrapes/s", "{:.1f}"),
    "scrapes_missed": ("scrapes missed or failed", "{:,.0f}"),
    "scrape_memory": ("scrape: memory, MiB", "{:,.0f}"),
}
NO_RATIO = {"lost_samples", "scrapes_per_second", "scrapes_missed"}


def scaled(key, value):
    return value / MIB if key.endswith("memory") else value


def rows(results):
    """(row, {server: value}, format, whether ratios make sense)."""
    for key, (title, form) in ROWS.items():
        values = {name: scaled(key, figures[key]) for name, figures in results.items() if key in figures}
        if values:
            yield title, values, form, key not in NO_RATIO
    names = next(iter(results.values()))["queries"] if results else []
    for query in names:
        answered = {name: figures["queries"][query] for name, figures in results.items() if figures["queries"][query]}
        yield f"{query}: ms", {name: 1000 * a["seconds"] for name, a in answered.items()}, "{:,.1f}", True
        yield f"{query}: CPU ms", {name: 1000 * a["cpu"] for name, a in answered.items()}, "{:,.0f}", True


def table(results, load):
    others = [name for name in results if name != "tidemark"]
    samples = max((f.get("samples", 0) for f in results.values()), default=0)
    lines = [f"{load.series:,} series, {samples:,} samples", ""] if samples else []
    lines = [*lines,
             "| | " + " | ".join([*results, *(f"{name} / tidemark" for name in others)]) + " |",
             "|---" * (1 + len(results) + len(others)) + "|"]
    ratios = {name: [] for name in others}
    for title, values, form, with_ratio in rows(results):
        cells = [cell(form, values.get(name)) for name in results]
        for name in others:
            ratio = values.get(name, 0) / values["tidemark"] if with_ratio and values.get("tidemark") else 0
            cells.append(f"{ratio:.2f}" if ratio and not math.isnan(ratio) else "")
            if ratio and title.endswith(": ms"):
                ratios[name].append(ratio)
        lines.append("| " + " | ".join([title, *cells]) + " |")
    if not any(ratios.values()):
        return "\n".join(lines)
    means = [f"{geometric_mean(ratios[name]):.2f}" if ratios[name] else "" for name in others]
    lines.append("| geometric mean of query latency | " + " | ".join([""] * len(results) + means) + " |")
    return "\n".join(lines)


def cell(form, value):
    if value is None:
        return "refused"
    return "never" if math.isnan(value) else form.format(value)


def notes(results):
    """What the table leaves out."""
    lines = [f"- Settled disk of {name}: {figures['disk_measured']}." for name, figures in results.items()
             if "disk_measured" in figures]
    pages = max((figures.get("pages_samples", 0) for figures in results.values()), default=0)
    return "\n".join(lines + ([f"- Captured pages: {pages:,} samples."] if pages else []))


def geometric_mean(values):
    return math.exp(sum(math.log(value) for value in values) / len(values))


def differences(results):
    """Where Tidemark and Prometheus answer differently. VictoriaMetrics defines rates in another way; of its answers
    only the label sets are compared."""
    if "tidemark" not in results:
        return []
    found = []
    for query, ours in results["tidemark"]["queries"].items():
        for name, figures in results.items():
            theirs = figures["queries"][query]
            if name == "tidemark" or not ours or not theirs:
                continue
            if set(ours["answer"]) != set(theirs["answer"]):
                found.append(f"{query}: {len(ours['answer'])} series, {name} {len(theirs['answer'])}")
            elif name == "prometheus":
                found += [f"{query}: {labels}: {got}, {name} {want}"
                          for labels, want in theirs["answer"].items() if not alike(got := ours["answer"][labels], want)]
    return found


def alike(got, want):
    return got[0] == want[0] and math.isclose(got[1], want[1], rel_tol=1e-9, abs_tol=1e-12)
