"""Keys and field encryption: one master secret, a key per purpose, ciphertext bound to its place."""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary

from galen.settings import SECRET, settings

from .errors import Refusal

VERSION = b"\x01"
Ciphertext = LargeBinary


class SecretSpoilt(Refusal):
    message = "The master secret in {path} is too short: put the right file back. Without it this data cannot be read."


class Undecipherable(Refusal):
    """A ciphertext that was moved, altered, or made with another key."""

    status = 409
    message = (
        "A value in this cannot be read: it was moved or altered, or sealed with another master secret. Nothing was "
        "changed; tell your administrator."
    )

    def __init__(self, why: str = "") -> None:
        super().__init__()
        self.why = why


def master_secret() -> bytes:
    """The operator's secret, or one made once and kept in `var/secret` (mode 0600)."""
    given = settings().secret
    if given:
        return given.get_secret_value().encode()
    return kept_secret(settings().var / "secret")


def kept_secret(path: Path) -> bytes:
    """The secret in this file; made at the first time, whole or not at all, also when two begin at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_urlsafe(48).encode())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    secret = path.read_bytes()
    if len(secret) < SECRET:
        raise SecretSpoilt(path=path)
    return secret


@lru_cache(256)
def key(purpose: str) -> bytes:
    """32 bytes for one purpose, derived from the master secret (HKDF-SHA-256)."""
    return derived(master_secret(), purpose)


def derived(secret: bytes, purpose: str) -> bytes:
    """The same from another secret: what was sealed before the master secret changed."""
    return HKDF(hashes.SHA256(), 32, None, purpose.encode()).derive(secret)


def password_for(role: str) -> str:
    """The database password of one of Galen's own roles."""
    return urlsafe_b64encode(key(f"database role {role}")).decode().rstrip("=")


def mark() -> str:
    """What the secret is recognised by, without revealing it; kept in the database."""
    return key("mark").hex()[:32]


def encrypt(text: str, place: str) -> bytes:
    """AES-256-GCM; `place` (organisation, table, column, row) is bound in, so a value cannot be moved."""
    nonce = os.urandom(12)
    return VERSION + nonce + AESGCM(key("fields")).encrypt(nonce, text.encode(), place.encode())


def decrypt(sealed: bytes, place: str) -> str:
    if sealed[:1] != VERSION:
        raise Undecipherable("made with an unknown key version")
    try:
        return AESGCM(key("fields")).decrypt(sealed[1:13], sealed[13:], place.encode()).decode()
    except InvalidTag:
        raise Undecipherable("this value does not belong here, or the key is another one") from None


def blind_index(value: str, column: str) -> bytes:
    """Equality search without revealing: HMAC of the normalised value, a key per organisation and column."""
    return hmac.new(key(f"blind index {column}"), value.encode(), hashlib.sha256).digest()


def digest(secret: str) -> bytes:
    """What is stored of a session token: its SHA-256, as the token itself has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


@lru_cache(1)
def seal_key() -> Ed25519PrivateKey:
    """Signs the roots of the audit log."""
    return Ed25519PrivateKey.from_private_bytes(key("audit seal"))
