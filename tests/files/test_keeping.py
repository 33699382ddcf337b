"""Files are kept sealed, in a folder or a bucket; what cannot be kept leaves nothing behind."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from galen import files
from galen.core import crypto
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.files import FileMissing, FileTooLarge, KindNotAllowed, StoredFile, StoreUnreachable, store
from galen.files.service import FileSpoilt
from galen.files.store import FileThere, OpenStore, path_of, store_at
from galen.settings import settings

from .conftest import PDF, picture, sent, whole

LARGE = b"%PDF-1.7\n" + bytes(range(256)) * 60_000  # 15 MB: written in parts


async def test_a_file_comes_back_as_it_was_and_lies_sealed(ada, folder):
    kept = (await files.keep(ada, sent(PDF, "../../Mara\u202e<x>.PDF"))).file
    assert (kept.name, kept.kind, kept.size, kept.digest) == ("Mara<x>.pdf", files.PDF, len(PDF), sha256(PDF).digest())
    assert await whole(await files.content(ada, kept)) == PDF
    (lies,) = [path for path in folder.rglob("*") if path.is_file()]
    assert lies == folder / "north" / str(kept.id)
    assert b"%PDF" not in lies.read_bytes() and b"endobj" not in lies.read_bytes()


async def test_what_was_altered_or_exchanged_in_the_store_is_not_shown(ada, folder):
    one, two = [(await files.keep(ada, sent(PDF + extra))).file for extra in (b"one", b"two")]
    first, second = folder / "north" / str(one.id), folder / "north" / str(two.id)
    first.write_bytes(second.read_bytes())
    with pytest.raises(FileSpoilt):
        await files.content(ada, one)
    second.unlink()
    with pytest.raises(FileMissing):
        await files.content(ada, two)


async def test_a_name_that_is_taken_stays_as_it_is(ada):
    kept = (await files.keep(ada, sent(PDF))).file
    for size in (10, store.WHOLE + 1):
        with pytest.raises(FileThere):
            await store.write(path_of("north", kept.id), iter([b"x" * size]), size)
    assert await whole(await files.content(ada, kept)) == PDF


async def test_a_kind_is_told_by_the_content_and_not_by_the_name(ada, folder):
    for content, name, found in (
        (b"MZ\x90\0", "letter.pdf", "a program"),
        (b"PK\x03\x04\x14\0word/document.xml", "letter.pdf", "an office document"),
        (b"<html><script>alert(1)</script>", "letter.txt", "a web page"),
        (b"\0\0\0\x18ftypheic", "photo.jpg", "a HEIC picture"),
        (b"\0\1\2", "letter.txt", "a file of an unknown kind"),
    ):
        with pytest.raises(
            KindNotAllowed, match=f"This is {found}. Send it as one of these: PDF, JPEG, PNG, WebP, TIFF, plain text."
        ):
            await files.keep(ada, sent(content, name))
    with pytest.raises(Invalid, match="empty"):
        await files.keep(ada, sent(b""))
    assert not list(folder.rglob("*"))
    text = (await files.keep(ada, sent("Grüße, 200 µg".encode(), "note.exe"))).file
    assert (text.kind, text.name) == (files.TEXT, "note.exe.txt")


async def test_what_is_larger_than_the_setting_says_is_refused(ada, monkeypatch, folder):
    monkeypatch.setattr(settings(), "files_mb", 1)
    with pytest.raises(FileTooLarge, match="larger than 1 MB"):
        await files.keep(ada, sent(PDF + b" " * 1024 * 1024))
    assert not list(folder.rglob("*"))


async def test_what_lies_there_without_a_row_is_swept_after_a_day(ada, folder):
    kept = (await files.keep(ada, sent(PDF))).file
    await ada.flush()
    undone = (await files.keep(ada, sent(PDF))).file
    young = (await files.keep(ada, sent(PDF))).file
    ada.db.expunge(undone)
    ada.db.expunge(young)
    (folder / "north" / "README").write_text("not ours")
    ada.now = datetime.now(UTC)
    two_days = time.time() - 2 * 86400
    for name in (str(kept.id), str(undone.id), "README"):
        os.utime(folder / "north" / name, (two_days, two_days))
    assert await files.sweep(ada) == 1
    assert {path.name for path in (folder / "north").iterdir()} == {str(kept.id), str(young.id), "README"}
    ada.now += timedelta(days=2)
    assert await files.sweep(ada) == 1
    assert await whole(await files.content(ada, kept)) == PDF


async def test_keys_are_wrapped_anew_when_the_secret_changes(ada, monkeypatch):
    kept = (await files.keep(ada, sent(PDF))).file
    await finish(ada)
    before, old = kept.key_id, crypto.master_secret().decode()
    monkeypatch.setattr(settings(), "secret", SecretStr("another secret, which came after the first one"))
    monkeypatch.setattr(settings(), "former_secret", SecretStr(old))
    assert await whole(await files.content(ada, kept)) == PDF
    assert await files.rewrap(ada) == 1
    monkeypatch.setattr(settings(), "former_secret", None)
    again = await ada.db.scalar(select(StoredFile).where(StoredFile.id == kept.id))
    assert again and again.key_id != before
    assert await whole(await files.content(ada, again)) == PDF
    assert await files.rewrap(ada) == 0


async def test_a_file_of_one_organisation_does_not_open_in_another(ada, folder):
    kept = (await files.keep(ada, sent(PDF))).file
    (folder / "south").mkdir()
    (folder / "south" / str(kept.id)).write_bytes((folder / "north" / str(kept.id)).read_bytes())
    ada.organization = type(ada.organization)("south", "Riverside Health")
    with pytest.raises(FileSpoilt):
        await files.content(ada, kept)


# A bucket


@pytest.mark.parametrize("content", [PDF, LARGE], ids=["small", "in parts"])
async def test_a_bucket_keeps_files_as_a_folder_does(ada, bucket, content):
    kept = (await files.keep(ada, sent(content))).file
    assert await whole(await files.content(ada, kept)) == content
    with pytest.raises(FileThere):
        await store.write(path_of("north", kept.id), iter([b"x"]), 1)
    with pytest.raises(FileThere):
        await store.write(path_of("north", kept.id), iter([b"x"]), store.WHOLE + 1)
    raw = b"".join([block async for block in await store.read(path_of("north", kept.id))])
    assert b"%PDF" not in raw
    with pytest.raises(FileMissing):
        await store.read("north/nothing")
    ada.db.expunge(kept)
    ada.now = datetime.now(UTC) + timedelta(days=2)
    assert await files.sweep(ada) == 1
    assert not await store.exists(path_of("north", kept.id))


async def test_a_bucket_that_does_not_answer_keeps_nothing(ada, bucket):
    kept = (await files.keep(ada, sent(PDF))).file
    await ada.flush()
    bucket.stop()
    with pytest.raises(StoreUnreachable, match="Nothing was kept"):
        await files.keep(ada, sent(PDF))
    with pytest.raises(StoreUnreachable):
        await files.content(ada, kept)
    assert len(list(await ada.db.scalars(select(StoredFile)))) == 1


def test_files_do_not_travel_unencrypted_to_another_machine():
    with pytest.raises(OpenStore, match="Files would go to"):
        store_at("s3://records", "http://store.example")


# Memory

MEASURE = """
import asyncio, os, resource, sys
sys.path.insert(0, {src!r})
from galen.files import store
from galen.files.sealing import opened, sealed, sealed_size, place_of
from galen.core.record import uuid7
import tempfile

async def main():
    source = tempfile.TemporaryFile()
    block = os.urandom(2**20)
    for _ in range({megabytes}):
        source.write(block)
    source.seek(0)
    key, file_id = os.urandom(32), uuid7()
    place, size = place_of("north", file_id), {megabytes} * 2**20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await store.write(f"north/{{file_id}}", sealed(source, key, place), sealed_size(size))
    written = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = 0
    async for piece in opened(await store.read(f"north/{{file_id}}"), key, place):
        read += len(piece)
    assert read == size
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((written - before) // 1024, (after - before) // 1024)

asyncio.run(main())
"""


def test_fifty_megabytes_pass_through_little_memory(tmp_path):
    source = str(Path(files.__file__).parents[2])
    env = {**os.environ, "GALEN_FILES_URL": str(tmp_path)}
    script = MEASURE.format(src=source, megabytes=50)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env, check=True)
    writing, both = map(int, done.stdout.split())
    assert writing < 40 and both < 48, f"{writing} MB to write, {both} MB in all"


async def test_pictures_and_their_previews_are_sealed_apart(ada, folder):
    kept = await files.keep(ada, sent(picture(), "photo.jpg"))
    assert kept.preview and kept.preview.wrapped_key != kept.file.wrapped_key
    assert len(list((folder / "north").iterdir())) == 2
