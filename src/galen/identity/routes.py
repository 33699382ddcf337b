"""The addresses of signing in, accounts, roles and one's own profile."""

from galen.core.web import delete, get, patch, post, put
from galen.i18n import N_

from . import service as does
from .schemas import AccountView, RoleView, Said, SessionView, Tokens

routes = [
    post("/auth/login", does.log_in, json=Tokens, idempotent=False, status=200),
    post("/auth/refresh", does.refresh, json=Tokens, idempotent=False, status=200),
    post("/auth/logout", does.sign_out, json=dict, idempotent=False, status=200),
    post("/auth/register", does.add_account, json=AccountView),
    get("/users/register", does.front_door, html="register.html"),
    post("/users/register", does.register_user, json=Said, html="said.html", idempotent=False, status=202),
    get("/auth/password-reset", does.front_door, html="forgotten.html"),
    post("/auth/password-reset", does.ask_reset, json=Said, html="said.html", idempotent=False, status=202),
    get("/auth/password-reset/{token}", does.open_reset, html="reset.html"),
    post(
        "/auth/password", does.reset_password, json=Said, redirect="/login?said=password", idempotent=False, status=200
    ),
    get("/auth/email-confirmation/{token}", does.open_confirmation, html="confirm.html"),
    post(
        "/auth/email-confirmation",
        does.confirm_email,
        json=Said,
        redirect="/login?said=confirmed",
        idempotent=False,
        status=200,
    ),
    get(
        "/accounts",
        does.accounts,
        json=list[AccountView],
        html="accounts.html",
        nav="Accounts",
        icon="users-group",
        order=91,
    ),
    get("/accounts/new", does.new_account, html="new_account.html"),
    get("/accounts/{account_id}", does.find_account, json=AccountView),
    get("/accounts/{account_id}", does.account_sheet, html="account.html"),
    post(
        "/accounts",
        does.add_account,
        json=AccountView,
        redirect="/accounts",
        says=N_("%(name)s has an account now."),
        undo="identity.close_account",
    ),
    patch(
        "/accounts/{account_id}",
        does.edit_account,
        json=AccountView,
        redirect="/accounts",
        says=N_("The account of %(name)s is changed."),
    ),
    delete(
        "/accounts/{account_id}",
        does.close_account,
        json=AccountView,
        redirect="/accounts",
        says=N_("%(name)s cannot sign in any more."),
        undo="identity.reopen_account",
    ),
    put(
        "/accounts/{account_id}/restoration",
        does.reopen_account,
        json=AccountView,
        redirect="/accounts/{account_id}",
        says=N_("%(name)s can sign in again."),
        undo="identity.close_account",
    ),
    delete(
        "/accounts/{account_id}/sessions",
        does.end_account_sessions,
        json=AccountView,
        redirect="/accounts/{account_id}",
        says=N_("%(name)s is signed out everywhere."),
    ),
    get("/roles", does.roles, json=list[RoleView]),
    get("/roles", does.role_sheet, html="roles.html"),
    post(
        "/roles",
        does.add_role,
        json=RoleView,
        redirect="/roles",
        says=N_("The role %(name)s is there."),
        undo="identity.remove_role",
    ),
    put("/roles/{role_id}", does.edit_role, json=RoleView, redirect="/roles", says=N_("The role %(name)s is changed.")),
    delete(
        "/roles/{role_id}", does.remove_role, json=RoleView, redirect="/roles", says=N_("The role %(name)s is removed.")
    ),
    get("/profile", does.own_account, json=AccountView),
    get("/profile", does.profile, html="profile.html", panel_area="profile"),
    get("/profile/sessions", does.own_sessions, json=list[SessionView]),
    delete(
        "/profile/sessions/{session_id}",
        does.end_session,
        json=dict,
        redirect="/profile",
        says=N_("That device is signed out."),
    ),
    put("/profile/password", does.change_password, json=AccountView, redirect="/profile?said=password"),
    put("/profile/language", does.choose_language, json=AccountView),
    put("/profile/site", does.choose_site, json=AccountView, redirect="/", says=N_("You work at another site now.")),
]
