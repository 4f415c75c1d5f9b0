"""The servers: how each is started, and where it differs from the others."""

import dataclasses
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Kind:
    """What the stages need to know of a server."""

    name: str
    flags: callable            # (data folder, configuration file, port) -> arguments
    write_path: str = "/api/v1/write"
    ready_path: str = "/-/ready"


def prometheus_flags(data, config, port):
    return [f"--config.file={config}", f"--storage.tsdb.path={data}", f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver", "--web.enable-admin-api", "--storage.tsdb.retention.time=1y",
            "--query.max-samples=500000000", "--log.level=warn", "--enable-feature=native-histograms"]


SERVERS = {
    kind.name: kind for kind in [
        Kind("tidemark", prometheus_flags),
        Kind("prometheus", prometheus_flags),
        Kind("victoria-metrics",
             lambda data, config, port: [
                 f"-storageDataPath={data}", f"-promscrape.config={config}", f"-httpListenAddr=127.0.0.1:{port}",
                 "-retentionPeriod=1y", "-search.disableCache", "-promscrape.config.strictParse=false",
                 "-search.maxUniqueTimeseries=10000000", "-search.maxQueryDuration=5m", "-loggerLevel=WARN",
                 "-search.latencyOffset=0s", "-search.maxSamplesPerQuery=1000000000"],
             ready_path="/health"),
    ]
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A server process of one kind on `folder`."""

    def __init__(self, kind, binary, folder, config_text=""):
        self.kind, self.binary, self.folder = kind, binary, folder
        self.data = folder / "data"
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "config.yml"
        self.config.write_text(config_text or "global: {}\n")
        self.child = None

    def start(self):
        """Starts it and waits until it answers; returns how long that took, in seconds."""
        self.port = free_port()
        command = [self.binary, *self.kind.flags(self.data, self.config, self.port)]
        begin = time.monotonic()
        with open(self.folder / "log", "ab") as log:
            self.child = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
        while True:
            if self.child.poll() is not None:
                raise RuntimeError(f"{self.kind.name} ended:\n{(self.folder / 'log').read_text()[-2000:]}")
            try:
                if self.get(self.kind.ready_path):
                    return time.monotonic() - begin
            except (OSError, urllib.error.URLError):
                time.sleep(0.01)

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(120)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def get(self, path, post=False, **params):
        url = f"{self.url}{path}?{urllib.parse.urlencode(params)}"
        request = urllib.request.Request(url, method="POST" if post else "GET")
        with urllib.request.urlopen(request, timeout=600) as response:
            return response.read().decode() or "ok"

    def query(self, path, **params):
        """The `data` of an answer; None where the server refuses the query, whose text is then printed."""
        answer = self.ask(path, **params)
        return None if answer is None else json.loads(answer)["data"]

    def ask(self, path, **params):
        """The same as text."""
        try:
            return self.get(path, **params)
        except urllib.error.HTTPError as error:
            print(f"  {self.kind.name}: {params.get('query')}: {error.read().decode()[:200]}")
            return None

    def own_metric(self, name):
        """The value of an own metric without labels, as text."""
        for line in self.get("/metrics").splitlines():
            if line.startswith(name + " "):
                return line.split()[1]
        raise KeyError(name)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def memory_bytes(self, field):
        """`VmRSS` now, `VmHWM` at its peak."""
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise KeyError(field)

    def disk_bytes(self, below=""):
        files = (self.data / below).rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file())

    def wait_written(self, seconds=15.0, limit=180):
        """Returns once the data folder has not changed its size for a while: some servers write behind."""
        deadline = time.monotonic() + limit
        before = self.disk_bytes()
        while time.monotonic() < deadline:
            time.sleep(seconds)
            now = self.disk_bytes()
            if now == before:
                return
            before = now

    def wait_quiet(self, seconds=2.0, limit=120):
        """Returns once the process has used next to no CPU for a while."""
        deadline = time.monotonic() + limit
        before = self.cpu_seconds()
        while time.monotonic() < deadline:
            time.sleep(seconds)
            now = self.cpu_seconds()
            if now - before < 0.05 * seconds:
                return
            before = now
