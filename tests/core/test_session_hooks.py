"""What the session does for everyone: visibility, seals, and an audit row for every change and every opening."""

import pytest
from sqlalchemy import select, text, update

from galen import organizations, patients
from galen.core.actor import Actor
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.errors import Forbidden, NotFound, Stale
from galen.core.gate import requires
from galen.core.session_hooks import Sealed, UnauditedChange
from galen.organizations import SiteDraft
from galen.patients import PatientDraft


async def trail(ctx: Context, record_id: object) -> list[tuple[str, str]]:
    rows = await ctx.db.scalars(select(AuditEntry).where(AuditEntry.subject_id == record_id).order_by(AuditEntry.seq))
    return [(row.verb, row.action) for row in rows]


async def test_each_change_leaves_one_row_with_old_and_new_values(iris):
    site = await organizations.add_site(iris, SiteDraft(name="Annexe"))
    await organizations.edit_site(iris, site.id, SiteDraft(name="Annexe", phone="+61 2 5550 9999"))

    assert await trail(iris, site.id) == [("organizations.add_site", "created"), ("organizations.edit_site", "changed")]
    last = await iris.db.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    assert last.changes == {"phone": ["", "+61 2 5550 9999"]}
    assert (last.actor_name, last.origin) == ("Iris Admin", "test")


async def test_opening_a_patient_leaves_exactly_one_row_however_often_it_is_looked_at(ada, system, mara):
    before = len(await trail(system, mara.id))

    @requires("patient.read")
    async def look_twice(ctx: Context) -> None:
        await ctx.get(patients.Patient, mara.id)
        await ctx.get(patients.Patient, mara.id)

    await look_twice(ada)
    assert len(await trail(system, mara.id)) == before + 1


async def test_changing_an_opened_patient_is_one_row_not_two(ruth, system):
    patient = await patients.register(ruth, PatientDraft(family="New", given="Person"))
    assert await trail(system, patient.id) == [("patients.register", "created")]


async def test_a_secret_never_stands_in_the_audit_log(system):
    found = await system.db.execute(text("SELECT count(*) FROM audit_entry WHERE changes::text LIKE '%argon2%'"))
    assert found.scalar_one() == 0


async def test_a_bulk_change_is_refused_because_it_would_escape_the_audit(ada):
    with pytest.raises(UnauditedChange):
        await ada.db.execute(update(patients.Patient).values(family="Everyone"))


async def test_the_audit_log_cannot_be_changed_through_the_session(iris, mara):
    await patients.open_patient(iris, mara.id)
    row = await iris.db.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    row.verb = "nothing.happened"
    with pytest.raises(Sealed):
        await iris.db.flush()
    iris.db.expire(row)


async def test_a_missing_permission_is_refused_by_name_and_changes_nothing(ruth):
    with pytest.raises(Forbidden) as refused:
        await organizations.add_site(ruth, SiteDraft(name="Not mine to open"))
    assert refused.value.about == {"permission": "organization.write"}
    names = [site.name for site in await organizations.sites(ruth)]
    assert "Not mine to open" not in names


async def test_a_patient_sees_only_the_own_record(acting, mara, tom):
    ctx = await acting("ada")
    ctx.actor = Actor(mara.id, "Mara", "patient", frozenset({"patient.read"}), patient_id=mara.id)

    assert (await patients.open_patient(ctx, mara.id)).id == mara.id
    with pytest.raises(NotFound):
        await patients.open_patient(ctx, tom.id)


async def test_a_stale_version_is_refused(iris):
    site = (await organizations.sites(iris))[0]
    iris.if_match = site.version - 1
    with pytest.raises(Stale):
        await organizations.close_site(iris, site.id)
    assert not site.closed


async def test_two_people_changing_one_record_do_not_overwrite_each_other(committed):
    async with committed.as_system("north", "one") as north:
        site = (await organizations.sites(north))[0]
        async with committed.as_system("north", "two") as two:
            await organizations.edit_site(two, site.id, SiteDraft(name=site.name, phone="second"))
        site.phone = "first"
        with pytest.raises(Exception, match=r"expected to update 1 row|StaleData|0 were matched"):
            await north.db.flush()
        await north.db.rollback()


async def test_a_role_of_one_organisation_cannot_read_the_schema_of_another(committed):
    with pytest.raises(Exception, match="permission denied"):
        async with committed.database.transaction("north") as db:
            await db.execute(text("SELECT * FROM org_south.patient"))


async def test_forgetting_to_enter_an_organisation_shows_nothing(committed):
    with pytest.raises(Exception, match=r"permission denied|does not exist"):
        async with committed.database.transaction(None) as db:
            await db.execute(text("SELECT * FROM org_north.patient"))


async def test_a_pooled_connection_never_serves_the_organisation_it_served_before(committed):
    async def families(slug: str) -> set[str]:
        async with committed.as_system(slug, "test") as ctx:
            return set(await ctx.db.scalars(select(patients.Patient.family)))

    for _ in range(20):
        assert "Quill" in await families("north")
        assert await families("south") == {"Stone"}
