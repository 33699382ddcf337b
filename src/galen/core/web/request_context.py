"""From a request to its context, and from the end of the request to a commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from galen.i18n import speak

from ..actor import NOBODY
from ..context import Context
from ..database import has_pending_changes
from ..errors import NotFound, Refusal, SignInNeeded
from ..finish import finish
from ..services import Services
from .credentials import credentials_of, refuse_forgery
from .languages import asked


@asynccontextmanager
async def request_context(
    request: Request, organization: str = "", *, read_only: bool = False
) -> AsyncIterator[Context]:
    """The context of a request. Leaving it commits; an exception rolls back, and a denial leaves its audit row.

    `organization` is the one to enter where nobody is signed in yet.
    """
    services: Services = request.app.state.services
    credentials = credentials_of(request)
    await refuse_forgery(request, credentials)
    try:
        entered = await services.organization(credentials.organization if credentials else organization)
    except NotFound as missing:  # a session of an organisation that is no longer here is none
        raise (SignInNeeded() if credentials else missing) from None
    ctx: Context | None = None
    committed: Refusal | None = None
    try:
        async with services.database.transaction(entered.slug, read_only=read_only, work=work_of(request)) as db:
            origin, request_id = request.client.host if request.client else "", request.state.request_id
            ctx = Context(db, NOBODY, entered, request_id=request_id, origin=origin)
            request.state.ctx = ctx
            if credentials:
                await services.identify(ctx, credentials)
            speak(asked(request.scope, ctx.actor.language, entered.country))
            try:
                yield ctx
            except Refusal as refusal:
                if not refusal.keeps:
                    raise
                committed = refusal
            if ctx.audit or ctx.facts or ctx.opened or ctx.shown or ctx.deferred or has_pending_changes(db):
                await finish(ctx)
        if committed:
            raise committed
    except Refusal as refusal:
        if refusal.audited and ctx is not None:
            await services.record_refusal(ctx, refusal)
        raise


def work_of(request: Request) -> str:
    """The class of work: the first word of the route's address, which is mostly its module."""
    path = str(getattr(request.scope.get("route"), "path", "")).removeprefix("/api/v1")
    return path.split("/", 2)[1] if path else ""
