"""Accounts: the first administrator, and a way back in."""

from typing import Annotated

import typer

from .house import Json, Slug, in_context, say

cli = typer.Typer(no_args_is_help=True, help=__doc__)
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]


@cli.command()
def add(
    username: str, name: str, role: str, password: Password, organization: Slug = "", as_json: Json = False
) -> None:
    """Give someone an account with one role (admin, doctor, nurse, pharmacist, receptionist, manager)."""
    from pydantic import SecretStr

    from galen import identity

    draft = identity.AccountDraft(username=username, name=name, roles=[role], password=SecretStr(password))
    in_context(organization, "account add", lambda ctx: identity.add_account(ctx, draft))
    say({"username": username}, as_json, f"{name} may sign in as {username}.")
