"""Files are kept in a folder of each test's own, or in a bucket of a server that speaks as S3 does."""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from fastapi import UploadFile
from PIL import Image

from galen.settings import settings

MOTO = Path(__file__).parents[2] / ".venv" / "moto"
SERVE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from moto.server import main; main(sys.argv[1:])"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings(), "files_url", str(tmp_path / "files"))
    return tmp_path / "files"


class Bucket:
    """The server, which a test may stop."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process, self.url = process, url

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def bucket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    keys = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-c", SERVE, str(MOTO), "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **keys}
    )
    try:
        for _ in range(300):
            with suppress(OSError):
                urlopen(Request(f"http://127.0.0.1:{port}/records", method="PUT"), timeout=5).close()
                break
            time.sleep(0.1)
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(settings(), "files_url", "s3://records/galen")
        yield Bucket(process, f"http://127.0.0.1:{port}/records")
    finally:
        process.kill()
        process.wait()


def sent(content: bytes, name: str = "letter.pdf") -> UploadFile:
    return UploadFile(io.BytesIO(content), filename=name, size=len(content))


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 400), mode: str = "RGB", **options: Any) -> bytes:
    made = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(made, kind, **options)
    return made.getvalue()


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
Sent = Callable[[bytes, str], UploadFile]
