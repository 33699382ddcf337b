"""The reader of direct dispatch: what it takes on, and that any words at all are answered as FastAPI would."""

import json
from copy import copy
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, get_args
from urllib.parse import quote
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI, Request, UploadFile
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from galen.asgi.headers import Headers
from galen.core.fast import dispatch
from galen.core.fast.request_reader import DirectRoute, direct_route, is_scalar
from galen.core.web import mount, mounting, routes
from galen.core.web.problems import install
from galen.core.web.routes import Route, get, is_draft, post
from galen.patients import Sex
from tests.core.both_ways import A_FEW, NOBODY_HAS, on_both, rows_of, shown


def row(does: Any, method: str = "POST", path: str = "/things") -> Route:
    does.permission = "public.things"
    does.__module__ = "galen.things.service"
    return Route(method, path, does, json=dict)


def empty_tables(monkeypatch) -> None:
    """Rows of the tests are mounted beside those of Galen, not among them."""
    for table in ("TABLE", "PATHS", "PANELS"):
        empty = copy(getattr(routes, table))
        empty.clear()
        for module in (routes, mounting):
            monkeypatch.setattr(module, table, empty)


class Draft(BaseModel):
    name: str


async def with_a_dict(ctx, said: dict[str, Any]): ...
async def with_two_drafts(ctx, draft: Draft, other: Draft): ...
async def with_a_draft_or_none(ctx, draft: Draft = Draft(name="x")): ...
async def with_a_list(ctx, words: list[str]): ...
async def with_a_draft(ctx, draft: Draft): ...


@pytest.mark.parametrize(
    "does, method, found",
    [
        (with_a_dict, "POST", False),
        (with_two_drafts, "POST", False),
        (with_a_draft_or_none, "POST", False),
        (with_a_list, "POST", False),
        (with_a_draft, "GET", False),
        (with_a_draft, "POST", True),
    ],
)
def test_only_a_path_a_query_and_one_draft_are_read_directly(monkeypatch, does, method, found):
    empty_tables(monkeypatch)
    route = type("Route", (), {"endpoint": type("End", (), {"row": row(does, method)}), "param_convertors": {}})
    assert (direct_route(route) is not None) is found


@pytest.mark.parametrize(
    "kind, found",
    [
        (str, True),
        (int, True),
        (bool, True),
        (Decimal, True),
        (UUID, True),
        (date, True),
        (Sex, True),
        (UUID | None, True),
        (Optional[date], True),  # noqa: UP045 written either way
        (int | str | None, True),
        (list, False),
        (list[str], False),
        (list[str] | None, False),
        (dict, False),
        (dict[str, Any], False),
        (dict[str, Any] | None, False),
        (set[int], False),
        (tuple[int, int], False),
        (bytes, False),
        (Draft | None, False),
        (UploadFile | None, False),
        (Literal["a", "b"], False),
        (Annotated[int, "a remark"], False),
    ],
)
def test_a_single_word_is_plain_and_many_are_not(kind, found):
    assert is_scalar(kind) is found


def test_every_row_of_the_api_is_read_directly_but_those_that_take_any_object(application):
    around = {row.path for route, row in rows_of(application) if direct_route(route) is None}
    assert around == {"/cds-services/{service_id}", "/cds-services/{service_id}/feedback"}


def test_no_verb_asks_for_what_only_fastapi_understands(application):
    """A default such as Query(…), a draft or a file that may be absent: these would be read as words of the query."""
    for route, row in rows_of(application):
        for parameter in row.parameters if direct_route(route) else ():
            parts = [k for k in (parameter.annotation, *get_args(parameter.annotation)) if isinstance(k, type)]
            assert not isinstance(parameter.default, FieldInfo), (row.path, parameter)
            assert not any(issubclass(k, (UploadFile, Request)) or is_dataclass(k) for k in parts), (
                row.path,
                parameter,
            )
            assert is_draft(parameter.annotation) or not any(issubclass(k, BaseModel) for k in parts), (
                row.path,
                parameter,
            )


def test_what_cannot_be_read_into_a_draft_is_a_complaint_and_never_a_break(application):
    broken = set()
    for row in {id(row.draft.annotation): row for _, row in rows_of(application) if row.draft}.values():
        for field in row.draft.annotation.model_fields:
            for odd in ([1], [[]], {"a": 1}, {"amount": 1, "currency": [1]}, 7, -1.5, "", "x", True, None):
                try:
                    row.draft.annotation.model_validate_json(json.dumps({field: odd}))
                except ValidationError:
                    continue
                except Exception as error:
                    broken.add((row.draft.annotation.__name__, field, type(error).__name__))
    assert broken == set()


# Any word at all


async def measure(
    ctx: Any,
    place: UUID,
    width: int,
    on: date | None = None,
    sex: Sex | None = None,
    who: UUID | None = None,
    price: Decimal = Decimal(1),
    loud: bool = False,
    q: str = "",
) -> dict[str, Any]:
    """Say what was asked."""
    return {"asked": repr((place, width, on, sex, who, price, loud, q))}


async def weigh(ctx: Any, name: str, draft: Draft, times: int = 1) -> dict[str, Any]:
    """Say what was sent."""
    return {"sent": repr((name, draft, times))}


@pytest.fixture
async def scales(monkeypatch, services, ways):
    """A small application of two rows, one of which needs a query value."""
    empty_tables(monkeypatch)
    for verb in (measure, weigh):
        verb.permission, verb.__module__ = "public.scales", "galen.scales.service"
    app = FastAPI(telemetry={"auto_configure": False})
    app.state.services = services
    install(app)
    mount(app, [get("/measures/{place}", measure, json=dict), post("/weights/{name}", weigh, json=dict)])
    dispatch.install_dispatch(app)
    app.add_middleware(Headers)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://galen.test") as client:
        yield client


HERE = f"/api/v1/measures/{NOBODY_HAS}"


async def test_a_query_value_that_is_needed_and_missing_is_complained_about_by_fastapi(scales, ways):
    direct, plain = await on_both(ways, scales, "GET", HERE)
    assert ways.went == ["FastAPI's", "FastAPI's"]
    assert (direct.status_code, direct.json()["errors"][0]["field"]) == (422, "width")
    assert shown(direct) == shown(plain)


async def test_all_kinds_of_words_arrive_as_their_kind(scales, ways):
    words = {"width": "3", "on": "2026-11-20", "sex": "female", "who": NOBODY_HAS, "price": "1.50", "loud": "on"}
    direct, plain = await on_both(ways, scales, "GET", HERE, params=words)
    here = UUID(NOBODY_HAS)
    assert direct.json() == {"asked": repr((here, 3, date(2026, 11, 20), Sex.FEMALE, here, Decimal("1.50"), True, ""))}
    assert (ways.went, shown(direct)) == (["direct", "FastAPI's"], shown(plain))


NEARLY = [
    "", "0", "1", "-1", "+1", " 1", "1 ", "1.0", "1e3", "1_000", "0x1", "٣", "true", "TRUE", "off", "t", "null", "None",
    "NaN", "inf", "2026-11-20", "2026-11-20T00:00:00", "2026-11-20T10:00:00Z", "1700006400", "female", "Female",
    "FEMALE", NOBODY_HAS, NOBODY_HAS.upper(), NOBODY_HAS.replace("-", ""), f"{{{NOBODY_HAS}}}",
    f"urn:uuid:{NOBODY_HAS}", "9" * 30, "9" * 5000, "\x00", "\n1", "[]", "&", "%",
]  # fmt: skip
WORDS = st.sampled_from(NEARLY) | st.text(max_size=20)
NAMES = ["width", "on", "sex", "who", "price", "loud", "q", "unasked"]


@given(st.lists(st.tuples(st.sampled_from(NAMES), WORDS), max_size=6), st.just(NOBODY_HAS) | WORDS)
@A_FEW
async def test_any_words_in_the_query_and_the_path_are_answered_the_same_on_both_ways(scales, ways, said, place):
    path = f"/api/v1/measures/{quote(place, safe='')}"
    direct, plain = await on_both(ways, scales, "GET", path, params=[("width", "1"), *said])
    assert shown(direct) == shown(plain)
    assert direct.status_code in (200, 404, 422)


async def test_a_reader_that_overlooks_what_does_not_fit_would_be_noticed(scales, ways, monkeypatch):
    """The broken variant: a word that cannot be read is taken as not said."""
    watched = DirectRoute.read

    async def lenient(self, request, words):
        found = await watched(self, request, words)
        return found or (None if ways.gate == "shut" else {"place": UUID(words["place"]), "width": 1})

    monkeypatch.setattr(DirectRoute, "read", lenient)
    direct, plain = await on_both(ways, scales, "GET", HERE, params={"width": "1", "on": "tomorrow"})
    assert (direct.status_code, plain.status_code) == (200, 422)


BODIES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([b'{"name": "x"}', b' {"name": "x", "y": [1]} ', b'{"name": "x", "name": "z"}', b'{"name": 1}']),
    st.sampled_from([b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b'{"name": NaN}', b"{} {}", b"\xef\xbb\xbf{}"]),
    st.sampled_from([b'{"name": "x", "deep": ' + b"[" * depth + b"]" * depth + b"}" for depth in (5, 150, 250)]),
)
TYPES = ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "text/json", "application/xml", ""]


@given(BODIES, st.sampled_from(TYPES), st.just("1") | WORDS)
@A_FEW
async def test_any_body_is_answered_the_same_on_both_ways(scales, ways, body, kind, times):
    headers = {"content-type": kind} if kind else {}
    path = "/api/v1/weights/feather"
    direct, plain = await on_both(ways, scales, "POST", path, content=body, headers=headers, params={"times": times})
    assert shown(direct) == shown(plain)
    assert direct.status_code in (201, 400, 422)


@given(st.sampled_from(["day", "practitioner_id", "status", "site_id"]), WORDS)
@settings(A_FEW, max_examples=30)
async def test_any_word_for_a_day_an_id_or_a_state_has_the_same_status_on_both_ways(client, ways, name, word):
    ada = await client("ada")
    ada._transport.raise_app_exceptions = False
    direct, plain = await on_both(ways, ada, "GET", "/api/v1/appointments", params={name: word})
    assert direct.status_code == plain.status_code
