"""Which language a person reads: their own choice, this device's, the browser's, the country's, English."""

import pytest
from sqlalchemy import select

from galen import i18n
from galen.core.errors import NotFound
from galen.core.state import CannotBecome
from galen.i18n import choose
from galen.identity import Account
from galen.patients import AllergyStatus


@pytest.mark.parametrize(
    "own, cookie, accept, country, tag, locale",
    [
        ("es", "en", "en", "AU", "es", "es"),
        ("", "es", "en", "AU", "es", "es"),
        ("", "", "es-MX, en;q=0.8", "US", "es", "es_US"),
        ("", "", "en;q=0.5, es;q=0.9", "AU", "es", "es"),
        ("", "", "es;q=0, en", "MX", "en", "en_001"),
        ("", "", "fr, *", "AU", "en", "en_AU"),
        ("", "", "", "MX", "es", "es_MX"),
        ("", "en-GB", "", "US", "en", "en_GB"),
        ("", "", "en-US", "AU", "en", "en_AU"),  # a browser's region is its maker's, rarely its owner's
        ("", "../etc", ";;q=x,,", "AU", "en", "en_AU"),
        ("", "en-XA", "", "AU", "en", "en_AU"),  # the test languages are offered to nobody
    ],
)
def test_the_first_wish_that_can_be_met_decides(own, cookie, accept, country, tag, locale):
    chosen = choose(own, cookie, accept, country)
    assert (chosen.tag, str(chosen.locale)) == (tag, locale)


def test_a_refusal_is_said_in_the_language_of_whoever_reads_it():
    refusal = NotFound(thing="patient")
    with i18n.speaking(i18n.language("es", "AU")):
        assert str(refusal) == "Aquí no existe ese registro (paciente)."
    assert str(refusal) == "There is no such patient here." and refusal.code == "not_found"


def test_states_in_a_refusal_are_words_of_that_language():
    with i18n.speaking(i18n.language("es", "AU")):
        said = str(CannotBecome(was=AllergyStatus.ACTIVE, now=AllergyStatus.ACTIVE))
    assert said == "El estado es «activo» y no puede pasar a «activo»."


async def test_a_client_reads_the_sentence_in_its_language_and_the_code_in_none(client):
    ruth = await client("ruth")
    answer = await ruth.get("/api/v1/audit", headers={"accept-language": "es-MX"})
    assert (answer.json()["code"], answer.json()["detail"]) == ("forbidden", "Su rol no lo permite.")
    assert answer.headers["content-language"] == "es" and "Accept-Language" in answer.headers["vary"]
    plain = await ruth.get("/api/v1/audit")
    assert plain.json()["detail"] == "Your role does not allow this." and plain.headers["content-language"] == "en"


async def test_the_sign_in_page_offers_languages_and_remembers_one_on_this_device(client):
    visitor = await client(page=True)
    page = await visitor.get("/login")
    assert '<html lang="en" dir="ltr"' in page.text and 'value="es" lang="es">Español' in page.text
    assert (await visitor.post("/language", data={"language": "es", "next": "/login"})).status_code == 303
    assert '<html lang="es" dir="ltr"' in (await visitor.get("/login")).text
    assert (await visitor.post("/language", data={"language": "xx"})).status_code == 422


async def test_what_an_account_has_chosen_goes_before_what_a_browser_asks(client, ada):
    page = await client("ada", page=True)
    assert "Keys on this page" in (await page.get("/profile")).text
    await page.post("/language", data={"language": "es", "next": "/profile"})
    page.cookies.delete("language")
    answer = await page.get("/profile", headers={"accept-language": "en"})
    assert '<html lang="es"' in answer.text and "Teclas de esta página" in answer.text
    account = await ada.db.scalar(select(Account).where(Account.username == "ada"))
    assert account and account.language == "es"


async def test_nobody_is_sent_elsewhere_by_choosing_a_language(client):
    answer = await (await client(page=True)).post("/language", data={"language": "es", "next": "//evil.example"})
    assert answer.headers["location"] == "/"


async def test_the_browser_s_scripts_have_their_words_without_a_request_in_english(client):
    visitor = await client(page=True)
    assert "/words/" not in (await visitor.get("/login")).text
    page = (await visitor.get("/login", headers={"accept-language": "es"})).text
    address = page.split('<script src="/words/')[1].split('"')[0]
    script = await visitor.get(f"/words/{address}")
    assert '"Close": "Cerrar"' in script.text and "immutable" in script.headers["cache-control"]
    assert (await visitor.get("/words/en.js")).status_code == 404


async def test_a_page_from_right_to_left_says_so_and_takes_its_own_sheet(client, test_languages):
    page = await (await client(page=True)).get("/login", headers={"accept-language": "ar-XB"})
    assert '<html lang="ar-XB" dir="rtl"' in page.text and "tabler.rtl.min.css" in page.text
