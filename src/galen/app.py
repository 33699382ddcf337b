"""The application: mounts what the modules bring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy import URL, select

from galen.asgi.assets import Assets
from galen.asgi.headers import Headers
from galen.asgi.holding import Holding
from galen.core.context import OrganizationInfo
from galen.core.fast.dispatch import install_dispatch
from galen.core.services import Services
from galen.provisioning import migrate
from galen.settings import settings

from . import __version__
from .core.database import Database
from .core.web import mount
from .core.web.body_limit import BodyLimit
from .core.web.browser_words import router as browser_words
from .core.web.docs import router as docs
from .core.web.health import router as health
from .core.web.home import routes as home
from .core.web.languages import Languages
from .core.web.live import Live
from .core.web.live import router as live
from .core.web.problems import install
from .core.web.routes import PANELS, PATHS, TABLE
from .core.web.search import routes as search
from .core.web.templating import STATIC
from .encounters import load_icd
from .identity import identify
from .modules import discover
from .organizations import Organization

# FastAPI would otherwise record exceptions and bodies for any telemetry provider: they may hold health data.
SILENT: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}


async def bring_to_present(owner_url: str) -> None:
    """Every migration everywhere, and the reference data that all organisations share."""
    await migrate.prepare(owner_url)
    connection = await migrate.connect(owner_url)
    try:
        await load_icd(connection)
    finally:
        await connection.close()


def services_for(database: Database) -> Services:
    """What requests and jobs need, over one database."""

    async def list_organizations() -> list[OrganizationInfo]:
        async with database.transaction(None) as db:
            organizations = await db.scalars(select(Organization).order_by(Organization.id))
            return [organization.info for organization in organizations]

    return Services(database, list_organizations, identify)


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
    app.add_middleware(BodyLimit, larger={row.path: row.max_mb for row in TABLE if row.max_mb})
    app.add_middleware(Headers)
    if settings().hold_ms:
        app.add_middleware(Holding, limit=settings().hold_ms)
    return app
