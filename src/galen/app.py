"""The roof: lists the modules and mounts their routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI
from sqlalchemy import URL, select

from galen.core import context
from galen.core.fast.dispatch import install_dispatch
from galen.core.services import Services
from galen.core.web import idempotency, mount  # noqa: F401 its record must be known before tables are made
from galen.provisioning import migrate

from . import __version__
from .core.database import Database
from .core.web.assets import Assets
from .core.web.docs import router as docs
from .core.web.headers import Headers
from .core.web.health import router as health
from .core.web.home import routes as home
from .core.web.live import Live
from .core.web.live import router as live
from .core.web.problems import install
from .core.web.routes import PANELS, PATHS, TABLE
from .core.web.search import routes as search
from .core.web.templating import STATIC
from .identity import identify
from .organizations import Organization

MODULES = """
    notifications organizations identity operations patients medicines scheduling inventory billing safety queue
    encounters prescribing dispensing compliance analytics fhir
""".split()


# FastAPI would otherwise record exceptions and bodies for any telemetry provider: they may hold health data.
SILENT: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}


def load() -> None:
    """Import every module, so that its records, jobs and refusals are known."""
    for ground in ("audit", "numbers", "web.idempotency"):
        import_module(f"galen.core.{ground}")
    for name in MODULES:
        if find_spec(f"galen.{name}"):
            import_module(f"galen.{name}")
            for part in ("jobs", "routes"):
                if find_spec(f"galen.{name}.{part}"):
                    import_module(f"galen.{name}.{part}")


async def bring_to_present(owner_url: str) -> None:
    """Every migration everywhere, and the reference data that all organisations share."""
    from .encounters import load_icd

    await migrate.prepare(owner_url)
    connection = await migrate.connect(owner_url)
    try:
        await load_icd(connection)
    finally:
        await connection.close()


def services_for(database: Database) -> Services:
    """What requests and jobs need, over one database."""

    async def list_organizations() -> list[context.OrganizationInfo]:
        async with database.transaction(None) as db:
            return [
                organization.info for organization in await db.scalars(select(Organization).order_by(Organization.id))
            ]

    return Services(database, list_organizations, identify)


def build(services: Services, live_url: URL | None = None) -> FastAPI:
    """The whole application: JSON under /api/v1, pages beside it."""
    load()

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
    for router in (health, live, docs):  # before the hundreds of others, among which they would be looked for
        app.include_router(router)
    mount(app, [*home, *search])
    for name in MODULES:
        if find_spec(f"galen.{name}") and find_spec(f"galen.{name}.routes"):
            mount(app, import_module(f"galen.{name}.routes").routes)
        if find_spec(f"galen.{name}") and find_spec(f"galen.{name}.browser"):
            app.include_router(import_module(f"galen.{name}.browser").router)
    app.mount("/static", Assets(directory=STATIC), name="static")
    install_dispatch(app)
    app.add_middleware(Headers)
    return app
