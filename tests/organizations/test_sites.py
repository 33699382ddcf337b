"""Sites: opened, changed, closed; their hours; the country they stand in."""

from datetime import date

import pytest
from pydantic import ValidationError

from galen import organizations
from galen.core.errors import Forbidden, NotFound
from galen.core.finish import finish
from galen.organizations import SiteDraft, SiteKind
from galen.organizations.rules import hours_fault, written
from galen.organizations.service import LastSite, close_site, edit_site, organization, reopen_site

HOURS = {"mon": "08:00-12:00, 13:00–17:30", "sat": "09:00 - 12:00", "sun": ""}


async def test_a_site_keeps_its_licence_its_zone_and_its_hours(iris):
    site = await organizations.add_site(
        iris,
        SiteDraft(name="Annexe", zone="Australia/Perth", licence="WA-1", licence_ends=date(2027, 6, 30), hours=HOURS),
    )
    assert site.hours == {"mon": "08:00-12:00, 13:00-17:30", "sat": "09:00-12:00"}
    assert (site.licence_ends, site.info.zone, site.kind) == (date(2027, 6, 30), "Australia/Perth", SiteKind.CLINIC)


@pytest.mark.parametrize(
    ("day", "text", "words"),
    [("mon", "8-5", "as 08:00-17:30"), ("mon", "17:00-08:00", "earlier to later"),
     ("tue", "08:00-12:00, 11:00-13:00", "earlier to later"),
     ("mon", "08:00-24:30", "as 08:00-17:30"), ("someday", "08:00-12:00", "is no day")],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused_in_words(day, text, words):
    assert words in hours_fault(day, text)
    with pytest.raises(ValidationError, match="hours"):
        SiteDraft(name="Annexe", hours={day: text})


def test_sound_hours_have_one_way_to_be_written():
    assert hours_fault("fri", "08:00-12:00,13:00 – 17:30") is None
    assert written("08:00-12:00,13:00 – 17:30") == "08:00-12:00, 13:00-17:30"


def test_a_zone_that_nobody_knows_is_refused():
    with pytest.raises(ValidationError, match="not a time zone"):
        SiteDraft(name="Annexe", zone="Mars/Olympus")


async def test_changing_a_site_writes_the_whole_of_it(iris):
    site = await organizations.add_site(iris, SiteDraft(name="Annexe", phone="+61 2 5550 1111", licence="X"))
    await edit_site(iris, site.id, SiteDraft(name="Annexe", phone="+61 2 5550 2222"))
    assert (site.phone, site.licence) == ("+61 2 5550 2222", "")


async def test_a_closed_site_leaves_the_lists_and_may_come_back(iris, ada):
    harbour = (await organizations.sites(ada))[0]
    await close_site(iris, harbour.id)
    assert harbour.name not in [s.name for s in await organizations.sites(ada)]
    assert harbour.name in [s.name for s in await organizations.sites(ada, closed=True)]
    with pytest.raises(LastSite):
        await close_site(iris, (await organizations.sites(iris))[0].id)
    await reopen_site(iris, harbour.id)
    assert len(await organizations.sites(ada)) == 2


async def test_a_name_is_taken_once(client):
    iris = await client("iris")
    answer = await iris.post("/api/v1/sites", json={"name": "Harbour Clinic"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "There is already a site with this name.")


async def test_only_those_who_may_open_sites(ruth):
    with pytest.raises(Forbidden):
        await organizations.add_site(ruth, SiteDraft(name="Annexe"))


async def test_pharmacies_are_the_sites_that_supply(client):
    ben = await client("ben")
    assert [s["name"] for s in (await ben.get("/api/v1/pharmacies")).json()] == ["Harbour Pharmacy"]
    assert [s["name"] for s in (await ben.get("/api/v1/sites")).json()] == ["Harbour Clinic", "Harbour Pharmacy"]


async def test_a_pharmacy_is_registered_viewed_and_updated_over_the_api(client):
    iris = await client("iris")
    made = await iris.post(
        "/api/v1/pharmacies", json={"name": "Beach Pharmacy", "kind": "pharmacy", "licence": "NSW-PH-2"}
    )
    path = f"/api/v1/pharmacies/{made.json()['id']}"
    assert (await iris.get(path)).json()["licence"] == "NSW-PH-2"
    changed = await iris.put(path, json={"name": "Beach Pharmacy", "kind": "pharmacy", "licence": "NSW-PH-3"})
    assert (changed.json()["licence"], changed.json()["version"]) == ("NSW-PH-3", 2)


@pytest.mark.parametrize(
    ("slug", "currency", "paper", "tax"), [("AU", "AUD", "a5", "GST"), ("US", "USD", "us-letter", "Sales tax")]
)
def test_each_country_has_its_profile(slug, currency, paper, tax):
    country = organizations.country_of(slug)
    assert (country.currency, country.paper, country.tax_name) == (currency, paper, tax)


def test_a_country_without_a_profile_is_refused_in_words():
    with pytest.raises(NotFound, match=r"“XX”; known are AU \(Australia\) and US"):
        organizations.country_of("XX")


async def test_the_organisation_says_under_which_rules_it_works(client, ada):
    assert (await organization(ada)).country.currency == "AUD"
    shown = (await (await client("ada")).get("/api/v1/organization")).json()
    assert (shown["slug"], shown["country"]["code"], len(shown["sites"])) == ("north", "AU", 2)
    page = (await (await client("ada", page=True)).get("/organization")).text
    assert "Country profile: Australia" in page and "10 %" in page


async def test_the_pages_of_sites_open_and_save(client):
    iris = await client("iris", page=True)
    assert "Harbour Pharmacy" in (await iris.get("/sites?closed=true")).text
    assert 'name="hours.mon"' in (await iris.get("/sites/new")).text
    made = await iris.post("/sites", data={"name": "Annexe", "zone": "Australia/Sydney", "hours.mon": "08:00-17:30"})
    assert made.status_code == 303
    listed = (await (await client("iris")).get("/api/v1/sites")).json()
    annexe = next(s for s in listed if s["name"] == "Annexe")
    assert annexe["hours"] == {"mon": "08:00-17:30"}
    assert 'value="08:00-17:30"' in (await iris.get(f"/sites/{annexe['id']}")).text
    assert "Close site" not in (await (await client("ada", page=True)).get(f"/sites/{annexe['id']}")).text


async def test_the_hours_of_a_site_are_read_by_those_who_may_not_change_them(client, iris):
    draft = SiteDraft(name="Annexe", licence="WA-1", licence_ends=date(2026, 6, 30), hours=HOURS)
    site = await organizations.add_site(iris, draft)
    await finish(iris)
    nurse, manager = await client("nora", page=True), await client("max", page=True)
    page = (await nurse.get(f"/sites/{site.id}")).text
    assert '<dt>Saturday</dt><dd dir="auto">09:00-12:00</dd>' in page and "<dt>Sunday</dt>" not in page
    assert 'name="hours.mon"' not in page and ">Close site<" not in page
    assert 'name="hours.mon"' in (await manager.get(f"/sites/{site.id}")).text
    assert ">ended<" in (await nurse.get("/sites")).text
