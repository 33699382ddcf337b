"""The application: mounts what the modules bring."""

import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from sqlalchemy import URL, select
from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from galen import i18n
from galen.asgi.assets import STATIC, Assets
from galen.asgi.browser_words import router as browser_words
from galen.asgi.docs import router as docs
from galen.asgi.headers import Headers
from galen.asgi.health import router as health
from galen.asgi.holding import Holding
from galen.asgi.limits import Larger, RequestLimits
from galen.core.context import OrganizationInfo
from galen.core.fast.dispatch import install_dispatch
from galen.core.services import Services
from galen.provisioning import migrate
from galen.settings import settings

from . import __version__
from .core.database import Database
from .core.errors import Refusal
from .core.web import mount
from .core.web.home import routes as home
from .core.web.languages import Languages
from .core.web.live import Live
from .core.web.live import router as live
from .core.web.problems import install, refused
from .core.web.routes import PANELS, PATHS, TABLE
from .core.web.search import routes as search
from .core.web.templating import templates
from .encounters import load_icd
from .identity import hash_ahead, identify
from .modules import discover
from .organizations import Organization
from .prescribing.directions import compiled
from .safety import built_in

# FastAPI would otherwise record exceptions and bodies for any telemetry provider: they may hold health data.
SILENT: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}


class TooMuch(Refusal):
    status, message = 413, "This is larger than {most}, the most that may be sent here. Nothing was kept."


class TooMany(Refusal):
    status, message = 413, "This has more than {most} fields. Send it in parts. Nothing was kept."


class TooLong(Refusal):
    status, message = 431, "The address or the headers of this are longer than {most}. Nothing was kept."


class TooSlow(Refusal):
    status, message = 408, "This came too slowly, or stopped for {most} seconds. Nothing was kept; send it again."


OVER = {kind().code: kind for kind in (TooMuch, TooMany, TooLong, TooSlow)}


async def over(scope: Scope, receive: Receive, send: Send, why: str, most: str) -> None:
    """What the limits of asgi/limits.py refuse, said like every refusal; the connection ends with it."""
    response = await refused(Request(scope, receive), OVER[why](most=most))
    response.headers["Connection"] = "close"
    await response(scope, receive, send)


async def bring_to_present(owner_url: str) -> None:
    """Every migration everywhere, and the reference data that all organisations share."""
    await migrate.prepare(owner_url)
    connection = await migrate.connect(owner_url)
    try:
        await load_icd(connection)
    finally:
        await connection.close()


def make_ready() -> None:
    """What whoever comes first would wait for, and all others with them: in a thread, beside the first requests."""
    steps: list[Callable[[], Any]] = [built_in, partial(compiled, "1 tab po bd pc x5/7")]
    steps += [partial(i18n.language, tag) for tag in i18n.offered()]
    steps += [partial(templates.get_template, name) for name in templates.list_templates(["html"])]
    for step in steps:
        step()
        time.sleep(0.005)  # whoever asks something meanwhile goes first
    gc.freeze()  # all this stays: the collector would hold everybody up for a tenth of a second to walk it


def services_for(database: Database) -> Services:
    """What requests and jobs need, over one database."""

    async def list_organizations() -> list[OrganizationInfo]:
        async with database.transaction(None) as db:
            organizations = await db.scalars(select(Organization).order_by(Organization.id))
            return [organization.info for organization in organizations]

    return Services(database, list_organizations, identify, hash_ahead)


def build(services: Services, live_url: URL | None = None) -> FastAPI:
    """The whole application: JSON under /api/v1, pages beside it."""
    modules = discover()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if app.state.live:
            app.state.live.start()
        yield
        app.state.stopping = True
        if app.state.live:
            await app.state.live.stop()

    app = FastAPI(
        title="Galen", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, telemetry=SILENT
    )
    app.state.services, app.state.stopping = services, False
    app.state.live = Live(live_url) if live_url else None
    install(app)
    for table in (TABLE, PATHS, PANELS):
        table.clear()
    for router in (health, live, docs, browser_words):  # before the hundreds among which they would be looked for
        app.include_router(router)
    mount(app, [*home, *search])
    for module in modules:
        mount(app, module.routes)
        if module.browser:
            app.include_router(module.browser)
    app.mount("/static", Assets(directory=STATIC), name="static")
    install_dispatch(app)
    app.add_middleware(Languages)
    larger = [
        Larger(compile_path(row.path)[0], row.max_mb, not row.takes_files)
        for row in TABLE
        if row.max_mb or row.takes_files
    ]
    app.add_middleware(RequestLimits, refuse=over, larger=larger)
    app.add_middleware(Headers)
    if settings().hold_ms:
        app.add_middleware(Holding, limit=settings().hold_ms)
    return app
