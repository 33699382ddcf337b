"""`galen run` as a test meets it: what it says, and its parts, to be killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.commands.test_running import children_of, free_port

PROGRAM = (sys.executable, "-m", "galen")


class House:
    """`galen run` over a data folder of its own, and what it says."""

    def __init__(self, var, seconds=120, program=PROGRAM):
        self.port = int(free_port())
        self.env = {"GALEN_VAR": str(var), "GALEN_PORT": str(self.port), "GALEN_DATABASE_URL": ""}
        self.log = Path(var).parent / "said.txt"
        with self.log.open("w") as said:
            env = os.environ | self.env
            self.process = subprocess.Popen(
                [*program, "run"], env=env, stdout=said, stderr=said, stdin=subprocess.DEVNULL
            )
        self.wait_for("Ctrl-C stops everything", seconds)

    def wait_for(self, words, seconds=60.0, times=1):
        """Until it has said so; how long that took."""
        began = time.monotonic()
        while self.log.read_text().count(words) < times:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - began < seconds, f"never said “{words}”: {self.log.read_text()}"
            time.sleep(0.02)
        return time.monotonic() - began

    def pid_of(self, part):
        inodes = {row.split()[9] for row in Path("/proc/net/tcp").read_text().splitlines() if self.listens(row)}
        for pid in children_of(self.process.pid):
            with suppress(OSError):  # it may end while it is looked at
                if self.kind_of(pid, inodes) == part:
                    return pid
        return None

    def kind_of(self, pid, inodes):
        if Path(f"/proc/{pid}/comm").read_text().startswith("postgres"):
            return "PostgreSQL"
        held = {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir() if file.is_symlink()}
        return "web" if held & {f"socket:[{inode}]" for inode in inodes} else "worker"

    def listens(self, row):
        return f":{self.port:04X} 00000000:0000 0A" in row

    def kill(self, part):
        while (pid := self.pid_of(part)) is None:
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)
