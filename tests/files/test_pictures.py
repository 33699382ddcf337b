"""Pictures are made anew in a child; whatever a file does to its parser, the server goes on."""

import asyncio
import io
import struct
import tempfile
import zlib
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image

from galen import files
from galen.files import CannotBeRead, Limits, Parser, children, run_in_child

from .conftest import picture, sent, whole

SMALL = Limits(memory=300 * 2**20, seconds=1, output=2**20)


async def pixels(ctx, content: bytes, name: str = "photo.jpg") -> tuple[Image.Image, bytes, Image.Image]:
    kept = await files.keep(ctx, sent(content, name))
    assert kept.preview
    again, small = await whole(await files.content(ctx, kept.file)), await whole(await files.content(ctx, kept.preview))
    assert len(small) <= 30_000 and kept.preview.size == len(small)
    return Image.open(io.BytesIO(again)), again, Image.open(io.BytesIO(small))


async def test_place_and_camera_are_gone_and_the_picture_stands_upright(ada):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A telephone"  # turned by a quarter
    exif.get_ifd(0x8825)[2] = (33.0, 51.0, 54.0)  # where it was taken
    taken = picture(exif=exif, comment=b"of Mara")
    assert b"A telephone" in taken and Image.open(io.BytesIO(taken)).getexif().get_ifd(0x8825)
    made, again, small = await pixels(ada, taken)
    assert made.size == (400, 640) and small.width < small.height and small.format == "WEBP"
    assert not made.getexif() and b"A telephone" not in again and b"of Mara" not in again


async def test_what_is_hidden_behind_a_picture_is_gone(ada):
    script = b"<script>alert(document.cookie)</script>PK\x03\x04"
    _, again, _ = await pixels(ada, picture() + script)
    assert script not in again
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue")]
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    made, _, _ = await pixels(ada, moving.getvalue(), "moving.webp")
    assert getattr(made, "n_frames", 1) == 1 and made.format == "JPEG"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
async def test_pictures_of_every_mode_are_kept(ada, mode):
    made, _, _ = await pixels(ada, picture("PNG", mode=mode), "scan.png")
    assert (made.format, made.size) == ("PNG", (640, 400))


async def test_a_large_photograph_of_a_telephone_is_halved(ada):
    made, _, _ = await pixels(ada, picture(size=(8200, 5200), quality=30))
    assert made.size == (4100, 2600)


def lying_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def refused(ctx, content: bytes, folder: Path, says: str) -> float:
    began = monotonic()
    with pytest.raises(CannotBeRead, match=says):
        await files.keep(ctx, sent(content, "photo.jpg"))
    assert not lying_in(folder)
    return monotonic() - began


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that is this large when it is unpacked."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = b"\0" + b"\0" * (width * 3)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(min(height, 2000))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


async def test_a_bomb_is_refused_before_it_is_unpacked(ada, folder):
    assert await refused(ada, bomb(50_000, 50_000), folder, "more pixels") < 5


async def test_a_damaged_picture_is_refused(ada, folder):
    await refused(ada, picture()[:-2000], folder, "cannot be read")
    await refused(ada, b"\x89PNG\r\n\x1a\n" + b"x" * 500, folder, "cannot be read")
    pages = io.BytesIO()
    Image.new("L", (50, 50)).save(pages, "TIFF", save_all=True, append_images=[Image.new("L", (50, 50))])
    await refused(ada, pages.getvalue(), folder, "several pages")


# Whatever a parser does

BAD = {
    "spins": "while True: pass",
    "sleeps": "import time; time.sleep(60)",
    "allocates": "held = [bytearray(2**24) for _ in range(200)]",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "writes": "out.write(b'x' * 2**24); out.flush()",
    "exits": "import os; os._exit(0)",
    "raises": "raise RuntimeError('Mara')",
    "chatters": "print('x' * 500_000)",
}


@pytest.mark.parametrize("what", BAD)
async def test_a_parser_that_misbehaves_is_ended_and_the_server_answers_meanwhile(what, tmp_path, monkeypatch, client):
    (tmp_path / "bad.py").write_text(f"def parse(source, out):\n    {BAD[what]}\n    return {{}}\n")
    monkeypatch.setitem(children.PARSERS, "bad", Parser(tmp_path / "bad.py", SMALL))
    patient_of_none = await client()
    began = monotonic()

    async def run() -> str:
        with pytest.raises(CannotBeRead) as refusal:
            async with run_in_child("bad", io.BytesIO(b"a file")):
                pass
        return str(refusal.value)

    task, slowest = asyncio.create_task(run()), 0.0
    while not task.done():
        asked = monotonic()
        assert (await patient_of_none.get("/health")).status_code == 200
        slowest = max(slowest, monotonic() - asked)
        await asyncio.sleep(0.02)
    over = what in ("spins", "sleeps", "allocates")
    assert ("too long, or too much memory" if over else "cannot be read") in task.result()
    assert monotonic() - began < 8 and slowest < 1


async def test_a_child_has_no_secrets_and_no_files_of_the_server(tmp_path, monkeypatch):
    said = (
        "import os; fds = '/proc/self/fd'; return {'env': [*os.environ], 'here': os.listdir(), 'open': os.listdir(fds)}"
    )
    (tmp_path / "curious.py").write_text(f"def parse(source, out):\n    {said}\n")
    monkeypatch.setitem(children.PARSERS, "curious", Parser(tmp_path / "curious.py", SMALL))
    with tempfile.TemporaryFile(), tempfile.TemporaryFile():
        async with run_in_child("curious", io.BytesIO(b"")) as parsed:
            assert set(parsed.said["env"]) <= {"LC_ALL", "LC_CTYPE"} and parsed.said["here"] == []
            assert len(parsed.said["open"]) <= 5  # its own three, what it makes, and the listing itself


async def test_only_listed_parsers_run():
    with pytest.raises(KeyError):
        async with run_in_child("os.system", io.BytesIO(b"")):
            pass


async def test_a_child_that_lies_about_what_it_made_is_not_believed(ada, tmp_path, monkeypatch, folder):
    for said in ({"size": 3}, {"size": 60}, {"size": "3"}, {}):
        (tmp_path / "liar.py").write_text(f"def parse(source, out):\n    out.write(b'<html>')\n    return {said}\n")
        monkeypatch.setitem(children.PARSERS, "picture", Parser(tmp_path / "liar.py", SMALL))
        await refused(ada, picture(), folder, "cannot be read")
