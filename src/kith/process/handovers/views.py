"""The pages of a hand-over: the dossier of one relationship, and how all of them fare."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.queries import colleagues as everybody
from kith.kernel.errors import Conflict, Invalid, KithError, NeedsInput, NotAllowed
from kith.kernel.records.action import ACTIONS, perform
from kith.onboarding.queries import loads
from kith.process.handovers.dossier import known, said
from kith.process.handovers.late import open_ones
from kith.process.handovers.measures import line, lines, passed
from kith.process.handovers.offering import is_addressed, may_answer, may_take_back, receiving, waiting_of, whom_of
from kith.process.models import Handover, Journey
from kith.ui.pages.answers import go
from kith.ui.pages.base import actor_of
from kith.ui.pages.row import open_row
from kith.ui.render import page

FIELDS = ("to", "says", "goals", "stakeholders", "dates", "risks")


@require_http_methods(["GET", "HEAD", "POST"])
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what is handed over, or asks for what is not known; POST offers it."""
    opened = open_row(request, "journeys", pk)
    journey, actor = opened.row, opened.actor
    waits, last = waiting_of(journey), _last(journey)
    turn, may = _turn(waits, actor), actor.can("journey.edit")
    following = receiving(journey, waits) if turn["free"] and journey.is_running and may else None
    context: dict[str, Any] = {
        "opened": opened, "journey": journey, "waits": waits, "last": last, "to": request.path, "errors": {}, "may": may, **turn,
        "whom": whom_of(waits.receiver, waits.team) if waits else "", "do": f"{opened.url}/do/", "next": following,
        "asks": following is not None,
    }  # fmt: skip
    if following is None:
        return page(request, "process/handover.html", context | {"told": said(actor, last) if last else None})
    again = last if last is not None and (turn["gives"] or last.returned_at or last.withdrawn_at) else None
    begun = said(actor, again) if again else known(actor, journey)
    typed = {
        "to": "", "says": again.says if again else "", "goals": begun.goals, "stakeholders": begun.people_words,
        "dates": begun.dates_words, "risks": begun.risks,
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        typed |= {key: request.POST.get(key, "") for key in FIELDS}
        try:
            outcome = perform(ACTIONS["journey.hand_over"], journey, typed, by=actor)
            return go(request, opened.url, _("%s offered") % opened.name, op=outcome.operation)
        except KithError as problem:
            context["errors"], status = _errors(problem), 409 if isinstance(problem, Conflict) else 422
    context |= {"told": begun, "typed": typed, "colleagues": _receivers(actor)}
    return page(request, "process/handover.html", context, status)


def _last(journey: Journey) -> Handover | None:
    """The last one that was offered, whatever came of it."""
    rows = Handover.objects.filter(journey=journey).select_related("giver", "receiver", "journey")
    return rows.order_by("-offered_at", "-pk").first()


def _turn(waits: Handover | None, actor: Actor) -> dict[str, bool]:
    """Whose turn it is: may they answer, was it offered to them, may they take it back, is it free to be offered anew?"""
    answers = may_answer(waits, actor)
    mine = waits is not None and answers and waits.receiver_id in (actor.user_id, None)
    gives = not mine and may_take_back(waits, actor)
    free = gives or not (mine or is_addressed(waits))
    return {"answers": answers, "mine": mine, "gives": gives, "free": free}


def _receivers(actor: Actor) -> list[tuple[int, str]]:
    """Colleagues it can be offered to, each with what they carry already."""
    carried = loads()
    return [
        (user.pk, _loaded(user.name, *carried.get(user.pk, (0, False))))
        for user in everybody() if user.is_active and user.pk != actor.user_id
    ]  # fmt: skip


def _loaded(name: str, has: int, full: bool) -> str:
    """A colleague with what they carry already, and whether that is as many as they are to have at once."""
    if not has:
        return name
    said = {"who": name, "n": has}
    if full:
        return (
            ngettext(
                "%(who)s: has %(n)d onboarding, as many as allowed",
                "%(who)s: has %(n)d onboardings, as many as allowed",
                has,
            )
            % said
        )
    return ngettext("%(who)s: %(n)d onboarding", "%(who)s: %(n)d onboardings", has) % said


def _errors(problem: KithError) -> dict[str, str]:
    if isinstance(problem, NeedsInput):
        return {
            **dict.fromkeys(problem.inputs, _("This is needed.")),
            **{k: " ".join(v) for k, v in problem.errors.items()},
        }
    return {getattr(problem, "field", "") if isinstance(problem, Invalid) else "": problem.message}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Who waits to be taken over, how long that takes, and how often something was missing."""
    actor = actor_of(request)
    if not actor.can("journey.see"):
        raise NotAllowed(_("Your role does not see relationships on their way; ask an administrator."))
    found = passed(actor)
    context = {
        "open": open_ones(actor), "all": line(_("All"), found), "givers": lines(found, lambda one: one.giver),
        "teams": lines([one for one in found if one.team], lambda one: one.team),
    }  # fmt: skip
    return page(request, "process/handovers.html", context)
