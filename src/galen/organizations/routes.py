"""The addresses of the organisation and its sites."""

from galen.core.web import delete, get, page, post, put
from galen.i18n import N_

from .schemas import OrganizationView, SiteView
from .service import add_site, close_site, edit_site, organization, pharmacies, reopen_site, site, sites

routes = [
    get("/organization", organization, json=OrganizationView, html="organization.html"),
    get("/sites", sites, json=list[SiteView], html="sites.html", nav="Sites", icon="building-hospital", order=90),
    page("/sites/new", "new_site.html", needs="organization.write", module="organizations"),
    post("/sites", add_site, json=SiteView, redirect="/sites",
        says=N_("%(name)s is open."), undo="organizations.close_site"),
    get("/sites/{site_id}", site, json=SiteView, html="site.html"),
    put("/sites/{site_id}", edit_site, json=SiteView, redirect="/sites",
        says=N_("%(name)s is changed.")),
    delete("/sites/{site_id}", close_site, json=SiteView, redirect="/sites",
        says=N_("%(name)s is closed."), undo="organizations.reopen_site"),
    put("/sites/{site_id}/restoration", reopen_site, json=SiteView, redirect="/sites",
        says=N_("%(name)s is open again."), undo="organizations.close_site"),
    get("/pharmacies", pharmacies, json=list[SiteView]),
    post("/pharmacies", add_site, json=SiteView),
    get("/pharmacies/{site_id}", site, json=SiteView),
    put("/pharmacies/{site_id}", edit_site, json=SiteView),
]  # fmt: skip
