"""Messages gathered from the sources and the classes, and the catalogues brought to them.

A catalogue holds no dates and no line numbers, and stands in the order of its messages: it changes when words change.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from galen.app import build
from galen.core.errors import Refusal
from galen.core.record import Record
from galen.core.schemas import Draft
from galen.core.web.routes import TABLE
from galen.i18n.language import FOLDER
from galen.identity import PERMISSIONS, ROLES
from galen.modules import discover

PACKAGE = Path(__file__).parents[1]
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
OPTIONS = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
MARK = re.compile(rb"\b(?:_|N_|[np]?gettext)\(|{%-? *trans")
VALUE = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w[^>]*>")
MARKUP = '<>"'
"""A translation goes onto a page as it stands, as its message does."""
REVIEW = re.compile(r'"X-Review: (.*)\\n"')


@dataclass
class Counts:
    """How much of a language there is."""

    all: int
    missing: int
    fuzzy: int


def catalogues() -> list[str]:
    """The languages that are there."""
    return sorted(path.parent.name for path in FOLDER.glob("*/galen.po"))


def path_of(tag: str) -> Path:
    return FOLDER / tag.replace("-", "_") / "galen.po"


def messages() -> Catalog:
    """Everything that Galen says: marked in Python, templates and scripts, or said by a class."""
    discover()
    build(None)  # type: ignore[arg-type]
    found = Catalog()
    for where, message, context in [*marked(), *said_by_classes()]:
        found.add(message, locations=[(where, 0)], context=context)
    return found


def marked() -> Iterator[tuple[str, Any, str | None]]:
    """What stands in `_()` and its like, or in `{% trans %}`."""
    for ending, method in (("html", "jinja2.ext:babel_extract"), ("py", "python"), ("js", "javascript")):
        for file in sorted(PACKAGE.rglob(f"*.{ending}")):
            text = file.read_bytes()
            if "vendor" in file.parts or not MARK.search(text):
                continue
            for _line, message, _comments, context in extract(method, BytesIO(text), KEYWORDS, options=OPTIONS):
                yield str(file.relative_to(PACKAGE)), message, context


def said_by_classes() -> Iterator[tuple[str, Any, str | None]]:
    """Refusals, states and choices, names of records and of fields, titles of routes, what roles allow."""
    for refusal in below(Refusal):
        if refusal.message and refusal.message != "{problem}":
            yield home(refusal), refusal.message, None
    for choice in below(Enum):
        for member in choice if choice.__module__.startswith("galen.") else ():
            if isinstance(member.value, str) and re.search("[a-zA-Z]{2}", member.value):
                yield home(choice), member.value.replace("_", " "), None
    for mapper in Record.registry.mappers:
        yield home(mapper.class_), mapper.class_.thing(), None
    for draft in below(Draft):
        for name in draft.model_fields:
            yield home(draft), name.removesuffix("_id").replace("_", " "), None
    for route in TABLE:
        for words in filter(None, (route.title, route.nav, route.search)):
            yield f"{route.module}/routes.py", words, None
    areas = (name.partition(".")[0] for name in PERMISSIONS)
    for words in (*PERMISSIONS.values(), *ROLES, *areas):
        yield "identity/roles.py", words, None


def below(kind: type) -> list[Any]:
    """Every class that comes from another, in the order of their names."""
    found: set[Any] = set()
    waiting: list[Any] = [kind]
    while waiting:
        fresh = [cls for cls in waiting.pop().__subclasses__() if cls not in found]
        found.update(fresh)
        waiting += fresh
    ours: list[Any] = [cls for cls in [kind, *found] if cls.__module__.startswith("galen.")]
    return sorted(ours, key=lambda cls: (cls.__module__, cls.__qualname__))


def home(cls: Any) -> str:
    """The file of a class, as far as its name tells it."""
    return str(cls.__module__).removeprefix("galen.").replace(".", "/") + ".py"


def template(found: Catalog) -> bytes:
    """The catalogue without a translation."""
    return written(found, {"Content-Type": "text/plain; charset=utf-8"})


def opened(tag: str) -> tuple[Catalog, str]:
    """A catalogue as it is kept, and who has reviewed it."""
    path = path_of(tag)
    if not path.is_file():
        return Catalog(locale=tag.replace("-", "_")), "none"
    with path.open("rb") as file:
        known = read_po(file, locale=tag.replace("-", "_"))
    review = REVIEW.search(path.read_text())
    return known, review[1] if review else "none"


def merged(tag: str, found: Catalog) -> Counts:
    """Write the catalogue anew: messages that are gone are left out, changed ones keep a guess that is marked."""
    known, review = opened(tag)
    known.update(found, no_fuzzy_matching=not len(known), update_header_comment=False)
    keep(tag, known, review)
    entries = [entry for entry in known if entry.id]
    return Counts(len(entries), sum(not forms_of(e) for e in entries), sum(e.fuzzy for e in entries))


def keep(tag: str, known: Catalog, review: str) -> None:
    path = path_of(tag)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {
        "Language": tag,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": known.plural_forms,
        "X-Review": review,
    }
    path.write_bytes(written(known, head))


def written(catalogue: Catalog, head: dict[str, str]) -> bytes:
    body = BytesIO()
    for entry in catalogue:  # a guess from another message brings the flags of that one
        (entry.flags.add if entry.id and entry.python_format else entry.flags.discard)("python-format")
    write_po(body, catalogue, width=120, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in head.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + body.getvalue()


def forms_of(entry: Message | None) -> tuple[str, ...]:
    """The translation in all its forms; nothing where one of them is empty."""
    said = entry.string if entry else None
    forms = (said,) if isinstance(said, str) else tuple(said or ())
    return forms if all(forms) else ()


def trouble(tag: str, found: Catalog) -> list[dict[str, Any]]:
    """What a reader of this language would meet in English, or broken: each message with the reason."""
    known, _review = opened(tag)
    told = []
    for entry in found:
        if entry.id:
            name = entry.id if isinstance(entry.id, str) else entry.id[0]
            mine = known.get(name, entry.context)
            if why := fault(entry, mine, known.num_plurals):
                told.append(
                    {
                        "why": why,
                        "message": name,
                        "plural": entry.id[1] if isinstance(entry.id, tuple) else "",
                        "context": entry.context or "",
                        "forms": known.num_plurals if isinstance(entry.id, tuple) else 1,
                        "where": sorted({path for path, _ in entry.locations}),
                    }
                )
    return told


def fault(entry: Message, mine: Message | None, plurals: int) -> str:
    """Why a translation cannot be used, or nothing."""
    if not (forms := forms_of(mine)):
        return "no translation"
    if mine and mine.fuzzy:
        return "its message has changed"
    if isinstance(entry.id, tuple):
        if len(forms) != plurals:
            return f"{len(forms)} forms where the language has {plurals}"
        wanted, most = values(entry.id[1]), values(entry.id[0]) | values(entry.id[1])
        fits = values(forms[-1]) == wanted and all(values(form) <= most for form in forms)
    else:
        fits = values(forms[0]) == values(str(entry.id))
    if not fits:
        return "other values than its message"
    here = "".join(entry.id) if isinstance(entry.id, tuple) else str(entry.id)
    strange = sorted({sign for form in forms for sign in MARKUP if sign in form and sign not in here})
    return f"{' '.join(strange)} where its message has none: it would be read as markup" if strange else ""


def values(message: str) -> set[str]:
    """What must stand in a translation as it stands in the message."""
    return set(VALUE.findall(message))


def fill(tag: str, said: list[dict[str, Any]]) -> int:
    """Translations from a list as `missing --json` prints it, each with its `translation`: one text, or its forms."""
    known, review = opened(tag)
    taken = 0
    for line in said:
        if (entry := known.get(line["message"], line.get("context") or None)) and line.get("translation"):
            text = line["translation"]
            entry.string = tuple(text) if isinstance(text, list) else text
            entry.flags.discard("fuzzy")
            taken += 1
    keep(tag, known, review)
    return taken
