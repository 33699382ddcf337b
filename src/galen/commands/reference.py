"""The reference, drawn from the code itself: docs/reference.md can only be as it is, or the tests say it is stale."""

import inspect
from collections.abc import Iterator

from galen.app import build
from galen.core.actor import grants
from galen.core.events import JOBS, SUBSCRIBERS
from galen.core.jobs import CLOCK
from galen.core.record import Record
from galen.core.state import State
from galen.core.web.routes import TABLE
from galen.i18n import offered
from galen.identity import PERMISSIONS, ROLES, permissions_of
from galen.modules import discover
from galen.settings import Settings
from galen.values.schedule import Schedule

from . import cli
from .translating import catalogues, opened


def reference() -> str:
    """Settings, commands, roles, routes, states and jobs as Markdown."""
    discover()
    build(None)  # type: ignore[arg-type]
    parts = [settings(), commands(), roles(), routes(), states(), jobs(), languages()]
    head = "# Reference\n\nWritten by `bin/galen reference` from the code; a test fails when it is stale.\n"
    return head + "".join(f"\n{line}" for part in parts for line in part).rstrip() + "\n"


def settings() -> Iterator[str]:
    yield from ("## Settings\n", "| variable | default | meaning |", "|---|---|---|")
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "") else f"`{field.default}`"
        yield f"| `GALEN_{name.upper()}` | {default} | {field.description or ''} |"
    yield ""


def commands() -> Iterator[str]:
    yield from ("## Commands\n", "| command | what it does |", "|---|---|")
    yield from command_rows("galen", cli)
    yield ""


def command_rows(path: str, command: object) -> Iterator[str]:
    for name, subcommand in sorted(getattr(command, "commands", {}).items()):
        if subcommand.hidden:
            continue
        if getattr(subcommand, "commands", None):
            yield from command_rows(f"{path} {name}", subcommand)
        else:
            first_line = (subcommand.help or "").partition("\n")[0]
            yield f"| `{path} {name}` | {first_line} |"


def roles() -> Iterator[str]:
    yield from ("## Roles and permissions\n", "| permission | meaning | " + " | ".join(ROLES) + " |")
    yield "|---|---|" + "---|" * len(ROLES)
    for permission, meaning in PERMISSIONS.items():
        marks = " | ".join("x" if grants(permissions_of([role]), permission) else "" for role in ROLES)
        yield f"| `{permission}` | {meaning} | {marks} |"
    yield ""


def routes() -> Iterator[str]:
    how = "Rows with JSON answer under `/api/v1`, rows with a page at the path itself; `WS` is a WebSocket.\n"
    yield from ("## Routes\n", how)
    yield from ("| method | path | JSON | page | permission | what it does |", "|---|---|---|---|---|---|")
    for route in sorted((r for r in TABLE if r.path), key=lambda r: (r.path, r.method, r.html)):
        words = (inspect.getdoc(route.verb) or "").split("\n")[0].replace("|", "/")
        on_page = route.html or route.redirect or route.media_type
        marks = ("x" if route.json or route.media_type else "", "x" if on_page else "")
        yield f"| {route.method} | `{route.path}` | {marks[0]} | {marks[1]} | `{route.permission}` | {words} |"
    yield ""


def states() -> Iterator[str]:
    yield from ("## States\n", "| record | state | may become |", "|---|---|---|")
    for mapper in sorted(Record.registry.mappers, key=lambda m: m.class_.__name__):
        for column in mapper.columns:
            kind = getattr(column.type, "enum_class", None)
            if inspect.isclass(kind) and issubclass(kind, State):
                for state in kind:
                    nexts = ", ".join(s.value for s in kind if s.value in state.nexts)
                    yield f"| {mapper.class_.thing()} | {state.value} | {nexts or '(the end)'} |"
    yield ""


def languages() -> Iterator[str]:
    yield from ("## Languages\n", "| language | reviewed by |", "|---|---|", "| English | (the messages themselves) |")
    for tag in catalogues():
        yield f"| {offered()[tag.replace('_', '-')]} | {opened(tag)[1].replace('none', 'nobody yet')} |"
    yield ""


def jobs() -> Iterator[str]:
    yield from ("## Jobs\n", "| job | woken by |", "|---|---|")
    wakes = {name: fact.__name__ for fact, names in SUBSCRIBERS.items() for name in names}
    for name in sorted(JOBS):
        yield f"| `{name}` | {wakes.get(name) or by_the_clock(CLOCK[name])} |"
    yield ""


def by_the_clock(schedule: Schedule) -> str:
    return f"the clock: {schedule.said}" + (f", {schedule.zone}" if schedule.zone else "")
