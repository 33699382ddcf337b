"""bin/bench recalled: how long one call takes to block a batch that 2,000 patients received, and to list them all."""

import argparse
import asyncio
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from galen import dispensing, inventory, medicines, patients, prescribing, recalls
from galen.app import services_for
from galen.core.context import Context
from galen.core.database import Database, schema_of
from galen.core.services import Services
from galen.demo.cast import PASSWORD
from galen.demo.encounters import act_as
from galen.dispensing import CollectedBy, CollectionDraft, Counselling, DispensingDraft, SupplyDraft, VerificationDraft
from galen.inventory import BatchDraft
from galen.medicines import MedicineDraft, PartDraft
from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft, SignatureDraft
from galen.provisioning import migrate, server
from galen.recalls import RecallDraft
from galen.recalls.service import recipients_csv

from . import world

HOLDERS = 2_000
COPIES = """
WITH holder AS (SELECT p.id AS patient_id, gen_random_uuid() AS dispensing_id, gen_random_uuid() AS line_id
                  FROM patient p WHERE p.id <> $2 ORDER BY p.id LIMIT $3),
given AS (
  INSERT INTO dispensing SELECT (jsonb_populate_record(d, jsonb_build_object('id', h.dispensing_id,
      'patient_id', h.patient_id, 'number', 'B' || h.dispensing_id, 'prescription_id', gen_random_uuid()))).*
    FROM dispensing d, holder h WHERE d.id = $1 RETURNING 1),
lines AS (
  INSERT INTO dispensing_line SELECT (jsonb_populate_record(l, jsonb_build_object('id', h.line_id,
      'dispensing_id', h.dispensing_id))).*
    FROM dispensing_line l, holder h WHERE l.dispensing_id = $1 RETURNING 1)
INSERT INTO dispensed_item SELECT (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(),
    'dispensing_id', h.dispensing_id, 'dispensing_line_id', h.line_id, 'patient_id', h.patient_id))).*
  FROM dispensed_item i, holder h WHERE i.dispensing_id = $1
"""


async def handed_over(ctx: Context, lot: str) -> tuple[UUID, UUID, UUID]:
    """One supply of one batch in a patient's hands: the medicine, the dispensing, the patient."""
    await act_as(ctx, "ben")
    parts = [PartDraft(name="zinc sulfate", strength="219 mg")]
    product = await medicines.add_medicine(
        ctx, MedicineDraft(ingredients=parts, form="capsule", pack_size=Decimal(30), price=Decimal(9), brand=lot)
    )
    said = {"product_id": product.id, "number": lot, "expires": f"{ctx.today.year + 3}-01", "units": 9_000}
    await inventory.receive(ctx, BatchDraft.model_validate(said))
    patient = (await patients.find_patients(ctx, "Quill"))[0]
    await act_as(ctx, "ada")
    line = PrescriptionLineDraft(product_id=product.id, directions="1 cap po od", quantity=Decimal(30))
    rx = await prescribing.draft(ctx, PrescriptionDraft(patient_id=patient.id, lines=[line]))
    await prescribing.sign(ctx, rx.id, SignatureDraft.model_validate({"password": PASSWORD}))
    await act_as(ctx, "ben")
    supply = await dispensing.enqueue(ctx, DispensingDraft(prescription_id=rx.id))
    await ctx.flush()
    needed = (await dispensing.desk(ctx, supply.id)).needed
    answers = [dispensing.AnswerDraft.model_validate({"key": asked.key, "reason": "accepted"}) for asked in needed]
    await dispensing.verify(ctx, supply.id, VerificationDraft(answers=answers))
    await dispensing.dispense(ctx, supply.id, SupplyDraft())
    await dispensing.hand_over(
        ctx, supply.id, CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
    )
    return product.id, supply.id, patient.id


async def measured(services: Services, owner: str, holders: int = HOLDERS) -> dict[str, float]:
    """Seconds for the block and for the list of everybody; each is checked to be whole."""
    lot = f"LOT{int(perf_counter() * 1000)}"
    async with services.as_system("north", "bench") as ctx:
        product_id, dispensing_id, patient_id = await handed_over(ctx, lot)
    connection = await migrate.connect(owner)
    await connection.execute(f"SET search_path TO {schema_of('north')}, galen; SET session_replication_role = replica")
    await connection.execute(COPIES, dispensing_id, patient_id, holders - 1)
    await connection.execute("ANALYZE dispensing; ANALYZE dispensing_line; ANALYZE dispensed_item")
    await connection.close()
    async with services.as_system("north", "bench") as ctx:
        await act_as(ctx, "ben")
        said = {"source": "The maker", "products": [{"product_id": product_id}], "lots": [lot]}
        recall = await recalls.open_recall(ctx, RecallDraft.model_validate(said))
    taken = {}
    for name, verb in (("block", recalls.block), ("list", recipients_csv), ("figures", recalls.figures)):
        began = perf_counter()
        async with services.as_system("north", "bench") as ctx:
            await act_as(ctx, "ben")
            answer: Any = await verb(ctx, recall.id)
        taken[name] = perf_counter() - began
        if name == "list":
            assert answer.count(b"\n") == holders + 1, "the list is not whole"
    assert answer.patients == answer.to_tell == holders, "not every patient is on the list"
    return taken


async def measure(url: str, holders: int) -> None:
    owner = await server.owner_url(url)
    database = Database(server.app_url(owner), pool=2)
    for name, seconds in (await measured(services_for(database), owner, holders)).items():
        print(f"{name}: {seconds:.3f} s for {holders} patients")
    await database.close()


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench recalled", description=__doc__)
    parser.add_argument("--holders", type=int, default=HOLDERS)
    options = parser.parse_args(given)
    with world.world(Path("var/bench").absolute(), options.holders + 1) as url:
        asyncio.run(measure(url, options.holders))
