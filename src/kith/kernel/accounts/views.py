"""The settings each person has of their own: profile, API tokens, signed-in browsers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kith.kernel.accounts import actions, queries, sessions
from kith.kernel.accounts.models import ApiToken, TokenScope
from kith.kernel.accounts.requests import SignedIn
from kith.kernel.errors import Invalid, NotFound

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
LIFETIMES = {"30": 30, "90": 90, "365": 365, "": None}  # days; the empty choice never ends


@require_http_methods(["GET", "POST"])
def profile(request: SignedIn) -> HttpResponse:
    """Name, time zone, language and look of the person signed in."""
    user, errors = request.user, dict[str, str]()
    given: dict[str, Any] = {
        "name": user.name, "time_zone": user.time_zone, "language": user.language,
        "theme": user.theme, "density": user.density, "shortcuts": user.shortcuts,
    }  # fmt: skip
    if request.method == "POST":
        given = {key: request.POST.get(key, "").strip() for key in given}
        given["shortcuts"] = "shortcuts" in request.POST
        look = {key: given[key] for key in ("theme", "density", "shortcuts")}
        try:
            actions.save_profile(
                user, name=given["name"], time_zone=given["time_zone"], language=given["language"],
                preferences=look, by=request.actor,
            )  # fmt: skip
        except Invalid as error:
            errors = {error.field: error.message}
        else:
            with translation.override(user.language):
                messages.success(request, _("Saved."))
            return redirect("profile")
    context = {
        "given": given, "errors": errors, "zones": zones(user.time_zone), "languages": settings.LANGUAGES,
    }  # fmt: skip
    return render(request, "accounts/profile.html", context, status=400 if errors else 200)


def zones(own: str) -> list[tuple]:
    """The time zones to choose from, grouped by region; one's own comes along even under an old name."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted({*available_timezones(), own}):
        region, _slash, city = name.partition("/")
        if region in REGIONS and city:
            groups.setdefault(region, []).append((name, city.replace("_", " ")))
    first = [("UTC", "UTC")] if own == "UTC" or own.partition("/")[0] in REGIONS else [(own, own), ("UTC", "UTC")]
    return [*first, *groups.items()]


@never_cache
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def tokens(request: SignedIn) -> HttpResponse:
    """The person's live tokens, and a form for a new one whose key is in this one answer and nowhere else."""
    plain, errors = "", dict[str, str]()
    given = {"name": "", "scope": TokenScope.READ.value, "days": "90"}
    if request.method == "POST":
        given = {key: request.POST.get(key, "").strip() for key in given}
        errors = token_errors(given)
        if not errors:
            days = LIFETIMES[given["days"]]
            ends = timezone.now() + timedelta(days=days) if days else None
            plain = actions.make_token(
                request.user, name=given["name"], scope=given["scope"], expires_at=ends, by=request.actor
            )
            given = {"name": "", "scope": TokenScope.READ.value, "days": "90"}
    context = {
        "given": given, "errors": errors, "plain": plain,
        "tokens": queries.live_tokens(request.user),
        "scopes": [(key, str(words)) for key, words in TokenScope.choices],
        "lifetimes": [("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("Never"))],
    }  # fmt: skip
    return render(request, "accounts/tokens.html", context, status=400 if errors else 200)


def token_errors(given: dict[str, str]) -> dict[str, str]:
    try:
        actions.clean_name(given["name"], 120)
    except Invalid:
        return {"name": _("Name the program or person that will use it, in 120 characters at most.")}
    if given["scope"] not in TokenScope.values:
        return {"scope": _("Choose what the token may do.")}
    return {} if given["days"] in LIFETIMES else {"days": _("Choose how long the token works.")}


@require_POST
def revoke_token(request: SignedIn, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    actions.revoke_token(token, by=request.actor)
    messages.success(request, _("“%(name)s” no longer works.") % {"name": token.name})
    return redirect("api_tokens")


@require_http_methods(["GET", "POST"])
def signed_in_on(request: SignedIn) -> HttpResponse:
    """The browsers this person is signed in on; posting signs all others out."""
    if request.method == "POST":
        sessions.end_all(request.user, besides=request.session.session_key)
        messages.success(request, _("All other browsers are signed out."))
        return redirect("usersessions_list")
    return render(request, "accounts/sessions.html", {"sessions": queries.open_sessions(request)})


@require_POST
def end_session(request: SignedIn, pk: int) -> HttpResponse:
    if not sessions.end_one(request.user, pk):
        raise NotFound(_("That browser is already signed out."))
    messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")
