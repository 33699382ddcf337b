"""Paper: a typst template and what it shall say become a PDF."""

import asyncio
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

FAMILIES = ("Noto Sans", "DejaVu Sans", "Liberation Sans", "Libertinus Serif")
"""The first of these that the machine has; typst itself brings the last."""

CHINESE = ("CJK", "WenQuanYi", "Source Han", "AR PL", "SimSun", "SimHei")
"""What the names of fonts with Chinese characters hold."""


@lru_cache(1)
def fonts() -> typst.Fonts:
    """The machine's fonts are looked for once: it takes longer than a page."""
    return typst.Fonts()


@lru_cache(8)
def writes(language: str) -> bool:
    """Whether paper made here can show a language: Chinese needs a font that not every machine has."""
    return language != "zh" or any(mark in family for family in fonts().families() for mark in CHINESE)


async def pdf(template: Path, content: dict[str, Any]) -> bytes:
    """Draw a template. It reads `json(bytes(sys.inputs.said))`, the fonts to use among it: words are never code."""
    inputs = {"said": json.dumps({"fonts": FAMILIES, **content}, default=str)}
    return await asyncio.to_thread(drawn, template, inputs)


def drawn(template: Path, inputs: dict[str, str]) -> bytes:
    return bytes(typst.compile(template, root=template.parent, sys_inputs=inputs, font_paths=fonts()))
