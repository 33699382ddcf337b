"""Facts: announced in the transaction that made them true; each subscriber becomes a job of the same transaction."""

import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from galen.notices import Notice

from .context import Context

E = TypeVar("E", bound="Event")
Job = Callable[..., Awaitable[None]]

JOBS: dict[str, Job] = {}
SUBSCRIBERS: dict[type["Event"], list[str]] = defaultdict(list)


@dataclass(frozen=True)
class Event:
    """A fact, in the past tense, that carries ids and nothing else."""

    @classmethod
    def name(cls) -> str:
        """`PrescriptionSigned` is `prescription-signed`: the name screens listen for."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def told(self) -> str:
        """What the live lines are told of it."""
        return self.name()


@lru_cache(256)
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def on(kind: type[E]) -> Callable[[Callable[[Context, E], Awaitable[None]]], Callable[[Context, E], Awaitable[None]]]:
    """Subscribe a job to a fact. It runs after the commit, at least once: it must be harmless when run twice."""

    def subscribe(fn: Callable[[Context, E], Awaitable[None]]) -> Callable[[Context, E], Awaitable[None]]:
        async def run(ctx: Context, **args: Any) -> None:
            await fn(ctx, adapter(cast(Any, kind)).validate_python(args))

        name = f"{fn.__module__.split('.')[1]}.{fn.__name__}"
        JOBS[name] = run
        SUBSCRIBERS[kind].append(name)
        return fn

    return subscribe


def pending_jobs(ctx: Context) -> tuple[list[tuple[str, bytes]], Notice | None]:
    """The jobs that wait for the facts emitted since the last time, with what each is told; the notice to screens."""
    announced: list[Event] = ctx.db.info.setdefault("announced", [])
    fresh = ctx.facts[len(announced) :]
    announced += fresh
    jobs: list[tuple[str, bytes]] = []
    for fact in fresh:
        args = adapter(cast(Any, type(fact))).dump_python(fact, mode="json")
        jobs += [(name, payload(ctx, args)) for name in SUBSCRIBERS[type(fact)]]
    names = tuple(sorted({fact.told() for fact in fresh}))
    return jobs, Notice(ctx.organization.slug, names, bool(jobs)) if fresh else None


def payload(ctx: Context, args: dict[str, Any]) -> bytes:
    """What a job is told: the organisation, ids, and which action caused it. Never health data."""
    return json.dumps(
        {"organization": ctx.organization.slug, "args": args, "cause": ctx.verb, "request": str(ctx.request_id)}
    ).encode()
