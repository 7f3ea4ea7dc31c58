"""The first minute: name and currency, a colleague, then data of one's own or the sample company.

Three short pages, each of which can be skipped; the way back is always open under Settings.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kith.deals.actions import install_defaults
from kith.kernel.accounts import actions as accounts
from kith.kernel.accounts.links import set_password_path
from kith.kernel.calendars.actions import install_default
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.organisation.actions import describe, finish_setup
from kith.kernel.organisation.models import current
from kith.starters.actions import install_sample, remove_sample
from kith.ui.pages.base import actor_of
from kith.ui.pages.organisation import KEYS, choices
from kith.ui.render import page

STEPS = (gettext_lazy("Organisation"), gettext_lazy("A colleague"), gettext_lazy("Your data"))
SAMPLE_SIZE = 600  # people; small enough to be there in seconds, large enough to look alive


def organisation(request: HttpRequest) -> HttpResponse:
    """Step 1: what the organisation is called, its currency, country and time zone."""
    actor = actor_of(request)
    actor.require("settings.manage")
    given = {k: getattr(current(), k) for k in KEYS}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        given = {k: request.POST.get(k, "") for k in KEYS}
        try:
            describe(**given, by=actor)
            install_default(actor)
            install_defaults(actor)
        except InvalidMany as problem:
            errors = problem.errors
        else:
            return HttpResponseRedirect("/welcome/colleague/")
    context = {"given": given, "errors": errors, "steps": STEPS, "step": 1, **choices()}
    return page(request, "web/welcome_organisation.html", context, status=422 if errors else 200)


def colleague(request: HttpRequest) -> HttpResponse:
    """Step 2: invite somebody; without a mail server the link is shown once, to be handed over."""
    actor = actor_of(request)
    actor.require("settings.people")
    given = {"name": "", "email": ""}
    error, wrong, link = "", "", ""
    if request.method == "POST":
        given = {k: request.POST.get(k, "") for k in given}
        try:
            user = accounts.invite(email=given["email"], name=given["name"], role="member", by=actor)
            link = request.build_absolute_uri(set_password_path(user))
        except (Invalid, InvalidMany) as problem:
            error, wrong = str(problem), getattr(problem, "field", "")
    context = {"given": given, "error": error, "wrong": wrong, "link": link, "steps": STEPS, "step": 2}
    return page(request, "web/welcome_colleague.html", context, status=422 if error else 200)


def data(request: HttpRequest) -> HttpResponse:
    """Step 3: a file, the sample company, or the first person by hand."""
    actor_of(request).require("settings.manage")
    if request.method == "POST":
        finish_setup(by=actor_of(request))
        return HttpResponseRedirect(
            {"import": "/people/import/", "person": "/people/new"}.get(request.POST.get("next", ""), "/people/")
        )
    return page(request, "web/welcome_data.html", {"steps": STEPS, "step": 3, "sample": current().sample})


def sample(request: HttpRequest) -> HttpResponse:
    """Settings, sample company: whether it is there, filling it in, taking it away."""
    actor_of(request).require("settings.manage")
    return page(request, "web/sample.html", {"sample": current().sample})


@require_POST
def fill_sample(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require("settings.manage")
    try:
        counts = install_sample(by=actor, people=SAMPLE_SIZE)
        finish_setup(by=actor)
    except Invalid as problem:
        messages.error(request, problem.message)
        return HttpResponseRedirect("/settings/sample/")
    messages.success(
        request,
        _("Tidewell is here: %(people)s people, %(deals)s deals. Settings, Sample company takes it away again.")
        % counts,
    )
    return HttpResponseRedirect("/people/")


@require_POST
def take_sample_away(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    try:
        gone = remove_sample(by=actor)
    except Invalid as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, _("The sample company is gone: %s rows with their stories.") % gone)
    return HttpResponseRedirect("/settings/sample/")
