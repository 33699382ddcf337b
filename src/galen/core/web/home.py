"""The first page: what this person has to do now. Each module adds its part for the roles it serves."""

from ..context import Context
from ..gate import requires
from .routes import get


@requires("profile.use")
async def home(ctx: Context) -> None:
    """The home page; its panels come from the modules above."""


routes = [get("/", home, html="home.html", panel_area="home", nav="Home", icon="home", order=0)]
