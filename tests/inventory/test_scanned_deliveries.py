"""A scanned pack fills the form of a delivery: medicine, batch and expiry."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Open = Callable[..., Awaitable[Any]]
GTIN = "02000000000022"  # amoxicillin 500 mg capsule


@pytest.mark.parametrize(
    "code",
    [
        f"]d201{GTIN}1728063010AB12\x1d21S1",
        f"10AB12\x1d1728060001{GTIN}",
        f"(10)AB12(17)280600(01){GTIN}",
        f"https://id.gs1.org/01/{GTIN}/10/AB12?17=280630",
        f"1728063010AB1201{GTIN}",
    ],
)
async def test_the_form_is_filled_from_the_pack(client: Open, code: str) -> None:
    browser = await client("ben", page=True)
    page = (await browser.get("/inventory/batches/new", params={"code": code})).text
    for filled in ('value="AB12"', 'value="2028-06-30"', f'name="gtin" value="{GTIN}"', "amoxicillin"):
        assert filled in page, filled
    assert "Copy it from the pack" not in page


async def test_a_batch_number_that_may_end_elsewhere_is_to_be_copied(client: Open) -> None:
    browser = await client("ben", page=True)
    page = (await browser.get("/inventory/batches/new", params={"code": f"01{GTIN}1728063010AB1221S1"})).text
    assert "Copy it from the pack" in page


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        (f"01{GTIN[:-1]}317280630", 422, "should be 2"),
        (f"(01){GTIN}(17)281331", 422, "not in the calendar"),
        ("9312345678907", 404, "Add the code to its medicine"),
        ("9312345678908", 422, "should be 7"),
        ("nothing", 404, "Add the code to its medicine"),
    ],
)
async def test_a_scan_that_cannot_be_used_says_why(client: Open, code: str, status: int, says: str) -> None:
    browser = await client("ben", page=True)
    answer = await browser.get("/inventory/batches/new", params={"code": code})
    assert (answer.status_code, says in answer.text) == (status, True), answer.text[-2000:]


async def test_a_month_as_packs_print_it_is_its_last_day(client: Open) -> None:
    browser = await client("ben", page=True)
    product = (await browser.get("/medicines/options", params={"q": "amoxicillin 500"})).text
    id = product.partition('data-value="')[2][:36]
    form = {"product_id": id, "number": "PRINTED", "expires": "06/29", "packs": "1"}
    answer = await browser.post("/inventory/batches", data=form)
    assert answer.status_code == 303, answer.text
    assert "30 June 2029" in (await browser.get(f"/medicines/{id}/stock")).text
