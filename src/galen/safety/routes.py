from galen.core.web import page, post

from .schemas import Checked
from .service import interactions

routes = [
    page("/safety", "safety.html", needs="safety.check", module="safety", room="Safety", icon="shield-check", order=65),
    post("/drugs/interactions", interactions, json=Checked, html="safety.html", status=200, once=False),
]
