"""Programs under test as child processes, and the conditions that tests wait for."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TIDEMARK_BIN", ROOT / "build/release/bin"))
PEERS = pathlib.Path(os.environ.get("TIDEMARK_PEERS", ROOT / "build/peers/bin"))


def eventually(condition, what, seconds=60):
    """Calls `condition` until it gives something true, and returns that. Exceptions of the network count as not yet."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = condition()
            if last:
                return last
        except (OSError, urllib.error.URLError) as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}; last: {last!r}")


def free_port():
    """A port that is free now, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def peer(name):
    """The path of a real program of the Prometheus family; skips the test, saying so, where there is none."""
    found = PEERS / name
    if found.exists():
        return found
    installed = shutil.which(name) or shutil.which("prometheus-" + name.replace("_", "-"))
    if name != "prometheus" and installed:  # the installed Prometheus is too old to compare with
        return pathlib.Path(installed)
    raise unittest.SkipTest(f"no {name}: ../shared/tools/peers.sh build/peers brings it")


def http(url, body=None, headers=None, timeout=30):
    """(status, text) of a GET, or of a POST of `body`. A status of 400 and more is an answer, not an exception."""
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Process:
    """A child whose output goes to a file in `folder`; killed at the end of the `with` block if still running."""

    def __init__(self, name, command, folder):
        self.name, self.command = name, [str(part) for part in command]
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        self.child = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.log_path.parent)
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def kill(self):
        """SIGKILL: no chance to tidy up."""
        self.child.kill()
        self.child.wait()

    def stop(self, seconds=30):
        """SIGTERM; returns the exit status."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(seconds)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.kill()


class Server(Process):
    """A Prometheus-compatible server at `url`."""

    def __init__(self, name, command, folder, port=None):
        super().__init__(name, command, folder)
        self.port = port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def wait_ready(self):
        def ready():
            if self.child.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.child.returncode}:\n{self.log()}")
            self.find_port()
            return self.port and http(self.url + "/-/ready")[0] == 200

        eventually(ready, f"{self.name} ready")
        return self

    def find_port(self):
        """For servers that choose their port; others know it from the start."""

    def api(self, path, **params):
        """The answer of the JSON API, envelope included, and its status."""
        query = urllib.parse.urlencode(params, doseq=True)
        status, text = http(f"{self.url}/api/v1/{path}?{query}")
        return status, json.loads(text)

    def data(self, path, **params):
        status, answer = self.api(path, **params)
        assert status == 200 and answer["status"] == "success", (path, params, status, answer)
        return answer["data"]

    def query(self, expr, **params):
        """{labels as a sorted tuple: value} of an instant query that gives a vector."""
        result = self.data("query", query=expr, **params)["result"]
        return {labels_key(sample["metric"]): float(sample["value"][1]) for sample in result}


def labels_key(labels):
    return tuple(sorted(labels.items()))


class Tidemark(Server):
    """Started on a port of its own choosing, which its log names."""

    LISTENING = re.compile(r"msg=\"Listening on\".*address=\S*?:(\d+)")

    def __init__(self, folder, config, *flags, name="tidemark"):
        folder = pathlib.Path(folder)
        config_path = folder / "tidemark.yml"
        config_path.write_text(config)
        self.config_path = config_path
        command = [BIN / "tidemark", f"--config.file={config_path}", f"--storage.tsdb.path={folder / 'data'}",
                   "--web.listen-address=127.0.0.1:0", *flags]
        super().__init__(name, command, folder)
        self.log_offset = 0

    def start(self):
        self.port = None
        self.log_offset = self.log_path.stat().st_size if self.log_path.exists() else 0
        return super().start()

    def find_port(self):
        match = self.LISTENING.search(self.log()[self.log_offset:])
        self.port = int(match[1]) if match else None


class Prometheus(Server):
    def __init__(self, folder, config, *flags):
        folder = pathlib.Path(folder)
        (folder / "prometheus.yml").write_text(config)
        port = free_port()
        super().__init__("prometheus", [
            peer("prometheus"), f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'prometheus-data'}", f"--web.listen-address=127.0.0.1:{port}", *flags,
        ], folder, port)


class TestCase(unittest.TestCase):
    """Gives each test a folder of its own and shows the logs of its processes where it fails."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-e2e-"))
        self.processes = []
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(self._end_processes)

    def begin(self, process):
        """Starts a process that ends with the test; waits until it is ready if it is a server."""
        self.processes.append(process)
        process.start()
        return process.wait_ready() if isinstance(process, Server) else process

    def _end_processes(self):
        failed = any(error for _, error in getattr(self._outcome, "errors", []) or [])
        for process in self.processes:
            if process.child.poll() is None:
                process.kill()
            if failed or self._failed():
                print(f"--- {process.name}: the end of its log\n{process.log()[-3000:]}")

    def _failed(self):
        result = self._outcome.result
        return any(test is self for test, _ in [*result.failures, *result.errors])


def order_service(folder, port):
    return Process("order_service", ["/usr/bin/python3", ROOT / "docs/examples/order_service.py", "--port", port], folder)
