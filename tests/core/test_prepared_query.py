"""Prepared queries are answered as the session would answer them, visibility included."""

import pytest
from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select

from galen import organizations, patients
from galen.core.actor import Actor
from galen.core.fast.prepared_query import PreparedQuery
from galen.organizations import Site, SiteKind
from galen.patients import Allergy, AllergyDraft, AllergyStatus, Patient, PatientDraft, Sex
from galen.values.ids import uuid7

PEOPLE = PreparedQuery(
    select(Patient.id, Patient.given, Patient.sex, Patient.born, Patient.contact)
    .where(Patient.family.in_(["Quill", "Stone", "Nobody"]), Patient.born > bindparam("since"))
    .order_by(Patient.given)
)
CHOSEN = PreparedQuery(
    select(Site.name, Site.kind, Site.hours)
    .where(Site.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(Site.id)
)
ALLERGIES = select(func.count(Allergy.id)).where(Allergy.patient_id == bindparam("patient_id"))
VISIBLE = PreparedQuery(ALLERGIES.where(Allergy.status == AllergyStatus.ACTIVE))
OPEN = PreparedQuery(ALLERGIES.where(Allergy.status == AllergyStatus.ACTIVE), bypass_visibility="a test of visibility")


@pytest.fixture
def long_ago(ada):
    return ada.today.replace(year=1900)


async def test_the_answer_is_that_of_the_session(ada, mara, long_ago):
    rows = await PEOPLE.all(ada, since=long_ago)
    session = list(await ada.db.execute(PEOPLE.statement, {"since": long_ago}))
    assert rows and [tuple(row) for row in rows] == [tuple(row) for row in session]
    row = next(row for row in rows if row.id == mara.id)
    assert (row.given, row.sex) == ("Mara", Sex.FEMALE) and isinstance(row.contact, dict)


async def test_a_list_is_one_value_however_long_it_is(iris):
    sites = sorted(await organizations.sites(iris), key=lambda site: site.id)
    for some in ([], sites[:1], sites):
        rows = await CHOSEN.all(iris, ids=[site.id for site in some])
        assert [(row.name, row.kind, row.hours) for row in rows] == [(s.name, s.kind, s.hours) for s in some]
    assert all(isinstance(row.kind, SiteKind) for row in rows)


async def test_what_there_is_not_is_none(ada):
    assert await PEOPLE.one(ada, since=ada.today.replace(year=9000)) is None
    assert (await VISIBLE.one(ada, patient_id=uuid7()))[0] == 0


async def test_it_sees_what_the_session_has_not_written_yet(ruth, long_ago):
    before = len(await PEOPLE.all(ruth, since=long_ago))
    with ruth.doing("test"):
        await patients.register(ruth, PatientDraft(family="Stone", given="Zelda", born="1990-01-01"))
        assert len(await PEOPLE.all(ruth, since=long_ago)) == before + 1
        with ruth.db.no_autoflush:
            await patients.register(ruth, PatientDraft(family="Stone", given="Zora", born="1991-01-01"))
            assert len(await PEOPLE.all(ruth, since=long_ago)) == before + 1


async def test_a_patient_sees_only_their_own_unless_the_query_bypasses_visibility(acting, ada, mara, tom):
    for patient in (mara, tom):
        await patients.add_allergy(ada, patient.id, AllergyDraft(substance="latex", reaction="rash"))
    ctx = await acting("ada")
    ctx.actor = Actor(mara.id, "Mara", "patient", frozenset({"patient.read"}), patient_id=mara.id)

    assert (await VISIBLE.one(ctx, patient_id=mara.id))[0] >= 1
    assert (await VISIBLE.one(ctx, patient_id=tom.id))[0] == 0
    assert (await OPEN.one(ctx, patient_id=tom.id))[0] >= 1


def test_a_query_knows_what_it_is_about():
    assert PEOPLE.kinds == {Patient}
    assert VISIBLE.kinds == {Allergy}
    inner = select(Allergy.id).where(Allergy.patient_id == Patient.id).exists()
    assert PreparedQuery(select(Patient.id).where(inner)).kinds == {Patient, Allergy}
