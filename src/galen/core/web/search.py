"""The search box: one question put to every module that this person may search."""

from ..context import Context
from ..gate import requires
from ..schemas import Found
from .routes import TABLE, get


@requires("search.use")
async def search(ctx: Context, q: str = "") -> list[Found]:
    """Patients, medicines, prescriptions, invoices: whatever this person may see, found by what people type."""
    asked = q.strip()
    if len(asked) < 2:
        return []
    answers: list[Found] = []
    for route in TABLE:
        if route.search and ctx.actor.may(route.permission):
            answers += [answer.model_copy(update={"kind": route.search}) for answer in await route.verb(ctx, q=asked)]
    return answers


routes = [get("/search", search, html="search.html")]
