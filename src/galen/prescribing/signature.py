"""What a signature seals: the whole content in one encoding, its SHA-256, and the organisation's Ed25519 over it."""

from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import object_session

from galen.core.crypto import key
from galen.values.canonical import canonical

from .models import Prescription

WHOLE = """id number patient_id practitioner_id prescriber_id site_id visit_id origin_id written_at remark not_before
    valid_until knowledge for_whom by_whom signer_id signer_name signed_at"""
LINE = """id position product_id drug schedule typed directions dose quantity unit repeats interval_days substitution
    indication"""
OVERRIDE = "id key severity effect comment by_id by_name at"


def content(rx: Prescription, organization: str) -> bytes:
    """Everything that was signed, in one encoding: the same content always gives the same bytes."""
    row: dict[str, Any] = {name: getattr(rx, name) for name in WHOLE.split()}
    row["organization"], row["meaning"] = organization, rx.meaning.value if rx.meaning else None
    for line in rx.lines:
        row |= {f"line {line.position} {name}": getattr(line, name) for name in LINE.split()}
    for override in rx.overrides:
        row |= {f"override {override.id} {name}": getattr(override, name) for name in OVERRIDE.split()}
        row[f"override {override.id} reason"] = override.reason.value
    return canonical(row)


@lru_cache(64)
def signing_key(organization: str) -> Ed25519PrivateKey:
    """Each organisation's own: a signature made in one is worth nothing in another."""
    return Ed25519PrivateKey.from_private_bytes(key(f"prescription signature {organization}"))


def seal(rx: Prescription, organization: str) -> None:
    """Put the digest of the content, and the signature over it, into the prescription."""
    digest = sha256(content(rx, organization)).digest()
    rx.content_hash, rx.signature = digest.hex(), signing_key(organization).sign(digest)


def verify_signature(rx: Prescription) -> bool:
    """Whether the content is, to the letter, what was signed. Opened within a context, which names the organisation."""
    session = object_session(rx)
    if session is None or not rx.signature:
        return False
    organization = session.info["ctx"].organization.slug
    digest = sha256(content(rx, organization)).digest()
    try:
        signing_key(organization).public_key().verify(rx.signature, digest)
    except InvalidSignature:
        return False
    return rx.content_hash == digest.hex()
