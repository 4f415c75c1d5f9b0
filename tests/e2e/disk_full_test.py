"""A server whose disk is full: what it has is served, also after a restart; writing goes on once there is space."""

import random
import subprocess
import unittest

import remote_write
from processes import TestCase, Tidemark, eventually, http

DISK_BYTES = 64 << 20
SERIES = 100
STEPS = 100  # samples of each series in a request
STEP_MS = 100


class DiskFullTest(TestCase):
    def setUp(self):
        super().setUp()
        disk = self.folder / "data"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", disk], capture_output=True)
        if mounted.returncode != 0:
            raise unittest.SkipTest("NOT TESTED: needs the right to mount a tmpfs")
        self.addCleanup(lambda: subprocess.run(["umount", "--lazy", disk], check=True))
        self.ballast = disk / "ballast"
        self.steps = 0

    def push(self):
        """Posts the next samples, always the same and as large as they get; the status."""
        noise = random.Random(self.steps)
        times = [(self.steps + i + 1) * STEP_MS for i in range(STEPS)]
        status, text = remote_write.push(
            self.server.url,
            [({"__name__": "m", "i": str(i)}, [(t, noise.random()) for t in times]) for i in range(SERIES)])
        if status == 204:
            self.steps += STEPS
        else:
            self.assertEqual(status, 500, text)
            self.assertRegex(text, "no room|No space left")
        return status

    def push_until_refused(self):
        """The journal takes what it has set aside for its log, some megabytes."""
        for _ in range(400):
            if self.push() != 204:
                return
        self.fail("never refused")

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 65536)
            except OSError:
                pass

    def check_served(self):
        duration_ms = self.steps * STEP_MS
        counts = self.server.query(f"count_over_time(m[{duration_ms}ms])", time=duration_ms / 1000)
        self.assertEqual(len(counts), SERIES)
        self.assertEqual(set(counts.values()), {float(self.steps)})

    def metric(self, name):
        lines = http(self.server.url + "/metrics")[1].splitlines()
        return float(next(line for line in lines if line.startswith(name + " ")).split()[1])

    def test_refuses_serves_and_recovers(self):
        self.server = self.begin(Tidemark(self.folder, "global: {}\n", "--web.enable-remote-write-receiver"))
        for restart in (False, True):
            self.assertEqual(self.push(), 204)
            self.fill()
            self.push_until_refused()
            if restart:
                self.assertEqual(self.server.stop(), 0)
                self.fill()
                self.server.start()
                self.server.wait_ready()
                self.assertEqual(self.push(), 500)
            self.check_served()
            self.assertGreater(self.metric("tidemark_tsdb_samples_refused_total"), 0)
            eventually(lambda: self.metric("tidemark_tsdb_journal_writable") == 0, "the gauge says so")
            self.ballast.unlink()
            eventually(lambda: self.push() == 204, "writing again")
            eventually(lambda: self.metric("tidemark_tsdb_journal_writable") == 1, "the gauge says so")
            self.check_served()
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.server.wait_ready()
        self.check_served()


if __name__ == "__main__":
    unittest.main(verbosity=2)  # says why it is skipped
