"""Prescriptions: medicines by name, and drafts as a doctor writes them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from galen import medicines, prescribing
from galen.core.context import Context
from galen.demo import PASSWORD
from galen.medicines import Product
from galen.patients import Patient
from galen.prescribing import Prescription, PrescriptionDraft, PrescriptionLineDraft, SignatureDraft

Write = Callable[..., Awaitable[Prescription]]


async def product(ctx: Context, name: str) -> Product:
    return (await medicines.find_medicines(ctx, name, 1))[0]


@pytest.fixture
def write(ada: Context, mara: Patient) -> Write:
    """Draft as Ada for Mara: `await write(("amoxicillin 500 mg capsule", "1 cap tds x7/7"))`."""

    async def draft(
        *lines: tuple[str, str], ctx: Context | None = None, patient: Any = None, **more: Any
    ) -> Prescription:
        by = ctx or ada
        each = more.pop("each", {})
        drafts = [
            PrescriptionLineDraft(product_id=(await product(by, name)).id, directions=directions, **each)
            for name, directions in lines
        ]
        said = PrescriptionDraft(patient_id=(patient or mara).id, lines=drafts, **more)
        return await prescribing.draft(by, said)

    return draft


@pytest.fixture
def signature() -> Callable[..., SignatureDraft]:
    """The password, once more, with answers to warnings."""

    def made(password: str = PASSWORD, **more: Any) -> SignatureDraft:
        return SignatureDraft(password=SecretStr(password), **more)

    return made
