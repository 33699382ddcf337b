"""Large files are read and applied behind the page's back."""

from galen.core.context import Context
from galen.core.events import on

from . import wizard
from .events import FileArrived, ImportOrdered


@on(FileArrived)
async def read_the_file(ctx: Context, event: FileArrived) -> None:
    await wizard.read_waiting(ctx, event.import_id)


@on(ImportOrdered)
async def apply_the_file(ctx: Context, event: ImportOrdered) -> None:
    await wizard.apply_ordered(ctx, event.import_id)
