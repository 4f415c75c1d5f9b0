"""HTTP servers inside the test: one that serves a page of metrics, one that collects what is posted to it."""

import http.server
import json
import threading


class LocalServer:
    """Serves `Handler` on a free port inside a `with` block."""

    def __enter__(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.get(self)

            def do_POST(self):
                owner.post(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self):
        return "127.0.0.1:%d" % self._server.server_address[1]

    def get(self, handler):
        handler.send_error(404)

    post = get


class PageServer(LocalServer):
    page = ""
    content_type = "text/plain; version=0.0.4"

    def get(self, handler):
        body = self.page if isinstance(self.page, bytes) else self.page.encode()
        handler.send_response(200)
        handler.send_header("Content-Type", self.content_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


class Collector(LocalServer):
    """Keeps the JSON of every POST by path. `fail_next` answers that many with 500 first."""

    def __init__(self):
        self.lock = threading.Lock()
        self.posts = []  # (path, message)
        self.fail_next = 0

    def post(self, handler):
        message = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self.lock:
            fail = self.fail_next > 0
            self.fail_next -= fail
            if not fail:
                self.posts.append((handler.path, message))
        handler.send_response(500 if fail else 200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def messages(self, path):
        with self.lock:
            return [message for posted, message in self.posts if posted == path]
