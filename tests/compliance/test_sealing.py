"""Two hundred tamperings by a superuser with triggers off: every one is found, and named."""

import random
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from galen import organizations, patients
from galen.compliance import anchor_file, seal_log, sealing, verify_log
from galen.compliance.sealing import anchor
from galen.core.database import schema_of
from galen.organizations import SiteDraft
from galen.patients import PatientDraft
from galen.provisioning import migrate
from galen.settings import settings


@pytest.fixture
def anchors(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(settings(), "var", tmp_path)
    return tmp_path


@pytest_asyncio.fixture
async def superuser(committed, server):
    """A database administrator who switches the triggers off first."""
    name = committed.database.engine.url.database
    connection = await migrate.connect(
        committed.database.engine.url.set(username=None, password=None).set(**_login(server), database=name)
    )
    await connection.execute(f"SET search_path TO {schema_of('north')}, galen; SET session_replication_role = replica")
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def sealed(committed, anchors, superuser):
    """A log of some dozens of rows under three seals, all anchored: what the founding wrote is taken out first."""
    await superuser.execute("DELETE FROM audit_entry")
    for round in range(3):
        async with committed.as_system("north", "test") as ctx:
            for number in range(8):
                await patients.register(ctx, PatientDraft(family=f"Round{round}", given=f"Person{number}", anyway=True))
        async with committed.as_system("north", "test") as ctx:
            assert await seal_log(ctx) is not None
        async with committed.as_system("north", "test") as ctx:
            await anchor(ctx)
    return committed


def _login(server: str) -> dict[str, str | None]:
    from sqlalchemy import make_url

    url = make_url(server)
    return {"username": url.username, "password": url.password}


async def found(services) -> list[str]:
    async with services.as_system("north", "test") as ctx:
        return [str(d) for d in await verify_log(ctx)]


async def test_an_untouched_log_verifies(sealed):
    assert await found(sealed) == []


async def test_a_row_committed_late_is_sealed_by_the_next_seal(sealed):
    async with sealed.as_system("north", "slow") as slow:
        await organizations.add_site(slow, SiteDraft(name="Slow"))
        async with sealed.as_system("north", "quick") as quick:
            await organizations.add_site(quick, SiteDraft(name="Quick"))
        async with sealed.as_system("north", "seal") as ctx:
            await seal_log(ctx)
    async with sealed.as_system("north", "seal") as ctx:
        late = await seal_log(ctx)
    assert late is not None and late.count >= 1
    async with sealed.as_system("north", "seal") as ctx:
        await anchor(ctx)
    assert await found(sealed) == []


async def test_a_log_longer_than_a_batch_is_sealed_to_its_end(sealed, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 7)
    async with sealed.as_system("north", "test") as ctx:
        for number in range(30):
            await organizations.add_site(ctx, SiteDraft(name=f"Site {number}"))
    made = []
    for _ in range(12):
        async with sealed.as_system("north", "seal") as ctx:
            made.append(await seal_log(ctx))
        async with sealed.as_system("north", "seal") as ctx:
            await anchor(ctx)
    async with sealed.as_system("north", "seal") as ctx:
        end = await ctx.raw.fetchval("SELECT max(seq) FROM audit_entry")
    assert sum(one_seal.count for one_seal in made if one_seal) == 30 and made[-1] is None
    assert max(one_seal.floor for one_seal in made if one_seal) == end
    assert await found(sealed) == []


COLUMNS = {
    "actor_name": "'Somebody Else'", "verb": "'nothing.done'", "action": "'opened'", "subject": "'thing'",
    "subject_id": "gen_random_uuid()", "actor_id": "gen_random_uuid()", "patient_id": "gen_random_uuid()",
    "changes": "'{\"forged\": [null, 1]}'::jsonb", "at": "at + interval '1 second'", "origin": "'elsewhere'",
    "request_id": "gen_random_uuid()", "reason": "'because'", "site_id": "gen_random_uuid()", "version": "version + 1",
    "id": "gen_random_uuid()",
}  # fmt: skip


def tampering(dice: random.Random, seqs: list[int]) -> str:
    """One way to bend the log, drawn at random."""
    row, other = dice.sample(seqs, 2)
    column = dice.choice(list(COLUMNS))
    # seq is GENERATED ALWAYS: an attacker who owns the table gets around that, so the forgeries do too
    return dice.choice(
        [
            f"UPDATE audit_entry SET {column} = {COLUMNS[column]} WHERE seq = {row}",
            f"DELETE FROM audit_entry WHERE seq = {row}",
            f"DELETE FROM audit_entry WHERE seq >= {row}",
            f"UPDATE audit_entry a SET verb = b.verb || '!' FROM audit_entry b WHERE a.seq = {row} AND b.seq = {other}",
            f"DELETE FROM audit_entry WHERE seq = {row}; INSERT INTO audit_entry OVERRIDING SYSTEM VALUE "
            f"SELECT {row}, at, actor_id, actor_name, verb, action, subject, subject_id, patient_id, changes, site_id, "
            "request_id, origin, "
            f"'moved', gen_random_uuid(), version FROM audit_entry WHERE seq = {other}",
            "DELETE FROM seal_record WHERE number = (SELECT max(number) FROM seal_record)",
            "UPDATE seal_record SET root = sha256(root) WHERE number = (SELECT min(number) FROM seal_record)",
            "UPDATE seal_record SET floor = floor - 1 WHERE number = 2",
            "DELETE FROM audit_entry; DELETE FROM seal_record",
        ]
    )


async def test_two_hundred_tamperings_are_all_found(sealed, superuser: asyncpg.Connection):
    dice = random.Random(20261120)
    seqs = [r["seq"] for r in await superuser.fetch("SELECT seq FROM audit_entry ORDER BY seq")]
    import json

    from galen.compliance.models import SealRecord
    from galen.compliance.seal_tree import read_anchors, verify
    from galen.compliance.sealing import COLUMNS as TABLE
    from galen.core.crypto import seal_key

    missed = []
    for number in range(200):
        act = tampering(dice, seqs)
        bending = superuser.transaction()
        await bending.start()
        await superuser.execute(act)
        rows = [
            dict(r)
            for r in await superuser.fetch(f"SELECT {', '.join(c.name for c in TABLE)} FROM audit_entry ORDER BY seq")
        ]
        for row in rows:
            row["changes"] = json.loads(row["changes"])
        kept = [
            SealRecord(**{**dict(r), "covers": json.loads(r["covers"])}).seal
            for r in await superuser.fetch("SELECT * FROM seal_record ORDER BY number")
        ]
        outside, _ = read_anchors(anchor_file("north"))
        if not verify(rows, kept, outside, seal_key().public_key()):
            missed.append(f"{number}: {act}")
        await bending.rollback()
    assert missed == []
    assert await found(sealed) == []


async def test_without_anchors_a_rewritten_log_would_go_unnoticed(sealed, superuser, anchors):
    """The broken variant: a verifier that believes the database alone cannot see that the end was cut off."""
    await superuser.execute(
        "DELETE FROM audit_entry WHERE seq > (SELECT floor FROM seal_record WHERE number = 2); "
        "DELETE FROM seal_record WHERE number = 3"
    )
    assert any("Seal 3 is anchored" in sentence for sentence in await found(sealed))
    kept = anchor_file("north").read_text().splitlines()[:2]
    anchor_file("north").write_text("\n".join(kept) + "\n")
    assert await found(sealed) == []


async def test_the_application_itself_cannot_touch_the_log(sealed):
    with pytest.raises(Exception, match="permission denied"):
        async with sealed.database.transaction("north") as db:
            await (await db.connection()).exec_driver_sql("UPDATE audit_entry SET verb = 'x'")
