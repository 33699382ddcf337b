"""Who runs the server: ourselves, or an unprivileged account when we are root, which PostgreSQL refuses."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from .binaries import PostgresUnavailable


@dataclass(frozen=True)
class ServerAccount:
    """The uid and gid of the server, and the programs and folder it has to reach."""

    uid: int
    gid: int
    programs: Path
    folder: Path

    def own(self, path: Path) -> None:
        """Give a file or folder that we have just made to the account."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def open(self, path: Path, mode: str) -> IO[str]:
        """Open a file; one that this creates is for the account alone."""
        file = open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
        if os.geteuid() == 0 and os.fstat(file.fileno()).st_uid == 0:
            os.chown(file.fileno(), self.uid, self.gid)
        return cast("IO[str]", file)

    def spawn(self, *command: str | Path, **options: Any) -> "subprocess.Popen[str]":
        """Start a program as the account, in a session of its own, with nothing secret in its environment."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        return self._popen(self._way, *command, env={**kept, "LC_ALL": "C"}, start_new_session=True, **options)

    def _popen(self, way: list[str], *command: str | Path, **options: Any) -> "subprocess.Popen[str]":
        switch: dict[str, Any] = (
            {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 and not way else {}
        )
        return subprocess.Popen([*way, *command], cwd="/", text=True, stdin=subprocess.DEVNULL, **switch, **options)

    @cached_property
    def version(self) -> str:
        """What the programs call themselves when the account runs them from inside its folder."""
        return self._reach[1]

    @property
    def _way(self) -> list[str]:
        return self._reach[0]

    @cached_property
    def _reach(self) -> tuple[list[str], str]:
        """The first way of running the programs that works: plainly, or past the closed folders of root."""
        output = ""
        for way in self._ways():
            ask = self._popen(
                way, "/bin/sh", "-c", 'cd "$0" && exec "$1" -V', self.folder, self.programs / "postgres",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            output = ask.communicate()[0].strip()
            if ask.returncode == 0:
                return way, output
        raise PostgresUnavailable(
            f"PostgreSQL cannot run as {_name(self.uid)} here ({output}): run as an ordinary user, or keep the "
            "checkout where every user may enter."
        )

    def _ways(self) -> list[list[str]]:
        """Root may lend the server the right to pass through folders closed to it; nobody else needs a second way."""
        setpriv = shutil.which("setpriv")
        if os.geteuid() != 0 or setpriv is None:
            return [[]]
        lent = "-all,+dac_read_search" if _may_lend_reading() else "-all,+dac_override"
        # no_setuid_fixup: without it access(2), which initdb asks, ignores the right that was lent
        return [
            [],
            [
                setpriv, f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups",
                "--securebits=+no_setuid_fixup",
                f"--inh-caps={lent}", f"--ambient-caps={lent}", f"--bounding-set={lent}",
            ],
        ]  # fmt: skip


def account_for(folder: Path, programs: Path) -> ServerAccount:
    """The owner of an existing server folder; for a new one ourselves, or `postgres` or `nobody` when we are root."""
    if os.geteuid() != 0:
        return ServerAccount(os.geteuid(), os.getegid(), programs, folder)
    for existing in (folder / "data", folder):
        if existing.exists() and (owner := existing.stat()).st_uid != 0:
            return ServerAccount(owner.st_uid, owner.st_gid, programs, folder)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerAccount(entry.pw_uid, entry.pw_gid, programs, folder)
    raise PostgresUnavailable(
        "PostgreSQL does not run as root and there is no account nobody: run as an ordinary user."
    )


def _may_lend_reading() -> bool:
    """Containers often keep dac_override (bit 1) and drop the smaller dac_read_search (bit 2)."""
    status = Path("/proc/self/status").read_text()
    return bool(int(status.partition("CapBnd:")[2].split()[0], 16) & 1 << 2)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
