"""What comes before serving: a database at the present, the demo when nothing else is there, and a greeting."""

from galen.core.context import OrganizationInfo
from galen.provisioning import server

from .app import bring_to_present, services_for
from .core.database import Database
from .demo import DEMO, PASSWORD, PATIENT, demo_is_due, open_demo, people
from .modules import discover
from .settings import settings


async def prepare(url: str) -> list[OrganizationInfo]:
    """A database at the present, with the demo when nothing else is there; the organisations on it."""
    owner = await server.owner_url(url)
    await bring_to_present(owner)
    discover()
    database = Database(server.app_url(owner), pool=2)
    services = services_for(database)
    try:
        if await demo_is_due(services):
            print("Making the demo organisations …", flush=True)
            await open_demo(owner, services)
        return await services.list_organizations()
    finally:
        await database.close()


def greet(organizations: list[OrganizationInfo]) -> None:
    """Where Galen is; and, while the demo is there, who may sign in to it."""
    print(f"\nGalen is at {settings().address}\n")
    if any((organization.slug, organization.name) == DEMO[0][:2] for organization in organizations):
        print(f"Demo sign-ins (password {PASSWORD}):")
        for slug, name, _ in DEMO:
            print(f" at {name}")
            for person in people(slug):
                print(f"  {person.username:8} {person.name}, {person.role}")
            if slug == DEMO[0][0]:
                print(f"  {PATIENT:8} her own record, as a patient")
        print()
    print("Ctrl-C stops everything.", flush=True)
