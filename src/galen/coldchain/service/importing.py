"""The file of a logger: parsed in a child, understood here, stored as any other readings."""

import json
from typing import Any
from uuid import UUID

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.files import CannotBeRead, run_in_child
from galen.i18n import gettext as _
from galen.i18n import ngettext

from ..loggers import LoggedRow, logged
from ..models import StoragePlace
from ..schemas import LoggerDraft, ReadingDraft, Receipt
from .arriving import devices, store_readings
from .setting_up import opened_sensor

ROWS, COLUMNS, CELLS, PIECE = 60_000, 60, 1_000_000, 5_000


@requires("coldchain.handle")
async def import_logger(ctx: Context, sensor_id: UUID, draft: LoggerDraft) -> Receipt:
    """Take in what a logger was read out to; what is here already is known again. All of it, or nothing."""
    sensor = await opened_sensor(ctx, sensor_id)
    place = await ctx.get(StoragePlace, sensor.place_id, include=(StoragePlace.site,))
    device = (await devices(ctx, [sensor.serial])).get(sensor.serial)
    if device is None:
        raise Invalid("file", _("This place is closed: nothing is taken in for it."))
    rows = list(logged(await rows_of(draft), place.site.tz))
    if not rows:
        raise Invalid("file", _("This file holds no temperatures."))
    if late := next((row for row in rows if row.at > ctx.now), None):
        raise Invalid("file", _("Line %(number)s lies in the future. Check the logger's clock.", number=late.number))
    drafts = [reading_of(row) for row in rows]
    stored = 0
    for start in range(0, len(drafts), PIECE):
        given = [(device, reading, None) for reading in drafts[start : start + PIECE]]
        stored += (await store_readings(ctx, given)).stored
    ctx.flash(ngettext("%(num)s reading was taken in.", "%(num)s readings were taken in.", stored))
    return Receipt(stored=stored, known=len(drafts) - stored)


def reading_of(row: LoggedRow) -> ReadingDraft:
    named = {"C": "c", "F": "f"}.get(row.unit, "value")
    try:
        return ReadingDraft.model_validate({"at": row.at, named: row.value})
    except ValueError:
        problem = _("Line %(number)s has no temperature: %(said)s", number=row.number, said=str(row.value))
        raise Invalid("file", problem) from None


async def rows_of(draft: LoggerDraft) -> list[tuple[int, list[Any]]]:
    """Plain rows with their numbers; what is no table is refused in a sentence."""
    limits: dict[str, Any] = {"rows": ROWS, "columns": COLUMNS, "cells": CELLS}
    try:
        async with run_in_child("table at once", draft.file.file, shape="rows", **limits) as parsed:
            lines = [json.loads(line) for line in parsed.made]
    except CannotBeRead as error:
        if error.word in ("rows", "cells"):
            raise Invalid("file", _("This file holds more than can be taken in at once. Split it.")) from None
        raise Invalid("file", _("This file is no table. Export the readings as CSV or as a spreadsheet.")) from None
    return [(int(line[0]), line[1:]) for line in lines if isinstance(line, list)]
