"""The pages and addresses of recalls."""

from galen.core.schemas import Slice
from galen.core.web import get, post, put

from . import service
from .schemas import (
    BagLine,
    ContactView,
    MatchView,
    NoticeProposal,
    PlaceLine,
    RecallFigures,
    RecallReturnView,
    RecallTransferLine,
    RecallView,
    RecipientLine,
    SoldLine,
    SourceLine,
)

RECALL, OPENED = "/recalls/{recall_id}", "/recalls/{id}"
CONTACT = f"{RECALL}/patients/{{contact_id}}"
CSV = "text/csv; charset=utf-8"

routes = [
    get("/recalls", service.recalls, json=Slice[RecallView]),
    get("/recalls", service.recall_list, html="recall_list.html", nav="Recalls", icon="alert-octagon", order=57),
    get("/home/recalls", service.open_recalls, html="open_recalls.html", panel="home", title="Recalls",
        refresh="recall-changed", order=5),
    get("/recalls/own", service.own_recalls, json=list[ContactView], html="own_recalls.html", panel="home",
        title="Recalled medicine", refresh="recall-changed", order=5),
    post("/recalls/own/{contact_id}/acknowledgement", service.acknowledge, json=ContactView, redirect="/", status=200),
    get("/recalls/new", service.recall_form, html="recall_form.html"),
    post("/recalls", service.open_recall, json=RecallView, redirect=f"{OPENED}/matches"),
    get("/recalls/notices", service.notices_form, html="notices_form.html"),
    post("/recalls/notices", service.propose, json=list[NoticeProposal], status=200, idempotent=False),
    post("/recalls/notices", service.notices, html="notices.html", status=200, idempotent=False),
    get(RECALL, service.open_recall_record, json=RecallView),
    get(RECALL, service.recall, html="recall.html"),
    get(f"{RECALL}/figures", service.figures, json=RecallFigures),
    get(f"{RECALL}/matches", service.matches, json=list[MatchView]),
    get(f"{RECALL}/matches", service.matches_page, html="matches_page.html"),
    put(f"{RECALL}/matches", service.answer_matches, json=list[MatchView], redirect=f"{RECALL}/matches"),
    post(f"{RECALL}/lots", service.add_lots, json=RecallView, redirect=f"{OPENED}/matches", status=200),
    post(f"{RECALL}/block", service.block, json=RecallView, redirect=OPENED, status=200),
    post(f"{RECALL}/cancellation", service.cancel_recall, json=RecallView, redirect=OPENED, status=200),
    get(f"{RECALL}/recipients", service.recipients, json=Slice[RecipientLine]),
    get(f"{RECALL}/recipients.csv", service.recipients_csv, media_type=CSV),
    get(f"{RECALL}/bags", service.bags, json=list[BagLine]),
    get(f"{RECALL}/places", service.blocked_places, json=list[PlaceLine]),
    get(f"{RECALL}/places.csv", service.places_csv, media_type=CSV),
    get(f"{RECALL}/transfers", service.recalled_transfers, json=list[RecallTransferLine]),
    get(f"{RECALL}/sources", service.sources, json=list[SourceLine]),
    get(f"{RECALL}/sales", service.recalled_sales, json=list[SoldLine]),
    post(f"{RECALL}/messages", service.tell_patients, json=RecallView, redirect=f"{OPENED}/patients", status=200),
    get(f"{RECALL}/patients", service.contacts, json=Slice[ContactView]),
    get(f"{RECALL}/patients", service.contacts_page, html="contacts_page.html"),
    get(CONTACT, service.contact, html="contact.html"),
    post(f"{CONTACT}/calls", service.note_call, json=ContactView, redirect=CONTACT, status=200),
    post(f"{CONTACT}/returns", service.note_return, json=RecallReturnView, redirect=CONTACT),
    post(f"{RECALL}/closing", service.close_recall, json=RecallView, redirect=OPENED, status=200),
    post(f"{RECALL}/reopening", service.reopen_recall, json=RecallView, redirect=OPENED, status=200),
]  # fmt: skip
