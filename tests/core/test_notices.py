"""Notices: screens and workers hear soon of what was committed, many commits at a time, and of nothing else."""

import asyncio
import json
from dataclasses import dataclass

import pytest_asyncio

from galen import notices
from galen.core.database import dsn
from galen.core.events import Event, pending_jobs
from galen.notices import CHANNEL, LIMIT, Notice, messages
from galen.patients import PatientDraft, register
from galen.provisioning import migrate


@dataclass(frozen=True)
class KettleBoiled(Event):
    """A fact that wakes nobody."""


class Heard(list):
    """What a listener was told, message by message."""

    async def until(self, enough) -> None:
        async with asyncio.timeout(5):
            while not enough(self):  # noqa: ASYNC110 a test looks
                await asyncio.sleep(0.005)

    @property
    def facts(self) -> set[str]:
        return {fact for message in self for fact in message.get("north", [])}


@pytest_asyncio.fixture
async def heard(committed):
    connection, heard = await migrate.connect(dsn(committed.database.engine.url)), Heard()
    await connection.add_listener(CHANNEL, lambda *note: heard.append(json.loads(note[3])))
    yield heard
    await connection.close()


async def boil(services, *, spill: bool = False) -> None:
    async with services.as_system("north", "test") as ctx:
        ctx.emit(KettleBoiled())
        if spill:
            raise RuntimeError


async def test_a_committed_fact_is_heard_once(committed, heard):
    await boil(committed)
    await heard.until(len)
    await asyncio.sleep(0.05)
    assert heard == [{"north": ["kettle-boiled"]}]


async def test_what_was_rolled_back_is_not_heard(committed, heard):
    await asyncio.gather(boil(committed, spill=True), return_exceptions=True)
    await asyncio.sleep(0.1)
    assert heard == []


async def test_many_commits_at_once_are_told_in_few_messages_and_none_is_left_out(committed, heard):
    before = len(heard)
    await asyncio.gather(*(boil(committed) for _ in range(60)), boil(committed, spill=True), return_exceptions=True)
    await heard.until(lambda told: len(told) > before)
    await committed.database.notices.close()
    await asyncio.sleep(0.05)
    assert heard.facts == {"kettle-boiled"}
    assert 1 <= len(heard) - before <= 30, "a message for nearly each commit: they are not gathered"


async def test_without_a_window_each_commit_tells_by_itself(committed, heard, monkeypatch):
    """The broken variant of the test above: it shows that the messages are counted rightly."""
    monkeypatch.setattr(notices, "WINDOW", 0)
    for _ in range(40):
        await boil(committed)
        await committed.database.notices.close()
    await heard.until(lambda told: len(told) >= 40)
    assert len(heard) > 30


async def test_no_commit_holds_the_lock_of_notify(committed, heard):
    """The transaction itself is silent: what it tells is told by another one, after it."""
    async with committed.as_system("north", "test") as ctx:
        await register(ctx, PatientDraft(family="Silent", given="Night"))
        told = await ctx.raw.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND classid = 1262 AND pid = pg_backend_pid()"
        )
    assert told == 0
    await heard.until(lambda told: "patient-registered" in heard.facts)


async def test_a_lost_connection_costs_a_warning_and_the_next_ones_are_heard(committed, heard, monkeypatch, capsys):
    tell = committed.database.send_notices

    async def lost(*told) -> None:
        raise OSError("gone")

    monkeypatch.setattr(committed.database.notices, "send", lost)
    await boil(committed)
    await committed.database.notices.close()
    assert "notices lost" in "".join(capsys.readouterr()) and heard == []
    monkeypatch.setattr(committed.database.notices, "send", tell)
    await boil(committed)
    await heard.until(len)


async def test_closing_sends_what_waits(committed, heard, monkeypatch):
    monkeypatch.setattr(notices, "WINDOW", 0.01)
    await boil(committed)
    await committed.database.notices.close()
    await heard.until(len)


def test_no_message_is_longer_than_the_server_takes():
    many = [Notice(f"clinic-{n}", tuple(f"something-happened-{m}" for m in range(20)), False) for n in range(60)]
    sent = list(messages(many))
    assert len(sent) > 1 and all(len(message) <= LIMIT for message in sent)
    assert {organization for message in sent for organization in json.loads(message)} == {n.organization for n in many}


async def test_a_fact_is_told_once_however_often_an_action_ends(ruth):
    ruth.emit(KettleBoiled())
    assert pending_jobs(ruth)[1] == Notice("north", ("kettle-boiled",), False)
    assert pending_jobs(ruth) == ([], None)
