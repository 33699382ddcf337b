"""Values that nothing can be made of are refused in a sentence, by whichever of the layers finds out."""

import pytest

ZERO_BYTE = "A text in this holds a zero byte"
TOO_FAR = "A day or a number in this lies further away"


@pytest.mark.parametrize("after", ["x", "%00", "W10", "eyJhIjogMX0", "WyJ4IiwgInkiXQ", "WzEsIDJd"])
@pytest.mark.parametrize("path", ["/appointments", "/medicines"])
async def test_a_mark_that_is_of_no_page_is_named(client, path, after):
    answer = await (await client("ada")).get(f"/api/v1{path}?after={after}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("POST", "/auth/login", {"username": "a\0", "password": "x"}),
        ("POST", "/patients", {"family": "Qu\0ill", "given": "Zoe", "sex": "female", "born": "1990-01-01"}),
        ("GET", "/patients/{mara}/imported-resources/%00", None),
    ],
)
async def test_a_zero_byte_in_a_text_is_refused_and_nothing_is_kept(client, mara, database, method, path, body):
    ruth = await client("ruth")
    answer = await ruth.request(method, "/api/v1" + path.format(mara=mara.id), json=body)
    assert answer.status_code in (403, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["detail"].startswith(ZERO_BYTE)


@pytest.mark.parametrize("asked", ["/appointments?day=9999-12-31", "/slots?day=9999-12-30", "/slots?day=0001-01-01"])
async def test_a_day_beyond_all_calendars_is_refused(client, asked):
    answer = await (await client("ruth")).get(f"/api/v1{asked}")
    assert (answer.status_code, answer.json()["detail"][: len(TOO_FAR)]) == (422, TOO_FAR)


@pytest.mark.parametrize("body", [{"currency": [1]}, {"amount": {"amount": 1, "currency": [1]}}])
async def test_a_currency_that_is_no_word_is_named(client, mara, body):
    answer = await (await client("ruth")).post(f"/api/v1/billing/{mara.id}/pay", json={"method": "cash", **body})
    assert answer.status_code == 422 and "currency" in answer.json()["detail"]
