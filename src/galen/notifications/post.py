"""The one door to the outside: a message handed to a mail server."""

from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from galen.settings import settings

from .models import Message, MessageAttachment

SECONDS = 10


def email_of(message: Message, files: Sequence[MessageAttachment] = ()) -> EmailMessage:
    """The same Message-ID each time, so that a mail server may know a second attempt for what it is."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings().mail_from, message.to, message.subject
    mail["Message-ID"] = f"<{message.id}@{settings().mail_from.rpartition('@')[2]}>"
    mail.set_content(message.text)
    for file in files:
        kind, _, part = file.media_type.partition(";")[0].partition("/")
        mail.add_attachment(file.content, maintype=kind, subtype=part, filename=file.name)
    return mail


async def deliver_email(message: Message, address: str, files: Sequence[MessageAttachment] = ()) -> None:
    """`address` is smtp://user:password@host:port, or smtps:// for TLS from the first byte."""
    server = urlsplit(address)
    await aiosmtplib.send(
        email_of(message, files),
        hostname=server.hostname or "localhost",
        port=server.port,
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=server.scheme == "smtps",
        timeout=SECONDS,
    )
