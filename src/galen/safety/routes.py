from galen.core.web import get, page, post

from .schemas import Checked
from .service import interactions, people

routes = [
    page("/safety", "safety.html", needs="safety.check", module="safety", room="Safety", icon="shield-check", order=65),
    get("/safety/patients", people, html="people.html"),
    post("/drugs/interactions", interactions, json=Checked, html="safety.html", status=200, once=False),
]
