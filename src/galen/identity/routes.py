from galen.core.web import delete, get, patch, post, put

from .schemas import AccountView, RoleView, SessionView, Tokens
from .service import (
    accounts,
    add_account,
    add_role,
    change_password,
    choose_site,
    close_account,
    edit_account,
    end_session,
    find_account,
    log_in,
    own_account,
    own_sessions,
    refresh,
    reopen_account,
    roles,
    sign_out,
)

routes = [
    post("/auth/login", log_in, json=Tokens, once=False, status=200),
    post("/auth/refresh", refresh, json=Tokens, once=False, status=200),
    post("/auth/logout", sign_out, json=dict, once=False, status=200),
    post("/auth/register", add_account, json=AccountView),
    get("/accounts", accounts, json=list[AccountView], html="accounts.html", room="Accounts", icon="users-group", order=91),
    get("/accounts/{account_id}", find_account, json=AccountView, html="account.html"),
    post("/accounts", add_account, json=AccountView, then="/accounts"),
    patch("/accounts/{account_id}", edit_account, json=AccountView, then="/accounts"),
    delete("/accounts/{account_id}", close_account, json=AccountView, then="/accounts"),
    put("/accounts/{account_id}/opening", reopen_account, json=AccountView, then="/accounts"),
    get("/roles", roles, json=list[RoleView], html="roles.html"),
    post("/roles", add_role, json=RoleView, then="/roles"),
    get("/profile", own_account, json=AccountView, html="profile.html", place="profile"),
    get("/profile/sessions", own_sessions, json=list[SessionView], html="sessions.html", panel="profile", title="Signed in"),
    delete("/profile/sessions/{session_id}", end_session, json=dict, then="/profile"),
    put("/profile/password", change_password, json=AccountView, then="/profile"),
    put("/profile/site", choose_site, json=AccountView, then="/"),
]
