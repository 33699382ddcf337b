"""What each part of the fast wing earns: a read and the journey with that part switched off, and with all off."""

import argparse
import asyncio
import json
from pathlib import Path

from galen.settings import FAST

from . import world
from .measures import read, whole_journey
from .serving import serving


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench parts", description=__doc__)
    parser.add_argument("--patients", type=int, default=world.PATIENTS, help="how many invented patients")
    parser.add_argument("--journeys", type=int, default=120, help="how many journeys")
    parser.add_argument("--together", type=int, default=8, help="how many journeys side by side")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    options = parser.parse_args(arguments)
    var, rows = Path("var/bench").absolute(), {}
    with world.world(var, options.patients), serving(["bench.reference"], var) as bare:
        for off in ("nothing", *sorted(FAST), "everything", "nothing again"):
            parts = {"everything": "none"}.get(off, ",".join(sorted(FAST - {off})))
            print(f"── off: {off}", flush=True)
            with serving(["galen", "web"], var, {"GALEN_FAST": parts}) as galen:
                plain = asyncio.run(read(galen, bare, options))["read"]
                journey = asyncio.run(whole_journey(galen, bare, options))["journey"]
            rows[off] = {"read_ratio": plain["ratio"], "journey_reads": journey["reference_reads"]}
    print("\n| off | read, of the bare one | journey, in bare reads |\n|---|---|---|")
    for off, row in rows.items():
        print(f"| {off} | {row['read_ratio']} | {row['journey_reads']} |")
    if options.json:
        print(json.dumps(rows))
