"""The same directions in every language: complete tables, and sentences that a speaker would accept."""

import string

import pytest

from galen.prescribing.directions import LANGUAGES, in_language, read, say
from galen.prescribing.directions.vocabulary import table

REASONS = {f"reason.{key}" for kind, key, _ in table("spellings") if kind == "reason"}
OTHERS = [code for code in LANGUAGES if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
def test_no_word_is_missing(code: str) -> None:
    assert {key for key, _, _ in table(code)} == ({key for key, _, _ in table("en")} | REASONS) - {"reason.*"}


@pytest.mark.parametrize("code", OTHERS)
def test_every_number_has_its_place(code: str) -> None:
    def holes(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    words = {key: (single, many or single) for key, single, many in table(code)}
    for key, single, many in table("en"):
        if key in words and not key.startswith(("reason.*", "order")):
            assert [holes(text) for text in words[key]] == [holes(single), holes(many or single)], key


@pytest.mark.parametrize("code", OTHERS)
def test_every_meaning_that_can_be_written_has_its_word(code: str) -> None:
    words = {key for key, _, _ in table(code)}
    kinds = {"unit", "route", "site", "reason", "event", "food", "moment", "verb", "advice", "once"}
    assert {f"{kind}.{key}" for kind, key, _ in table("spellings") if kind in kinds} <= words


@pytest.mark.parametrize(
    "written, spanish, chinese, vietnamese",
    [
        (
            "1-2 tab po tds pc prn pain max 8/24h x5/7",
            "Tome 1 a 2 comprimidos por vía oral 3 veces al día después de las comidas si es necesario para el dolor"
            " durante 5 días. No más de 8 comprimidos en 24 horas.",
            "口服，每次服用1至2片，每天3次，饭后，需要时使用用于疼痛，共5天。24小时内不超过8片。",
            "Uống 1 đến 2 viên qua đường miệng 3 lần mỗi ngày sau khi ăn khi cần để trị đau trong 5 ngày."
            " Không quá 8 viên trong 24 giờ.",
        ),
        (
            "8mg od 3/7 then 4mg od 3/7",
            "Tome 8 mg una vez al día durante 3 días, después 4 mg una vez al día durante 3 días.",
            "每次服用8毫克，每天1次，共3天；然后4毫克，每天1次，共3天。",
            "Uống 8 mg 1 lần mỗi ngày trong 3 ngày, sau đó 4 mg 1 lần mỗi ngày trong 3 ngày.",
        ),
        (
            "10 mg once a week on Mondays",
            "Tome 10 mg una vez a la semana los lunes.",
            "每次服用10毫克，每周1次，每逢周一。",
            "Uống 10 mg 1 lần mỗi tuần vào thứ Hai.",
        ),
        (
            "1 drop left eye bd",
            "Ponga 1 gota en el ojo izquierdo 2 veces al día.",
            "左眼，每次滴入1滴，每天2次。",
            "Nhỏ 1 giọt vào mắt trái 2 lần mỗi ngày.",
        ),
        (
            "1 patch q72h",
            "Aplique 1 parche cada 72 horas.",
            "每次贴用1贴，每72小时1次。",
            "Dán 1 miếng dán mỗi 72 giờ một lần.",
        ),
        (
            "2 tabs nocte zqx",
            "Tome 2 comprimidos por la noche. “zqx”",
            "每次服用2片，晚上睡前。“zqx”",
            "Uống 2 viên vào ban đêm. “zqx”",
        ),
        (
            "1 cap 30 minutes before breakfast, swallow whole",
            "Tome 1 cápsula 30 minutos antes del desayuno. Tráguelo entero.",
            "每次服用1粒，早餐前30分钟。整片（粒）吞服。",
            "Uống 1 viên nang 30 phút trước bữa sáng. Nuốt nguyên viên.",
        ),
    ],
)
def test_sentences(written: str, spanish: str, chinese: str, vietnamese: str) -> None:
    made = read(written)
    assert (say(made, "es"), say(made, "zh"), say(made, "vi")) == (spanish, chinese, vietnamese)


def test_a_language_without_a_table_is_english() -> None:
    assert say(read("1 tab bd"), "fr") == say(read("1 tab bd"))


@pytest.mark.parametrize("tag, code", [("zh-Hans-AU", "zh"), ("es_MX", "es"), ("VI", "vi"), ("", "en")])
def test_the_patients_language_tag_picks_the_table(tag: str, code: str) -> None:
    assert say(read("1 tab bd"), tag) == say(read("1 tab bd"), code)


def test_what_a_prescription_keeps_is_put_into_the_patients_language() -> None:
    kept = say(read("1-2 tab po q4-6h prn max 8/24h"))
    assert in_language(kept, "vi-AU") == say(read("1-2 tab po q4-6h prn max 8/24h"), "vi")
    assert in_language("Take as the nurse showed you.", "es") == "Take as the nurse showed you."
