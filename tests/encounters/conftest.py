"""Visits: the diagnoses are loaded once, as set-up does, and a visit of Mara's is open."""

import pytest_asyncio

from galen import encounters, patients
from galen.core.context import Context
from galen.core.database import async_url
from galen.encounters import Visit, VisitDraft, load_icd
from galen.provisioning import migrate


@pytest_asyncio.fixture(scope="session")
async def icd(server: str, workshop: str) -> list[int]:
    """All codes, in the schema that organisations share: loaded as set-up does, twice, and how many each time."""
    connection = await migrate.connect(async_url(server, database=workshop))
    try:
        return [await load_icd(connection), await load_icd(connection)]
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def visit(ada: Context, mara: patients.Patient) -> Visit:
    """Mara is with Ada."""
    return await encounters.start_visit(ada, VisitDraft(patient_id=mara.id, reason="Cough"))
