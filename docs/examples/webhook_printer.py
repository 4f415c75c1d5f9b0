"""Prints the alerts that are posted to it, a line each: the receiver of the example configuration.

    python3 webhook_printer.py [--port 8071]
"""

import argparse
import http.server
import json
import signal
import sys


class Printer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in message["alerts"]:
            summary = alert["annotations"].get("summary", "")
            print(f"ALERT {alert['status']}: {alert['labels']['alertname']}: {summary}", flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8071)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Printer).serve_forever()


if __name__ == "__main__":
    main()
