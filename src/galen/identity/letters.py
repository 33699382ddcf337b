"""What is written to people about their accounts: a subject, and words with a place for the link."""

from typing import NamedTuple

from galen.i18n import N_


class Letter(NamedTuple):
    """Both are messages; the text names the `link`."""

    subject: str
    text: str


RESET = Letter(
    N_("Your new password"),
    N_(
        "Open this link to choose a new password:\n%(link)s\n"
        "It works once, for an hour. If you did not ask for it, you need not do anything: your password stays as it is."
    ),
)
CONFIRM = Letter(
    N_("Confirm your address"),
    N_(
        "Open this link to confirm that this address is yours:\n%(link)s\n"
        "It works once, for a day. If you did not register, you need not do anything."
    ),
)
KNOWN = Letter(
    N_("You have an account already"),
    N_(
        "Somebody, perhaps you, registered with this address, which has an account already.\n"
        "Sign in, or choose a new password: %(link)s"
    ),
)
