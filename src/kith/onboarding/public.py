"""The customer's page of their onboarding, behind a signed link: steps, days, who does them, what we promised; to ask, to
tick what is theirs, and to send files.

Everything works without a script. A wrong link gets one page that tells nothing of anybody.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.contacts.strangers import WINDOW, for_strangers, too_many, too_often
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.files.queries import files_of
from kith.kernel.languages import speaking_to
from kith.kernel.organisation.models import current
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.onboarding import asking
from kith.onboarding.links import open_plan
from kith.onboarding.models import Plan, Side, Step
from kith.onboarding.queries import progress_of
from kith.ui.render import page as answer

MOST_AT_ONCE, MOST_POSTS = 10, 30
THANKS = {
    "asked": lambda: _("Your question is with us. You hear from us within one working day."),
    "ticked": lambda: _("Thank you, that is done."),
    "sent": lambda: _("Thank you, your files have arrived."),
}


@for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the plan; POST asks, ticks or sends files, as its `do` says."""
    try:
        plan = open_plan(token)
    except NotFound as problem:
        return answer(request, "onboarding/closed.html", {"words": problem.message}, 404)
    with speaking_to(request, plan.person.language if plan.person else ""):
        if request.method == "POST":
            return _take(request, plan)
        if request.method == "GET":
            asking.looked(plan)
        return answer(request, "onboarding/own.html", context(request, plan))


def context(request: HttpRequest, plan: Plan, **more: Any) -> dict[str, Any]:
    """What the page shows. `done` says what was just taken."""
    found, today = progress_of(plan), timezone.localdate()
    return {
        "plan": plan, "found": found, "today": today, "promises": promises_of(plan), "path": request.path, "brand": current().name or "Kith",
        "files": files_of("onboarding_plan", plan.pk), "thanks": THANKS.get(request.GET.get("thanks", ""), str)(), "problem": "",
        "late": [s for s in found.theirs if s.due_on and s.due_on < today], "typed": "", **more,
    }  # fmt: skip


def promises_of(plan: Plan) -> list[Any]:
    """What we promised them, without what was waived; read by Kith, since whoever it was promised to may read it."""
    of = (
        Q(company=plan.company_id) | Q(person__company=plan.company_id) if plan.company_id else Q(person=plan.person_id)
    )
    rows = registry["promise"].rows(system("web"), archived=False).filter(of, state__in=("open", "kept"))
    return list(rows.order_by("due_on", "pk")[:30])


def _take(request: HttpRequest, plan: Plan) -> HttpResponse:
    if too_many(request, "onboarding.post", MOST_POSTS) or too_often("onboarding.plan", str(plan.pk), MOST_POSTS):
        words = _("Too much came in a short time. Please try again in ten minutes.")
        response = answer(request, "onboarding/own.html", context(request, plan, problem=words), 429)
        response["Retry-After"] = str(WINDOW)
        return response
    words = clean_text(request.POST.get("question", ""))
    try:
        thanks = _do(request, plan, request.POST.get("do", ""), words)
    except Invalid as problem:
        return answer(request, "onboarding/own.html", context(request, plan, problem=problem.message, typed=words), 422)
    return HttpResponseRedirect(f"{request.path}?thanks={thanks}", status=303)


def _do(request: HttpRequest, plan: Plan, what: str, words: str) -> str:
    """Take what was sent; returns the word for the thanks. Raises Invalid."""
    if what == "files":
        uploads = request.FILES.getlist("files")[:MOST_AT_ONCE]
        if not uploads:
            raise Invalid(_("Choose a file first."), "files")
        _kept, refused = asking.send_files(plan, uploads)
        if refused:
            raise Invalid(" ".join(one.message for one in refused), "files")
        return "sent"
    steps = Step.objects.filter(plan=plan, archived_at=None)
    number = request.POST.get("step", "")
    step = (
        steps.filter(pk=int(number)).first() if number.isascii() and number.isdecimal() and len(number) < 19 else None
    )
    if what == "tick":
        if step is None or step.side != Side.THEIRS:
            raise Invalid(_("This step is ours to do; ask us about it."))
        asking.tick(plan, step)
        return "ticked"
    asking.ask(plan, words.strip(), step)
    return "asked"
