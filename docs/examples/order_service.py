"""A small web shop that only exists as metrics: a service to scrape when there is none at hand.

    python3 order_service.py [--port 8070] [--seed 1]

One thread makes up requests: their number swings over ten minutes, about one in twenty fails, more of them during a
minute of trouble in every five. All four classic metric types are on the page.
"""

import argparse
import math
import random
import signal
import threading
import time

from prometheus_client import Counter, Gauge, Histogram, Summary, start_http_server

REQUESTS = Counter("shop_requests", "Requests answered.", ["route", "code"])
IN_FLIGHT = Gauge("shop_orders_in_flight", "Orders accepted and not yet shipped.")
DURATION = Histogram(
    "shop_request_duration_seconds",
    "Time to answer a request.",
    ["route"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
)
BASKET = Summary("shop_basket_value_euros", "Value of an order.")

# Route -> (share of the traffic, typical seconds to answer).
ROUTES = {"/search": (0.6, 0.04), "/product": (0.3, 0.015), "/order": (0.1, 0.12)}


def error_share(now):
    """The share of requests that fail: 2 %, and 30 % in the last minute of every five."""
    return 0.30 if now % 300 >= 240 else 0.02


def answer_one_request(rng, now):
    """Makes up one request; gives 1 where it is an order to be shipped, else 0."""
    route = rng.choices(list(ROUTES), [share for share, _ in ROUTES.values()])[0]
    failed = rng.random() < error_share(now)
    seconds = rng.lognormvariate(math.log(ROUTES[route][1]), 0.6) * (4 if failed else 1)
    REQUESTS.labels(route, "500" if failed else "200").inc()
    DURATION.labels(route).observe(seconds)
    if route == "/order" and not failed:
        BASKET.observe(round(rng.uniform(5, 250), 2))
        IN_FLIGHT.inc()
        return 1
    return 0


def ship_orders(rng, in_flight):
    """Ships some of the orders; gives how many are left."""
    shipped = min(in_flight, rng.randint(0, 3))
    IN_FLIGHT.dec(shipped)
    return in_flight - shipped


def make_traffic(rng, stop):
    in_flight = 0
    while not stop.wait(0.1):
        now = time.time()
        per_second = 40 + 30 * math.sin(2 * math.pi * now / 600)
        for _ in range(max(1, round(per_second / 10))):
            in_flight += answer_one_request(rng, now)
        in_flight = ship_orders(rng, in_flight)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8070)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # A series that appears only with its first event has no increase at that event; start them all at 0.
    for route in ROUTES:
        for code in ("200", "500"):
            REQUESTS.labels(route, code)
    start_http_server(options.port, options.address)
    make_traffic(random.Random(options.seed), stop)


if __name__ == "__main__":
    main()
