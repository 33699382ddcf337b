"""Whatever is typed into any search is text: signs that mean something to a database mean nothing here."""

from collections.abc import Awaitable, Callable
from typing import Any, get_args

import pytest

from galen.core.web.routes import TABLE
from galen.values import like

Open = Callable[..., Awaitable[Any]]
SIGNS = ["\\", "%", "_%\\", "a\\", "');--", '"', "(01", "[)>"]


def asked() -> list[tuple[str, str]]:
    """Every list, page and choice that is asked for with words, and the parameter that takes them."""
    return sorted(
        {
            (f"/api/v1{route.path}" if route.json or route.media_type else route.path, parameter.name)
            for route in TABLE
            if route.method == "GET" and route.path and "{" not in route.path
            for parameter in route.parameters
            if parameter.annotation is str or str in get_args(parameter.annotation)
        }
    )


def test_there_are_searches_to_walk() -> None:
    found = asked()
    assert len(found) > 30
    assert {("/api/v1/practitioners", "specialty"), ("/api/v1/patients", "q"), ("/search", "q")} <= set(found)


@pytest.mark.parametrize("username", ["iris", "ben", "ada", "ruth", "max"])
async def test_signs_of_a_pattern_are_text_in_every_search(client: Open, username: str) -> None:
    api, browser = await client(username), await client(username, page=True)
    for path, name in asked():
        for typed in SIGNS:
            answer = await (api if path.startswith("/api") else browser).get(path, params={name: typed})
            assert answer.status_code < 500, f"{username} {path}?{name}={typed!r}: {answer.text[:300]}"
            if answer.status_code in (403, 404):
                break  # not for this person


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%a%"])
async def test_a_wildcard_finds_nobody_and_nothing(client: Open, typed: str) -> None:
    iris, ben = await client("iris"), await client("ben")
    for path, name in (("/accounts", "q"), ("/practitioners", "specialty"), ("/patients", "q")):
        assert not (await iris.get(f"/api/v1{path}", params={name: typed})).json(), path
    assert (await ben.get("/api/v1/inventory/movements", params={"q": typed})).json()["items"] == []


async def test_a_specialty_is_found_whatever_its_case(client: Open) -> None:
    ruth = await client("ruth")
    known = (await ruth.get("/api/v1/practitioners")).json()
    specialty = next(person["specialty"] for person in known if person["specialty"])
    found = (await ruth.get("/api/v1/practitioners", params={"specialty": specialty.upper()})).json()
    assert specialty in {person["specialty"] for person in found}


@pytest.mark.parametrize(("text", "pattern"), [("50%_\\", "50\\%\\_\\\\"), ("plain", "plain"), ("", "")])
def test_a_pattern_fits_its_own_text(text: str, pattern: str) -> None:
    assert like.exactly(text) == pattern
    assert like.beginning(text) == pattern + "%"
    assert like.within(text) == f"%{pattern}%"
