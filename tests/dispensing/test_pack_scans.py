"""A pack that is scanned at the queue: it opens what waits for it, or says why it does not."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from galen import medicines
from galen.values.check_digits import gtin_check_digit

from .conftest import Pharmacy

Open = Callable[..., Awaitable[Any]]
CEFALEXIN = "cefalexin 500 mg capsule"
LINE = {"directions": "1 cap tds", "quantity": Decimal(21)}


async def gtin_of(pharmacy: Pharmacy, words: str) -> str:
    product = await pharmacy.product(words)
    return (await medicines.open_medicine(pharmacy.ben, product.id)).codes[0].zfill(14)


async def test_a_scanned_pack_opens_the_only_one_that_waits_for_it(pharmacy: Pharmacy, client: Open) -> None:
    product, gtin = await pharmacy.product(CEFALEXIN), await gtin_of(pharmacy, CEFALEXIN)
    record = await pharmacy.queued({**LINE, "product_id": product.id})
    ben = await client("ben", page=True)
    for code in (gtin, f"]d201{gtin}1728063010AB", f"10AB\x1d01{gtin}", f"(17)280630(01){gtin}"):
        answer = await ben.post("/dispensing/scan", data={"code": code})
        assert answer.headers["location"] == f"/dispensing/{record.id}", code


async def test_a_pack_nobody_or_several_wait_for_is_said_to_be_one(pharmacy: Pharmacy, client: Open) -> None:
    product, gtin = await pharmacy.product(CEFALEXIN), await gtin_of(pharmacy, CEFALEXIN)
    ben = await client("ben")
    nobody = await ben.post("/dispensing/scan", data={"code": gtin}, headers={"accept": "text/html"})
    assert nobody.status_code == 404
    for _ in range(2):
        await pharmacy.queued({**LINE, "product_id": product.id})
    page = await client("ben", page=True)
    several = await page.post("/dispensing/scan", data={"code": gtin})
    assert several.status_code == 409 and "several people wait for it" in several.text


async def test_a_misread_pack_is_refused_in_a_sentence(pharmacy: Pharmacy, client: Open) -> None:
    gtin = await gtin_of(pharmacy, CEFALEXIN)
    wrong = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
    page = await client("ben", page=True)
    answer = await page.post("/dispensing/scan", data={"code": f"(01){wrong}"}, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert f"last digit of {wrong} should be {gtin_check_digit(gtin[:-1])}" in answer.text
