"""Look-alike names stand in tall-man letters on every page that names a medicine."""

import re
from decimal import Decimal
from typing import Any

import pytest

from galen import medicines, prescribing
from galen.core.context import Context
from galen.core.finish import finish
from galen.demo import PASSWORD
from galen.patients import CurrentMedicine, Patient
from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft, SignatureDraft


@pytest.mark.parametrize(
    ("text", "country", "raised"),
    [
        ("amlodipine 5 mg tablet", "AU", "amLODIPine 5 mg tablet"),
        ("of diazepam and carbamazepine together", "AU", "of DIAzepam and CARBAMazepine together"),
        ("Carbamazepine 200 mg", "AU", "CARBAMazepine 200 mg"),
        ("prednisone 5 mg", "US", "predniSONE 5 mg"),
        ("paracetamol 500 mg tablet", "AU", "paracetamol 500 mg tablet"),
        ("prednisolone", "DE", "prednisolone"),
    ],
)
def test_only_the_letters_that_differ_are_raised(text: str, country: str, raised: str) -> None:
    assert medicines.raised(text, country) == raised


async def test_chart_editor_prescription_queue_and_dispensing(
    client: Any, ada: Context, mara: Patient, catch_up: Any
) -> None:
    ada.add(CurrentMedicine(patient_id=mara.id, text="diazepam 5 mg tablet"))
    product = (await medicines.find_medicines(ada, "amlodipine 5 mg tablet", 1))[0]
    line = PrescriptionLineDraft(product_id=product.id, directions="1 tab daily x5/7", quantity=Decimal(5))
    rx = await prescribing.draft(ada, PrescriptionDraft(patient_id=mara.id, lines=[line]))
    await finish(ada)
    page, ben = await client("ada", page=True), await client("ben", page=True)
    plain = "amlodipine"
    drafted = (await page.get(f"/prescriptions/{rx.id}")).text
    assert "amLODIPine" in drafted and plain not in drafted
    editor = (await page.get(f"/prescriptions/{rx.id}/edit")).text
    assert "amLODIPine" in editor and plain not in editor
    answers = [
        {"key": alert.key, "reason": "monitoring", "comment": "Short course"} for alert in rx.report.interrupting
    ]
    signed = SignatureDraft(password=PASSWORD, overrides=answers)
    await prescribing.sign(ada, rx.id, signed)
    await finish(ada)
    await catch_up()
    chart = (await page.get(f"/patients/{mara.id}")).text
    assert "DIAzepam" in chart and "diazepam" not in chart
    assert "amLODIPine" in (await page.get(f"/patients/{mara.id}/prescriptions")).text
    queue = (await ben.get("/dispensing")).text
    assert "amLODIPine" in queue and plain not in queue
    found = re.search(r"/dispensing/([0-9a-f-]{36})", queue)
    assert found
    desk = (await ben.get(found[0])).text
    assert "amLODIPine" in desk and plain not in desk
