"""The language of each request, chosen before anything is said, and told to browsers and caches."""

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from galen import i18n
from galen.settings import settings

COOKIE = "language"
SAID = (b"text/html", b"application/problem+json")


class Languages:
    """Plain ASGI: everything behind it speaks the language that the request asks for.

    What the account of a signed-in person prefers is known later, in `request_context`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                kind = next((value for name, value in headers if name == b"content-type"), b"")
                if kind.startswith(SAID) and not any(name == b"content-language" for name, _ in headers):
                    tag = i18n.current().tag.encode()
                    extra = (b"content-language", tag), (b"vary", b"Accept-Language, Cookie")
                    message["headers"] = [*headers, *extra]
            await send(message)

        with i18n.speaking(asked(scope)):
            await self.app(scope, receive, mark)


def asked(scope: Scope, own: str = "", country: str = "") -> i18n.Language:
    """What a request asks for, the account's own choice before everything else."""
    state = scope.setdefault("state", {})
    if (wishes := state.get("languages")) is None:
        wishes = state["languages"] = wishes_of(scope)
    return i18n.choose(own, *wishes, country, settings().test_languages)


def wishes_of(scope: Scope) -> tuple[str, str]:
    """The language of the cookie, and what the browser accepts."""
    cookie = accept = ""
    for name, value in scope["headers"]:
        if name == b"accept-language":
            accept = value.decode("latin-1")
        elif name == b"cookie" and b"language=" in value:
            cookie = cookie_parser(value.decode("latin-1")).get(COOKIE, "")
    return cookie, accept
