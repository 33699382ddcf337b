"""The test languages are allowed in these tests."""

import pytest

from galen import i18n
from galen.settings import settings


@pytest.fixture
def test_languages(monkeypatch):
    monkeypatch.setattr(settings(), "test_languages", True)
    i18n.choose.cache_clear()
    yield
    i18n.choose.cache_clear()
