"""`galen run`: one supervisor for one data folder, which stops every process that it started."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import galen


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_alone_and_leaves_nothing_behind(there: dict[str, str], sent: signal.Signals) -> None:
    env = there | {"GALEN_PORT": free_port(), "GALEN_WORKERS": "2"}
    command = [sys.executable, "-m", "galen", "run"]
    with subprocess.Popen(command, env=os.environ | env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        said = []
        for line in running.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        parts = children_of(running.pid)
        second = galen(env | {"GALEN_PORT": free_port()}, "run")
        elsewhere = galen(env | {"GALEN_VAR": env["GALEN_VAR"] + "/other"}, "run")
        running.send_signal(sent)
        said += running.stdout
    assert running.returncode == 0
    assert not [line for line in said if "sign-ins" in line]
    assert len(parts) == 3 and not [pid for pid in parts if Path(f"/proc/{pid}").exists()]
    assert second.returncode == 1 and "runs on the data folder" in second.stderr
    assert elsewhere.returncode == 1 and "Address already in use" in elsewhere.stderr
