"""The two servers of a run: Galen with one worker, and the bare reference, over the same database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .cpu import family, spent


@dataclass(frozen=True)
class Served:
    """A server under measurement, and the database behind it."""

    url: str
    pid: int
    postmaster: int

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU so far: the server's, the database's."""
        return spent(self.pid), family(self.postmaster)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    module: list[str], var: Path, extra: dict[str, str] | None = None, said: IO[str] | None = None
) -> Iterator[Served]:
    """Start `python -m module`, wait until it answers, stop it again."""
    port = free_port()
    paths = os.pathsep.join([str(Path(__file__).parents[1] / "src"), str(Path(__file__).parents[1])])
    env = {**os.environ, "GALEN_VAR": str(var), "GALEN_PORT": str(port), "PYTHONPATH": paths, **(extra or {})}
    child = subprocess.Popen([sys.executable, "-m", *module], env=env, stderr=said)
    try:
        wait(port, child)
        yield Served(f"http://127.0.0.1:{port}", child.pid, postmaster(var))
    finally:
        child.terminate()
        child.wait(20)


def wait(port: int, child: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("A server of the bench did not start.")


def postmaster(var: Path) -> int:
    return int((var / "pg" / "data" / "postmaster.pid").read_text().split()[0])
