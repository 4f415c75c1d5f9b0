"""What remote write costs who sends: the same load with and without a receiver that takes everything and does nothing."""

import dataclasses
import http.server
import json
import subprocess
import threading
import time

from servers import Running

MESSAGES = {"1.0": "prometheus.WriteRequest", "2.0": "io.prometheus.write.v2.Request"}
CONFIG = """
global: {{external_labels: {{region: eu-1}}}}
remote_write:
  - url: http://127.0.0.1:{port}/write
    protobuf_message: {message}
    metadata_config: {{send: false}}
"""
INTERVAL, DURATION = 5, 540  # seconds: servers take samples of up to 10 minutes ahead, and send no older ones than now
SENT = "prometheus_remote_storage_samples_total"


class Sink(http.server.ThreadingHTTPServer):
    """Answers 204 at once and counts; in this process, whose time is nobody's."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            size = int(self.headers["Content-Length"])
            self.rfile.read(size)
            with self.server.lock:
                self.server.requests += 1
                self.server.bytes += size
            self.send_response(204)
            # What 2.0 asks to be told; a sender that counts believes it.
            for kind in ("Samples", "Histograms", "Exemplars"):
                self.send_header(f"X-Prometheus-Remote-Write-{kind}-Written", "2000" if kind == "Samples" else "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.lock = threading.Lock()
        self.requests = self.bytes = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


def load(server, options):
    """Posts the samples and waits until the server is done with them; how many there were."""
    command = [options.bin / "load_generator", "--url", server.url + server.kind.write_path, "--series",
               options.series, "--interval", f"{INTERVAL}s", "--duration", f"{DURATION}s", "--start",
               int(time.time()) + INTERVAL, "--churn", "0", "--connections", options.connections]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return json.loads(done.stdout)["samples"]


def sent(server):
    lines = server.get("/metrics").splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(SENT + "{"))


def run(kind, binary, folder, config, options, awaits_sending):
    """Samples, CPU seconds and peak memory."""
    server = Running(kind, binary, folder, config)
    server.start()
    try:
        before = server.cpu_seconds()
        samples = load(server, options)
        if awaits_sending:
            deadline = time.monotonic() + 120
            while sent(server) < samples and time.monotonic() < deadline:
                time.sleep(0.5)
            if sent(server) < samples:
                raise RuntimeError(f"{kind.name} sent {sent(server)} of {samples} samples")
        server.wait_quiet()
        return samples, server.cpu_seconds() - before, server.memory_bytes("VmHWM")
    finally:
        server.kill()


def agent_flags(data, config, port):
    return ["--agent", f"--config.file={config}", f"--storage.agent.path={data}", f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver", "--log.level=warn"]


def measure(kind, binary, folder, options):
    figures = {"queries": {}}
    _, alone, _ = run(kind, binary, folder / "alone", "global: {}\n", options, False)
    for version, message in MESSAGES.items():
        sink = Sink()
        config = CONFIG.format(port=sink.server_address[1], message=message)
        samples, cpu, peak = run(kind, binary, folder / version, config, options, True)
        sink.shutdown()
        figures[f"sending {version}: CPU s per million samples"] = (cpu - alone) * 1e6 / samples
        figures[f"sending {version}: bytes per sample"] = sink.bytes / samples
        figures[f"sending {version}: peak memory, MiB"] = peak / 2**20
    agent = dataclasses.replace(kind, flags=agent_flags)
    sink = Sink()
    config = CONFIG.format(port=sink.server_address[1], message=MESSAGES["1.0"])
    samples, cpu, peak = run(agent, binary, folder / "agent", config, options, True)
    figures["agent, receiving and sending 1.0: CPU s per million samples"] = cpu * 1e6 / samples
    figures["agent: peak memory, MiB"] = peak / 2**20
    return figures


def table(results):
    names = list(results)
    rows = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for figure in results[names[0]]:
        if figure != "queries":
            rows.append(f"| {figure} | {' | '.join(f'{results[name][figure]:.3f}' for name in names)} |")
    return "\n".join(rows)
