from galen.core.web import delete, get, post, put
from galen.i18n import N_

from . import service as does
from .schemas import DocumentsView, DocumentView

CHART = "/patients/{patient_id}"
ALL = f"{CHART}/documents"
ONE = f"{ALL}/{{document_id}}"
CHANGED = "document-added, document-changed"
BYTES = "application/octet-stream"

routes = [
    get(ALL, does.documents, json=DocumentsView, html="documents.html", panel="patient", tab="papers",
        title="Documents", refresh=CHANGED, order=60),
    get(f"{ALL}/new", does.document_form, html="new_document.html"),
    post(ALL, does.add_document, json=DocumentView, redirect=CHART,
        says=N_("The document is on the chart.")),
    get(ONE, does.open_document, json=DocumentView),
    get(f"{ONE}/content", does.content, media_type=BYTES),
    get(f"{ONE}/preview", does.preview, media_type=BYTES),
    put(f"{ONE}/release", does.release, json=DocumentView, redirect=CHART,
        says=N_("The patient can see the document."), undo="documents.keep_back"),
    delete(f"{ONE}/release", does.keep_back, json=DocumentView, redirect=CHART,
        says=N_("The patient cannot see the document any more."), undo="documents.release"),
    get(f"{ONE}/withdrawal", does.withdrawal_form, html="withdraw_document.html"),
    put(f"{ONE}/withdrawal", does.withdraw, json=DocumentView, redirect=CHART,
        says=N_("The document is withdrawn."), undo="documents.restore"),
    delete(f"{ONE}/withdrawal", does.restore, json=DocumentView, redirect=CHART,
        says=N_("The document is back on the chart.")),
    get("", does.story, panel="timeline"),
]  # fmt: skip
