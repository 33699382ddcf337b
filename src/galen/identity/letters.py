"""What is written to people about their accounts: a subject, and words with a place for the link."""

RESET = (
    "Your new password",
    "Open this link to choose a new password:\n{link}\n"
    "It works once, for an hour. If you did not ask for it, you need not do anything: your password stays as it is.",
)
CONFIRM = (
    "Confirm your address",
    "Open this link to confirm that this address is yours:\n{link}\n"
    "It works once, for a day. If you did not register, you need not do anything.",
)
KNOWN = (
    "You have an account already",
    "Somebody, perhaps you, registered with this address, which has an account already.\n"
    "Sign in, or choose a new password: {link}",
)
