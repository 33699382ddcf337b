"""The pages and addresses of what came from other systems."""

from galen.core.web import get

from .archive import kept_list, kept_of, kept_resource
from .schemas import KeptCount, KeptList, KeptView

routes = [
    get("/patients/{patient_id}/imported-resources", kept_of, json=list[KeptCount], html="kept.html",
        panel="patient", tab="papers", title="From other systems", refresh="patient-changed", order=80),
    get("/patients/{patient_id}/imported-resources/{kind}", kept_list, json=KeptList, html="kept_list.html"),
    get("/imported-resources/{kept_id}", kept_resource, json=KeptView, html="kept_resource.html"),
]  # fmt: skip
