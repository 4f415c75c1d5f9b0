"""Tidemark beside current Prometheus and VictoriaMetrics: the same load, one server after another, one Markdown table.

    python3 bench/side_by_side --peers DIR [--quick] [--only tidemark,prometheus]
    python3 bench/side_by_side --peers DIR --storage     disk, memory and restart, no queries and no scrapes
    python3 bench/side_by_side --peers DIR --active      the same with a million series, 10 minutes of samples
    python3 bench/side_by_side --peers DIR --scrape      scrapes only: 50 targets of 2,000 series each second
    python3 bench/side_by_side --peers DIR --targets 10000   scrapes only: so many targets every 15 s
    python3 bench/side_by_side --peers DIR --sending     what sending by remote write costs; without VictoriaMetrics
    python3 bench/side_by_side --peers DIR --queries DATA    queries only; what was loaded stays in DATA for the next run
    python3 bench/side_by_side --peers DIR --histograms      5,000 native histograms, 4 h, and queries of them; by itself
                                                             without VictoriaMetrics, which has none

DIR/bin holds `prometheus`, `victoria-metrics` and `node_exporter`; --prometheus and --victoria-metrics name binaries
one by one. Each server runs alone on loopback with an empty data directory. The load is 100,000 series at 15 s for 4 h
(96 M samples), with --quick 10,000 series (9.6 M), 1 % of the series replaced every hour, targets spread over the
interval with up to 5 ms of jitter. Then come pages of a real node_exporter, captured while the rest runs. Ratios are to
Tidemark in the same run; compare those, not seconds of different machines.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

import capture
import report
import sending
import stages
from servers import SERVERS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the series")
    parser.add_argument("--series", type=int, help="instead of what the form says")
    parser.add_argument("--storage", action="store_true", help="neither queries nor scrapes")
    parser.add_argument("--histograms", action="store_true", help="native histograms, storage and queries")
    parser.add_argument("--active", action="store_true", help="a million series for a short time, storage only")
    parser.add_argument("--scrape", action="store_true", help="scrapes only")
    parser.add_argument("--sending", action="store_true", help="remote write to a receiver that does nothing")
    parser.add_argument("--targets", type=int, default=0, help="scrapes only, of so many targets of 20 series")
    parser.add_argument("--queries", type=pathlib.Path, metavar="DATA", dest="data", help="queries only, over DATA")
    parser.add_argument("--aligned", action="store_true", help="all targets at the same times, without jitter")
    parser.add_argument("--duration", help="time that the samples cover; default 4h, with --active 10m")
    parser.add_argument("--pages", type=pathlib.Path, help="captured pages, from an earlier run")
    parser.add_argument("--keep-pages", type=pathlib.Path, help="file to write captured pages to; default: none")
    parser.add_argument("--num-pages", type=int, help="to capture, one a second; default 960, --quick 240")
    parser.add_argument("--scrape-seconds", type=int, default=40, help="how long pages are scraped; 0: not at all")
    parser.add_argument("--connections", type=int, default=2, help="of the load generator")
    parser.add_argument("--only", help="servers, separated by commas")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "build/peers")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin", help="Tidemark's binaries")
    parser.add_argument("--prometheus", type=pathlib.Path)
    parser.add_argument("--victoria-metrics", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, help="folder for data directories; default: a temporary one")
    options = parser.parse_args()
    options.only = options.only or ("tidemark,prometheus" if options.histograms or options.sending else ",".join(SERVERS))
    options.series = options.series or (
        5_000 if options.histograms else 20_000 if options.sending else 1_000_000 if options.active else 10_000 if options.quick else 100_000)
    options.duration = options.duration or ("10m" if options.active else "4h")
    options.tail = "2m" if options.active else "10m"
    options.queries = not (options.storage or options.active)
    if not options.queries or options.data or options.histograms:
        options.scrape_seconds = 0
    options.scrape = options.scrape or options.targets > 0
    if options.num_pages is None:
        without_pages = options.active or options.data or options.histograms or options.scrape
        options.num_pages = 0 if without_pages else 240 if options.quick else 960
    options.binaries = {
        "tidemark": options.bin / "tidemark",
        "prometheus": options.prometheus or options.peers / "bin/prometheus",
        "victoria-metrics": options.victoria_metrics or options.peers / "bin/victoria-metrics",
    }
    return options


def start_capture(options, folder):
    """The captured pages; None where there are none to be had."""
    if options.pages:
        return capture.Capture(options.pages)
    exporter = options.peers / "bin/node_exporter"
    if not options.num_pages or not exporter.exists():
        return None
    return capture.Capture(options.keep_pages or folder / "pages", exporter.resolve(), options.num_pages)


def main():
    options = parse_arguments()
    results = {}
    with tempfile.TemporaryDirectory(prefix="side-by-side-", dir=options.work) as folder:
        folder = pathlib.Path(folder)
        captured = None if options.sending else start_capture(options, folder)
        load = stages.Load(options, options.series, options.duration, options.tail)
        if options.data:
            options.data.mkdir(parents=True, exist_ok=True)
            load.resume(options.data)
        for name in options.only.split(","):
            binary = options.binaries[name]
            if not binary.exists():
                print(f"no {name} at {binary}: left out", file=sys.stderr)
                continue
            print(f"{name} ...", file=sys.stderr)
            if options.sending:
                results[name] = sending.measure(SERVERS[name], binary.resolve(), folder / name, options)
                continue
            if options.data:
                results[name] = stages.run_queries(SERVERS[name], binary.resolve(), options.data / name, load)
                continue
            if options.scrape:
                results[name] = stages.run_scraping(SERVERS[name], binary.resolve(), folder / name, options)
                continue
            run = stages.run_histograms if options.histograms else stages.run_all
            results[name] = run(SERVERS[name], binary.resolve(), folder / name, load, options)
            shutil.rmtree(folder / name)
        for name in results if captured else []:
            stages.pages(SERVERS[name], options.binaries[name].resolve(), folder / (name + "-pages"), captured, options,
                         results[name])
    if options.sending:
        return print(sending.table(results))
    print(report.table(results, load))
    print("\n" + report.notes(results))
    differences = report.differences(results)
    if differences:
        print("\nAnswers that differ:\n\n" + "\n".join(f"- {line}" for line in differences))


if __name__ == "__main__":
    main()
