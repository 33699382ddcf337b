"""Templates: the environment they are rendered in, and what every page knows."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as Page
from markupsafe import Markup

from galen import appearance, i18n, sorting
from galen.asgi.assets import static
from galen.asgi.browser_words import address
from galen.i18n import typed

from ..context import Context
from ..gate import CATALOGUE
from ..record import Record
from . import formats
from .credentials import cookie_name, csrf_token
from .routes import PATHS, url

PACKAGE = Path(__file__).parent.parent.parent
LOADERS = {folder.parent.name: FileSystemLoader(folder) for folder in sorted(PACKAGE.glob("*/templates"))}
templates = Environment(
    loader=ChoiceLoader([LOADERS["core"], PrefixLoader(LOADERS)]),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
templates.policies["ext.i18n.trimmed"] = True
templates.newstyle_gettext = True  # type: ignore[attr-defined]
templates.globals |= {"_": i18n.markup, "gettext": i18n.markup, "ngettext": i18n.nmarkup, "pgettext": i18n.pmarkup}


def render(request: Request, name: str, *, block: str = "", **known: Any) -> str:
    """One template with what every page knows."""
    ctx = getattr(request.state, "ctx", None)
    theme = request.cookies.get("theme", "light")
    theme = theme if theme in ("light", "dark") else "light"
    known = {"nav": list, "ctx": ctx, "theme": theme, "csrf": token(request), "request": request, **known}
    known |= {"language": i18n.current(), "words_url": address(i18n.current().tag), "languages": i18n.offered()}
    for name_of_format in ("money", "when", "day", "clock", "age"):
        known[name_of_format] = getattr(formats, name_of_format)(ctx)
    known["ui"] = templates.get_template("macros.html").make_module(known)
    template = templates.get_template(name)
    if block:
        context = template.new_context(known)
        return "".join(template.blocks[block](context))
    return template.render(known)


def token(request: Request) -> str:
    _, _, session = request.cookies.get(cookie_name(request), "").partition(".")
    return csrf_token(session) if session else ""


@pass_context
def button(page: Page, label: str, verb: str, record: Any = None, *, when: bool = True, **look: Any) -> Markup:
    """A button for a service function: absent when the actor or the record's state does not allow it."""
    does, ctx = CATALOGUE[verb], page["ctx"]
    if not (when and ctx.actor.may(getattr(does, "permission", "-"))):
        return Markup("")
    route = PATHS[verb]
    ids = look.pop("ids", {})
    version = record.version if isinstance(record, Record) and look.pop("checked", False) else None
    path = re.sub(r"{(\w+)}", lambda m: str(ids.get(m[1]) or (record.id if record is not None else "")), route.path)
    attributes = {
        "type": "button",
        "class": look.pop("cls", "btn"),
        f"hx-{route.method.lower()}": path,
        "hx-target": look.pop("target", "#main"),
        "hx-swap": look.pop("swap", "innerMorph"),
        "hx-sync": "this:drop",
        "hx-disable": "this",
        "hx-confirm": look.pop("confirm", None),
        "data-key": str(uuid4()) if route.method == "POST" and route.idempotent else None,
        "data-version": version,
        **{name.replace("_", "-"): value for name, value in look.items()},
    }
    drawn = Markup(" ").join(Markup('{}="{}"').format(k, v) for k, v in attributes.items() if v is not None)
    return Markup("<button {}>{}</button>").format(drawn, label)


@pass_context
def link(
    page: Page,
    label: str,
    verb: str,
    *,
    icon: str = "",
    query: str = "",
    when: bool = True,
    ids: Any = None,
    **look: Any,
) -> Markup:
    """A link to the page of a service function: absent for those who may not open it. `query` goes behind the path."""
    if not (when and may(page["ctx"], verb)):
        return Markup("")
    attributes = {
        "class": look.pop("cls", "btn"),
        "href": url(verb, **(ids or {})) + query,
        "data-shortcut": look.pop("shortcut", None),
        **{name.replace("_", "-"): value for name, value in look.items()},
    }
    drawn = Markup(" ").join(Markup('{}="{}"').format(k, v) for k, v in attributes.items() if v is not None)
    sign = Markup('<i class="ti ti-{}" aria-hidden="true"></i> ').format(icon) if icon else Markup("")
    return Markup("<a {}>{}{}</a>").format(drawn, sign, label)


def may(ctx: Context, verb: str) -> bool:
    """Whether this actor may use a service function."""
    return ctx.actor.may(getattr(CATALOGUE[verb], "permission", "-"))


def fresh_key() -> str:
    """An idempotency key for a form: sending the same form twice does its work once."""
    return str(uuid4())


templates.globals |= {
    "button": button,
    "link": link,
    "static": static,
    "url": url,
    "method_of": lambda verb: PATHS[verb].method.lower(),
    "fresh_key": fresh_key,
    "may": may,
    "status_appearance": appearance.status_appearance,
    "severity_appearance": appearance.severity_appearance,
    "sort_link": sorting.sort_link,
    "notice_icon": appearance.NOTICE_ICONS.__getitem__,
    "date_form": typed.form,
}
templates.policies["json.dumps_kwargs"] = {"default": str, "sort_keys": True}
templates.filters |= {
    **formats.FORMATS,
    "plain": formats.plain,
    "label": i18n.label,
    "sentence_case": i18n.sentence_case,
    "field_name": appearance.field_name,
    "arranged": sorting.arranged,
    "bound": appearance.bound,
    "unparted": appearance.unparted,
}
