"""National identifiers: checked, encrypted where they lie, found by their exact value, read one at a time."""

import pytest
from sqlalchemy import select, text

from galen import patients
from galen.core.audit import AuditEntry
from galen.core.crypto import Undecipherable, decrypt
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.patients import Identifier, PatientDraft
from galen.patients.schemas import IdentifierDraft
from galen.patients.service import add_identifier, identifiers, put_identifier, remove_identifier, reveal
from galen.patients.service.identifiers import SomeoneElses, sealed_for

MEDICARE, IHI = "2428 77813 1", "8003 6081 6669 0503"


async def test_a_number_lies_encrypted_and_is_shown_masked(ruth, mara):
    kept = await add_identifier(ruth, mara.id, IdentifierDraft(kind="medicare", value=MEDICARE))
    row = (await ruth.db.execute(text("SELECT * FROM identifier"))).mappings().one()
    assert b"2428778131" not in row["sealed"] and "2428778131" not in str(dict(row))
    assert kept.masked == "•••• 8131"
    assert (await patients.banner(ruth, mara.id)).national_number == "Medicare •••• 8131"


@pytest.mark.parametrize(("kind", "value"), [("medicare", MEDICARE), ("ihi", IHI)])
async def test_a_number_is_found_by_its_exact_value_only(ruth, mara, kind, value):
    await add_identifier(ruth, mara.id, IdentifierDraft(kind=kind, value=value))
    bare = value.replace(" ", "")
    assert [p.id for p in await patients.find_patients(ruth, value)] == [mara.id]
    assert [p.id for p in await patients.find_patients(ruth, bare)] == [mara.id]
    assert await patients.find_patients(ruth, bare[:-1]) == []


async def test_a_family_card_finds_the_family_and_with_its_line_the_person(ruth, mara, tom):
    await add_identifier(ruth, mara.id, IdentifierDraft(kind="medicare", value="24287781311"))
    await add_identifier(ruth, tom.id, IdentifierDraft(kind="medicare", value="24287781312"))
    assert {p.id for p in await patients.find_patients(ruth, MEDICARE)} == {mara.id, tom.id}
    assert [p.id for p in await patients.find_patients(ruth, "24287781312")] == [tom.id]


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("medicare", "2428778141", "check digit (the ninth) should be 3, not 4"),
        ("ihi", "8003608166690504", "check digit"),
        ("medicare", "123", "10 digits"),
    ],
)
async def test_a_wrong_check_digit_is_refused_in_words(ruth, mara, kind, value, sentence):
    with pytest.raises(Invalid) as refused:
        await add_identifier(ruth, mara.id, IdentifierDraft(kind=kind, value=value))
    assert refused.value.field == "value"
    assert sentence in str(refused.value)
    assert await identifiers(ruth, mara.id) == []


async def test_from_elsewhere_a_wrong_number_is_kept_with_the_rule_it_breaks(system, mara):
    kept = await put_identifier(system, mara, "medicare", "2428778141", strict=False)
    await finish(system)
    assert kept.fault.startswith("The Medicare number's check digit")


async def test_one_ihi_is_one_person(ruth, mara, tom):
    await add_identifier(ruth, mara.id, IdentifierDraft(kind="ihi", value=IHI))
    with pytest.raises(SomeoneElses, match=mara.number):
        await add_identifier(ruth, tom.id, IdentifierDraft(kind="ihi", value=IHI))


async def test_another_number_of_the_same_kind_takes_the_place_of_the_first(ruth, mara):
    await add_identifier(ruth, mara.id, IdentifierDraft(kind="medicare", value="24287781311"))
    await add_identifier(ruth, mara.id, IdentifierDraft(kind="medicare", value=MEDICARE))
    assert [n.last for n in await identifiers(ruth, mara.id)] == ["8131"]


async def test_reading_a_number_in_clear_leaves_a_row_and_never_the_number(ruth, mara):
    kept = await add_identifier(ruth, mara.id, IdentifierDraft(kind="ihi", value=IHI))
    assert (await reveal(ruth, mara.id, kept.id)).value == "8003608166690503"
    query = select(AuditEntry).where(AuditEntry.subject == "identifier").order_by(AuditEntry.seq)
    rows = list(await ruth.db.scalars(query.execution_options(bypass_visibility=True)))
    assert [(row.action, row.verb, row.patient_id) for row in rows] == [
        ("created", "patients.add_identifier", mara.id),
        ("opened", "patients.reveal", mara.id),
    ]
    assert not any("0503" in str(row.changes) for row in rows)


async def test_a_ciphertext_moved_to_another_row_is_not_readable(ruth, mara, tom):
    identifier = await add_identifier(ruth, mara.id, IdentifierDraft(kind="ihi", value=IHI))
    other = await add_identifier(ruth, tom.id, IdentifierDraft(kind="medicare", value=MEDICARE))
    with pytest.raises(Undecipherable):
        decrypt(identifier.sealed, sealed_for(ruth, other.id))


async def test_a_number_can_be_taken_away(ruth, mara):
    kept = await add_identifier(ruth, mara.id, IdentifierDraft(kind="ihi", value=IHI))
    await remove_identifier(ruth, mara.id, kept.id)
    assert await ruth.db.scalar(select(Identifier.id)) is None
    assert await patients.find_patients(ruth, IHI) == []


async def test_a_number_written_at_registration_is_kept_likewise(ruth):
    new = await patients.register(ruth, PatientDraft(family="Card", medicare=MEDICARE))
    assert [p.id for p in await patients.find_patients(ruth, MEDICARE)] == [new.id]


async def test_the_page_shows_a_mask_and_on_request_the_number(client, mara):
    ruth = await client("ruth", page=True)
    await ruth.post(f"/patients/{mara.id}/identifiers", data={"kind": "ihi", "value": IHI})
    chart = (await ruth.get(f"/patients/{mara.id}")).text
    assert "•••• 0503" in chart and "8003608166690503" not in chart
    shown = (await (await client("ruth")).get(f"/api/v1/patients/{mara.id}/identifiers")).json()
    assert [(n["kind"], n["masked"]) for n in shown] == [("ihi", "•••• 0503")]
    page = await ruth.get(
        f"/patients/{mara.id}/identifiers/{shown[0]['id']}/value",
        headers={"hx-request": "true", "hx-target": "number--x"},
    )
    assert page.text.strip() == '<span class="code">8003608166690503</span>'
