"""Foreign files are parsed in a child process, which may crash, spin or fill its memory: the server goes on.

A parser is a file of Python with a function `parse(source, out, **options)` that returns what can be said as JSON. It
imports nothing of Galen. It is listed here by name, with what it may use.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from galen.core.errors import Invalid, Refusal
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.logs import log

HERE = Path(__file__).parent
MEGABYTE = 1024 * 1024
ANSWER = 64 * 1024
AT_ONCE, WAITING = 2, 30  # children of one process at the same time, and how many files may wait for one


@dataclass(frozen=True)
class Limits:
    """What a child may use."""

    memory: int = 768 * MEGABYTE
    seconds: int = 10  # of computing; on the clock twice as many
    output: int = 64 * MEGABYTE


@dataclass(frozen=True)
class Parser:
    path: Path
    limits: Limits = Limits()


PARSERS: dict[str, Parser] = {
    "picture": Parser(HERE / "pictures.py"),
    "table": Parser(HERE / "tables.py", Limits(seconds=30, output=128 * MEGABYTE)),
    "table at once": Parser(HERE / "tables.py", Limits(seconds=5)),  # while somebody waits
    "table by hand": Parser(HERE / "tables.py", Limits(seconds=300, output=1024 * MEGABYTE)),  # on the command line
}
"""The parsers that may run, by name."""


class CannotBeRead(Invalid):
    """A file that its parser refused, or that broke it: what the parser said of it, as a word with its numbers."""

    def __init__(self, field: str, word: str = "", values: Mapping[str, int] = MappingProxyType({})) -> None:
        super().__init__(field, _(SENTENCES.get(word, SENTENCES[""])))
        self.word, self.values = word, values


class TooManyFiles(Refusal):
    status = 503
    message = "Too many files are being read at this moment. Nothing was kept; please try again in a minute."


class Turns:
    """A queue with an end: what comes when it is full is sent away."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self.free, self.most, self.here = asyncio.Semaphore(at_once), at_once + waiting, 0

    async def __aenter__(self) -> None:
        if self.here >= self.most:
            raise TooManyFiles
        self.here += 1
        try:
            await self.free.acquire()
        except BaseException:
            self.here -= 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self.here -= 1
        self.free.release()


TURNS = Turns(AT_ONCE, WAITING)

SENTENCES = {
    "": N_("This file cannot be read: it is damaged, or not what it seems to be. Nothing was kept."),
    "pages": N_("This TIFF holds several pages, of which only the first would be kept. Send it as a PDF."),
    "pixels": N_("This picture has more pixels than can be shown. Make it smaller and send it again."),
    "limits": N_("This file takes too long, or too much memory, to be read. Nothing was kept."),
}


@dataclass(frozen=True)
class Parsed:
    """What a parser said, and the file that it made."""

    said: dict[str, Any]
    made: BinaryIO


@asynccontextmanager
async def run_in_child(name: str, source: BinaryIO, *, field: str = "file", **options: Any) -> AsyncIterator[Parsed]:
    """One of the listed parsers over a file. The child has no environment, no open files but these, and a folder that
    is empty; what it says on stderr is not kept, as it may quote the file."""
    parser = PARSERS[name]
    given = await asyncio.to_thread(copied, source)
    with given, tempfile.TemporaryFile() as made, tempfile.TemporaryFile() as answer:
        async with TURNS:
            with tempfile.TemporaryDirectory() as folder:
                code = await ran(parser, given, made, answer, folder, options)
        answer.seek(0)
        said = told(answer.read(ANSWER))
        if code != 0 or said is None:
            log.warning("a file could not be parsed", parser=name, code=code)
            raise CannotBeRead(field, "limits") if code in OVER else refusal(field, said or {})
        made.seek(0)
        yield Parsed(said, made)


def told(answer: bytes) -> dict[str, Any] | None:
    """What a child says, when it says anything that can be understood."""
    try:
        said = json.loads(answer)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def refusal(field: str, said: dict[str, Any]) -> CannotBeRead:
    """What a parser said against a file, believed as far as it is a word and numbers."""
    values = said.get("values")
    numbers = {str(k): v for k, v in values.items() if isinstance(v, int)} if isinstance(values, dict) else {}
    return CannotBeRead(field, str(said.get("word", "")), numbers)


OVER = {4, -signal.SIGKILL, -signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGABRT}  # a library without memory aborts


async def ran(
    parser: Parser, given: BinaryIO, made: BinaryIO, answer: BinaryIO, folder: str, options: dict[str, Any]
) -> int:
    """How the child ended; when its time is over it is killed."""
    limits = {"memory": parser.limits.memory, "seconds": parser.limits.seconds, "output": parser.limits.output}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(HERE / "child.py"), str(parser.path), str(made.fileno())),
        *(json.dumps(limits), json.dumps(options)),
        stdin=given,
        stdout=answer,
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=(made.fileno(),),
        cwd=folder,
        env={"LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        return await asyncio.wait_for(child.wait(), 2 * parser.limits.seconds)
    except TimeoutError:
        return -signal.SIGKILL
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
            await child.wait()


def copied(source: BinaryIO) -> BinaryIO:
    """The file under a descriptor of its own: a child that moves in it does not move the server's."""
    copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 closed by who asked
    source.seek(0)
    while piece := source.read(MEGABYTE):
        copy.write(piece)
    source.seek(0)
    copy.seek(0)
    return copy
