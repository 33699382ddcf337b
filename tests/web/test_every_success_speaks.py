"""Whoever does something on a page is told that it is done: by the verb, or by its row of the table."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from galen.core.gate import CATALOGUE
from galen.core.web.routes import PATHS, TABLE, Route, get, post, verb_of
from galen.patients import AllergyState
from galen.saying import ids_of, said

SHOWN = {
    "identity.register_user": "its page says what comes by e-mail",
    "identity.ask_reset": "its page says what comes by e-mail",
    "identity.reset_password": "the page behind it says so",
    "identity.confirm_email": "the page behind it says so",
    "identity.change_password": "the page behind it says so",
    "patients.alike": "an answer to what is being typed",
    "medicines.read_columns": "an answer to what is being chosen",
    "medicines.import_formulary": "its page is the report",
    "safety.interactions": "an answer to what is being asked",
    "encounters.doubts_in": "an answer to what is being typed",
    "encounters.note_form": "what was put in stands in the note, with its way out",
    "counter.scan_at_counter": "says at the line what the pack is, and how many there are now",
    "purchasing.scan_pack": "its page says what the pack is and how many there are now",
    "prescribing.editor": "an answer to what is being typed",
    "dispensing.scan": "leads to what was scanned",
    "dispensing.find_bag": "leads to what was scanned",
    "dispensing.scan_pack": "says at the line whether it is the right pack",
    "compliance.verify": "its page is the proof",
    "recalls.notices": "its page is what was read; nothing is written",
}
"""What changes nothing, or is itself what it says."""


def on_pages() -> Iterator[Route]:
    """The rows by which pages change something."""
    return (route for route in TABLE if route.method not in ("GET", "WS") and (route.html or route.redirect))


def tells(verb: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a function says what it has done: by `ctx.flash`, or through one of its own package that does."""
    function = inspect.unwrap(verb)
    if function in seen or not function.__module__.startswith("galen."):
        return False
    calls = [
        node for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))) if isinstance(node, ast.Call)
    ]
    if any(isinstance(call.func, ast.Attribute) and call.func.attr == "flash" for call in calls):
        return True
    names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    known = (function.__globals__.get(name) for name in names)
    return any(tells(other, seen | {function}) for other in known if inspect.isfunction(other))


def silent(routes: Iterator[Route] | list[Route]) -> list[str]:
    return [verb_of(r) for r in routes if not r.says and not tells(r.verb) and verb_of(r) not in SHOWN]


def test_every_change_on_a_page_says_that_it_is_done(application: Any) -> None:
    assert silent(on_pages()) == []
    assert set(SHOWN) <= {verb_of(route) for route in on_pages()}, "an exception for what is not there"


def test_a_verb_that_says_nothing_is_noticed() -> None:
    async def quiet(ctx: Any) -> None: ...
    async def loud(ctx: Any) -> None:
        ctx.flash("Done.")

    quiet.__module__ = loud.__module__ = "galen.queue.service"
    assert silent([post("/a", quiet, redirect="/"), post("/b", loud, redirect="/")]) == ["queue.quiet"]
    assert silent([post("/a", quiet, redirect="/", says="It is done.")]) == []


def test_what_a_row_says_names_only_what_there_is(application: Any) -> None:
    """`%(name)s` is something of the record that the verb returns."""
    for route in TABLE:
        made = inspect.signature(route.verb, eval_str=True).return_annotation
        for name in re.findall(r"%\((\w+)\)s", route.says):
            assert hasattr(made, name), f"{verb_of(route)} says {name}, which {made} has not"


def test_an_undo_of_a_row_is_a_verb_that_needs_ids_alone(application: Any) -> None:
    for route in TABLE:
        if route.undo:
            back = PATHS[route.undo]
            assert back.method != "GET" and route.undo in CATALOGUE
            needed = [p for p in back.parameters if p.default is p.empty and f"{{{p.name}}}" not in back.path]
            drafts = [p for p in needed if any(field.is_required() for field in p.annotation.model_fields.values())]
            assert drafts == [], f"{verb_of(route)} is undone by {route.undo}, which wants {drafts}"


def test_ids_are_those_given_and_for_what_was_made_its_own() -> None:
    made = SimpleNamespace(id="new", patient_id="theirs", name="Ada")
    assert ids_of(post("/patients/{patient_id}/allergies/{allergy_id}", on_pages), made, {"patient_id": "given"}) == {
        "patient_id": "given", "allergy_id": "new",
    }  # fmt: skip
    assert said("%(name)s of %(other)s%(nothing)s.", made, {"other": "x"}) == "Ada of x."


def test_a_page_that_is_only_read_says_nothing(application: Any) -> None:
    assert all(not route.says for route in TABLE if route.method == "GET")
    assert get("/x", on_pages).says == ""


async def test_a_closed_account_says_so_and_is_opened_again_by_undo(client: Any, database: Any) -> None:
    iris = await client("iris", page=True)
    accounts = (await (await client("iris")).get("/api/v1/accounts")).json()
    nora = next(
        account
        for account in (accounts["items"] if isinstance(accounts, dict) else accounts)
        if account["username"] == "nora"
    )
    answer = await iris.delete(f"/accounts/{nora['id']}")
    assert answer.status_code == 303
    page = (await iris.get(answer.headers["location"])).text
    assert f"{nora['name']} cannot sign in any more." in page
    assert f'hx-put="/accounts/{nora["id"]}/restoration"' in page
    back = await iris.put(f"/accounts/{nora['id']}/restoration", headers={"hx-request": "true"})
    assert back.status_code == 200
    assert f"{nora['name']} can sign in again." in (await iris.get("/accounts")).text
    assert "can sign in again" not in (await iris.get("/accounts")).text  # once


async def test_a_refusal_says_nothing_of_success(client: Any) -> None:
    iris = await client("iris", page=True)
    answer = await iris.post("/roles", data={"name": "", "permissions": "patient.read"}, headers={"hx-request": "true"})
    assert answer.status_code == 422 and "toast-line" not in answer.text


ADDED = {
    "allergies": {"substance": "penicillin"},
    "conditions": {"text": "Asthma"},
    "medicines": {"text": "Metformin 500 mg"},
    "immunisations": {"vaccine": "Tetanus"},
}


@pytest.mark.parametrize("kind", ADDED)
async def test_what_is_struck_from_the_chart_is_put_back_by_undo(client: Any, tom: Any, kind: str) -> None:
    nora, api = await client("nora", page=True), await client("nora")
    path = f"/patients/{tom.id}/{kind}"
    made = (await api.post(f"/api/v1{path}", json=ADDED[kind])).json()
    answer = await nora.delete(f"{path}/{made['id']}", headers={"referer": f"http://galen.test/patients/{tom.id}"})
    page = (await nora.get(answer.headers["location"])).text
    assert "struck out." in page
    before = re.search(r'name="before" value="([^"]+)"', page)
    assert before and f"{path}/{made['id']}/reversal" in page
    listed = f"/api/v1{path}"
    assert made["id"] not in {entry["id"] for entry in (await api.get(listed)).json()}
    undone = await nora.post(f"{path}/{made['id']}/reversal", data={"before": before[1]})
    assert undone.status_code == 303, undone.text
    assert "Undone: it is on the record as before." in (await nora.get(undone.headers["location"])).text
    assert made["id"] in {entry["id"] for entry in (await api.get(listed)).json()}
    again = await nora.post(f"{path}/{made['id']}/reversal", data={"before": before[1]})
    assert again.status_code == 409  # it has been changed since


async def test_an_undone_strike_makes_the_patient_allergic_again(client: Any, ada: Any, tom: Any) -> None:
    nora, api = await client("nora", page=True), await client("nora")
    made = (await api.post(f"/api/v1/patients/{tom.id}/allergies", json={"substance": "penicillin"})).json()
    page = (await nora.get((await nora.delete(f"/patients/{tom.id}/allergies/{made['id']}")).headers["location"])).text
    before = re.search(r'name="before" value="([^"]+)"', page)
    assert before
    await nora.post(f"/patients/{tom.id}/allergies/{made['id']}/reversal", data={"before": before[1]})
    patient = (await api.get(f"/api/v1/patients/{tom.id}")).json()
    assert patient["allergy_state"] == AllergyState.KNOWN.value


async def test_what_is_struck_is_resolved_by_nobody(client: Any, tom: Any) -> None:
    api, path = await client("nora"), f"/api/v1/patients/{tom.id}/allergies"
    made = (await api.post(path, json={"substance": "penicillin"})).json()
    assert (await api.delete(f"{path}/{made['id']}")).status_code == 200
    assert (await api.put(f"{path}/{made['id']}/resolution")).status_code == 409
    assert (await api.delete(f"{path}/{made['id']}")).status_code == 409
    assert (await api.get(path)).json() == []
