"""The messages of the browser's scripts: those of the catalogue that stand in a file of `static`."""

import json
import re
from functools import lru_cache
from hashlib import sha256

from fastapi import APIRouter, HTTPException, Response

from galen import i18n

from .assets import STATIC

router = APIRouter(include_in_schema=False)
MESSAGE = re.compile(r'\b_\(\s*("(?:[^"\\\\]|\\\\.)*")')


@lru_cache
def messages() -> list[str]:
    """What the scripts say, found by its mark: `_("…")`."""
    sentences = {json.loads(text) for file in STATIC.glob("*.js") for text in MESSAGE.findall(file.read_text())}
    return sorted(sentences)


@lru_cache
def script(tag: str) -> str:
    """A script that holds the translations before any other runs; empty for English, which needs none."""
    known = {**i18n.offered(), **i18n.pseudo.LANGUAGES}
    if tag == "en" or tag not in known:
        return ""
    with i18n.speaking(i18n.language(tag)):
        translations = {message: i18n.gettext(message) for message in messages()}
    words = {message: words for message, words in translations.items() if words != message}
    return f"globalThis.translations = {json.dumps(words, ensure_ascii=False, sort_keys=True)};\n"


@lru_cache
def address(tag: str) -> str:
    """Where a page finds that script; the address changes with its contents."""
    body = script(tag)
    return f"/words/{tag}.js?v={sha256(body.encode()).hexdigest()[:12]}" if body else ""


@router.get("/words/{tag}.js")
async def browser_words(tag: str) -> Response:
    """The messages of the browser's own scripts in one language; the address names their contents."""
    if not (body := script(tag)):
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(body, media_type="text/javascript", headers=headers)
