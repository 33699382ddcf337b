from galen.core.web import delete, get, patch, post, put

from . import service as does
from .schemas import AccountView, RoleView, Said, SessionView, Tokens

routes = [
    post("/auth/login", does.log_in, json=Tokens, once=False, status=200),
    post("/auth/refresh", does.refresh, json=Tokens, once=False, status=200),
    post("/auth/logout", does.sign_out, json=dict, once=False, status=200),
    post("/auth/register", does.add_account, json=AccountView),
    get("/users/register", does.front_door, html="register.html"),
    post("/users/register", does.register_user, json=Said, html="said.html", once=False, status=202),
    get("/forgotten", does.front_door, html="forgotten.html"),
    post("/forgotten", does.ask_reset, json=Said, html="said.html", once=False, status=202),
    get("/reset/{token}", does.open_reset, html="reset.html"),
    post("/reset", does.reset_password, json=Said, then="/login?said=password", once=False, status=200),
    get("/confirm/{token}", does.open_confirmation, html="confirm.html"),
    post("/confirm", does.confirm_email, json=Said, then="/login?said=confirmed", once=False, status=200),
    get(
        "/accounts",
        does.accounts,
        json=list[AccountView],
        html="accounts.html",
        room="Accounts",
        icon="users-group",
        order=91,
    ),
    get("/accounts/new", does.new_account, html="new_account.html"),
    get("/accounts/{account_id}", does.find_account, json=AccountView),
    get("/accounts/{account_id}", does.account_sheet, html="account.html"),
    post("/accounts", does.add_account, json=AccountView, then="/accounts"),
    patch("/accounts/{account_id}", does.edit_account, json=AccountView, then="/accounts"),
    delete("/accounts/{account_id}", does.close_account, json=AccountView, then="/accounts"),
    put("/accounts/{account_id}/opening", does.reopen_account, json=AccountView, then="/accounts/{account_id}"),
    delete(
        "/accounts/{account_id}/sessions", does.end_account_sessions, json=AccountView, then="/accounts/{account_id}"
    ),
    get("/roles", does.roles, json=list[RoleView]),
    get("/roles", does.role_sheet, html="roles.html"),
    post("/roles", does.add_role, json=RoleView, then="/roles"),
    put("/roles/{role_id}", does.edit_role, json=RoleView, then="/roles"),
    delete("/roles/{role_id}", does.remove_role, json=RoleView, then="/roles"),
    get("/profile", does.own_account, json=AccountView),
    get("/profile", does.profile, html="profile.html", place="profile"),
    get("/profile/sessions", does.own_sessions, json=list[SessionView]),
    delete("/profile/sessions/{session_id}", does.end_session, json=dict, then="/profile"),
    put("/profile/password", does.change_password, json=AccountView, then="/profile?said=password"),
    put("/profile/site", does.choose_site, json=AccountView, then="/"),
]
