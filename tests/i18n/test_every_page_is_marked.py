"""Every page in the test language: what stands outside of its brackets was never marked, or is data.

Data is what stands in the database, numbers, and a short reviewed list. A module whose templates have not been
gone over stands in `NOT_YET` of checks/words.py, which only ever gets shorter.
"""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import text

from checks.words import NOT_YET
from galen.core.record import Record
from galen.core.web.routes import TABLE, Route
from tests.matrix.test_who_may_do_what import filled, world  # noqa: F401 a fixture

PEOPLE = ["ada", "ruth", "ben", "max", "iris", "mara"]
READ = ("title", "placeholder", "aria-label", "alt", "data-label", "hx-confirm")
SILENT = {"script", "style", "kbd", "template", "time"}
REVIEWED = set(
    "Galen Ctrl Enter Esc English Español mg mL ml kg cm mmHg bpm mmol min pH BMI eGFR ICD GST ATC NDC PBS MBS FHIR "
    "JSON CSV PDF AUD USD am pm".split()
)


class Outside(HTMLParser):
    """Words outside of brackets, in text and in the attributes that people read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.stack: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "img", "meta", "link", "br", "hr", "wbr"):
            self.stack.append(tag)
        known = dict(attrs)
        names = (*READ, "value") if known.get("type") in ("submit", "button") else READ
        for name in names:
            if value := known.get(name):
                self.found += words(stripped(value))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if SILENT & set(self.stack) or "code" in self.stack:
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
    return [word for word in re.findall(r"[^\W\d_][^\W\d_'’-]+", outside) if word not in REVIEWED]


@pytest.fixture
async def data(database: Any) -> set[str]:
    """Every word of every text in the test world."""
    known: set[str] = set()
    for table in Record.metadata.sorted_tables:
        rows = await database.one.execute(text(f"SELECT t::text FROM {table.fullname} t LIMIT 5000"))
        for (row,) in rows:
            known |= {word.lower() for word in re.findall(r"[^\W\d_][^\W\d_'’-]+", row)}
    return known


def pages() -> list[Route]:
    """Whole pages of the modules that have been gone over; one with panels of other modules waits for all of them."""
    whole = [r for r in TABLE if r.method == "GET" and r.html and r.module not in NOT_YET and not r.panel]
    return [r for r in whole if not (r.place and NOT_YET)]


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
    assert drawn or not pages() or who == "mara"
    assert wrong == [], "\n" + "\n".join(sorted(set(wrong)))


async def test_pages_of_nobody_and_refusals_are_marked(client, data, test_languages):
    visitor = await client(page=True)
    visitor.headers["accept-language"] = "en-XA"
    known = data | ({"north"} if "identity" not in NOT_YET else set())
    for path in ["/nowhere/at/all", *([] if "identity" in NOT_YET else ["/login", "/forgotten", "/users/register"])]:
        assert outside((await visitor.get(path)).text, known) == set(), path
    ruth = await client("ruth", page=True)
    ruth.headers["accept-language"] = "en-XA"
    for path in ("/audit", "/nowhere", "/search?q=zzzz"):
        assert outside((await ruth.get(path)).text, data) == set(), path


def test_a_word_that_was_not_marked_is_found():
    assert outside('<body class="x"><p>⟦Öķ ~~⟧ Hello ⟦a⟦b⟧c⟧</p><i title="World ⟦x⟧"></i>', set()) == {"Hello", "World"}
