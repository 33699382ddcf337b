"""Every icon that a page, a row or a timeline draws is among those that are brought, and no other is."""

import re

from galen.asgi.assets import STATIC
from tests.web.icons import drawn_in, used

LIST = (STATIC / "icons.txt").read_text().split()


def test_the_list_names_every_icon_that_is_used_and_no_other():
    missing, idle = used() - set(LIST), set(LIST) - used()
    assert not missing, f"write into core/static/icons.txt, then run bin/setup: {sorted(missing)}"
    assert not idle, f"nobody draws these, so take them out of core/static/icons.txt: {sorted(idle)}"
    assert sorted(LIST) == LIST


def test_the_sheet_draws_what_the_list_names():
    sheet = (STATIC / "vendor/icons.css").read_text()
    assert (
        sorted(
            re.findall(r"^\.ti-([a-z0-9-]+){--icon:url\(\"data:image/svg\+xml,%3Csvg .*%3C/svg%3E\"\)}$", sheet, re.M)
        )
        == LIST
    )
    assert len(sheet) < 64_000


def test_an_icon_is_found_wherever_it_may_be_written():
    text = """<i class="ti ti-plus"></i>{{ ui.empty("No", icon="pill-off") }}
    <i class="ti ti-{{ 'device-desktop' if s.kind == 'browser' else 'plug' }}">
    <i class="ti ti-{{ {'ok': 'circle-check'}[tone] }}">"""
    assert set(drawn_in(text)) == {"plus", "pill-off", "device-desktop", "plug", "circle-check"}
