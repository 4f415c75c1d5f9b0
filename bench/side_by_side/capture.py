"""Pages of a real node_exporter, scraped while other things go on."""

import pathlib
import subprocess
import threading
import time
import urllib.error
import urllib.request

from servers import free_port

SEPARATOR = b"# page\n"  # the load generator looks for it


class Capture:
    """A file of pages: one given, or one that is filled, a page every `interval` seconds."""

    def __init__(self, path, exporter=None, num_pages=0, interval=1.0):
        self.path, self.num_pages, self.interval = pathlib.Path(path), num_pages, interval
        self.thread = None
        if exporter:
            self.thread = threading.Thread(target=self.fill, args=(exporter,), daemon=True)
            self.thread.start()

    def fill(self, exporter):
        port = free_port()
        child = subprocess.Popen([str(exporter), f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
        try:
            with open(self.path, "wb") as file:
                due = time.monotonic()
                for _ in range(self.num_pages):
                    file.write(SEPARATOR + scrape(f"http://127.0.0.1:{port}/metrics"))
                    due += self.interval
                    time.sleep(max(0.0, due - time.monotonic()))
        finally:
            child.terminate()
            child.wait()

    def finish(self):
        """Waits for the last page. The number of pages and of series on one."""
        if self.thread:
            self.thread.join()
        pages = self.path.read_bytes().split(SEPARATOR)[1:]
        return len(pages), sum(1 for line in pages[0].splitlines() if line and not line.startswith(b"#"))


def scrape(url, patience=10):
    deadline = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read()
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
