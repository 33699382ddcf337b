"""The import: file after file, one transaction for each bundle, so that a broken one keeps no other out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from time import monotonic

from sqlalchemy.orm.exc import StaleDataError

from galen.core.database import RefusedByDatabase, code_of, rule_of
from galen.core.errors import Refusal
from galen.core.services import Services
from galen.logs import log

from .arrival import Arrival, Run
from .elements import Unreadable
from .ingest import ODD, ingest_all
from .models import FhirImport
from .reading import ResourceBatch, batches, files_in
from .report import FhirRemark, FhirReport

VERB = "fhir.import"


async def import_fhir(
    services: Services,
    slug: str,
    paths: Iterable[Path],
    *,
    source: str = "",
    same: Mapping[str, str] | None = None,
    apart: Iterable[str] = (),
) -> FhirReport:
    """Read FHIR R4 resources into an organisation. Again, it changes nothing; `source` names the system they come from.

    First everything that others refer to, then what had to wait for it. Who looks like somebody known waits for an
    answer: `same` gives the number of the record for an id, `apart` the ids of those who are nobody here.
    """
    report, run, began = FhirReport(), Run(source, same=dict(same or {}), apart=set(apart)), monotonic()
    waiting: dict[Path, set[str]] = defaultdict(set)
    for path in files_in(paths):
        report.files += 1
        for batch in readable(path, report):
            waiting[path] |= await arrive(services, slug, run, batch, report, None)
    for path, names in waiting.items():
        if names:
            for batch in readable(path, FhirReport()):
                await arrive(services, slug, run, batch, report, names)
    async with services.as_system(slug, VERB) as ctx:
        counts = report.counts()
        done = FhirImport(at=ctx.now, source=source, files=report.files, resources=counts)
        done.files_failed = report.files_failed
        ctx.add(done)
    log.info("fhir import", files=report.files, failed=report.files_failed, seconds=round(monotonic() - began, 1))
    return report


def readable(path: Path, report: FhirReport) -> Iterator[ResourceBatch]:
    """What can be read of a file. One that cannot is told, and the others go on."""
    fault = Unreadable("", "")
    try:
        yield from batches(path)
        return
    except Unreadable as error:
        fault = error
    except (MemoryError, RecursionError, ValueError) as error:
        log.error("fhir file not readable", error=type(error).__name__)
        fault = Unreadable("", "is put together in a way that cannot be read")
    report.files_failed += 1
    report.problems.append(FhirRemark(path.name.encode("utf-8", "replace").decode(), "", fault.path, fault.says))


async def arrive(
    services: Services, slug: str, run: Run, batch: ResourceBatch, report: FhirReport, wanted: set[str] | None
) -> set[str]:
    """One batch in one transaction. What the database refuses leaves nothing of the batch behind."""
    part, waiting, before = FhirReport(), set[str](), (set(run.stored), set(run.failed))
    if wanted is None:
        part.problems += [FhirRemark(batch.file, "", error.path, error.says) for error in batch.unread]
    try:
        async with services.as_system(slug, VERB) as ctx:
            with ctx.doing(VERB):
                waiting = await ingest_all(Arrival(ctx, run, batch, part), wanted)
    except (*RefusedByDatabase, Refusal, StaleDataError, *ODD) as error:
        run.stored, run.failed = before
        part, waiting = refused(batch, wanted, error), set()
        run.failed |= {came.key for came in batch.resources}
    report.add(part)
    return waiting


def refused(batch: ResourceBatch, wanted: set[str] | None, error: Exception) -> FhirReport:
    """Every resource of the batch counts as failed; the sentence names the rule and no value."""
    part = FhirReport()
    for came in batch.resources:
        if wanted is None or came.name in wanted:
            part.resources[came.kind].read += 1
            part.resources[came.kind].failed += 1
    why = str(error) if isinstance(error, Refusal) else "the database refused it"
    if isinstance(error, ODD):
        log.error("fhir batch not importable", error=type(error).__name__)
        why = "it is put together in a way that cannot be read"
    if isinstance(error, RefusedByDatabase):
        why = f"the database refused it ({rule_of(error) or code_of(error) or 'no reason given'})"
    part.problems.append(FhirRemark(batch.file, "", "", f"nothing of it was imported: {why}"))
    return part
