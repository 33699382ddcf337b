"""Saving: the plain case goes with the statement that finishes, the rest is flushed, and nobody can tell which."""

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm.exc import StaleDataError

from galen import billing, organizations, patients
from galen.billing import ChargeLine, Invoice
from galen.billing.models import InvoiceLine
from galen.core import finish as finishing
from galen.core.audit import AuditEntry
from galen.core.fast import saving
from galen.core.finish import finish
from galen.core.session_hooks import Sealed
from galen.identity import Session
from galen.inventory.models import Movement
from galen.organizations import Site, SiteDraft
from galen.patients import Patient, PatientChange, PatientDraft
from galen.values.ids import uuid7

LINE = ChargeLine("Standard consultation", Decimal(1), Decimal("85.00"), "service")


@asynccontextmanager
async def statements(ctx):
    """What goes to the server in the meantime, by whichever way."""
    said: list[str] = []
    listen = lambda *told: said.append(told[2])  # noqa: E731
    event.listen(ctx.db.bind.sync_engine, "before_cursor_execute", listen)
    raw, spoken = ctx.raw, lambda record: said.append(record.query)
    raw.add_query_logger(spoken)
    try:
        yield said
    finally:
        await asyncio.sleep(0)  # the driver tells its listeners a little later
        raw.remove_query_logger(spoken)
        event.remove(ctx.db.bind.sync_engine, "before_cursor_execute", listen)


def of_tables(said, *tables):
    return [
        statement
        for statement in said
        if any(f'INSERT INTO "{t}"' in statement or f"INSERT INTO {t} " in statement for t in tables)
    ]


async def test_a_whole_with_its_parts_their_books_and_their_audit_is_one_statement(ruth, mara):
    async with statements(ruth) as said:
        await billing.charge(ruth, patient_id=mara.id, reference=("visit", uuid7()), lines=[LINE, LINE])
        await finish(ruth)
    (statement,) = of_tables(said, "invoice", "invoice_line", "transaction", "posting", "audit_entry")
    assert all(f'INSERT INTO "{table}"' in statement for table in ("invoice", "invoice_line", "transaction", "posting"))


async def test_what_was_written_is_what_is_read(ruth, mara):
    invoice = await billing.charge(ruth, patient_id=mara.id, reference=("visit", uuid7()), lines=[LINE, LINE])
    await finish(ruth)
    kept, lines = invoice.total, [(line.id, line.invoice_id, line.version, line.total) for line in invoice.lines]
    ruth.db.expunge_all()
    again = await ruth.get(Invoice, invoice.id)
    assert (again.total, again.version, again.discount_reason) == (kept, 1, "")
    assert [(line.id, line.invoice_id, line.version, line.total) for line in again.lines] == lines
    assert {line[1] for line in lines} == {invoice.id}


async def test_after_it_a_record_is_known_and_unchanged(ruth):
    patient = await patients.register(ruth, PatientDraft(family="New", given="Person"))
    assert patient in ruth.db and patient not in ruth.db.new and patient not in ruth.db.dirty
    assert (await ruth.db.get(Patient, patient.id)) is patient


async def test_a_change_counts_the_version_once_and_leaves_one_row(ruth, system):
    patient = await patients.register(ruth, PatientDraft(family="New", given="Person"))
    for phone in ("0255501234", "0255501235"):
        await patients.change_patient(ruth, patient.id, PatientChange(phone=phone))
    assert patient.version == 3
    stored = await system.db.scalar(select(Patient.version).where(Patient.id == patient.id))
    rows = select(func.count()).select_from(AuditEntry).where(AuditEntry.subject_id == patient.id)
    assert (stored, await system.db.scalar(rows.where(AuditEntry.action == "changed"))) == (3, 2)


async def test_setting_a_value_to_what_it_was_writes_nothing(iris):
    site = (await organizations.sites(iris))[0]
    before, site.phone = site.version, str(site.phone)
    async with statements(iris) as said:
        await finish(iris)
    assert (site.version, said) == (before, [])


async def changed_behind(ctx, site):
    await ctx.raw.execute("UPDATE site SET version = version + 1 WHERE id = $1", site.id)
    site.phone = "lost"


async def test_a_record_that_changed_meanwhile_is_not_overwritten(iris):
    site = (await organizations.sites(iris))[0]
    await changed_behind(iris, site)
    with pytest.raises(StaleDataError):
        await finish(iris)


async def test_without_the_version_it_would_be_overwritten(iris, monkeypatch):
    """The broken variant: it shows that the test above looks at the right thing."""
    careful = saving.update
    monkeypatch.setattr(saving, "update", lambda *told: careful(*told).replace(" AND version = :", " AND 0 <> :"))
    site = (await organizations.sites(iris))[0]
    await changed_behind(iris, site)
    await finish(iris)
    assert await iris.raw.fetchval("SELECT phone FROM site WHERE id = $1", site.id) == "lost"


async def test_a_sealed_record_is_refused_before_anything_is_written(ruth, mara):
    invoice = await billing.charge(ruth, patient_id=mara.id, reference=("visit", uuid7()), lines=[LINE])
    invoice.status = billing.InvoiceStatus.PAID
    await finish(ruth)
    invoice.total = Decimal(1)
    async with statements(ruth) as said:
        with pytest.raises(Sealed):
            await finish(ruth)
    assert said == []
    ruth.db.expire(invoice)


async def test_a_part_that_is_taken_out_is_flushed_by_the_session(ruth, mara):
    invoice = await billing.charge(ruth, patient_id=mara.id, reference=("visit", uuid7()), lines=[LINE, LINE])
    await finish(ruth)
    gone = invoice.lines.pop()
    assert saving.plan_flush(ruth.db) is None
    await finish(ruth)
    assert await ruth.db.scalar(select(InvoiceLine).where(InvoiceLine.id == gone.id)) is None


async def test_more_than_an_action_s_worth_is_flushed_by_the_session(iris):
    for n in range(saving.MAX_RECORDS + 1):
        iris.add(Site(name=f"Site {n}", kind=organizations.SiteKind.CLINIC, zone="Australia/Sydney"))
    assert saving.plan_flush(iris.db) is None
    await finish(iris)
    named = select(func.count()).select_from(Site).where(Site.name.like("Site %"))
    assert await iris.db.scalar(named) == saving.MAX_RECORDS + 1


def test_columns_that_the_database_fills_and_kinds_that_are_watched_are_the_session_s_work():
    assert saving.table_plan(Movement) is None, "its number comes from the database"
    assert saving.table_plan(Session) is None, "identity forgets what it knew when one changes"
    assert saving.table_plan(Invoice) is not None


async def test_the_same_action_is_always_the_same_text(ruth, mara, monkeypatch):
    """A text that differed would be planned anew each time."""
    said = []
    known = finishing.statement
    monkeypatch.setattr(finishing, "statement", lambda plan: said.append(known(plan)) or said[-1])
    for turn in range(5):
        invoice = await billing.charge(ruth, patient_id=mara.id, reference=("visit", uuid7()), lines=[LINE] * 3)
        await finish(ruth)
        for line in reversed(invoice.lines):
            line.text = f"Consultation {line.position}"
        (await ruth.get(Patient, mara.id)).phone = f"02555000{turn}"
        await finish(ruth)
    assert len(set(said[::2])) == 1 and len(set(said[1::2])) == 1
    assert said[1].count("UPDATE") == 4


async def add_twice(ctx):
    with ctx.doing("test.twice"):
        for _ in range(2):
            await organizations.add_site(ctx, SiteDraft(name="Twice"))
        await finish(ctx)


async def test_what_the_database_refuses_leaves_nothing_of_the_action(committed):
    with pytest.raises(Exception, match="site_name_key"):
        async with committed.as_system("north", "test") as ctx:
            await add_twice(ctx)
    async with committed.as_system("north", "test") as ctx:
        assert "Twice" not in [site.name for site in await organizations.sites(ctx)]
        told = select(func.count()).select_from(AuditEntry).where(AuditEntry.verb == "test.twice")
        assert await ctx.db.scalar(told) == 0
