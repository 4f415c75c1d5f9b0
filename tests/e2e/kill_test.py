"""SIGKILL while remote write comes in: every acknowledged sample is there after the restart, and only once."""

import random
import threading
import time
import unittest

import remote_write
from processes import TestCase, Tidemark

SERIES = 50
ROUNDS = 4


class Writer(threading.Thread):
    """Posts one sample of each series a request, as fast as the server answers, until it does not."""

    def __init__(self, url, first_step):
        super().__init__()
        self.url, self.step = url, first_step
        self.acknowledged = []

    def run(self):
        while True:
            timestamp = 1000 * self.step
            series = [({"__name__": "written_total", "series": str(n)}, [(timestamp, value(n, self.step))])
                      for n in range(SERIES)]
            try:
                status, text = remote_write.push(self.url, series)
            except OSError:
                return
            assert status == 204, (status, text)
            self.acknowledged.append(self.step)
            self.step += 1


def value(series, step):
    return series * 1000.0 + step + 0.25


class KillTest(TestCase):
    def test_nothing_acknowledged_is_lost(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        rng = random.Random(seed)
        server = self.begin(Tidemark(self.folder, "global: {}\n", "--web.enable-remote-write-receiver"))
        acknowledged = []
        next_step = 1
        for _ in range(ROUNDS):
            writer = Writer(server.url, next_step)
            writer.start()
            while not writer.acknowledged:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.5))  # the moment is random, nothing waits for it
            server.kill()
            writer.join()
            acknowledged += writer.acknowledged
            # The step that was under way may or may not be there; the next writer begins after it.
            next_step = writer.step + 1
            server.start()
            server.wait_ready()
            self.check(server, acknowledged, next_step)
        self.assertEqual(server.stop(), 0)
        server.start()
        server.wait_ready()
        self.check(server, acknowledged, next_step)
        print(f"{len(acknowledged)} acknowledged requests of {SERIES} samples")

    def check(self, server, acknowledged, next_step):
        result = server.data("query", query=f"written_total[{next_step + 1}s]", time=next_step)["result"]
        self.assertEqual(len(result), SERIES)
        for series in result:
            n = int(series["metric"]["series"])
            stored = [(int(t), float(v)) for t, v in series["values"]]
            self.assertEqual(len(stored), len(set(stored)))
            self.assertTrue(all(v == value(n, t) for t, v in stored))
            self.assertEqual(set(acknowledged) - {t for t, _ in stored}, set(), f"lost of series {n}")


if __name__ == "__main__":
    unittest.main()
