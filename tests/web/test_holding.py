"""The test mode that tells which handler holds the event loop: what computes is told, what waits is not."""

import asyncio
from time import thread_time

import pytest

from galen.asgi.holding import Holding, Steps


async def compute(seconds):
    until = thread_time() + seconds
    while thread_time() < until:
        pass


async def asked(handler, capsys, limit=30):
    async def app(scope, receive, send):
        await handler()

    await Holding(app, limit)({"type": "http", "method": "GET", "path": "/patients/7"}, None, None)
    return "".join(capsys.readouterr())


async def test_a_handler_that_computes_for_long_is_told_without_the_id_in_its_address(capsys):
    said = await asked(lambda: compute(0.06), capsys)
    assert "held the loop" in said and "route=patients" in said and "7" not in said.partition("route")[2]


@pytest.mark.parametrize("handler", [lambda: asyncio.sleep(0.06), lambda: compute(0.001)], ids=["waits", "is quick"])
async def test_one_that_waits_or_is_quick_is_not(capsys, handler):
    assert "held the loop" not in await asked(handler, capsys)


async def test_many_short_steps_are_not_one_long_one(capsys):
    async def in_steps():
        for _ in range(10):
            await compute(0.01)
            await asyncio.sleep(0)

    assert "held the loop" not in await asked(in_steps, capsys)


async def test_what_a_handler_answers_raises_and_is_cancelled_with_passes_through():
    async def answers():
        await asyncio.sleep(0)
        return 42

    async def breaks():
        await asyncio.sleep(0)
        raise KeyError

    async def waits(seen):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    assert await Steps(answers()) == 42
    with pytest.raises(KeyError):
        await Steps(breaks())
    seen = []

    async def waiting():
        await Steps(waits(seen))

    task = asyncio.create_task(waiting())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]
