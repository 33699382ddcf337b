"""The audit log: seal it now, prove it, print the key that proves it."""

import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from galen.compliance import anchor, seal_log, verify_log
from galen.core.crypto import seal_key
from galen.core.errors import Refusal

from .saying import Json, Slug, say
from .services import in_context

cli = typer.Typer(no_args_is_help=True, help=__doc__)


class NoKey(Refusal):
    message = "The public key is not one: give it as `bin/galen audit key` prints it."


@cli.command()
def verify(
    anchors: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Anchor file; by default the one in GALEN_VAR.")
    ] = None,
    public_key: Annotated[str, typer.Option(help="Public key (base64, as `audit key` prints it).")] = "",
    organization: Slug = "",
    as_json: Json = False,
) -> None:
    """Prove that every row is as it was sealed and every seal as it was anchored; exit 1 where not."""
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key)) if public_key else None
    except ValueError:
        raise NoKey from None
    damages = in_context(organization, "audit verify", lambda ctx: verify_log(ctx, anchors, key))
    said = [{"kind": d.kind, "seal": d.seal, "sentence": str(d)} for d in damages]
    say({"damages": said}, as_json, "\n".join(str(d) for d in damages) or "The log is as it was written.")
    sys.exit(1 if damages else 0)


@cli.command()
def seal(organization: Slug = "", as_json: Json = False) -> None:
    """Seal what is not sealed yet, and anchor it."""
    made: Any = in_context(organization, "audit seal", seal_log)
    anchored: int = in_context(organization, "audit seal", anchor)
    words = f"{made.count} rows under seal {made.number}." if made else "Nothing to seal."
    say({"rows": made.count if made else 0, "anchored": anchored}, as_json, words)


@cli.command()
def key() -> None:
    """Print the public key that verifies the seals."""
    print(b64encode(seal_key().public_key().public_bytes_raw()).decode())
