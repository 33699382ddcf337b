"""The catalogue as pages and over the API."""

from typing import Any

from galen import medicines
from galen.core.context import Context
from tests.medicines.test_keeping import AMOXICILLIN


async def test_the_api_answers_money_with_its_currency_and_quantities_without_zeros(client: Any) -> None:
    http = await client("ada")
    (found,) = (await http.get("/api/v1/drugs/search", params={"q": "2000000000022"})).json()
    assert found["price"] == {"amount": "8.75", "currency": "AUD"} and found["pack_size"] == "20"
    answer = await http.get(f"/api/v1/medicines/{found['id']}")
    assert answer.json()["ingredients"][0]["strength"] == "500 mg" and answer.json()["barcodes"] == ["2000000000022"]
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'


async def test_the_list_goes_on_behind_its_cursor_without_gap_or_repeat(client: Any) -> None:
    http, seen, after = await client("ada"), [], None
    while True:
        page = (await http.get("/api/v1/medicines", params={"after": after} if after else {})).json()
        seen += [m["id"] for m in page["items"]]
        if not (after := page["next"]):
            break
    assert len(seen) == len(set(seen)) >= 300


async def test_a_medicine_is_added_changed_archived_and_restored_over_the_api(client: Any) -> None:
    http = await client("ben")
    made = await http.post("/api/v1/medicines", json=AMOXICILLIN)
    assert made.status_code == 201 and made.json()["name"] == "amoxicillin 500 mg capsule"
    where = f"/api/v1/medicines/{made.json()['id']}"
    assert (await http.patch(where, json={"price": "9.10"})).json()["price"]["amount"] == "9.10"
    assert (await http.delete(where)).json()["archived_at"]
    assert (await http.get("/api/v1/drugs/search", params={"q": "zymox 500"})).json() == []
    assert (await http.put(f"{where}/restoration")).json()["archived_at"] is None
    assert (await http.get("/api/v1/drugs/search", params={"q": "zymox 500"})).json()[0]["brand"] == "Zymox"
    assert (await http.patch(where, json={"price": "1"}, headers={"if-match": '"1"'})).status_code == 412


async def test_staff_browse_and_filter_the_list(client: Any) -> None:
    browser = await client("nora", page=True)
    page = (await browser.get("/medicines")).text
    assert "<h1" in page and 'href="/medicines/new"' not in page and "Show more" in page
    part = await browser.get(
        "/medicines", params={"q": "amoksisilin 500"}, headers={"hx-request": "true", "hx-target": "div#medicines"}
    )
    assert "amoxicillin" in part.text.casefold() and "<html" not in part.text
    assert "No medicine is called" in (await browser.get("/medicines", params={"q": "zzzzqq"})).text
    assert "No archived medicines" in (await browser.get("/medicines", params={"archived": "true"})).text


async def test_a_pharmacist_adds_a_medicine_with_a_form_and_edits_it(client: Any, ben: Context) -> None:
    browser = await client("ben", page=True)
    assert 'name="ingredients.0.name"' in (await browser.get("/medicines/new")).text
    form = {
        "ingredients.0.name": "amoxicillin", "ingredients.0.strength": "500 mg",
        "brand": "Zymox", "dose_form": "capsule", "route": "oral",
        "pack_size": "20", "unit": "capsule", "price": "8.90",
        "schedule_au": "S4", "barcodes.0": "2900000000001",
    }  # fmt: skip
    wrong = await browser.post("/medicines", data=form | {"price": "cheap"}, headers={"hx-request": "true"})
    assert wrong.status_code == 422 and "error--price" in wrong.text
    made = await browser.post("/medicines", data=form)
    assert made.status_code == 303
    where = made.headers["location"]
    keyed = form | {"barcodes.0": "", "idempotency_key": "a8f1c2e4-0000-4000-8000-000000000001"}
    sent = [await browser.post("/medicines", data=keyed) for _ in range(2)]
    assert {answer.status_code for answer in sent} == {303}
    assert len({answer.headers["location"] for answer in sent}) == 1
    page = (await browser.get(where)).text
    assert "Zymox" in page and "2900000000001" in page and "S4" in page and "$8.90" in page
    assert 'value="500 mg"' in (await browser.get(f"{where}/edit")).text
    saved = await browser.put(where, data=form | {"brand": "", "price": "9"})
    assert saved.status_code == 303
    (product,) = await medicines.find_medicines(ben, "2900000000001")
    assert (product.brand, product.price, product.form) == ("", 9, "capsule")


async def test_an_archived_medicine_says_so_and_offers_to_restore_it(client: Any, ben: Context) -> None:
    browser = await client("ben", page=True)
    (product,) = await medicines.find_medicines(ben, "2000000000022")
    page = await browser.delete(f"/medicines/{product.id}", headers={"hx-request": "true", "hx-target": "div#main"})
    assert "Archived 20 Nov 2026" in page.text or "Archived" in page.text
    assert "Restore" in page.text and ">Archive<" not in page.text


async def test_typing_offers_options_and_the_search_box_finds_medicines(client: Any) -> None:
    browser = await client("ada", page=True)
    typed = await browser.get(
        "/medicines/options",
        params={"q": "amoksil"},
        headers={"hx-request": "true", "hx-target": "div#options--drug_id"},
    )
    assert 'role="option"' in typed.text and "amoxicillin" in typed.text.casefold() and "<html" not in typed.text
    assert "/medicines/" in (await browser.get("/search", params={"q": "panadol"})).text


async def test_a_scan_on_the_list_opens_the_pack(client: Any, ben: Context) -> None:
    browser = await client("ben", page=True)
    (product,) = await medicines.find_medicines(ben, "2000000000022")
    answer = await browser.get("/medicines/scan", params={"code": "010200000000002217281231"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/medicines/{product.id}")
    unknown = await browser.get("/medicines/scan", params={"code": "2000000099996"})
    assert unknown.status_code == 404 and "No medicine here has this code" in unknown.text


async def test_a_patient_does_not_see_the_catalogue(client: Any) -> None:
    http = await client()
    assert (await http.get("/api/v1/medicines")).status_code == 401
    assert (await http.post("/api/v1/medicines", json=AMOXICILLIN)).status_code == 401
    doctor = await client("ada")
    assert (await doctor.post("/api/v1/medicines", json=AMOXICILLIN)).status_code == 403


async def test_an_organisation_does_not_see_another_ones_medicines(client: Any, services: Any) -> None:
    async with services.as_system("south", "test") as south:
        foreign = (await medicines.find_medicines(south, "paracetamol"))[0].id
    http = await client("ben")
    assert (await http.get(f"/api/v1/medicines/{foreign}")).status_code == 404
    assert (await http.patch(f"/api/v1/medicines/{foreign}", json={"price": "1"})).status_code == 404
