"""Accounts: the first administrator, and a way back in."""

from typing import Annotated, Any

import typer
from pydantic import SecretStr

from galen import identity

from .saying import Json, Slug, say
from .services import in_context

cli = typer.Typer(no_args_is_help=True, help=__doc__)
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when it is not given.")
]


@cli.command()
def add(
    username: str, name: str, role: str, password: Password, organization: Slug = "", as_json: Json = False
) -> None:
    """Give someone an account with one role (admin, doctor, nurse, pharmacist, receptionist, manager)."""
    draft = identity.AccountDraft(username=username, name=name, roles=[role], password=SecretStr(password))
    in_context(organization, "account add", lambda ctx: identity.add_account(ctx, draft))
    say({"username": username}, as_json, f"{name} may sign in as {username}.")


@cli.command()
def password(username: str, password: Password, organization: Slug = "", as_json: Json = False) -> None:
    """Set a new password: the account's sessions end, and a lock is lifted."""

    async def go(ctx: Any) -> None:
        await identity.set_password(ctx, await identity.account_named(ctx, username), password)

    in_context(organization, "account password", go)
    say({"username": username}, as_json, f"{username} signs in with the new password from now on.")


@cli.command()
def unlock(username: str, organization: Slug = "", as_json: Json = False) -> None:
    """Let somebody in again who wrote five wrong passwords."""

    async def go(ctx: Any) -> None:
        await identity.unlock(ctx, await identity.account_named(ctx, username))

    in_context(organization, "account unlock", go)
    say({"username": username}, as_json, f"{username} may sign in.")


@cli.command(name="list")
def list_all(
    closed: Annotated[bool, typer.Option("--closed", help="With those that are closed.")] = False,
    organization: Slug = "",
    as_json: Json = False,
) -> None:
    """Who may sign in, by name, with their roles."""

    async def go(ctx: Any) -> list[dict[str, Any]]:
        return [
            {"username": a.username, "name": a.name, "roles": a.roles, "state": identity.state_of(a, ctx.now)}
            for a in await identity.every_account(ctx, closed=closed)
        ]

    found = in_context(organization, "account list", go)
    lines = [f"{a['username']:30} {a['state']:7} {', '.join(a['roles']):24} {a['name']}" for a in found]
    say(found, as_json, "\n".join(lines) or "Nobody yet.")
