"""The verbs of notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from aiosmtplib import SMTPException
from sqlalchemy import func, or_, select

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.core.visibility import bypass_visibility
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.settings import settings
from galen.values import like

from .events import MessageQueued, MessageSettled
from .models import Channel, Message, MessageAttachment, MessageStatus
from .post import deliver_email
from .rules import pause

HIDDEN = N_(
    "This message holds a one-time link. Only the person it was sent to, and who may change accounts, can read it."
)


async def send(
    ctx: Context,
    *,
    channel: Literal["email", "sms", "in_app"],
    to: str,
    subject: str,
    text: str,
    about: str = "",
    patient_id: UUID | None = None,
    account_id: UUID | None = None,
    private: bool = False,
    files: Sequence[MessageAttachment] = (),
) -> Message:
    """Queue a message in the caller's transaction. The subject must not tell anything of a person's health."""
    message = ctx.add(
        Message(
            channel=Channel(channel),
            to=to,
            subject=" ".join(subject.split()),
            text=text,
            about=about,
            private=private,
            patient_id=patient_id,
            account_id=account_id,
            queued_at=ctx.now,
            next_try=ctx.now,
            attempts=0,
            status=MessageStatus.QUEUED,
        )
    )
    for file in files:
        file.message = message
        ctx.add(file)
    ctx.emit(MessageQueued(message.id))
    return message


async def sent_since(ctx: Context, since: datetime, about: str, to: str = "") -> int:
    """How many messages of a kind were queued since then, to one address or in all."""
    counted = select(func.count()).select_from(Message).where(Message.about == about, Message.queued_at > since)
    counted = counted.where(Message.to == to) if to else counted
    return await ctx.db.scalar(bypass_visibility(counted, "only their number is asked for")) or 0


async def deliver(ctx: Context, message_id: UUID) -> None:
    """Hand one message over, or say why that did not work and when it is tried again."""
    query = select(Message).where(Message.id == message_id, Message.status == MessageStatus.QUEUED)
    message = await ctx.db.scalar(query.with_for_update(skip_locked=True))
    if message is None or message.next_try > ctx.now:
        return
    mail_server = settings().smtp_url
    if message.channel is Channel.IN_APP:
        settle(ctx, message, MessageStatus.SENT)
    elif message.channel is Channel.SMS or mail_server is None:
        settle(ctx, message, MessageStatus.KEPT)
    else:
        await try_email(ctx, message, mail_server.get_secret_value())


async def try_email(ctx: Context, message: Message, address: str) -> None:
    message.attempts += 1
    query = select(MessageAttachment).where(MessageAttachment.message_id == message.id).order_by(MessageAttachment.id)
    files = list(await ctx.db.scalars(query))
    try:
        await deliver_email(message, address, files)
    except (SMTPException, OSError, ValueError) as error:
        message.trouble = f"{type(error).__name__}: the mail server did not take it."
        wait = pause(message.attempts)
        if wait is None:
            settle(ctx, message, MessageStatus.FAILED)
        else:
            message.next_try = ctx.now + wait
    else:
        message.trouble = ""
        settle(ctx, message, MessageStatus.SENT)


def settle(ctx: Context, message: Message, status: MessageStatus) -> None:
    message.status, message.settled_at = status, ctx.now
    ctx.emit(MessageSettled(message.id))


async def deliver_due(ctx: Context) -> None:
    """Try again what is due."""
    due = select(Message.id).where(Message.status == MessageStatus.QUEUED, Message.next_try <= ctx.now)
    for message_id in list(await ctx.db.scalars(due.order_by(Message.next_try).limit(50))):
        await deliver(ctx, message_id)


@dataclass
class Outbox:
    """What was sent and what waits, and whether anything leaves this machine at all."""

    messages: Slice[Message]
    local: bool
    earlier: str  # where the next page of the list is
    statuses: tuple[MessageStatus, ...] = tuple(MessageStatus)


@requires("outbox.read")
async def outbox(ctx: Context, q: str = "", status: str = "", after: str | None = None) -> Outbox:
    """The outbox as a page."""
    listed = await messages(ctx, q, status, after)
    asked = {"q": q, "status": status, "after": listed.next}
    earlier = "?" + urlencode({name: value for name, value in asked.items() if value}) if listed.next else ""
    return Outbox(listed, settings().smtp_url is None, earlier)


@requires("outbox.read")
async def messages(ctx: Context, q: str = "", status: str = "", after: str | None = None) -> Slice[Message]:
    """Messages, the newest first; `q` looks into address and subject."""
    query = select(Message)
    if q.strip():
        holding = like.within(q.strip())
        query = query.where(or_(Message.to.ilike(holding), Message.subject.ilike(holding)))
    if status:
        if status not in {known.value for known in MessageStatus}:
            raise Invalid("status", _("Please choose queued, sent, kept or failed."))
        query = query.where(Message.status == MessageStatus(status))
    return await ctx.slice(query, after)


@requires("outbox.read")
async def open_message(ctx: Context, message_id: UUID) -> dict[str, Any]:
    """One message with its words; a one-time link is shown to those only who could set passwords anyway."""
    message = await ctx.get(Message, message_id)
    shown = not message.private or ctx.actor.may("account.write") or message.account_id == ctx.actor.id
    columns = {column.key: getattr(message, column.key) for column in Message.__table__.columns}
    text = message.text if shown else _(HIDDEN)
    page = {"paragraphs": list(filter(None, text.split("\n"))), "retried_at": message.retried_at}
    return {**columns, **page, "text": text, "local": settings().smtp_url is None}


@requires("outbox.read")
async def resend(ctx: Context, message_id: UUID) -> Message:
    """Try a failed message, or one that was kept here, once more."""
    message = await ctx.get(Message, message_id, lock=True)
    message.status = MessageStatus.QUEUED
    message.next_try, message.attempts, message.settled_at = ctx.now, 0, None
    ctx.emit(MessageQueued(message.id))
    return message


@requires("profile.use")
async def own_messages(ctx: Context) -> list[Message]:
    """What was said to the signed-in person inside Galen, the latest first."""
    mine = Message.account_id == ctx.actor.id, Message.channel == Channel.IN_APP
    return list(await ctx.db.scalars(select(Message).where(*mine).order_by(Message.id.desc()).limit(20)))
