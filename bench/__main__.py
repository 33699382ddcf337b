"""bin/bench [read] [search] [journey]: each over HTTP with one worker, as ratios to the reference.

In process: bin/bench safety, bin/bench medicines, bin/bench directions, bin/bench recalls. What the parts of the
fast wing earn: bin/bench parts. Who holds the event loop: bin/bench holding. How fast the audit log is verified:
bin/bench proof. Strangers who guess passwords: bin/bench flood. A batch that 2,000 people have: bin/bench recalled.
The pharmacy floor where it is crowded: bin/bench floor. A day of 200 sensors: bin/bench cold.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from . import (
    cold,
    commits,
    directions,
    flood,
    floor,
    holding,
    medicines,
    parts,
    proof,
    recalled,
    recalls,
    safety,
    world,
)
from .measures import Measure, read, search, whole_journey
from .serving import serving

MEASURES: dict[str, Measure] = {"read": read, "search": search, "journey": whole_journey}
ALONE = {
    "safety": safety.main,
    "medicines": medicines.main,
    "directions": directions.main,
    "recalls": recalls.main,
    "recalled": recalled.main,
    "parts": parts.main,
    "commits": commits.main,
    "holding": holding.main,
    "flood": flood.main,
    "floor": floor.main,
    "cold": cold.main,
    "proof": proof.main,
}
"""What is measured in a way of its own."""


def main() -> None:
    if alone := ALONE.get("".join(sys.argv[1:2])):
        return alone(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*MEASURES, []], help="what to measure; everything by default")
    parser.add_argument("--patients", type=int, default=world.PATIENTS, help="how many invented patients")
    parser.add_argument("--journeys", type=int, default=120, help="how many journeys")
    parser.add_argument("--together", type=int, default=8, help="how many journeys side by side")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    options = parser.parse_args()
    var = Path("var/bench").absolute()
    results: dict[str, Any] = {}
    with (
        world.world(var, options.patients),
        serving(["galen", "web"], var) as galen,
        serving(["bench.reference"], var) as bare,
    ):
        for name in options.what or MEASURES:
            results |= asyncio.run(MEASURES[name](galen, bare, options))
    if options.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
