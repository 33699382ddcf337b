"""The test world: a real PostgreSQL, two organisations, and a cast who act through service functions.

Every test works in one transaction that is rolled back. Tests marked `race` get a database of their own and commit.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from sqlalchemy import URL, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

os.environ.setdefault("GALEN_SECRET", "a secret for tests only, with more than 32 characters")
ROOT = Path(__file__).parents[1]

from galen import i18n, identity, organizations, patients  # noqa: E402
from galen.app import build, services_for  # noqa: E402
from galen.core import actor  # noqa: E402
from galen.core.actor import Actor  # noqa: E402
from galen.core.context import Context  # noqa: E402
from galen.core.crypto import password_for  # noqa: E402
from galen.core.database import APP_ROLE, Database, async_url, schema_of, switch_to  # noqa: E402
from galen.core.errors import Forbidden  # noqa: E402
from galen.core.jobs import perform  # noqa: E402
from galen.core.session_hooks import open_session  # noqa: E402
from galen.core.web.credentials import ForgedForm, csrf_token  # noqa: E402
from galen.demo import PASSWORD, seed  # noqa: E402
from galen.identity import passwords  # noqa: E402
from galen.identity.service import ahead  # noqa: E402
from galen.modules import discover  # noqa: E402
from galen.organizations import country_of  # noqa: E402
from galen.postgres import embedded  # noqa: E402
from galen.provisioning import migrate, schema  # noqa: E402
from galen.values.ids import uuid7  # noqa: E402

discover()  # here, so that every file and every single test finds all records, verbs and jobs, also when it runs alone
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # quick ones; the same code
passwords.DUMMY = passwords.HASHER.hash("nobody")
ahead.PAUSE = 0.0
NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)  # Friday 11:30 in Sydney
NORTH, SOUTH = ("north", "Harbour Health", "AU"), ("south", "Riverside Health", "US")


def can_be_held(permission: str) -> bool:
    """Whether a permission is in the list and some role has it; what begins with `public.` everybody has."""
    roles = (identity.permissions_of([role]) for role in identity.ROLES)
    listed = permission in identity.PERMISSIONS
    return permission.startswith("public.") or (listed and any(actor.grants(role, permission) for role in roles))


def refused_in_earnest(self: Forbidden, **about: Any) -> None:
    """Being refused proves nothing when nobody could be allowed: such a permission is a mistake of whoever wrote it."""
    permission = "public." if isinstance(self, ForgedForm) else about.get("permission", "public.")
    assert can_be_held(permission), f"nobody can hold {permission}: it is in no list, or no role has it"
    refused(self, **about)


refused, Forbidden.__init__ = Forbidden.__init__, refused_in_earnest  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The superuser's URL of a PostgreSQL: the embedded one, or what GALEN_TEST_DATABASE_URL names."""
    if given := os.environ.get("GALEN_TEST_DATABASE_URL"):
        yield given
        return
    with embedded(Path(os.environ.get("GALEN_TEST_VAR", ROOT / "var" / "test")) / "pg", fast=True) as url:
        yield url


async def on(url: URL | str, *statements: str) -> None:
    connection = await migrate.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def alone(server: str) -> AsyncIterator[None]:
    """One test worker at a time."""
    connection = await migrate.connect(server)
    try:
        await connection.execute("SELECT pg_advisory_lock(20260)")
        yield
    finally:
        await connection.close()


def named(server: str, database: str, **parts: Any) -> URL:
    return async_url(server, database=database, **parts)


@pytest_asyncio.fixture(scope="session")
async def template(server: str) -> AsyncIterator[str]:
    """A database with both organisations and the cast, built once and cloned where tests commit."""
    name = f"galen_{os.getpid()}"
    async with alone(server):  # roles belong to the whole server: two workers may not make them at once
        await on(server, migrate.app_role(), f"CREATE DATABASE {name}")
        owner = named(server, name)
        await on(owner, "CREATE SCHEMA galen", *schema.shared_sql())
        for slug, title, country in (NORTH, SOUTH):
            profile = country_of(country)
            await on(
                owner,
                f"INSERT INTO galen.organization VALUES ('{slug}', '{title}', '{country}', '{profile.currency}', "
                f"'{profile.zone}', '{uuid7()}', 1)",
                *schema.organization_roles(slug),
                "; ".join(
                    [
                        f"SET search_path TO {schema_of(slug)}, galen",
                        *schema.statements(shared=False),
                        "CREATE TABLE alembic_version (version_num text)",
                    ]
                ),
                *schema.organization_grants(slug),
            )
    services = services_for(Database(named(server, name)))
    for slug, *_ in (NORTH, SOUTH):
        async with services.as_system(slug, "demo") as ctx:
            ctx.now = NOW
            await seed(ctx, bulk=False)
    await services.database.close()
    await on(owner, "DELETE FROM galen.pgqueuer")  # what the seed announced is not the tests' business
    yield name
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="session")
async def workshop(server: str, template: str) -> AsyncIterator[str]:
    """The clone in which the tests work that roll back; a template that is connected to could not be cloned."""
    name = f"{template}_workshop"
    await on(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield name
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")


class OneConnection(Database):
    """A database whose transactions are savepoints of one connection, so that a test can roll everything back."""

    def __init__(self, connection: AsyncConnection, raw: Any) -> None:
        self.one, self.engine, self.at, self.raw = connection, connection.engine, "north", raw

    @asynccontextmanager
    async def transaction(
        self, organization: str | None = None, *, read_only: bool = False, work: str = ""
    ) -> AsyncIterator[AsyncSession]:
        async with open_session(self.one, join_transaction_mode="create_savepoint") as db:
            db.info.update(raw=self.raw, read_only=read_only)
            async with self.inside(organization or self.at), db.begin():
                await db.connection()  # the savepoint stands before the first statement that goes past the session
                yield db

    @asynccontextmanager
    async def inside(self, organization: str) -> AsyncIterator[None]:
        before, self.at = self.at, organization
        if before != organization:
            await self.enter(organization)
        try:
            yield
        finally:
            self.at = before
            if before != organization:
                await self.enter(before)

    async def enter(self, organization: str) -> None:
        await self.raw.execute(switch_to(organization))


@pytest_asyncio.fixture(scope="session")
async def engine(server: str, workshop: str) -> AsyncIterator[Any]:
    engine = create_async_engine(named(server, workshop), connect_args={"server_settings": {"timezone": "UTC"}})
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def database(engine: Any) -> AsyncIterator[OneConnection]:
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        await raw.execute(switch_to("north"))
        outer = await connection.begin()
        await connection.execute(text("SELECT 1"))  # the driver begins with the first statement, not before
        yield OneConnection(connection, raw)
        await outer.rollback()


@pytest.fixture
def services(database: OneConnection) -> Any:
    return services_for(database)


@pytest.fixture(autouse=True)
def in_english_as_in_australia() -> Iterator[None]:
    """What is said outside of a request is said as at Harbour Health."""
    with i18n.speaking(i18n.language("en", "AU")):
        yield


OpenAs = Callable[..., Awaitable[Context]]


@pytest_asyncio.fixture
async def acting(services: Any, database: OneConnection) -> AsyncIterator[OpenAs]:
    """Open a context as someone of the cast: `await acting("ada")`."""
    sessions: list[AsyncSession] = []

    async def open_as(username: str) -> Context:
        db = open_session(database.one, join_transaction_mode="rollback_only")
        sessions.append(db)
        db.info["raw"] = database.raw
        organization = await services.organization("north")
        ctx = Context(db, actor.SYSTEM, organization, now=NOW, origin="test")
        account = await db.scalar(select(identity.Account).where(identity.Account.username == username))
        assert account, f"nobody in the cast is called {username}"
        place = await db.get(organizations.Site, account.site_id) if account.site_id else None
        ctx.actor = Actor(
            account.id,
            account.name,
            account.kind.value,
            identity.permissions_of(account.roles),
            tuple(account.roles),
            account.patient_id,
        )
        ctx.site = place.info if place else None
        return ctx

    yield open_as
    for db in reversed(sessions):
        db.sync_session.expunge_all()


def persona(username: str) -> Any:
    @pytest_asyncio.fixture(name=username)
    async def someone(acting: OpenAs) -> Context:
        return await acting(username)

    return someone


ada, eve, nora, ruth, ben, kim, max_, iris = map(persona, ["ada", "eve", "nora", "ruth", "ben", "kim", "max", "iris"])


@pytest_asyncio.fixture
async def system(services: Any, acting: OpenAs) -> Context:
    """Galen itself: what jobs and imports act as."""
    ctx = await acting("ada")
    ctx.actor, ctx.site = actor.SYSTEM, None
    return ctx


@pytest.fixture
def catch_up(services: Any, database: OneConnection) -> Callable[..., Awaitable[list[str]]]:
    """Do every waiting job, as the worker would; by today's clock after what a client did."""

    async def run(now: datetime = NOW) -> list[str]:
        done = []
        take = (
            "DELETE FROM galen.pgqueuer WHERE id = (SELECT min(id) FROM galen.pgqueuer) RETURNING entrypoint, payload"
        )
        while True:
            await database.one.execute(text("RESET ROLE"))
            row = (await database.one.execute(text(take))).first()
            await database.enter("north")
            if row is None:
                return done

            @asynccontextmanager
            async def as_system(slug: str, verb: str) -> AsyncIterator[Context]:
                async with services.as_system(slug, verb) as ctx:
                    ctx.now = now
                    yield ctx

            await perform(as_system, row.entrypoint, row.payload)
            done.append(row.entrypoint)

    return run


class Client(httpx2.AsyncClient):
    """A client of the API or a browser, signed in as someone; each request has a new key unless it says another."""

    async def request(self, method: str, url: Any, **options: Any) -> httpx2.Response:
        headers = httpx2.Headers(options.pop("headers", None))
        if "idempotency_key" not in (options.get("data") or {}):
            headers.setdefault("idempotency-key", uuid4().hex)
        return await super().request(method, url, headers=headers, **options)


@pytest.fixture(scope="session")
def application() -> Any:
    return build(None)  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def client(application: Any, services: Any) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """`await client("ada")` speaks JSON with a bearer token; `await client()` is nobody; `page=True` is a browser."""
    application.state.services = services
    opened: list[Client] = []

    async def open_as(username: str = "", *, page: bool = False, password: str = "") -> Client:
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin"} if page else {}
        http = Client(transport=httpx2.ASGITransport(application), base_url="http://galen.test", headers=headers)
        opened.append(http)
        if username and page:
            answer = await http.post("/login", data={"username": username, "password": password or PASSWORD})
            assert answer.status_code == 303, answer.text
            http.headers["x-csrf"] = csrf_token(http.cookies["galen"].partition(".")[2])
        elif username:
            answer = await http.post(
                "/api/v1/auth/login", json={"username": username, "password": password or PASSWORD}
            )
            assert answer.status_code == 200, answer.text
            http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return http

    yield open_as
    for http in opened:
        await http.aclose()


@asynccontextmanager
async def services_of_their_own(server: str, template: str) -> AsyncIterator[Any]:
    name = f"{template}_{uuid4().hex[:8]}"
    await on(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(named(server, name, username=APP_ROLE, password=password_for(APP_ROLE)), pool=40)
    yield services_for(database)
    await database.close()
    await on(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def committed(server: str, template: str) -> AsyncIterator[Any]:
    """The services over a clone of the test world in which everything commits, under the application's own role."""
    async with services_of_their_own(server, template) as services:
        yield services


@pytest_asyncio.fixture
async def committed_too(server: str, template: str) -> AsyncIterator[Any]:
    """A second such world, equal to the first and apart from it."""
    async with services_of_their_own(server, template) as services:
        yield services


def patient(family: str) -> Any:
    @pytest_asyncio.fixture(name=family)
    async def someone(ada: Context) -> patients.Patient:
        found = await ada.db.scalar(select(patients.Patient).where(patients.Patient.given == family.capitalize()))
        assert found
        return found

    return someone


mara, tom = patient("mara"), patient("tom")
