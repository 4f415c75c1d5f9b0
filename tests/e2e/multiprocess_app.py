"""A service of two workers that share their metrics through files, as those of gunicorn do: PORT FOLDER."""

import multiprocessing
import os
import sys
from wsgiref.simple_server import make_server

os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[2]  # read when the client is imported

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, make_wsgi_app, multiprocess  # noqa: E402

ORDERS = Counter("orders", "Orders taken, by \"kind\" and \\ way.", ["kind"])
DEPTH = Gauge("queue_depth", "Orders in line.", multiprocess_mode="livesum")
LIMIT = Gauge("queue_limit", "The longest line that a worker had.", multiprocess_mode="max")
WORKERS = Gauge("worker_load", "Load by worker.", multiprocess_mode="all")
LATENCY = Histogram("latency_seconds", "Time of an order.", buckets=(0.1, 1, 2.5, 10))
SIZE = Summary("order_bytes", "Size of an order.")


def work(number):
    for i in range(100 * number):
        ORDERS.labels(kind="large" if i % 3 else "sm\\a\"ll\n").inc()
        LATENCY.observe(i / 50)
        SIZE.observe(i)
    DEPTH.set(number)
    LIMIT.set(10 * number)
    WORKERS.set(number / 8)


if __name__ == "__main__":
    workers = [multiprocessing.Process(target=work, args=(number,)) for number in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    make_server("127.0.0.1", int(sys.argv[1]), make_wsgi_app(registry)).serve_forever()
