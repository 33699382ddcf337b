"""What a command that runs for long, or needs a database, does first."""

import sys

from galen.logs import configure
from galen.settings import misspelt, settings


def start_logging() -> None:
    """As the operator wishes; what the settings say wrongly is refused before anything is done."""
    configure(settings().log_json)
    for sentence in misspelt():
        print(sentence, file=sys.stderr)
