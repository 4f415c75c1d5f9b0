"""`tidectl tsdb import-prometheus`: a data directory that the real Prometheus wrote, and what comes out of it."""

import json
import random
import re
import shutil
import struct
import subprocess
import time
import unittest

import remote_write
from processes import BIN, Prometheus, TestCase, eventually, http, peer

CONFIG = "global: {}\nstorage: {tsdb: {out_of_order_time_window: 10h}}\n"
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
HOUR = 3600 * 1000
STEP = 30 * 1000
SERIES = 60


def labels_of(n):
    return {"__name__": f"m{n % 7}", "instance": f"i{n:03}", "job": 'a"b\\c' if n % 11 == 0 else "jöb"}


def value_of(rng, n, i):
    return [5.0, float(i * n), rng.uniform(-1e3, 1e3),
            rng.choice([0.1, 0.2, float("inf"), float("-inf"), -0.0, STALE]), rng.randrange(1000) / 8,
            rng.random() * 10 ** rng.randrange(-300, 300)][n % 6]


def parse_dump(text):
    """{(series, timestamp): value}; staleness markers, which the API does not show, left out."""
    samples = {}
    for line in text.splitlines():
        series, value, timestamp = line.rsplit(" ", 2)
        key = (series, int(timestamp))
        assert key not in samples, f"twice: {key}"
        if value != "NaN":
            samples[key] = float(value)
    return samples


class PrometheusImportTest(TestCase):
    def push(self, prometheus, series):
        status, text = remote_write.push(prometheus.url, series)
        self.assertIn(status, (200, 204), text)

    def fill(self, prometheus, rng, now):
        """Half a day of samples, late ones among them: there are blocks, a checkpoint, head chunks and both logs.

        Each cut of the head is waited for: one alone for all the blocks would not make a checkpoint.
        """
        start = now - 12 * HOUR
        start -= start % (2 * HOUR)
        steps = (now - start) // STEP
        for low in range(0, steps, 50):
            high = min(steps, low + 50)
            series = []
            for n in range(SERIES):
                if n % 13 == 0 and low > steps // 2:
                    continue  # a series that ends
                samples = [(start + STEP * i + rng.randrange(4), value_of(rng, n, i))
                           for i in range(low, high) if rng.random() > 0.02]
                series.append((labels_of(n), samples))
            self.push(prometheus, series)
            cuts = (STEP * (high - 2) - 3 * HOUR) // (2 * HOUR) + 1  # the newest sample may be missing
            if cuts > 0:
                eventually(lambda: self.head_min_time(prometheus) >= start + cuts * 2 * HOUR, f"{cuts} blocks cut")
            if low % 200 == 0 and low > 600:
                late = []
                for n in range(0, SERIES, 3):
                    # No other sample is pushed at these times.
                    times = {start + STEP * low - rng.randrange(1, 9 * 3600) * 1000 for _ in range(40)}
                    times = sorted(t - t % 1000 + 7 + low // 50 for t in times)
                    late.append((labels_of(n), [(t, rng.random()) for t in times]))
                self.push(prometheus, late)

    def head_min_time(self, prometheus):
        page = http(f"{prometheus.url}/metrics")[1]
        return float(re.search(r"^prometheus_tsdb_head_min_time (\S+)", page, re.MULTILINE).group(1))

    def from_api(self, prometheus, now):
        samples = {}
        for n in range(7):
            for series in prometheus.data("query", query=f"m{n}[30h]", time=now / 1000 + 3600)["result"]:
                labels = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}"
                                   for name, value in sorted(series["metric"].items()))
                for timestamp, value in series["values"]:
                    samples[("{" + labels + "}", round(timestamp * 1000))] = float(value)
        return samples

    def tidectl(self, *arguments, code=0):
        done = subprocess.run([BIN / "tidectl", "tsdb", *map(str, arguments)], capture_output=True, timeout=240)
        self.assertEqual(done.returncode, code, done.stdout[-2000:] + done.stderr[-2000:])
        return done.stdout.decode(), done.stderr.decode()

    def compare(self, got, want):
        self.assertEqual(sorted(want.keys() - got.keys())[:5], [], "missing")
        self.assertEqual(sorted(got.keys() - want.keys())[:5], [], "more than there was")
        different = [(key, got[key], want[key]) for key in want if repr(got[key]) != repr(want[key])]
        self.assertEqual(different[:5], [])

    def run_once(self, compression, end):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}, {compression}, {end}")
        rng = random.Random(seed)
        now = int(time.time() * 1000)
        prometheus = self.begin(Prometheus(
            self.folder, CONFIG, "--web.enable-remote-write-receiver", "--web.enable-admin-api",
            f"--storage.tsdb.wal-compression-type={compression}"))
        self.fill(prometheus, rng, now)
        # Of the newest hour only: earlier late samples would be back after a restart of Prometheus too.
        status, text = http(f"{prometheus.url}/api/v1/admin/tsdb/delete_series?match[]=m2"
                            f"&start={(now - 1200000) // 1000}&end={(now - 600000) // 1000}", b"", {})
        self.assertEqual(status, 204, text)
        want = self.from_api(prometheus, now)
        self.assertGreater(len(want), SERIES * 900)
        source = self.folder / "prometheus-data"
        for part in ("wal/checkpoint.*", "chunks_head/0*", "wbl/0*", "0*/index"):
            eventually(lambda: list(source.glob(part)), part)
        prometheus.kill() if end == "kill" else prometheus.stop()
        out = self.folder / f"imported-{end}"
        dry, _ = self.tidectl("import-prometheus", source, "--dry-run")
        self.assertFalse(out.exists())
        text, _ = self.tidectl("import-prometheus", source, "--output", out)
        self.assertEqual(text, dry)
        print(text, end="")
        self.compare(parse_dump(self.tidectl("dump", out)[0]), want)
        self.tidectl("verify", out)
        shutil.rmtree(source)
        return out

    def test_all_that_a_stopped_prometheus_stored(self):
        self.run_once("snappy", "stop")

    def test_all_that_a_killed_prometheus_stored(self):
        self.run_once("zstd", "kill")

    def test_blocks_of_promtool_and_their_damage(self):
        promtool = peer("promtool")
        page = self.folder / "page.txt"
        lines = ["# TYPE a gauge"]
        want = {}
        for i in range(2000):
            for n in range(5):
                lines.append(f'a{{n="{n}"}} {i * n} {i * 15}.125')
                want[(f'{{__name__="a", n="{n}"}}', i * 15000 + 125)] = float(i * n)
        page.write_text("\n".join(lines + ["# EOF", ""]))
        source = self.folder / "blocks"
        subprocess.run([promtool, "tsdb", "create-blocks-from", "openmetrics", page, source], check=True,
                       capture_output=True)
        out = self.folder / "imported"
        self.tidectl("import-prometheus", source, "--output", out)
        self.compare(parse_dump(self.tidectl("dump", out)[0]), want)
        own = self.folder / "own"
        self.tidectl("create-blocks-from", "openmetrics", page, own)
        self.compare(parse_dump(self.tidectl("dump", own)[0]), want)

        damaged = sorted(source.glob("0*/chunks/000001"))[0]
        content = bytearray(damaged.read_bytes())
        content[20] ^= 1
        damaged.write_bytes(content)
        _, errors = self.tidectl("import-prometheus", source, "--output", self.folder / "rest", code=1)
        self.assertIn(f"{damaged}: byte 8: checksum mismatch", errors)
        rest = parse_dump(self.tidectl("dump", self.folder / "rest")[0])
        self.assertEqual({key: want[key] for key in rest}, rest)
        self.assertGreater(len(rest), len(want) - 200)


if __name__ == "__main__":
    unittest.main()
