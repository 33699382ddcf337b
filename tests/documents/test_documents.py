"""Documents on the chart: added, seen by those who may, withdrawn and restored."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from galen import documents
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden, Invalid, NotFound
from galen.core.finish import finish
from galen.core.session_hooks import Sealed
from galen.documents import DocumentDraft, DocumentKind, PatientDocument, WithdrawalDraft
from galen.documents.service import content, open_document, preview
from galen.files import FileMissing, StoreUnreachable
from galen.patients import Patient
from tests.files.conftest import PDF, picture, sent


def draft(kind: str = "result", **more: Any) -> DocumentDraft:
    return DocumentDraft(file=more.pop("file", None) or sent(PDF, "Blood count.pdf"), kind=DocumentKind(kind), **more)


async def titles(ctx: Context, patient: Patient) -> list[str]:
    return [document.title for document in (await documents.documents(ctx, patient.id)).current]


async def audit_of(ctx: Context, document: PatientDocument) -> list[tuple[str, str]]:
    query = select(AuditEntry.action, AuditEntry.verb).where(AuditEntry.subject_id == document.id)
    return [tuple(row) for row in await ctx.db.execute(query.order_by(AuditEntry.seq))]


async def test_a_document_takes_its_title_from_its_file(ada, mara):
    added = await documents.add_document(ada, mara.id, draft(dated=date(2026, 11, 2), note="fasting"))
    (shown,) = (await documents.documents(ada, mara.id)).current
    assert (shown.title, shown.kind, shown.dated, shown.note) == (
        "Blood count",
        DocumentKind.RESULT,
        date(2026, 11, 2),
        "fasting",
    )
    assert (shown.added_by_name, shown.shared, shown.file.name) == (ada.actor.name, False, "Blood count.pdf")
    assert (added.preview_id, shown.file.size_words) == (None, "1 kB")


async def test_a_day_that_has_not_come_is_refused_before_anything_is_kept(ada, mara, folder):
    with pytest.raises(Invalid) as refusal:
        await documents.add_document(ada, mara.id, draft(dated=ada.today + timedelta(days=1)))
    assert refusal.value.field == "dated" and not list(folder.rglob("*"))


async def test_a_file_that_is_refused_leaves_no_document(ada, mara, folder):
    with pytest.raises(Invalid):
        await documents.add_document(ada, mara.id, draft(file=sent(b"MZ")))
    assert await titles(ada, mara) == [] and not list(folder.rglob("*"))


async def test_a_store_that_does_not_answer_leaves_no_document(ada, mara, bucket):
    bucket.stop()
    with pytest.raises(StoreUnreachable):
        await documents.add_document(ada, mara.id, draft())
    assert await titles(ada, mara) == []


async def test_opening_the_file_is_audited_and_names_the_document(ada, iris, mara):
    document = await documents.add_document(ada, mara.id, draft(file=sent(picture(), "wound.jpg")))
    await documents.documents(ada, mara.id)
    await preview(ada, mara.id, document.id)
    assert await audit_of(iris, document) == [("created", "documents.add_document")]
    answer = await content(ada, mara.id, document.id)
    assert await audit_of(iris, document) == [("created", "documents.add_document"), ("opened", "documents.content")]
    opened = await iris.db.scalar(select(AuditEntry).where(AuditEntry.verb == "documents.content"))
    assert opened and (opened.subject, opened.patient_id) == ("patient document", mara.id)
    assert answer.headers["content-disposition"].startswith("inline; ")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_what_is_no_picture_is_saved_and_not_shown(ada, mara):
    document = await documents.add_document(ada, mara.id, draft(file=sent(PDF, 'Grüße "x".pdf')))
    headers = (await content(ada, mara.id, document.id)).headers
    said = "attachment; filename=\"Gr__e _x_.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22x%22.pdf"
    assert headers["content-disposition"] == said
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


async def test_a_document_of_somebody_else_is_not_found(ada, mara, tom):
    document = await documents.add_document(ada, mara.id, draft())
    for verb in (open_document, content, preview, documents.release, documents.restore):
        with pytest.raises(NotFound):
            await verb(ada, tom.id, document.id)


async def test_a_withdrawn_document_says_who_and_why_and_can_be_restored(ada, iris, mara, folder):
    document = await documents.add_document(ada, mara.id, draft(shared=True))
    await documents.withdraw(ada, mara.id, document.id, WithdrawalDraft(reason="belongs to Tom"))
    shown = await documents.documents(ada, mara.id)
    assert shown.current == []
    assert [(d.withdrawn_by_name, d.withdrawn_reason) for d in shown.withdrawn] == [(ada.actor.name, "belongs to Tom")]
    assert len(list((folder / "north").iterdir())) == 1
    with pytest.raises(Conflict):
        await documents.withdraw(ada, mara.id, document.id, WithdrawalDraft(reason="again"))
    await documents.restore(ada, mara.id, document.id)
    (again,) = (await documents.documents(ada, mara.id)).current
    assert (again.shared, again.withdrawn_reason) == (False, "")
    assert [action for action, _ in await audit_of(iris, document)] == ["created", "changed", "changed"]


async def test_a_document_is_never_put_on_another_chart(ada, mara, tom):
    document = await documents.add_document(ada, mara.id, draft())
    await ada.flush()
    document.patient_id = tom.id
    with pytest.raises(Sealed):
        await ada.flush()


async def test_the_patient_sees_what_was_released_and_no_more(ada, acting, mara):
    shown = await documents.add_document(ada, mara.id, draft(file=sent(picture(), "scan.jpg"), shared=True))
    hidden = await documents.add_document(ada, mara.id, draft(title="Not yet"))
    await finish(ada)
    patient = await acting("mara")
    assert await titles(patient, mara) == ["scan"]
    assert (await content(patient, mara.id, shown.id)).status_code == 200
    assert (await preview(patient, mara.id, shown.id)).status_code == 200
    with pytest.raises(NotFound):
        await content(patient, mara.id, hidden.id)
    with pytest.raises(Forbidden):
        await documents.release(patient, mara.id, hidden.id)
    await documents.release(ada, mara.id, hidden.id)
    await documents.withdraw(ada, mara.id, shown.id, WithdrawalDraft(reason="a mistake"))
    await finish(ada)
    later = await acting("mara")
    later.db.expunge_all()
    assert await titles(later, mara) == ["Not yet"]
    assert (await documents.documents(later, mara.id)).withdrawn == []


async def test_reception_sees_papers_and_what_it_scanned_itself(ada, ruth, mara):
    result = await documents.add_document(ada, mara.id, draft("result", title="Biopsy"))
    await documents.add_document(ada, mara.id, draft("identification", title="Passport"))
    await documents.add_document(ruth, mara.id, draft("referral letter", title="From Dr Lim"))
    await finish(ada)
    await finish(ruth)
    assert sorted(await titles(ruth, mara)) == ["From Dr Lim", "Passport"]
    assert sorted(await titles(ada, mara)) == ["Biopsy", "From Dr Lim", "Passport"]
    with pytest.raises(NotFound):
        await content(ruth, mara.id, result.id)


async def test_the_chart_tells_of_it(client, ada, mara):
    document = await documents.add_document(ada, mara.id, draft())
    await finish(ada)
    told = (await (await client("ada")).get(f"/api/v1/patients/{mara.id}/timeline")).json()["entries"]
    (entry,) = [one for one in told if one["title"] == "Document added: Blood count"]
    assert entry["href"] == f"/patients/{mara.id}/documents/{document.id}/content"


async def test_a_file_that_is_gone_says_so(ada, mara, folder):
    document = await documents.add_document(ada, mara.id, draft())
    (folder / "north" / str(document.file_id)).unlink()
    with pytest.raises(FileMissing, match="Tell your administrator"):
        await content(ada, mara.id, document.id)
