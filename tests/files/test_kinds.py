"""What a file is, and what it is called."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.files.kinds import DOCUMENTS, JPEG, PDF, TEXT, clean_name, in_words, kind_of

from .conftest import picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_known_by_its_first_bytes(kind):
    assert kind_of(io.BytesIO(picture(kind))) == f"image/{kind.lower()}"


@given(st.text(min_size=1).map(lambda text: text.encode("utf-8", "ignore")))
def test_text_without_control_characters_is_text(content):
    kind, plain = kind_of(io.BytesIO(b"Dear Dr " + content)), all(c >= 32 or c in b"\t\n\v\f\r\x1b" for c in content)
    assert (kind == TEXT) is (plain and b"\x7f" not in content)


@pytest.mark.parametrize("cut", range(65_530, 65_540))
def test_a_letter_that_lies_across_two_pieces_is_a_letter(cut):
    assert kind_of(io.BytesIO(b"a" * cut + "€é𝄞".encode() + b"b" * 70_000)) == TEXT
    assert kind_of(io.BytesIO(b"a" * cut + "€".encode()[:2])) == "a file of an unknown kind"
    assert kind_of(io.BytesIO(b"a" * cut + b"\xff" + b"b" * 70_000)) == "a file of an unknown kind"


@pytest.mark.parametrize(
    ("given_name", "kind", "name"),
    [
        ("letter.PDF", PDF, "letter.pdf"),
        ("C:\\Users\\mara\\scan.jpeg", JPEG, "scan.jpg"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("x\u202efdp.exe", PDF, "xfdp.exe.pdf"),
        ("a\r\nSet-Cookie: b.pdf", PDF, "aSet-Cookie: b.pdf"),
        ("", PDF, "file.pdf"),
        (" .pdf", PDF, "file.pdf"),
        ("Größe 200 µg.txt", TEXT, "Größe 200 µg.txt"),
        ("n" * 300, PDF, "n" * 120 + ".pdf"),
    ],
)
def test_a_name_is_cleaned_and_ends_as_its_kind_does(given_name, kind, name):
    assert clean_name(given_name, kind) == name


def test_what_may_be_sent_is_said_in_words():
    assert in_words(DOCUMENTS) == "PDF, JPEG, PNG, WebP, TIFF, plain text"
