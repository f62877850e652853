# SPDX-License-Identifier: GPL-2.0-only
"""An asyncio server that times its own turns: from the return of a select() that may
block, or of the first one, to the next that may. Each request of a byte keeps the loop
for 25 ms; on "?" it answers with turns, their sum and the longest in ms, the turn that
it answers in among them, and ends the line."""
import asyncio
import selectors
import sys
import time


class TimedSelector(selectors.EpollSelector):
    def __init__(self):
        super().__init__()
        self.begun = None
        self.turns = []

    def select(self, timeout=None):
        blocks = timeout is None or timeout > 0
        if blocks and self.begun is not None:
            self.turns.append(time.monotonic() - self.begun)
        found = super().select(timeout)
        if blocks or self.begun is None:
            self.begun = time.monotonic()
        return found


selector = TimedSelector()


def spin(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


async def serve(reader, writer):
    while request := await reader.read(1):
        if request == b"?":
            turns = selector.turns + [time.monotonic() - selector.begun]
            writer.write(b"%d %.3f %.3f\n" % (len(turns), 1000 * sum(turns),
                                              1000 * max(turns)))
        else:
            spin(0.025)
            writer.write(b"!\n")


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.SelectorEventLoop(selector).run_until_complete(main())
