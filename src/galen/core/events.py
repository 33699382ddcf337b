"""Facts: announced in the transaction that made them true; each subscriber becomes a job of the same transaction."""

import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from .context import Context

E = TypeVar("E", bound="Event")
Job = Callable[..., Awaitable[None]]

JOBS: dict[str, Job] = {}
SUBSCRIBERS: dict[type["Event"], list[str]] = defaultdict(list)
CHANNEL = "galen_live"


@dataclass(frozen=True)
class Event:
    """A fact, in the past tense, that carries ids and nothing else."""

    @classmethod
    def name(cls) -> str:
        """`PrescriptionSigned` is `prescription-signed`: the name screens listen for."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


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


@dataclass(frozen=True)
class PendingJobs:
    """What the facts of an action leave: jobs by name with what each is told, and the notice to live screens."""

    names: list[str]
    payloads: list[bytes]
    notice: str | None


def pending_jobs(ctx: Context) -> PendingJobs:
    """The jobs that wait for the facts emitted since the last time, each announced once."""
    announced: list[Event] = ctx.db.info.setdefault("announced", [])
    fresh = ctx.facts[len(announced) :]
    announced += fresh
    names: list[str] = []
    payloads: list[bytes] = []
    for fact in fresh:
        args = adapter(cast(Any, type(fact))).dump_python(fact, mode="json")
        for name in SUBSCRIBERS[type(fact)]:
            names.append(name)
            payloads.append(payload(ctx, args))
    notice = json.dumps({"organization": ctx.organization.slug, "facts": sorted({f.name() for f in fresh})})
    return PendingJobs(names, payloads, notice if fresh else None)


def payload(ctx: Context, args: dict[str, Any]) -> bytes:
    """What a job is told: the organisation, ids, and which action caused it. Never health data."""
    return json.dumps(
        {"organization": ctx.organization.slug, "args": args, "cause": ctx.verb, "request": str(ctx.request_id)}
    ).encode()
