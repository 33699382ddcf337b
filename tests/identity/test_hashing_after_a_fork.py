"""The web server is a fork of a process that has hashed before: the demo's signatures. It hashes all the same."""

import subprocess
import sys

FORKED = """
import asyncio, os, signal
from galen.identity import passwords
from galen.identity.passwords import DOOR, HOUSE

{broken}
for queue in (DOOR, HOUSE):
    assert asyncio.run(queue.run(lambda: "before")) == "before"
child = os.fork()
if child == 0:
    signal.alarm({patience})
    told = [asyncio.run(queue.run(lambda: "after")) for queue in (DOOR, HOUSE)]
    os._exit(0 if told == ["after", "after"] else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
os._exit(0)
"""


def ended(patience: int, broken: str = "") -> str:
    script = FORKED.format(patience=patience, broken=broken)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120).stdout.strip()


def test_a_child_hashes_although_its_parent_did_before() -> None:
    assert ended(60) == "0"


def test_with_the_threads_of_its_parent_it_waits_for_ever() -> None:
    """The broken variant: nothing is begun anew, and the child is ended by its alarm."""
    assert ended(2, UNHOOKED) == "-14"


UNHOOKED = """
class Held(passwords.HashQueue):
    def __init__(self, most, each):
        passwords.HashQueue.begin(self)
        self.most, self.each = most, each
DOOR, HOUSE = Held(1, 1), Held(1, 1)
"""
