"""Sites of the two demo organisations."""

from galen import organizations
from galen.core.context import Context
from galen.organizations import SiteDraft, SiteKind

NORTH = [
    SiteDraft(
        name="Harbour Clinic",
        kind=SiteKind.CLINIC,
        zone="Australia/Sydney",
        street="12 Wharf Street",
        suburb="Newport",
        state="NSW",
        postcode="2106",
        phone="+61 2 5550 1234",
        email="clinic@harbour.example",
        licence="NSW-CL-0412",
    ),
    SiteDraft(
        name="Harbour Pharmacy",
        kind=SiteKind.PHARMACY,
        zone="Australia/Sydney",
        street="14 Wharf Street",
        suburb="Newport",
        state="NSW",
        postcode="2106",
        phone="+61 2 5550 1240",
        email="pharmacy@harbour.example",
        licence="NSW-PH-1187",
    ),
]
SOUTH = [
    SiteDraft(
        name="Riverside Clinic", kind=SiteKind.CLINIC, zone="America/New_York", street="200 River Road",
        suburb="Albany", state="NY", postcode="12207", phone="+1 518 555 0140", licence="NY-CL-77",
    ),
    SiteDraft(
        name="Riverside Pharmacy", kind=SiteKind.PHARMACY, zone="America/New_York", street="202 River Road",
        suburb="Albany", state="NY", postcode="12207", phone="+1 518 555 0141", licence="NY-PH-78",
    ),
]  # fmt: skip


async def seed(ctx: Context) -> None:
    for draft in SOUTH if ctx.organization.slug == "south" else NORTH:
        await organizations.add_site(ctx, draft)
