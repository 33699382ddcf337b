"""What a row of the table says when its verb has done its work, where the verb has not said it itself."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from galen.i18n import gettext, label


class SaidValues(dict[str, str]):
    """The values of a sentence by name: from the result, else from what was given."""

    def __init__(self, result: Any, given: Mapping[str, Any]) -> None:
        super().__init__()
        self.result, self.given = result, given

    def __missing__(self, name: str) -> str:
        value = getattr(self.result, name, self.given.get(name, ""))
        return label(value) if isinstance(value, Enum) else str(value)


def said(sentence: str, result: Any, given: Mapping[str, Any]) -> str:
    """`Account of %(name)s closed.` with the name of the account that was."""
    return gettext(sentence) % SaidValues(result, given)


def ids_of(undo: Any, result: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The ids that the path of a row wants: those that were given, and for what was just made its own."""
    wanted = re.findall(r"{(\w+)}", undo.path) if undo else []
    return {name: given.get(name) or getattr(result, name, None) or getattr(result, "id", "") for name in wanted}
