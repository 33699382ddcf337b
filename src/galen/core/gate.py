"""The gate before every service function: who may pass, and the catalogue of all of them."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from .context import Context
from .errors import Forbidden, SignInNeeded
from .finish import finish

P = ParamSpec("P")
T = TypeVar("T")
ServiceFunction = Callable[Concatenate[Context, P], Awaitable[T]]

CATALOGUE: dict[str, Callable[..., Awaitable[Any]]] = {}
"""Every service function that may be mounted on a route, by `module.verb`."""


def verb_name(function: Callable[..., Any]) -> str:
    """`prescribing.sign`: the module's name and the function's."""
    return f"{function.__module__.split('.')[1]}.{function.__name__}"


def requires(permission: str) -> Callable[[ServiceFunction[P, T]], ServiceFunction[P, T]]:
    """Make a function a service function: gated by a permission, audited under its name, listed in the catalogue."""

    def gate(function: ServiceFunction[P, T]) -> ServiceFunction[P, T]:
        name = verb_name(function)

        @wraps(function)
        async def verb(ctx: Context, *args: P.args, **kwargs: P.kwargs) -> T:
            with ctx.doing(name, kwargs):
                if not ctx.actor.may(permission):
                    raise SignInNeeded if ctx.actor.kind == "anonymous" else Forbidden(permission=permission)
                result = await function(ctx, *args, **kwargs)
                if ctx.depth == 1:
                    await finish(ctx)
            return result

        verb.permission = permission  # type: ignore[attr-defined]
        CATALOGUE[name] = verb
        return verb

    return gate
