"""The process in which foreign files are parsed: `python -I child.py PARSER OUT LIMITS OPTIONS`, the file as its stdin.

It is started by children.py, with an empty environment, in an empty folder. It first bounds itself, then loads the one
parser that it was told of. What that makes goes to the open file OUT, what it says as JSON to stdout. Nothing of Galen
is imported here, as the limits would have to hold all of it.
"""

import importlib.util
import json
import resource
import sys
from typing import Any

REFUSED, NO_MEMORY = 3, 4


def bound(limits: dict[str, int]) -> None:
    for what, limit in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["output"]),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


def load(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("parser", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(parser: str, out: str, limits: str, options: str) -> int:
    bound(json.loads(limits))
    try:
        with open(int(out), "wb") as made:
            said = load(parser).parse(sys.stdin.buffer, made, **json.loads(options))
    except MemoryError:
        return NO_MEMORY
    except Exception as error:
        # what a parser says of a file (UnreadablePicture, UnreadableTable); anything else is a file that broke it
        print(json.dumps({"word": getattr(error, "word", ""), "values": getattr(error, "values", {})}))
        return REFUSED
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
