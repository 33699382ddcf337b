"""Addresses tell what they do: nouns, except for the paths of the founding documents, which stay as they were named."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from galen.core.web.routes import TABLE, Route, verb_of

ROW = re.compile(r"^\| ([A-Z]+) \| `([^`]+)` \| (.*?) ?\|$", re.M)
API = Path(__file__).parents[2] / "docs" / "api.md"
VERBS = set(
    """
    accept activate add adjust amend apply approve archive assign book calculate cancel check checkin choose
    close closes complete confirm correct create delete deny discard discarding dispense edit enable execute
    export fetch find finish generate get give hide import kept leave list load make mark merge move open
    opening pay perform post prepare print put read receive refresh refuse register reject remove rename renew
    reopen reset resolve restore resume retry revert revoke run save send sending set share sign skip split
    start stop strike submit suspend switch take toggle undo unlock update upload validate verify void withdraw
    write forgotten alike
    """.split()
)
FORMS = {"new", "edit"}  # the last word of a page that is only a form
STAYS = {
    "/appointments/{}/time",  # the form goes on to the appointment; what is dragged to a slot stays on the calendar
    "/medicines/{}/edit",  # the form shows the medicine that it changes
    "/suppliers/{}/edit",  # so does this one the supplier
}


def plain(path: str) -> str:
    """The path with its parameters unnamed."""
    return re.sub(r"{\w+}", "{}", path)


def founding() -> list[tuple[str, str, str]]:
    """Method, path and remark of each row of the table in docs/api.md."""
    return [(method, plain(path), remark) for method, path, remark in ROW.findall(API.read_text())]


def verbs_in(path: str) -> list[str]:
    """The words of an address that say what to do instead of what is there."""
    return [word for word in path.split("/") if word in VERBS]


@pytest.fixture
def mounted(application: Any) -> set[tuple[str, str]]:
    """Method and path of everything that other programs are told of."""
    paths = application.openapi()["paths"].items()
    return {(method.upper(), plain(path.removeprefix("/api/v1"))) for path, methods in paths for method in methods}


def test_every_path_of_the_founding_documents_is_there_and_the_reserved_ones_are_free(mounted):
    named = founding()
    assert len(named) > 70 and len({row[:2] for row in named}) == len(named)
    missing = [row for row in named if not row[2].startswith("reserved") and row[:2] not in mounted]
    taken = [row for row in named if row[2].startswith("reserved") and row[:2] in mounted]
    assert (missing, taken) == ([], [])


def test_every_other_address_is_made_of_nouns(mounted):
    kept = {row[:2] for row in founding()}
    pages = {("GET", path) for method, path in kept if method == "POST"}  # a form at the address it is sent to
    bad = []
    for route in TABLE:
        path = plain(route.path)
        only_a_form = route.method == "GET" and not route.json and path.rsplit("/", 1)[-1] in FORMS
        asked = path.rsplit("/", 1)[0] if only_a_form else path
        if (route.method, path) not in kept | pages and verbs_in(asked):
            bad.append(f"{route.method} {route.path}")
        assert re.fullmatch(r"(/[a-z0-9{}.-]*)*", path), f"{path}: small letters and hyphens"
    assert bad == []


@pytest.mark.parametrize("path", ["/visits/{}/cancel", "/forgotten", "/kept/{}", "/notes/{}/sign", "/till/closes"])
def test_a_verb_in_an_address_is_noticed(path):
    assert verbs_in(path)


def rows_of(mounted: set[tuple[str, str]]) -> dict[tuple[str, str], list[Route]]:
    rows = defaultdict(list)
    for route in TABLE:
        if route.path:
            rows[route.method, route.path].append(route)
    assert mounted and rows
    return rows


def test_a_page_and_its_json_have_one_address_one_permission_and_the_same_filters(mounted):
    differ, pairs = [], 0
    for (method, path), rows in rows_of(mounted).items():
        record = next((row for row in rows if row.json), None)
        page = next((row for row in rows if row.html and not row.json), None)
        if record and page:
            pairs += 1
            more = {p.name for p in page.parameters} - {p.name for p in record.parameters} - {"said"} - PERIOD
            if more or page.permission != record.permission:
                differ.append(f"{method} {path}: {page.permission} and {record.permission}, only on the page {more}")
    assert pairs >= 16
    assert differ == []


def test_a_verb_that_answers_other_programs_answers_them_where_its_page_is(mounted):
    answers = {verb_of(route) for route in TABLE if route.json or route.media_type}
    rows = rows_of(mounted)
    apart = {
        plain(path)
        for (_, path), here in rows.items()
        if not any(route.json or route.media_type for route in here) and {verb_of(route) for route in here} & answers
    }
    assert apart == STAYS


TEMPLATES = Path(__file__).parents[2] / "src" / "galen"
ATTRIBUTE = re.compile(r'(?:href|action|hx-(?:get|post|put|patch|delete))="(/[^"]*)"')
CODE = re.compile(r"{{.*?}}|{%.*?%}", re.S)
TEXT = re.compile(r'(?<!~ )"(/[a-z][^"\s]*)"((?:\s*~\s*(?:[\w.]+(?:\([^()]*\))?|"[^"]*"))*)')
FORM = re.compile(r'ui\.form\(\s*"(/[^"]*)"((?:\s*~\s*(?:[\w.]+|"[^"]*"))*)(?:,\s*(?:method=)?"(\w+)")?\s*[,)]')
PERIOD = {"since", "until", "hours"}  # of what a page draws beside its record; programs ask for that where it stands
ELSEWHERE = {"/login", "/logout", "/language"}  # matters of the browser's cookies, not of the table
UNITS = {"/min"}


def joined(first: str, more: str) -> str:
    """`"/sites/" ~ site.id` as the path that it makes, without what is asked behind it."""
    parts = re.findall(r'"([^"]*)"|([\w.]+(?:\([^()]*\))?)', more)
    return (first + "".join(text if not name else "{}" for text, name in parts)).partition("?")[0]


def addresses_in(template: str) -> set[str]:
    """What a template leads to: in attributes, and in the texts that it hands on."""
    written = {path.partition("?")[0] for path in ATTRIBUTE.findall(CODE.sub("{}", template))}
    handed = {joined(*found) for code in CODE.findall(template) for found in TEXT.findall(code)}
    return {re.sub(r"(?<=[^/]){}$|(?<=.)/$", "", path) for path in written | handed} - UNITS


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*/templates/**/*.html")), ids=lambda file: file.name)
def test_every_address_in_a_template_leads_somewhere(application: Any, file: Path):
    papers = {f"/api/v1{plain(route.path)}" for route in TABLE if route.media_type}
    known = {plain(route.path) for route in TABLE} | papers | ELSEWHERE
    lost = {path for path in addresses_in(file.read_text()) if path not in known and not path.startswith("/static")}
    assert lost == set()


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*/templates/*.html")), ids=lambda file: file.name)
def test_every_form_is_sent_the_way_its_address_is_changed(application: Any, file: Path):
    known = {(route.method, plain(route.path)) for route in TABLE}
    sent = {(method.upper() or "POST", joined(first, more)) for first, more, method in FORM.findall(file.read_text())}
    assert sent - known == set()


def test_an_address_that_leads_nowhere_is_noticed():
    template = '<a href="/kept/{{ one.id }}">x</a>{{ ui.form("/visits/" ~ visit.id ~ "/cancel", submit="x") }}'
    assert addresses_in(template) == {"/kept/{}", "/visits/{}/cancel"}
