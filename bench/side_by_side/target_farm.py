"""A process that is thousands of targets: one port, every loopback address, kept connections.

    python3 bench/side_by_side/target_farm.py [--series 20]

Prints its port. The page of each answer moves on by one: counters rise by the number of answers so far. It is built once
for some dozen scrapes, so that what the farm costs is small beside the server that it is there to measure.
"""

import argparse
import asyncio

PAGES_AT_ONCE = 64  # answers that share a page


class Farm(asyncio.Protocol):
    """One connection; requests have no body, and the scrapers here send the next one after the answer."""

    series = 20
    answers = 0
    page = b""

    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            self.rest = self.rest[end + 4:]
            self.transport.write(Farm.next_answer())

    @classmethod
    def next_answer(cls):
        if cls.answers % PAGES_AT_ONCE == 0:
            page = "".join(
                f'farm_events_total{{kind="kind-{n % 7}", item="item-{n}"}} {cls.answers * (n + 1)}\n'
                for n in range(cls.series)).encode()
            cls.page = (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                        b"Content-Length: %d\r\n\r\n" % len(page)) + page
        cls.answers += 1
        return cls.page


async def serve():
    server = await asyncio.get_running_loop().create_server(Farm, "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=20, help="on each page")
    Farm.series = parser.parse_args().series
    asyncio.run(serve())
