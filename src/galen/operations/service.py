"""The verbs of operations. Jobs lie in a queue that organisations share; each sees and touches only its own there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import Conflict, NotFound
from galen.core.gate import requires
from galen.core.jobs import CLOCK
from galen.values.schedule import Schedule, following

from .events import JobDecided
from .models import Decision, JobDecision
from .rules import spoken
from .schemas import JobState, JobView, KindView

SHOWN = 100
COUNTS = "SELECT state, count(*) FROM galen.own_jobs($1) GROUP BY state"
FAILED = "SELECT * FROM galen.own_jobs('{failed}') ORDER BY name, id DESC LIMIT $1"
PENDING = "SELECT * FROM galen.own_jobs('{waiting,running}') ORDER BY state, due, id LIMIT $1"
ONE = "SELECT * FROM galen.own_jobs($1) WHERE id = $2"
OF_KIND = "SELECT * FROM galen.own_jobs('{failed}') WHERE name = $1 ORDER BY id"
CLOCKED = "SELECT name, woken FROM galen.own_clock()"
DECIDE = "SELECT id FROM galen.decide_own_jobs($1, $2)"


class NoSuchJob(NotFound):
    message = "There is no such job here: it was done meanwhile, or discarded."


class StillToDo(Conflict):
    message = "This job waits, or is being done. Only one that failed can be discarded."


@dataclass(frozen=True)
class Clocked:
    """A job that the clock wakes."""

    name: str
    schedule: Schedule
    zone: str
    woken: datetime | None
    next: datetime

    @property
    def period(self) -> str:
        return self.schedule.said

    @property
    def words(self) -> str:
        return spoken(self.schedule)


@dataclass(frozen=True)
class JobList:
    """What the worker has to do for this organisation."""

    waiting: int
    running: int
    failed: int
    failures: list[KindView]
    pending: list[JobView]
    clock: list[Clocked]
    decisions: list[JobDecision]

    @property
    def unseen(self) -> int:
        """How many wait or run beside those that are shown."""
        return self.waiting + self.running - len(self.pending)


@requires("job.read")
async def job_list(ctx: Context) -> JobList:
    """Jobs that wait, run or have failed; when the clock wakes which; and what was decided lately."""
    counts = Counter({row["state"]: row["count"] for row in await ctx.raw.fetch(COUNTS, [s.value for s in JobState])})
    failed = jobs_from(await ctx.raw.fetch(FAILED, SHOWN))
    decided = select(JobDecision).order_by(JobDecision.id.desc()).limit(20)
    return JobList(
        counts["waiting"],
        counts["running"],
        counts["failed"],
        [KindView(name=name, jobs=list(jobs)) for name, jobs in groupby(failed, lambda job: job.name)],
        jobs_from(await ctx.raw.fetch(PENDING, SHOWN)),
        await clock(ctx),
        list(await ctx.db.scalars(decided)),
    )


@requires("job.read")
async def failed_count(ctx: Context) -> int:
    """How many jobs have failed and wait for somebody's decision."""
    return sum([row["count"] for row in await ctx.raw.fetch(COUNTS, [JobState.FAILED.value])])


@requires("job.manage")
async def run_again(ctx: Context, job_id: int) -> JobView:
    """Let a failed job wait for the worker again, with all its attempts; one that waits or runs is left alone."""
    job = await own(ctx, job_id)
    await decide(ctx, [job], Decision.RUN_AGAIN)
    return await own(ctx, job_id)


@requires("job.manage")
async def run_kind_again(ctx: Context, kind: str) -> list[JobView]:
    """The same for every failed job of one name: those that now wait again."""
    jobs = jobs_from(await ctx.raw.fetch(OF_KIND, kind))
    done = await decide(ctx, jobs, Decision.RUN_AGAIN)
    return [await own(ctx, job.id) for job in jobs if job.id in done]


@requires("job.manage")
async def discard(ctx: Context, job_id: int) -> JobView:
    """Take a failed job out of the queue: what it was to do will not be done. That it was discarded is kept."""
    job = await own(ctx, job_id)
    if job.id not in await decide(ctx, [job], Decision.DISCARDED):
        raise StillToDo
    return job


async def decide(ctx: Context, jobs: list[JobView], decision: Decision) -> set[int]:
    """Do so with those of these jobs that are failed still, and keep who decided it; which those were."""
    rows = await ctx.raw.fetch(DECIDE, [job.id for job in jobs], decision is Decision.RUN_AGAIN)
    done = {row["id"] for row in rows}
    for job in jobs:
        if job.id in done:
            kept = JobDecision(
                job_id=job.id,
                job=job.name,
                decision=decision,
                trouble=job.trouble,
                failed_at=job.changed,
                decided_at=ctx.now,
                decided_by=ctx.actor.name,
            )
            ctx.emit(JobDecided(ctx.add(kept).id))
    return done


async def own(ctx: Context, job_id: int) -> JobView:
    """One job of this organisation; another's is not found."""
    found = await ctx.raw.fetchrow(ONE, [state.value for state in JobState], job_id)
    if found is None:
        raise NoSuchJob(thing="job")
    return jobs_from([found])[0]


def jobs_from(rows: Iterable[dict[str, object]]) -> list[JobView]:
    return [JobView.model_validate(dict(row)) for row in rows]


async def clock(ctx: Context) -> list[Clocked]:
    """Every job of the clock, by the time at which it comes next."""
    woken = {row["name"]: row["woken"] for row in await ctx.raw.fetch(CLOCKED)}
    home = ctx.organization.zone
    found = [
        Clocked(name, schedule, schedule.zone or home, woken.get(name), following(schedule, ctx.now, home))
        for name, schedule in CLOCK.items()
    ]
    return sorted(found, key=lambda job: (job.next, job.name))
