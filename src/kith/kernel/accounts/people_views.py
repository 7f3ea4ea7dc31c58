"""Settings of people and teams, for administrators: who works here, with which role, in which team."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kith.kernel.accounts import actions, leaving, links, mail, queries
from kith.kernel.accounts import teams as teams_actions
from kith.kernel.accounts.models import Role, Team, User
from kith.kernel.accounts.requests import SignedIn
from kith.kernel.accounts.teams import rows_of
from kith.kernel.errors import Invalid
from kith.kernel.timeline.queries import timeline

View = Callable[..., HttpResponse]
NOBODY = "nobody"  # among those who can go on with what a colleague looked after
NO_TEAM = "none"  # among the teams that a team's rows can go to


def administration(view: View) -> View:
    """Administrators only; what they send asks for their password again when it was long ago."""

    @wraps(view)
    def guarded(request: SignedIn, *args: int, **kwargs: int) -> HttpResponse:
        request.actor.require(actions.MANAGE)
        return confirmed(request, *args, **kwargs)

    confirmed = never_cache(reauthentication_required(view, allow_get=True))
    return guarded


@require_safe
@administration
def people(request: SignedIn) -> HttpResponse:
    return render(request, "accounts/people.html", {"people": queries.colleagues()})


@require_http_methods(["GET", "POST"])
@administration
def invite(request: SignedIn) -> HttpResponse:
    """A form for a newcomer; the answer mails the link, or shows it once when no mail can leave."""
    given: dict[str, Any] = {"email": "", "name": "", "role": Role.MEMBER.value, "teams": []}
    errors: dict[str, str] = {}
    if request.method == "POST":
        given = read_person(request)
        try:
            user = actions.invite(**given, by=request.actor)
        except Invalid as error:
            errors = {error.field: error.message}
        else:
            return hand_over(request, user)
    return render(request, "accounts/invite.html", person_context(given, errors), status=400 if errors else 200)


@require_http_methods(["GET", "POST"])
@administration
def colleague(request: SignedIn, pk: int) -> HttpResponse:
    user, errors = get_object_or_404(User, pk=pk), dict[str, str]()
    given: dict[str, Any] = {"email": user.email, "name": user.name, "role": user.role, "teams": list(user.teams.all())}
    if request.method == "POST":
        given = read_person(request)
        try:
            actions.change(user, **given, by=request.actor)
        except Invalid as error:
            errors = {error.field: error.message}
        else:
            messages.success(request, _("Saved."))
            return redirect("colleague", pk)
    context = person_context(given, errors) | {
        "colleague": user,
        "has_factor": Authenticator.objects.filter(user=user).exists(),
        "last_administrator": user.is_active and user.is_staff and not actions.others_manage(user),
        "history": timeline(request.actor, "user", pk, limit=10)[0],
    }
    return render(request, "accounts/colleague.html", context, status=400 if errors else 200)


@require_POST
@administration
def new_link(request: SignedIn, pk: int) -> HttpResponse:
    return hand_over(request, get_object_or_404(User, pk=pk, is_active=True))


@require_http_methods(["GET", "POST"])
@administration
def deactivate(request: SignedIn, pk: int) -> HttpResponse:
    """Says what they look after, asks who goes on with it, and stops them at once."""
    user, error = get_object_or_404(User, pk=pk), ""
    rows, others = leaving.held_by(user), list(User.objects.filter(is_active=True).exclude(pk=pk))
    chosen = request.POST.get("to", "" if rows else NOBODY)
    if request.method == "POST":
        to = next((other for other in others if str(other.pk) == chosen), None)
        try:
            if to is None and chosen != NOBODY:
                raise Invalid(_("Say who goes on with what they look after."), "to")
            leaving.leave(user, to=to, by=request.actor)
        except Invalid as problem:
            error = problem.message
        else:
            messages.success(request, _("%(name)s is signed out and can no longer sign in.") % {"name": user})
            return redirect("colleague", pk)
    choices = [(NOBODY, _("Nobody yet: it stands on the public list"))]
    context = {
        "colleague": user, "row_words": ", ".join(f"{count} {plural}" for plural, count in rows.items()),
        "choices": choices + [(str(other.pk), str(other)) for other in others], "chosen": chosen, "error": error,
        "warnings": leaving.warnings_for(user),
    }  # fmt: skip
    return render(request, "accounts/deactivate.html", context, status=400 if error else 200)


@require_POST
@administration
def reactivate(request: SignedIn, pk: int) -> HttpResponse:
    user = actions.reactivate(get_object_or_404(User, pk=pk), by=request.actor)
    messages.success(request, _("%(name)s can sign in again.") % {"name": user})
    return redirect("colleague", pk)


@require_POST
@administration
def second_factor(request: SignedIn, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    actions.remove_second_factor(user, by=request.actor)
    messages.success(request, _("%(name)s now signs in with the password alone.") % {"name": user})
    return redirect("colleague", pk)


@require_safe
@administration
def teams(request: SignedIn) -> HttpResponse:
    return render(request, "accounts/teams.html", {"teams": queries.teams()})


@require_http_methods(["GET", "POST"])
@administration
def team(request: SignedIn, pk: int | None = None) -> HttpResponse:
    """One team, or a new one."""
    found, errors = (get_object_or_404(Team, pk=pk) if pk else None), dict[str, str]()
    members = list(found.members.all()) if found else []
    given: dict[str, Any] = {
        "name": found.name if found else "",
        "members": members,
        "lead": found.lead if found else None,
    }
    if request.method == "POST":
        given = read_team(request)
        try:
            actions.save_team(found, **given, by=request.actor)
        except Invalid as error:
            errors = {error.field: error.message}
        else:
            messages.success(request, _("Saved."))
            return redirect("teams")
    people = list(User.objects.filter(Q(is_active=True) | Q(pk__in=[member.pk for member in members])))
    context = {
        "team": found, "given": given, "errors": errors, "people": people,
        "people_choices": [(person.pk, str(person)) for person in people],
    }  # fmt: skip
    return render(request, "accounts/team.html", context, status=400 if errors else 200)


@require_http_methods(["GET", "POST"])
@administration
def delete_team(request: SignedIn, pk: int) -> HttpResponse:
    """Asks where the team's rows go, then takes it away."""
    found, error = get_object_or_404(Team, pk=pk), ""
    others, rows = list(Team.objects.exclude(pk=pk)), rows_of(found)
    chosen = request.POST.get("to", "" if rows else NO_TEAM)
    if request.method == "POST":
        to = next((other for other in others if str(other.pk) == chosen), None)
        try:
            if to is None and chosen != NO_TEAM:
                raise Invalid(_("Say where its rows go."), "to")
            op = teams_actions.delete_team(found, to=to, by=request.actor)
        except Invalid as problem:
            error = problem.message
        else:
            words = _("Deleted the team %(name)s.") % {"name": found.name}
            messages.success(request, words, extra_tags=f"undo:/operations/{op.pk}/undo")
            return redirect("teams")
    choices = [(str(other.pk), other.name) for other in others] + [(NO_TEAM, _("No team"))]
    words = ", ".join(f"{count} {plural}" for plural, count in rows.items())
    context = {"team": found, "rows": rows, "row_words": words, "choices": choices, "chosen": chosen, "error": error}
    return render(request, "accounts/delete_team.html", context, status=400 if error else 200)


def hand_over(request: SignedIn, user: User) -> HttpResponse:
    """Send `user` a link to set a password; without mail, show it to the administrator this one time."""
    link = actions.make_link(user, base=links.base_of(request), by=request.actor)
    if not mail.is_configured():
        return render(request, "accounts/link.html", {"colleague": user, "link": link})
    mail.send_later(mail.invitation(user, link, by=request.user))
    messages.success(request, _("A mail with a link is on its way to %(email)s.") % {"email": user.email})
    return redirect("colleagues")


def read_person(request: SignedIn) -> dict[str, Any]:
    post = request.POST
    teams = list(Team.objects.filter(pk__in=numbers(post.getlist("teams"))))
    return {"email": post.get("email", ""), "name": post.get("name", ""), "role": post.get("role", ""), "teams": teams}


def read_team(request: SignedIn) -> dict[str, Any]:
    members = numbers(request.POST.getlist("members"))
    lead = numbers([request.POST.get("lead", "")])
    found = User.objects.in_bulk([*members, *lead])
    return {
        "name": request.POST.get("name", ""),
        "members": [found[pk] for pk in members if pk in found],
        "lead": found.get(lead[0]) if lead else None,
    }


def person_context(given: dict[str, Any], errors: dict[str, str]) -> dict[str, Any]:
    roles = [(role, str(words)) for role, words in Role.choices]
    return {"given": given, "errors": errors, "roles": roles, "all_teams": queries.teams()}


def numbers(texts: list[str]) -> list[int]:
    """Those of `texts` that are row numbers; a tampered form names no row."""
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 18]
