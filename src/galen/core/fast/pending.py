"""Whether a session has something to write, without building the sets that say what: asked often in a request."""

from sqlalchemy.orm import Session


def is_clean(session: Session) -> bool:
    return not (session._new or session._deleted or session._dirty_states)
