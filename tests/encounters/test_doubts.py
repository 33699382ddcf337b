"""A value that is hard to believe is asked about on every way in, and used by no dose until it is confirmed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from galen import encounters, medicines, patients, safety
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.finish import finish
from galen.encounters import Visit, VisitDraft, Vitals, VitalsDraft
from galen.encounters.schemas import ConfirmationDraft
from galen.encounters.service import chart_of, confirm_vitals, past_vitals, strike_vitals
from galen.patients import Patient, Sex

HEADERS = {"hx-request": "true", "hx-target": "div#vitals-form"}


@pytest.fixture
async def infant(ada: Context) -> Patient:
    return await ada.get(Patient, (await patients.find_patients(ada, "O'Brien"))[0].id)


@pytest.fixture
async def seen(ada: Context, infant: Patient) -> Visit:
    infant.born = date(2025, 12, 20)  # eleven months on the day of the cast
    visit = await encounters.start_visit(ada, VisitDraft(patient_id=infant.id))
    await ada.flush()
    return visit


async def taken(ctx: Context, visit: Visit, **said: Any) -> Vitals:
    vitals = await encounters.record_vitals(ctx, visit.id, VitalsDraft.model_validate(said))
    await ctx.flush()
    return vitals


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        (
            {"weight": "92"},
            "weight",
            r"weight 92 kg is unusual at this age: .* to 13.7 kg would be usual .WHO.. Was it 9.2 kg",
        ),
        ({"weight": "20.3"}, "weight", "Was it 20.3 lb"),
        ({"height": "29"}, "height", "Was it 29 in"),
        ({"height": "0.74 m", "weight": "920 g"}, "weight", "weight 0.92 kg"),
    ],
)
async def test_it_stops_and_asks_and_nothing_is_kept(
    ada: Context, seen: Visit, said: dict[str, str], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        await taken(ada, seen, **said)
    assert refused.value.field == field and "confirm this value" in str(refused.value)
    assert (await chart_of(ada, seen.patient_id)).latest is None


async def test_the_last_value_is_what_the_next_is_compared_with(ada: Context, seen: Visit) -> None:
    await taken(ada, seen, weight="9.2")
    with pytest.raises(Invalid, match=r"far from the last one, 9.2 kg on 20 Nov 2026: .* Was it 9.2 kg"):
        await taken(ada, seen, weight="92")


async def test_a_confirmed_value_is_kept_with_who_and_why_and_only_exactly_that_value(
    ada: Context, seen: Visit
) -> None:
    confirmation = {"confirmed": {"weight": "16.5"}, "because": "Measured again on the ward's scale"}
    with pytest.raises(Invalid, match=r"weight 17\.5 kg"):
        await taken(ada, seen, weight="17.5", **confirmation)
    with pytest.raises(Invalid, match="how you know") as refused:
        await taken(ada, seen, weight="16.5", confirmed={"weight": "16.5"})
    assert refused.value.field == "because"
    vitals = await taken(ada, seen, weight="16.5", **confirmation)
    assert (vitals.confirmed_by, vitals.confirmed_because, vitals.confirmed_at) == (
        ada.actor.name, "Measured again on the ward's scale", ada.now,
    )  # fmt: skip
    assert vitals.doubts["weight"]["by"] == "WHO"
    assert (await taken(ada, seen, weight="16.6")).doubts == {}


async def test_a_confirmation_of_what_nobody_doubts_is_not_recorded(ada: Context, seen: Visit) -> None:
    vitals = await taken(ada, seen, weight="9.2", confirmed={"weight": "9.2"}, because="Sure")
    assert (vitals.doubts, vitals.confirmed_by) == ({}, "")


async def doubted(ctx: Context, seen: Visit, kg: str = "92") -> Vitals:
    """As an import brings it: kept, and in doubt."""
    about = {"born": date(2025, 12, 20), "sex": Sex.UNKNOWN}
    vitals = past_vitals(ctx, seen.patient_id, ctx.now, {"weight": Decimal(kg)}, **about)
    await ctx.flush()
    return vitals


SUSPENSION = {"high": "40", "per_day": "120", "unit": "mL"}


async def amoxicillin(ctx: Context, seen: Visit) -> safety.SafetyReport:
    found = await medicines.find_medicines(ctx, "amoxicillin 250 mg/5 mL")
    return await safety.check(ctx, seen.patient_id, found[:1], doses=[SUSPENSION])


async def test_no_dose_is_reckoned_with_a_weight_in_doubt_and_too_much_alerts_all_the_same(
    ada: Context, seen: Visit
) -> None:
    vitals = await doubted(ada, seen)
    report = await amoxicillin(ada, seen)
    assert {(a.rule, a.severity.value) for a in report.interrupting} >= {("dose-daily", "major")} or [
        a for a in report.interrupting if a.rule == "dose-daily"
    ]
    assert "6,000 mg of amoxicillin a day" in " ".join(alert.effect for alert in report.interrupting)
    assert report.measure == ["the weight 92 kg of 20 Nov 2026 is in doubt"]
    assert any("weight is not recorded" in gap for gap in report.unchecked)
    await confirm_vitals(ada, vitals.id, ConfirmationDraft(because="Measured again"))
    await ada.flush()
    assert (await amoxicillin(ada, seen)).measure == []


async def test_an_earlier_weight_that_is_believed_goes_on_counting(ada: Context, seen: Visit) -> None:
    await taken(ada, seen, weight="9.2")
    ada.now += timedelta(minutes=5)
    await doubted(ada, seen)
    report = await amoxicillin(ada, seen)
    assert "for a child of 9.2 kg" in " ".join(alert.because for alert in report.interrupting)
    assert report.measure and not [gap for gap in report.unchecked if "weight" in gap]


async def test_an_old_weight_of_a_small_child_is_said_to_be_old(ada: Context, seen: Visit) -> None:
    await taken(ada, seen, weight="8.4")
    ada.now += timedelta(days=95)
    report = await amoxicillin(ada, seen)
    assert report.measure == ["the weight 8.4 kg is 95 days old"]
    assert "6,000 mg of amoxicillin a day" in " ".join(alert.effect for alert in report.interrupting)


async def test_only_what_is_in_doubt_and_stands_can_be_confirmed(ada: Context, seen: Visit) -> None:
    sound, odd = await taken(ada, seen, weight="9.2"), await doubted(ada, seen)
    with pytest.raises(Conflict, match="Nothing of these"):
        await confirm_vitals(ada, sound.id, ConfirmationDraft(because="Measured again"))
    await strike_vitals(ada, odd.id)
    await ada.flush()
    with pytest.raises(Conflict, match="Nothing of these"):
        await confirm_vitals(ada, odd.id, ConfirmationDraft(because="Measured again"))


async def test_over_json_the_answer_names_the_value_and_a_confirmation_is_taken(
    client, ada: Context, seen: Visit
) -> None:
    await finish(ada)
    http, path = await client("ada"), f"/api/v1/visits/{seen.id}/vitals"
    refused = await http.post(path, json={"weight": "92 kg"})
    assert (refused.status_code, refused.json()["code"]) == (422, "in_doubt")
    assert refused.json()["errors"][0]["field"] == "weight"
    assert "Was it 9.2 kg?" in refused.json()["detail"]
    asked = await http.post(f"/api/v1/patients/{seen.patient_id}/vitals/doubts", json={"weight": "92 kg"})
    assert [(doubt["measure"], doubt["token"]) for doubt in asked.json()] == [("weight", "92")]
    kept = await http.post(path, json={"weight": 92, "confirmed": {"weight": 92}, "because": "Weighed twice"})
    assert (kept.status_code, kept.json()["confirmed_because"]) == (201, "Weighed twice")


@pytest.mark.parametrize("value", ["1e28", 1e30, "9" * 40, "1e400", "-5", "NaN", "Infinity", "0." + "1" * 60])
@pytest.mark.parametrize("field", ["weight", "heart_rate", "creatinine"])
async def test_an_absurd_number_is_refused_with_its_fields_name(
    client, ada: Context, seen: Visit, field: str, value: Any
) -> None:
    await finish(ada)
    answer = await (await client("ada")).post(f"/api/v1/visits/{seen.id}/vitals", json={field: value})
    assert answer.status_code == 422, answer.text
    assert {error["field"].split(".")[0] for error in answer.json()["errors"]} == {field}


async def test_the_page_asks_while_one_types_and_tells_what_is_in_doubt(client, ada: Context, seen: Visit) -> None:
    await doubted(ada, seen)
    await finish(ada)
    page = await client("ada", page=True)
    patient = f"/patients/{seen.patient_id}"
    asked = await page.post(
        f"{patient}/vitals/doubts", data={"weight": "92"}, headers={"hx-request": "true", "hx-target": "div#doubts"}
    )
    assert 'name="confirmed.weight" value="92"' in asked.text and "<html" not in asked.text
    half = await page.post(f"{patient}/vitals/doubts", data={"weight": "9x"}, headers=HEADERS)
    assert half.status_code == 200
    refused = await page.post(f"/visits/{seen.id}/vitals", data={"weight": "92"}, headers=HEADERS)
    assert refused.status_code == 422 and 'id="error--weight"' in refused.text
    kept = await page.post(
        f"/visits/{seen.id}/vitals",
        data={"weight": "92", "confirmed.weight": "92", "because": "Weighed twice"},
        headers=HEADERS,
    )
    assert kept.status_code == 200, kept.text
    chart = (await page.get(f"{patient}/vitals")).text
    assert "In doubt:" in chart and "No dose is reckoned with it" in chart
    assert "Unusual, and confirmed by Dr Ada Okafor" in (await page.get(f"/visits/{seen.id}")).text


async def test_what_was_entered_in_error_is_struck_through_with_who_and_when(
    client, ada: Context, visit: Visit
) -> None:
    vitals = await taken(ada, visit, heart_rate=72)
    await strike_vitals(ada, vitals.id)
    await finish(ada)
    assert (vitals.struck_by, vitals.struck_at) == (ada.actor.name, ada.now)
    text = (await (await client("ada", page=True)).get(f"/visits/{visit.id}")).text
    assert "<s><bdi" in text and "(Dr Ada Okafor, 20 Nov 2026" in text
