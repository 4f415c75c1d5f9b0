"""Tidemark beside current Prometheus and VictoriaMetrics: the same load, one server after another, one Markdown table.

    python3 bench/side_by_side --peers DIR [--quick] [--only tidemark,prometheus]

DIR/bin holds `prometheus` and `victoria-metrics`; --prometheus and --victoria-metrics name binaries one by one. Each
server runs alone on loopback with an empty data directory. The load is 100,000 series at 15 s for 4 h (96 M samples),
with --quick 10,000 series (9.6 M). Ratios are to Tidemark in the same run; compare those, not seconds of different
machines.
"""

import argparse
import pathlib
import sys
import tempfile

import report
import stages
from servers import SERVERS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the series")
    parser.add_argument("--series", type=int, help="instead of what the form says")
    parser.add_argument("--duration", default="4h", help="time that the samples cover")
    parser.add_argument("--scrape-seconds", type=int, default=40, help="how long pages are scraped; 0: not at all")
    parser.add_argument("--connections", type=int, default=2, help="of the load generator")
    parser.add_argument("--only", default=",".join(SERVERS), help="servers, separated by commas")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "build/peers")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin", help="Tidemark's binaries")
    parser.add_argument("--prometheus", type=pathlib.Path)
    parser.add_argument("--victoria-metrics", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, help="folder for data directories; default: a temporary one")
    options = parser.parse_args()
    options.series = options.series or (10_000 if options.quick else 100_000)
    options.binaries = {
        "tidemark": options.bin / "tidemark",
        "prometheus": options.prometheus or options.peers / "bin/prometheus",
        "victoria-metrics": options.victoria_metrics or options.peers / "bin/victoria-metrics",
    }
    return options


def main():
    options = parse_arguments()
    results = {}
    with tempfile.TemporaryDirectory(prefix="side-by-side-", dir=options.work) as folder:
        load = stages.Load(options)
        for name in options.only.split(","):
            binary = options.binaries[name]
            if not binary.exists():
                print(f"no {name} at {binary}: left out", file=sys.stderr)
                continue
            print(f"{name} ...", file=sys.stderr)
            results[name] = stages.run_all(SERVERS[name], binary.resolve(), pathlib.Path(folder) / name, load, options)
    print(report.table(results, load))
    differences = report.differences(results)
    if differences:
        print("\nAnswers that differ:\n\n" + "\n".join(f"- {line}" for line in differences))


if __name__ == "__main__":
    main()
