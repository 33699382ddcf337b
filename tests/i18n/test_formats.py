"""Dates, money and ages as each language writes them; doses and quantities as everybody does."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from galen import i18n
from galen.core.web.templating import templates
from galen.i18n import formats
from galen.i18n.validation import sentence
from galen.values.units import plain

NOV = date(2026, 11, 20)


@pytest.mark.parametrize(
    "tag, region, day, weekday, money",
    [
        ("en", "AU", "20 Nov 2026", "Friday", "$1,234.50"),
        ("en", "US", "Nov 20, 2026", "Friday", "A$1,234.50"),
        ("es", "AU", "20 nov 2026", "viernes", "1.234,50\xa0AUD"),
        ("de", "DE", "20.11.2026", "Freitag", "1.234,50\xa0AU$"),
    ],
)
def test_each_language_has_its_own_forms(tag, region, day, weekday, money):
    with i18n.speaking(i18n.language(tag, region)):
        assert formats.day(NOV) == day and formats.weekday(NOV) == weekday
        assert formats.money(Decimal("1234.5"), "AUD") == money
        assert formats.clock(datetime(2026, 11, 20, 14, 5)) == "14:05"
        assert plain(Decimal("1234.50")) == "1234.5"  # a quantity of stock is never grouped


def test_ages_have_the_plural_of_their_language():
    with i18n.speaking(i18n.language("es", "AU")):
        assert [formats.age(1, 0), formats.age(400, 13), formats.age(9000, 492)] == ["1 día", "13 meses", "41 años"]


def test_the_test_language_dresses_words_and_leaves_values():
    with i18n.speaking(i18n.language("en-XA")):
        said = i18n.gettext("Moving to %(place)s.", place="10:00")
        assert said.startswith("⟦") and said.endswith("⟧") and "10:00" in said and "Moving" not in said
        assert len(said) >= len("Moving to 10:00.") * 1.3


def test_a_template_counts_with_values_of_its_own():
    text = """{{ ngettext("%(num)s batch of %(drug)s", "%(num)s batches of %(drug)s", n, drug=drug) }}|\
{% trans n=n, drug=drug %}{{ n }} batch of {{ drug }}{% pluralize n %}{{ n }} batches of {{ drug }}{% endtrans %}"""
    said = templates.from_string(text).render(n=2, drug="<b>")
    assert said == "2 batches of &lt;b&gt;|2 batches of &lt;b&gt;"
    assert templates.from_string(text).render(n=1, drug="x") == "1 batch of x|1 batch of x"


def test_choices_in_a_complaint_are_words_on_a_page_and_codes_for_a_client():
    error = {"type": "enum", "ctx": {"expected": "'in_person', 'no_show' or ''"}}
    assert sentence(error, on_page=True) == "Choose one of in person or no show."
    assert sentence(error) == "Choose one of in_person, no_show or ."
    with i18n.speaking(i18n.language("es", "AU")):
        assert f"{i18n.label('in_person')} o {i18n.label('no_show')}." in sentence(error, on_page=True)


def test_a_translation_is_trusted_and_its_values_are_not():
    assert i18n.markup("%(name)s is here", name="<b>") == "&lt;b&gt; is here"
