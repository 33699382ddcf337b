"""A permission that does not exist is a mistake, not a refusal: wherever it is named, it stands in the list."""

import ast
from collections.abc import Iterator

import pytest
from jinja2 import nodes

from galen import identity
from galen.core import gate
from galen.core.errors import Forbidden
from galen.core.gate import CATALOGUE, requires
from galen.core.web.routes import PATHS
from galen.core.web.templating import PACKAGE, templates
from galen.identity.roles import UnknownPermission, refuse_unknown
from galen.modules import Misbuilt, refuse_unknown_permissions
from tests.conftest import can_be_held


@pytest.mark.parametrize("word", ["patients.regster", "patient.raed", "stoc.*", "*.nothing"])
def test_a_role_that_names_no_permission_is_refused_when_loading(word):
    with pytest.raises(UnknownPermission, match=r"The role clerk names .* no such permission") as refused:
        refuse_unknown({"clerk": ["patient.read", word]})
    assert word in str(refused.value)


def test_a_slip_of_the_pen_is_pointed_out():
    with pytest.raises(UnknownPermission, match=r"Is patient\.read meant\?"):
        refuse_unknown({"clerk": ["patient.raed"]})


def test_a_pattern_may_stand_for_permissions():
    refuse_unknown({"clerk": ["stock.*", "patient.read"]})


def test_a_verb_that_asks_for_no_permission_of_the_list_is_refused_when_loading():
    with pytest.raises(Misbuilt, match=r"queue.call_next asks for the permission queue.cal, .* Is queue.call meant"):
        refuse_unknown_permissions({"queue.call_next": "queue.cal"})
    refuse_unknown_permissions({"queue.display": "public.display", "queue.call_next": "queue.call"})


def test_every_permission_is_held_by_some_role():
    assert [permission for permission in identity.PERMISSIONS if not can_be_held(permission)] == []


def test_every_verb_may_be_used_by_some_role():
    asked = {name: verb.permission for name, verb in CATALOGUE.items()}  # type: ignore[attr-defined]
    assert {name: permission for name, permission in asked.items() if not can_be_held(permission)} == {}


async def test_being_refused_proves_nothing_when_nobody_could_be_allowed(ruth, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(gate, "CATALOGUE", {})

        @requires("queue.recal")
        async def try_it(ctx):
            """A verb that nobody may use, although nurses have `queue.*`."""

    with pytest.raises(AssertionError, match=r"nobody can hold queue\.recal"):
        await try_it(ruth)
    with pytest.raises(Forbidden):
        raise Forbidden(permission="queue.call")


def asked_in_code() -> Iterator[tuple[str, str]]:
    """Every permission that code asks an actor for in so many words: `ctx.actor.may("patient.read")`."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="may"), args=[ast.Constant(value=str(word))]):
                    yield f"{file.relative_to(PACKAGE)}:{node.lineno}", word
                case ast.Call(
                    func=ast.Name(id="Forbidden"),
                    keywords=[ast.keyword(arg="permission", value=ast.Constant(value=str(word)))],
                ):
                    yield f"{file.relative_to(PACKAGE)}:{node.lineno}", word


def test_every_permission_that_code_asks_for_is_in_the_list():
    asked = dict(asked_in_code())
    assert len(asked) > 10
    assert {place: word for place, word in asked.items() if word not in identity.PERMISSIONS} == {}


GATED = {"button": 1, "link": 1, "may": 1, "only": 0, "url": 0}
"""Words of a page that name a verb, and where among their arguments."""


def named_in(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, word and verb of every word of a page that draws itself by the verb that it names."""
    for call in templates.parse(source).find_all(nodes.Call):
        word = getattr(call.node, "name", None) or getattr(call.node, "attr", "")
        at = GATED.get(word)
        if at is not None and len(call.args) > at and isinstance(call.args[at], nodes.Const):
            verb = call.args[at].value
            if isinstance(verb, str) and "/" not in verb:
                yield call.lineno, word, verb


def unknown(source: str) -> list[tuple[int, str, str]]:
    return [
        (line, word, verb)
        for line, word, verb in named_in(source)
        if verb not in CATALOGUE or (word in ("button", "link", "url") and verb not in PATHS)
    ]


@pytest.mark.parametrize(
    "mistake",
    [
        '{{ button("Sign", "prescribing.sgn", rx) }}',
        '{{ link("Queue", "queue.quue") }}',
        '{% call ui.only("queue.call_nxt") %}…{% endcall %}',
        '{% if may(ctx, "queue.call_nxt") %}…{% endif %}',
        '<a href="{{ url("queue.quue") }}">Queue</a>',
    ],
)
def test_a_page_that_names_no_verb_is_noticed(application, mistake):
    assert len(unknown(mistake)) == 1


def test_every_verb_that_a_page_names_exists_and_has_a_way(application):
    pages = sorted(PACKAGE.glob("*/templates/**/*.html"))
    wrong = {str(page.relative_to(PACKAGE)): found for page in pages if (found := unknown(page.read_text()))}
    assert sum(len(list(named_in(page.read_text()))) for page in pages) > 50
    assert wrong == {}
