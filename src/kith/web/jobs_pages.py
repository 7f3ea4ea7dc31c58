"""Settings, background work: what waits, runs and failed; trying a dead job again; schedules."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kith.kernel.errors import KithError
from kith.kernel.jobs.actions import cancel_job, retry_job
from kith.kernel.jobs.declare import JOBS
from kith.kernel.jobs.queries import failed_attempts, job_counts, list_jobs, list_schedules
from kith.kernel.jobs.schedules import say_schedule, set_schedule
from kith.kernel.organisation.models import current
from kith.ui.pages.base import actor_of
from kith.ui.render import page

STATES = {
    "failed": gettext_lazy("Failed"),
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "done": gettext_lazy("Done"),
}


def jobs(request: HttpRequest) -> HttpResponse:
    """`?state=failed|waiting|running|done&before=ID`"""
    actor_of(request).require("settings.manage")
    state = request.GET.get("state", "failed")
    if state not in STATES:
        raise Http404("There is no such list of jobs.")
    before = request.GET.get("before", "")
    rows = list_jobs(state, limit=51, before=int(before) if before.isdecimal() else None)
    counts = job_counts()
    tabs = [
        {"label": str(label), "href": f"?state={key}", "count": counts.get(key, 0), "current": key == state,
         "tone": "late" if key == "failed" and counts.get(key) else None}
        for key, label in STATES.items()
    ]  # fmt: skip
    context = {
        "tabs": tabs, "state": state, "rows": rows[:50], "more": rows[49].id if len(rows) > 50 else None,
        "schedules": [(s, JOBS[s.job].label if s.job in JOBS else s.name, say_schedule(s)) for s in list_schedules()],
        "zone": current().time_zone,
    }  # fmt: skip
    return page(request, "web/jobs.html", context)


def one_job(request: HttpRequest, pk: int) -> HttpResponse:
    """A job's failed attempts, newest first, with their traces."""
    actor_of(request).require("settings.manage")
    return page(request, "web/job.html", {"pk": pk, "attempts": list(failed_attempts(pk)[:20])})


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actor_of(request).require("settings.manage")
    verbs = {"retry": (retry_job, _("It runs again in a moment.")), "cancel": (cancel_job, _("It will not run."))}
    if verb not in verbs:
        raise Http404("There is no such verb.")
    run, said = verbs[verb]
    try:
        run(pk)
    except KithError as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, said)
    return HttpResponseRedirect("/settings/jobs/")


@require_POST
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    actor_of(request).require("settings.manage")
    found = next((s for s in list_schedules() if s.pk == pk), None)
    if found is None:
        raise Http404("There is no such schedule.")
    try:
        set_schedule(found, cron=request.POST.get("cron", ""), enabled=bool(request.POST.get("enabled")))
    except KithError as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, _("Saved."))
    return HttpResponseRedirect("/settings/jobs/")
