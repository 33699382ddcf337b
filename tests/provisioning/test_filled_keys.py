"""Who was registered before there were keys for it is found by parts afterwards, as if registered today."""

from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from galen import patients
from galen.core.context import Context
from galen.patients import PatientDraft
from galen.provisioning.migrate import MIGRATIONS

THERE = "SELECT id, words, pieces FROM patient ORDER BY id"


async def test_the_migration_writes_the_keys_that_registering_writes(ruth: Context, database: Any) -> None:
    draft = PatientDraft(family="Ó Briain-Whitlow", given="Twin 2", preferred="Caz", phone="0491 570 006")
    await patients.register(ruth, draft)
    await ruth.flush()
    before = [tuple(row) for row in await database.raw.fetch(THERE)]
    assert len(before) > 3 and all(words and pieces for _id, words, pieces in before)
    await database.raw.execute("UPDATE patient SET words = '', pieces = ''")
    assert await patients.find_patients(ruth, "whitlow") == []
    spec = spec_from_file_location("finding_people", MIGRATIONS / "versions" / "0009_finding_people.py")
    assert spec and spec.loader
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)
    await migration.fill(database.raw)
    assert [tuple(row) for row in await database.raw.fetch(THERE)] == before
    assert [person.preferred for person in await patients.find_patients(ruth, "whitlow")] == ["Caz"]
