"""Messages and what became of them."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import ColumnElement, Index, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from galen.core.actor import Actor
from galen.core.record import Record, check, link, ref
from galen.core.state import State
from galen.i18n import N_
from galen.i18n import gettext as _


class Channel(Enum):
    EMAIL = "email"
    SMS = "sms"
    IN_APP = "in_app"

    @property
    def words(self) -> str:
        """How the message travels."""
        return _(CHANNELS[self])


CHANNELS = {Channel.EMAIL: N_("e-mail"), Channel.SMS: N_("text message"), Channel.IN_APP: N_("in Galen")}


class MessageStatus(State):
    """Kept: nobody is set up to carry it, so it stays in the local outbox."""

    QUEUED = "queued", "sent failed kept"
    SENT = "sent"
    KEPT = "kept", "queued"
    FAILED = "failed", "queued"

    @property
    def resendable(self) -> bool:
        """Whether nothing more happens to it unless somebody tries again."""
        return self in (MessageStatus.FAILED, MessageStatus.KEPT)

    @property
    def words(self) -> str:
        """What a reader sees where the state's own name would say too little."""
        return _("Kept here") if self is MessageStatus.KEPT else ""


class Message(Record):
    """Words for an address. The audit log shows neither; no subject names anything of a person's health."""

    redacted = frozenset({"to", "text"})
    __table_args__ = (
        Index("message_waiting_idx", "next_try", postgresql_where=text("status = 'queued'")),
        check("attempts >= 0", "attempts"),
    )

    channel: Mapped[Channel]
    to: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    about: Mapped[str] = mapped_column(default="")  # what it concerns, such as "appointment reminder"
    private: Mapped[bool] = mapped_column(default=False)  # holds a one-time link: not for every reader of the outbox
    patient_id: Mapped[UUID | None] = mapped_column(index=True)
    account_id: Mapped[UUID | None] = mapped_column(index=True)
    queued_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    next_try: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(default="")  # why the last attempt did not arrive
    status: Mapped[MessageStatus] = mapped_column(default=MessageStatus.QUEUED)

    @property
    def retried_at(self) -> datetime | None:
        """When a message that did not arrive is tried again."""
        return self.next_try if self.attempts and self.status is MessageStatus.QUEUED else None

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return cls.account_id == actor.id if actor.kind == "patient" else super().visible_to(actor)


class MessageAttachment(Record):
    """A file that goes with a message. What it holds stands in no audit row."""

    open_to, redacted = "staff", frozenset({"content"})

    message_id: Mapped[UUID] = ref("message")
    name: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(BYTEA)

    message: Mapped[Message] = link()
