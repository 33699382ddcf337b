"""Messages: kept here without a mail server, delivered to a real one, tried again, seen by those who may."""

import html
import re
from datetime import timedelta
from email import message_from_bytes
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pydantic import SecretStr
from sqlalchemy import select, text

from galen import notifications
from galen.core.audit import AuditEntry
from galen.core.errors import Forbidden
from galen.core.finish import finish
from galen.notifications import MessageStatus
from galen.notifications.service import HIDDEN, deliver, deliver_due, open_message, outbox, own_messages
from galen.settings import settings

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the mail server of these tests has no certificate
TEXT = "Your appointment is on Friday at 9."


async def write(ctx, to="mara@people.example", channel="email", **more):
    message = await notifications.send(ctx, channel=channel, to=to, subject="Your appointment", text=TEXT, **more)
    await finish(ctx)
    return message


class Letterbox:
    """What a mail server received."""

    def __init__(self) -> None:
        self.letters: list = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(envelope)
        return "250 taken"


@pytest.fixture
def mail_server(unused_tcp_port, monkeypatch):
    """A real SMTP server on this machine that asks for a password."""
    box = Letterbox()
    login = lambda *a: AuthResult(success=(a[-1].login, a[-1].password) == (b"galen", b"p@ss word"))  # noqa: E731
    server = Controller(
        box, "127.0.0.1", unused_tcp_port, authenticator=login, auth_required=True, auth_require_tls=False
    )
    server.start()
    address = f"smtp://galen:p%40ss%20word@127.0.0.1:{unused_tcp_port}"
    monkeypatch.setattr(settings(), "smtp_url", SecretStr(address))
    monkeypatch.setattr(settings(), "mail_from", "clinic@harbour.example")
    yield box
    server.stop()


async def test_a_message_is_queued_with_what_caused_it(system):
    message = await write(system)
    assert message.status is MessageStatus.QUEUED


async def test_without_a_mail_server_it_stays_in_the_local_outbox(system, catch_up, max):
    message = await write(system)
    assert await catch_up() == ["notifications.deliver", "recalls.note_message"]
    await system.db.refresh(message)
    assert (message.status, message.attempts) == (MessageStatus.KEPT, 0)
    seen = await outbox(max)
    assert seen.local
    assert [m.id for m in seen.messages.items] == [message.id]


async def test_with_a_mail_server_it_arrives_once(system, catch_up, mail_server):
    message = await write(system)
    await catch_up()
    await deliver(system, message.id)
    await system.db.refresh(message)
    assert (message.status, message.attempts, message.settled_at is not None) == (MessageStatus.SENT, 1, True)
    [letter] = mail_server.letters
    mail = message_from_bytes(letter.content)
    assert (letter.rcpt_tos, mail["From"], mail["Subject"]) == (
        ["mara@people.example"],
        "clinic@harbour.example",
        "Your appointment",
    )
    assert mail["Message-ID"] == f"<{message.id}@harbour.example>"
    assert mail.get_payload().strip() == TEXT


async def test_a_transaction_that_is_rolled_back_sends_nothing(services, system, catch_up, mail_server):
    with pytest.raises(RuntimeError):
        async with services.as_system("north", "test") as ctx:
            await write(ctx)
            raise RuntimeError
    assert await catch_up() == []
    assert mail_server.letters == []


async def test_a_silent_mail_server_is_tried_again_later_and_then_given_up(system, monkeypatch, unused_tcp_port):
    monkeypatch.setattr(settings(), "smtp_url", SecretStr(f"smtp://127.0.0.1:{unused_tcp_port}"))
    message = await write(system)
    pauses = []
    for attempt in range(1, 7):
        await deliver_due(system)
        await system.flush()
        assert message.attempts == attempt
        pauses.append((message.next_try - system.now) // timedelta(minutes=1))
        before = message.attempts
        if message.status is MessageStatus.QUEUED:
            await deliver(system, message.id)
            assert message.attempts == before, "it is not tried before its time"
        system.now = message.next_try
    assert pauses == [1, 4, 16, 64, 256, 0]
    assert message.status is MessageStatus.FAILED
    assert "did not take it" in message.trouble and "127.0.0.1" not in message.trouble


async def test_a_failed_message_is_sent_again_by_hand_and_a_sent_one_is_not(system, client, catch_up, mail_server):
    message = await write(system)
    message.status = MessageStatus.FAILED
    await finish(system)
    await catch_up()
    assert mail_server.letters == []
    manager, path = await client("max"), f"/api/v1/outbox/{message.id}/delivery"
    assert (await manager.put(path)).json()["status"] == "queued"
    await system.db.execute(text("UPDATE message SET next_try = queued_at"))  # the jobs of tests live a day earlier
    await catch_up()
    assert len(mail_server.letters) == 1
    assert (await manager.put(path)).json()["code"] == "cannot_become"


async def test_a_line_break_in_a_subject_cannot_add_a_header(system, catch_up, mail_server):
    await notifications.send(system, channel="email", to="a@b.example", subject="Hello\r\nBcc: c@d.example", text="x")
    await finish(system)
    await catch_up()
    [letter] = mail_server.letters
    assert letter.rcpt_tos == ["a@b.example"]
    assert message_from_bytes(letter.content)["Bcc"] is None


async def test_a_line_break_in_an_address_is_trouble_and_no_letter(system, catch_up, mail_server):
    message = await notifications.send(
        system, channel="email", to="a@b.example\r\nBcc: c@d.example", subject="Hello", text="x"
    )
    await finish(system)
    await catch_up()
    await system.db.refresh(message)
    assert (mail_server.letters, message.status, message.attempts) == ([], MessageStatus.QUEUED, 1)


async def test_text_messages_stay_here_even_with_a_mail_server(system, catch_up, mail_server):
    message = await write(system, to="+61400000111", channel="sms")
    await catch_up()
    await system.db.refresh(message)
    assert (message.status, mail_server.letters) == (MessageStatus.KEPT, [])


async def test_in_galen_a_person_reads_what_was_said_to_them(system, ada, ben, client, catch_up):
    await write(system, to="ada", channel="in_app", account_id=ada.actor.id)
    await catch_up()
    assert [m.status for m in await own_messages(ada)] == [MessageStatus.SENT]
    assert await own_messages(ben) == []
    assert TEXT in (await (await client("ada", page=True)).get("/profile")).text


async def test_the_audit_log_knows_neither_address_nor_words(system):
    message = await write(system)
    row = await system.db.scalar(select(AuditEntry).where(AuditEntry.subject_id == message.id))
    assert row.changes["subject"] == [None, "Your appointment"]
    assert "mara@people" not in str(row.changes) and "Friday" not in str(row.changes)


async def test_a_link_is_read_only_by_those_who_could_set_passwords_anyway(system, max, iris, ruth):
    message = await write(system, private=True)
    assert (await open_message(max, message.id))["text"] == HIDDEN
    assert (await open_message(iris, message.id))["text"] == TEXT
    with pytest.raises(Forbidden):
        await open_message(ruth, message.id)


async def test_the_outbox_shows_finds_and_filters(system, client):
    message = await write(system)
    max_page = await client("max", page=True)
    page = await max_page.get("/outbox")
    assert "nothing leaves this machine" in page.text
    assert "mara@people.example" in page.text
    assert "mara@people.example" not in (await max_page.get("/outbox?status=sent")).text
    assert "mara@people.example" in (await max_page.get("/outbox?status=queued&q=people")).text
    assert (await max_page.get("/outbox?status=lost")).status_code == 422
    assert TEXT in (await max_page.get(f"/outbox/{message.id}")).text
    max_client = await client("max")
    assert [m["id"] for m in (await max_client.get("/api/v1/outbox")).json()["items"]] == [str(message.id)]
    assert (await max_client.get(f"/api/v1/outbox/{message.id}")).json()["text"] == TEXT
    assert (await max_client.get(f"/api/v1/outbox/{uuid4()}")).status_code == 404


async def test_the_way_to_earlier_messages_keeps_what_was_asked_for(system, client):
    for number in range(51):
        await notifications.send(system, channel="email", to=f"{number}@people.example", subject="Reminder", text="x")
    await finish(system)
    page = await client("max", page=True)
    first = await page.get("/outbox", params={"q": "Reminder", "status": "queued"})
    where = html.unescape(first.text.partition('<p class="more"><a class="btn" href="')[2].partition('"')[0])
    assert where.startswith("?q=Reminder&status=queued&after=")
    second = await page.get(f"/outbox{where}")
    pages = [set(re.findall(r"<td>(\d+)@people\.example", page.text)) for page in (first, second)]
    assert [len(page) for page in pages] == [50, 1] and len(set.union(*pages)) == 51
    assert 'class="more"' not in second.text
