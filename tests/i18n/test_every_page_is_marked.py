"""Every page in the test language: what stands outside of its brackets was never marked, or is data.

Data is what stands in the database, in `<bdi>`, in `translate="no"`, numbers, and a short reviewed list.
"""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from babel import Locale
from sqlalchemy import text

from galen.core.record import Record
from galen.core.web.routes import TABLE, Route
from galen.values.units import plural
from tests.matrix.test_who_may_do_what import filled, world  # noqa: F401 a fixture

PEOPLE = ["ada", "ruth", "ben", "max", "iris", "mara"]
READ = ("title", "placeholder", "aria-label", "alt", "data-label", "hx-confirm")
SILENT = {"script", "style", "kbd", "template", "time", "bdi", "code"}
REVIEWED = set(
    "Galen Ctrl Enter Esc English Español mg mL ml kg cm mmHg bpm mmol min pH BMI eGFR ICD CM GST ATC NDC PBS MBS FHIR "
    "RxNorm IHI DVA Medicare Centrelink JSON CSV PDF AUD USD am pm bd pc".split()
)
"""Names of systems, schemes, codes and units, and the shorthand of prescribers."""

EN = Locale.parse("en_AU")
DATES = {w for kinds in (EN.months, EN.days) for names in kinds["format"].values() for w in names.values()}
VERB = re.compile(r"\b[a-z]+\.[a-z_]+\b")
ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class Outside(HTMLParser):
    """Words outside of brackets, in text and in the attributes that people read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.stack: list[tuple[str, bool]] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag not in ("input", "img", "meta", "link", "br", "hr", "wbr"):
            self.stack.append((tag, tag in SILENT or known.get("translate") == "no"))
        names = (*READ, "value") if known.get("type") in ("submit", "button") else READ
        for name in names:
            if value := known.get(name):
                self.found += words(stripped(value))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(silent for _tag, silent in self.stack):
            return
        outside = ""
        for sign in data:
            self.depth += sign == "⟦"
            outside += sign if self.depth == 0 else " "
            self.depth -= sign == "⟧"
        self.found += words(outside)


def stripped(value: str) -> str:
    """What is left of a text when everything in brackets is taken out, from the inside."""
    while (shorter := re.sub("⟦[^⟦⟧]*⟧", " ", value)) != value:
        value = shorter
    return value


def words(outside: str) -> list[str]:
    found = re.findall(r"[^\W\d_][^\W\d_'’-]+", ID.sub("", VERB.sub("", outside)))
    return [word for word in found if word not in REVIEWED | DATES]


@pytest.fixture
async def data(database: Any) -> set[str]:
    """Every word of every text in the test world."""
    known: set[str] = set()
    for table in Record.metadata.sorted_tables:
        rows = await database.one.execute(text(f"SELECT t::text FROM {table.fullname} t LIMIT 5000"))
        for (row,) in rows:
            known |= {word.lower() for word in re.findall(r"[^\W\d_][^\W\d_'’-]+", row)}
    counted = await database.one.scalars(text("SELECT DISTINCT unit FROM product"))
    return known | {plural(unit) for unit in counted}


def pages() -> list[Route]:
    """Whole pages of every module."""
    return [r for r in TABLE if r.method == "GET" and r.html and not r.panel]


def outside(html: str, data: set[str]) -> set[str]:
    reader = Outside()
    reader.feed(html.split("<body", 1)[-1].partition(">")[2])
    return {word for word in reader.found if word.lower() not in data}


@pytest.mark.parametrize("who", PEOPLE)
async def test_every_page_is_marked(client, world, data, test_languages, who):  # noqa: F811
    person = await client(who, page=True)
    person.headers["accept-language"] = "en-XA"
    wrong: list[str] = []
    drawn = 0
    for route in pages():
        relations = ["own", "other"] if "{" in route.path else ["own"]
        for relation in relations:
            answer = await person.get(filled(route.path, world[relation]))
            if answer.status_code == 200 and answer.headers.get("content-type", "").startswith("text/html"):
                drawn += 1
                if left := outside(answer.text, data):
                    wrong.append(f"{route.path} ({route.module}/{route.html}): {', '.join(sorted(left)[:12])}")
    assert drawn
    assert wrong == [], "\n" + "\n".join(sorted(set(wrong)))


async def test_pages_of_nobody_and_refusals_are_marked(client, data, test_languages):
    visitor = await client(page=True)
    visitor.headers["accept-language"] = "en-XA"
    known = data | {"north"}
    for path in ("/nowhere/at/all", "/login", "/forgotten", "/users/register"):
        assert outside((await visitor.get(path)).text, known) == set(), path
    ruth = await client("ruth", page=True)
    ruth.headers["accept-language"] = "en-XA"
    for path in ("/audit", "/nowhere", "/search?q=zzzz"):
        assert outside((await ruth.get(path)).text, data) == set(), path


def test_a_word_that_was_not_marked_is_found():
    assert outside('<body class="x"><p>⟦Öķ ~~⟧ Hello ⟦a⟦b⟧c⟧</p><i title="World ⟦x⟧"></i>', set()) == {"Hello", "World"}
