"""Letters speak the language of whoever gets them; those who send them go on reading their own."""

from datetime import UTC, datetime

from sqlalchemy import select

from galen import identity
from galen.core.finish import finish
from galen.identity import Account
from galen.notifications import Message
from tests.prescribing.conftest import signature, write  # noqa: F401 fixtures
from tests.prescribing.test_pages import signed  # noqa: F401 a fixture


async def reads(ctx, username: str, language: str) -> Account:
    account = await ctx.db.scalar(select(Account).where(Account.username == username))
    account.language = language
    await finish(ctx)
    return account


async def test_a_letter_is_in_the_language_that_its_reader_has_chosen(client, system, catch_up, test_languages):
    await reads(system, "ada", "en-XA")
    stranger = await client()
    answer = await stranger.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    assert answer.json()["detail"].startswith("If this address is known here")  # who asks reads English
    await catch_up(datetime.now(UTC))
    letter = await system.db.scalar(select(Message).where(Message.to == "ada@north.example"))
    assert letter.subject.startswith("⟦") and "⟦" in letter.text and "/auth/password-reset/" in letter.text


async def test_where_none_was_chosen_the_letter_is_in_the_language_of_the_question(
    client, system, catch_up, test_languages
):
    stranger = await client()
    stranger.headers["accept-language"] = "en-XA"
    await stranger.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    assert (await system.db.scalar(select(Message))).subject.startswith("⟦")


async def test_a_patient_hears_of_a_prescription_in_their_own_language(client, ada, system, signed, test_languages):  # noqa: F811
    account = await system.db.scalar(select(Account).where(Account.patient_id == signed.patient_id))
    await reads(system, account.username, "en-XA")
    answer = await (await client("ada")).post(f"/api/v1/prescriptions/{signed.id}/email")
    assert answer.status_code == 200 and answer.headers.get("content-language", "en") == "en"
    letter = await system.db.scalar(select(Message).where(Message.about == "prescription"))
    assert letter.subject.startswith("⟦") and signed.number in letter.subject


async def test_a_patient_without_an_account_is_written_to_in_the_language_of_the_record(ada, tom):
    said = await identity.language_for(ada, tom.id, "es")
    assert (said.tag, said.region) == ("es", "AU")
    assert (await identity.language_for(ada, tom.id, "zh")).tag == "en"  # Galen does not speak it: the country's
