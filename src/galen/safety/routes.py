"""Addresses of the checker, of other sources' tables, and of the hooks for other systems."""

from galen.core.web import get, page, post, put
from galen.i18n import N_

from .allergens import AllergenChoice, allergen_options
from .hooks import consult, feedback, services
from .importing import TableView, interaction_tables, switch_table
from .leaflet import Leaflet, interactions_of
from .schemas import Checked
from .service import interactions
from .statistics import Statistics, statistics

routes = [
    page("/safety", "safety.html", needs="safety.check", module="safety", nav="Safety", icon="shield-check", order=65),
    post("/drugs/interactions", interactions, json=Checked, html="safety.html", status=200, idempotent=False),
    get("/allergens/options", allergen_options, json=list[AllergenChoice], html="allergens.html"),
    get(
        "/medicines/{product_id}/interactions",
        interactions_of,
        json=Leaflet,
        html="medicine_interactions.html",
        panel="medicine",
        title="Interactions",
        order=30,
    ),
    get("/safety/tables", interaction_tables, json=list[TableView], html="interaction_tables.html"),
    put(
        "/safety/tables/{table_id}/activation",
        switch_table,
        json=list[TableView],
        html="interaction_tables.html",
        says=N_("The table is switched."),
    ),
    get("/safety/statistics", statistics, json=Statistics, html="statistics.html"),
    get("/cds-services", services, media_type="application/json"),
    post("/cds-services/{service_id}", consult, media_type="application/json", status=200, idempotent=False),
    post("/cds-services/{service_id}/feedback", feedback, media_type="application/json", status=200, idempotent=False),
]
