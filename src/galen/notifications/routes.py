"""The addresses of the outbox and of one's own messages."""

from galen.core.schemas import Slice
from galen.core.web import get, put
from galen.i18n import N_

from .schemas import MessageText, MessageView
from .service import messages, open_message, outbox, own_messages, resend

routes = [
    get("/outbox", messages, json=Slice[MessageView]),
    get("/outbox", outbox, html="outbox.html", nav="Outbox", icon="mail", order=93),
    get("/outbox/{message_id}", open_message, json=MessageText, html="message.html"),
    put("/outbox/{message_id}/delivery", resend, json=MessageView, redirect="/outbox/{message_id}",
        says=N_("The message is sent again.")),
    get(
        "/profile/messages",
        own_messages,
        json=list[MessageText],
        html="own_messages.html",
        panel="profile",
        title="Messages",
    ),
]  # fmt: skip
