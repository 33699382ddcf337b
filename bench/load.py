"""A small closed-loop load over keep-alive connections, always on loopback, always bounded."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .serving import Served


@dataclass
class Figures:
    """What one slice of load cost: per operation, in milliseconds."""

    operations: int = 0
    server: float = 0.0
    database: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return self.server + self.database

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


async def fetch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    return status, await reader.readexactly(length)


async def slice_of(served: Served, paths: Callable[[int], str], token: str, operations: int, clients: int) -> Figures:
    """So many GETs over so many connections; refuses to count an answer that is not 200."""
    where = urlsplit(served.url)
    figures, numbers = Figures(operations), iter(range(operations))
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""

    async def client() -> None:
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        for number in numbers:
            request = (
                f"GET {paths(number)} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\n{bearer}\r\n".encode()
            )
            started = time.perf_counter()
            status, body = await fetch(reader, writer, request)
            figures.waits.append((time.perf_counter() - started) * 1000)
            if status != 200:
                raise SystemExit(f"{paths(number)} answered {status}: {body[:200]!r}")
        writer.close()

    before = served.cpu()
    await asyncio.gather(*(client() for _ in range(clients)))
    after = served.cpu()
    figures.server, figures.database = ((a - b) * 1000 / operations for a, b in zip(after, before, strict=True))
    return figures


async def alternate(
    ours: Callable[[], "asyncio.Future[Figures]"], theirs: Callable[[], "asyncio.Future[Figures]"], rounds: int
) -> tuple[Figures, Figures]:
    """Ours and the reference in turns, so that a drifting machine touches both; the median slice of each."""
    mine: list[Figures] = []
    other: list[Figures] = []
    await ours(), await theirs()  # warm-up
    for _ in range(rounds):
        other.append(await theirs())
        mine.append(await ours())
    return median(mine), median(other)


def median(slices: list[Figures]) -> Figures:
    return sorted(slices, key=lambda f: f.cpu)[len(slices) // 2]
