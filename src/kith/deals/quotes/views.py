"""Pages of quotes for colleagues: the document, what is different between two versions, and how documents look."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kith.deals.quotes import document as documents
from kith.deals.quotes.comparing import compare
from kith.deals.quotes.limits import limits
from kith.deals.quotes.papers import ROLES, set_paper
from kith.deals.quotes.public import pdf
from kith.deals.quotes.words import spoken
from kith.kernel.errors import Invalid
from kith.kernel.records.registry import registry
from kith.ui.pages.base import actor_of
from kith.ui.render import page

HERE = "/settings/quotes/"


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent, or how a draft would look."""
    quote = registry["quote"].get(actor_of(request), pk)
    return pdf(quote.number, documents.kept(quote) if quote.document else documents.render(quote))


@require_GET
def compared(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two versions beside each other, the older one first."""
    actor, record = actor_of(request), registry["quote"]
    old, new = sorted((record.get(actor, pk), record.get(actor, other)), key=lambda quote: quote.edition)
    if old.deal_id != new.deal_id:
        raise Invalid(_("These are quotes of different deals; compare two versions of one."))
    return page(request, "quotes/compare.html", {"old": old, "new": new, "difference": compare(old, new)})


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Logo, letterhead, terms, and how much of a discount each role may offer."""
    actor = actor_of(request)
    actor.require("settings.manage")
    held = documents.paper()
    given: dict[str, Any] = {
        "letterhead": held.letterhead, "terms": held.terms, "foot": held.foot, "valid_days": held.valid_days,
        **{f"terms_{code}": held.terms_in.get(code, "") for code in spoken()},
        **{f"limit_{role}": f"{limits().get(role, Decimal(0)).normalize():f}" for role in ROLES},
    }  # fmt: skip
    problem: dict[str, str] = {}
    if request.method == "POST":
        given = {key: request.POST.get(key, "") for key in given}
        try:
            set_paper(given, logo=request.FILES.get("logo"), drop_logo="drop_logo" in request.POST, by=actor)
            messages.success(request, _("Kept. It holds for quotes that are sent from now on."))
            return HttpResponseRedirect(HERE)
        except Invalid as refused:
            problem = {refused.field: refused.message}
    context = {
        "given": given,
        "problem": problem,
        "logo": held.logo,
        "roles": ROLES,
        "languages": [c for c in spoken() if c != "en"],
    }
    return page(request, "quotes/settings.html", context, 422 if problem else 200)
