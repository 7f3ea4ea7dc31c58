"""How often people may be contacted, as a setting; and the word to a colleague who is about to write once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kith.engagement.budget.spending import limits, set_limits, warning
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import fragment, page

HERE = "/settings/contact-budget/"


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Most mails and calls to one person in seven days."""
    actor_of(request).require("settings.manage")
    held = limits()
    given = {key: "" if value is None else str(value) for key, value in (("mails", held.mails), ("calls", held.calls))}
    problem: dict[str, str] = {}
    if request.method == "POST":
        given = {key: request.POST.get(key, "") for key in given}
        try:
            set_limits(**given)
            messages.success(request, _("Kept. It holds for everything that leaves from now on."))
            return HttpResponseRedirect(HERE)
        except Invalid as refused:
            problem = {refused.field: refused.message}
    return page(request, "budget/settings.html", {"given": given, "problem": problem}, 422 if problem else 200)


@require_GET
def warn(request: HttpRequest, pk: int) -> HttpResponse:
    """A notice for the composer; nothing while there is nothing to say."""
    person = registry["person"].get(actor_of(request), pk)
    words = warning(person.pk)
    return fragment(request, "budget/warning.html", "warning", {"words": words}) if words else HttpResponse(status=204)
