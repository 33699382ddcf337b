"""Tall-man letters for every page: one filter, whatever a medicine's name comes from."""

from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context as Page
from markupsafe import Markup

from galen.core.web.templating import templates

from .catalogue import raised


@pass_context
def tall(page: Page, text: Any) -> Any:
    """A text that names medicines, with the letters raised that tell look-alikes apart where the reader works."""
    ctx = page.get("ctx")
    return text if ctx is None or isinstance(text, Markup) else raised(str(text), ctx.organization.country)


templates.filters["tall"] = tall
