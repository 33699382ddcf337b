"""The checker as a page and over the API."""

from typing import Any

import pytest

from galen.core.context import Context
from galen.patients import Allergy, AllergyState, Patient
from galen.safety import service as verbs

FRAGMENT = {"hx-request": "true", "hx-target": "div#answer"}


async def test_the_api_answers_alerts_with_coverage_and_version(client: Any) -> None:
    http = await client("ada")
    answer = await http.post("/api/v1/drugs/interactions", json={"medicines": ["warfarin", "ibuprofen", "moonflower"]})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["known"], said["total"], said["unknown"], said["complete"]) == (2, 3, ["moonflower"], False)
    assert said["alerts"][0]["severity"] == "major" and said["alerts"][0]["version"] == said["version"]
    assert said["alerts"][0]["key"] and said["alerts"][0]["tier"] == "interrupts" and "banner" not in said


async def test_the_page_says_what_may_happen_then_why_then_what_to_do_instead(client: Any) -> None:
    browser = await client("nora", page=True)
    assert "Warnings appear here" in (await browser.get("/safety")).text
    page = (await browser.post("/drugs/interactions", data={"text": "warfarin\nibuprofen"}, headers=FRAGMENT)).text
    assert "<html" not in page and "2 of 2 medicines known" in page
    order = [page.index(text) for text in ("Major", "bleeding", "<b>Because</b>", "What to do", "Paracetamol")]
    assert order == sorted(order)
    whole = await browser.post("/drugs/interactions", data={"text": "warfarin\nibuprofen"})
    assert whole.status_code == 200 and "<html" in whole.text and "warfarin\nibuprofen</textarea>" in whole.text


async def test_the_page_shows_whose_allergies_were_looked_at(client: Any, ada: Context, mara: Patient) -> None:
    ada.add(Allergy(patient_id=mara.id, substance="penicillin"))
    mara.allergy_state = AllergyState.KNOWN
    await ada.flush()
    browser = await client("ada", page=True)
    page = (await browser.post("/drugs/interactions", data={"text": "amoxicillin", "patient_id": str(mara.id)})).text
    assert "QUILL" in page and "Contraindicated" in page and "recorded allergy to penicillin" in page
    assert 'hx-get="/patients/options"' in (await browser.get("/safety")).text


async def test_the_page_never_calls_unknown_safe(client: Any, mara: Patient) -> None:
    browser = await client("ben", page=True)

    async def asked(text: str, **more: str) -> str:
        return str((await browser.post("/drugs/interactions", data={"text": text, **more}, headers=FRAGMENT)).text)

    unknown = await asked("moonflower\nmetformin")
    assert "1 of 2 medicines known" in unknown and "Not checked, because not known here: moonflower" in unknown
    assert "Nothing known speaks against" not in unknown and "That is not all of it" in unknown
    assert "Did you mean <b>ibuprofen</b>" in await asked("ibuprofin")
    assert "Nobody has asked this patient about allergies" in await asked("metformin", patient_id=str(mara.id))
    assert "no patient chosen: allergies" in await asked("metformin\natorvastatin")
    assert "No medicine written" in await asked("")


async def test_the_page_says_when_the_check_could_not_be_done(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError

    monkeypatch.setattr(verbs.rules, "check", broken)
    browser = await client("ada", page=True)
    page = (await browser.post("/drugs/interactions", data={"text": "warfarin"}, headers=FRAGMENT)).text
    assert "The check could not be done" in page and "Nothing known speaks against" not in page


async def test_who_may_ask(client: Any) -> None:
    for username, status in (("", 401), ("ruth", 403), ("max", 403), ("nora", 200), ("ben", 200)):
        http = await client(username)
        assert (await http.post("/api/v1/drugs/interactions", json={"medicines": ["aspirin"]})).status_code == status


async def test_another_organisations_patient_is_not_found(client: Any, services: Any) -> None:
    from sqlalchemy import select

    async with services.as_system("south", "test") as south:
        foreign = await south.db.scalar(select(Patient.id).limit(1))
    http = await client("ada")
    answer = await http.post("/api/v1/drugs/interactions", json={"medicines": ["aspirin"], "patient_id": str(foreign)})
    assert answer.status_code == 404


async def test_warnings_inside_a_form_ask_a_coded_reason_for_each_that_interrupts(ada: Context) -> None:
    from types import SimpleNamespace

    from galen import safety
    from galen.core.web import formats
    from galen.core.web.templating import templates

    report = await safety.check(ada, None, [], also=["warfarin", "ibuprofen", "amiodarone"])
    request: Any = SimpleNamespace(
        state=SimpleNamespace(ctx=ada), cookies={}, url=SimpleNamespace(scheme="http", path="/")
    )
    template = templates.from_string(
        '{% import "safety/alerts.html" as safety with context %}'
        '{{ safety.alerts(report, answer="overrides", given=given) }}'
    )
    known = {
        "ctx": ada,
        "csrf": "",
        "request": request,
        "report": report,
        "given": {report.interrupting[0].key: {"reason": "dose", "comment": "INR"}},
    }
    for word in ("money", "when", "day", "clock"):
        known[word] = getattr(formats, word)(ada)
    known["ui"] = templates.get_template("macros.html").make_module(known)
    drawn = template.render(known)
    for place in range(len(report.interrupting)):
        assert f'name="overrides.{place}.key"' in drawn and f'name="overrides.{place}.reason"' in drawn
    assert '<option value="dose" selected>' in drawn and 'value="INR"' in drawn
    assert "Benefit outweighs the risk" in drawn and drawn.index("What to do") < drawn.index("Go on all the same")
