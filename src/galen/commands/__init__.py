"""The command line: one word for each thing an operator does. Imports are late, so that help is quick."""

import sys

import typer

from . import accounts, audit, imports, interactions, jobs, organizations, sig, stock, system

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Galen: clinic, pharmacy and patients in one system.",
)
cli.registered_commands += system.cli.registered_commands
cli.registered_commands += interactions.cli.registered_commands
cli.registered_commands += sig.cli.registered_commands
for name, part in (
    ("account", accounts),
    ("audit", audit),
    ("import", imports),
    ("jobs", jobs),
    ("organization", organizations),
    ("stock", stock),
):
    cli.add_typer(part.cli, name=name)


def main() -> None:
    """Run a command; what goes wrong ends in one sentence and a non-zero exit."""
    from galen.core.logs import configure
    from galen.core.settings import WrongSetting, settings

    try:
        configure(settings().log_json)
        cli()
    except WrongSetting as wrong:
        sys.exit(f"galen: {wrong}")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from .refusing import in_a_sentence

        sys.exit(f"galen: {in_a_sentence(error)}")
