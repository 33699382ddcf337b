"""Notes: a draft may change, a signed one never does."""

import pytest
from sqlalchemy import text

from galen import encounters
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.finish import finish
from galen.encounters import AmendmentDraft, NoteDraft, NoteStatus, Visit
from galen.encounters.schemas import VisitCancelDraft
from galen.encounters.service import edit_note, unsigned, visit_record
from galen.encounters.service.notes import NoteNotSigned, OthersNote, SignedAlready
from galen.encounters.service.visits import VisitOver


async def written(ctx: Context, visit: Visit, words: str = "Cough for a week.", **more: bool) -> encounters.Note:
    return await encounters.write_note(ctx, visit.id, NoteDraft(text=words, **more))


async def test_writing_on_changes_the_same_draft(ada: Context, visit: Visit) -> None:
    first = await written(ada, visit)
    again = await written(ada, visit, "Cough for two weeks.")
    assert first is again
    assert first.text == "Cough for two weeks."


async def test_a_draft_waits_on_its_authors_list_until_it_is_signed(ada: Context, visit: Visit) -> None:
    note = await written(ada, visit)
    assert await unsigned(ada) == [note]
    await encounters.sign_note(ada, note.id)
    assert await unsigned(ada) == []


async def test_nobody_signs_or_changes_anothers_note(ada: Context, eve: Context, visit: Visit) -> None:
    note = await written(ada, visit)
    with pytest.raises(OthersNote, match="Dr Ada Okafor"):
        await encounters.sign_note(eve, note.id)
    with pytest.raises(OthersNote):
        await edit_note(eve, note.id, NoteDraft(text="Mine now"))


async def test_a_signed_note_is_not_signed_or_written_again(ada: Context, visit: Visit) -> None:
    note = await written(ada, visit, sign=True)
    for again in (encounters.sign_note(ada, note.id), edit_note(ada, note.id, NoteDraft(text="Other"))):
        with pytest.raises(SignedAlready):
            await again


async def test_a_signed_note_is_sealed(ada: Context, visit: Visit) -> None:
    note = await written(ada, visit, sign=True)
    await ada.flush()
    note.text = "Something else"
    with pytest.raises(Conflict, match="sealed"):
        await ada.flush()


async def test_an_amendment_stands_beside_the_original(ada: Context, visit: Visit) -> None:
    note = await written(ada, visit, sign=True)
    draft = AmendmentDraft(text="No fever; the other knee.", reason="Wrong side")
    amendment = await encounters.amend_note(ada, note.id, draft)
    second = await encounters.amend_note(ada, amendment.id, AmendmentDraft(text="And no rash.", reason="Forgotten"))
    shown = (await visit_record(ada, visit.id)).notes
    assert [note.text for note in shown] == ["Cough for a week.", "No fever; the other knee.", "And no rash."]
    assert amendment.amends_id == second.amends_id == note.id
    assert second.status is NoteStatus.SIGNED


async def test_a_draft_is_not_amended(ada: Context, visit: Visit) -> None:
    note = await written(ada, visit)
    with pytest.raises(NoteNotSigned):
        await encounters.amend_note(ada, note.id, AmendmentDraft(text="More", reason="Forgotten"))


async def test_a_note_may_be_finished_after_the_visit_but_not_in_a_cancelled_one(ada: Context, visit: Visit) -> None:
    await encounters.cancel_visit(ada, visit.id, VisitCancelDraft(reason="Opened by mistake"))
    with pytest.raises(VisitOver):
        await written(ada, visit)


async def test_a_second_draft_is_refused_by_the_database(ada: Context, visit: Visit) -> None:
    note = await written(ada, visit)
    await ada.flush()
    copy = (
        "INSERT INTO note "
        "(id, version, patient_id, visit_id, author_id, author_name, text, reason, status, written_at) "
        "SELECT gen_random_uuid(), 1, patient_id, visit_id, author_id, author_name, text, reason, status, written_at "
        "FROM note WHERE id = :id"
    )
    with pytest.raises(Exception, match="note_draft_key"):
        await ada.db.execute(text(copy), {"id": note.id})


async def test_the_patient_reads_signed_notes_only(client, ada: Context, visit: Visit) -> None:
    await written(ada, visit, "Still thinking.")
    await finish(ada)
    mara = await client("mara")
    assert (await mara.get(f"/api/v1/visits/{visit.id}")).json()["notes"] == []
    await encounters.sign_note(ada, (await unsigned(ada))[0].id)
    assert [n["text"] for n in (await mara.get(f"/api/v1/visits/{visit.id}")).json()["notes"]] == ["Still thinking."]
