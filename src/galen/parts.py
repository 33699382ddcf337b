"""The parts that a supervisor keeps alive: child processes, and how soon one that died is started again."""

import gc
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from galen.logs import traced
from galen.postgres import PostgresUnavailable

from .core.errors import Refusal

PAUSES = (0.0, 0.5, 1.0, 2.0)
"""Seconds before a part is started again: after its first death within a minute, its second, and so on."""

DEATHS, MINUTE = 5, 60.0
"""So many deaths in so many seconds are no accident any more."""


class GaveUp(Refusal):
    message = (
        "A part of Galen ended {count} times within a minute ({part}), so the rest was stopped. "
        "What it said stands above."
    )


class Child:
    """A process of one's own group, so that Ctrl-C reaches it through the supervisor alone."""

    def __init__(self, run: Callable[[], None], keep: tuple[int, ...] = ()) -> None:
        self.code: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self.become(run, keep)

    @staticmethod
    def become(run: Callable[[], None], keep: tuple[int, ...]) -> None:
        """In the child: nothing of the supervisor's stays open but what it is given, and it never returns."""
        code = 1
        try:
            os.setsid()
            gc.enable()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            for low, high in zip((2, *sorted(keep)), (*sorted(keep), os.sysconf("SC_OPEN_MAX")), strict=True):
                os.closerange(low + 1, high)
            run()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except KeyboardInterrupt:
            code = 130
        except Exception as error:
            told = isinstance(error, (Refusal, PostgresUnavailable))
            print(f"galen: {error if told else traced(error)}", file=sys.stderr)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def poll(self) -> int | None:
        """How it ended, as `subprocess` says it; None while it lives."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code

    def send(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within that time."""
        end = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        return self.poll() is not None


@dataclass
class Deaths:
    """When a part died lately, and when it may be started again."""

    part: str
    when: list[float] = field(default_factory=list)
    due: float = 0.0

    def note(self, how: str) -> None:
        """One more, said in a line; refuses to go on when it is one too many."""
        now = time.monotonic()
        self.when = [*(before for before in self.when if now - before < MINUTE), now]
        if len(self.when) >= DEATHS:
            raise GaveUp(part=self.part, count=len(self.when))
        pause = PAUSES[min(len(self.when), len(PAUSES)) - 1]
        self.due = now + pause
        after = f"in {pause:g} s" if pause else "at once"
        print(f"galen: {self.part} ended ({how}); it is started again {after}.", file=sys.stderr, flush=True)

    @property
    def may_start(self) -> bool:
        return time.monotonic() >= self.due


def how_it_ended(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}, {signal.Signals(-code).name}"


def wait_until_ready(child: Child, ready: int, seconds: float) -> bool:
    """Whether a web server said that it serves, before it ended or the time was over."""
    end = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < end:
        if select.select([ready], [], [], 0.05)[0]:
            return os.read(ready, 1) == b"1"
    return False
