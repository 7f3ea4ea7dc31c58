"""The one screen on which a lead becomes a deal, and the ledger of honest noes."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.kinds import Money
from kith.kernel.records.registry import registry
from kith.qualification.models import State
from kith.qualification.outcome.converting import Wish, convert, stays
from kith.qualification.outcome.deciding import latest
from kith.qualification.outcome.matching import Match, companies_of, contacts_of, deals_of
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.render import page

MOST = 500


def become(request: HttpRequest, pk: int) -> HttpResponse:
    """`/people/7/convert`: what they may belong to already, with evidence; then link or make."""
    actor = actor_of(request)
    person = registry["person"].get(actor, pk, "edit")
    actor.require("deal.create")
    typed = {key: request.POST.get(key, "") for key in ("same", "company", "new_company", "deal", "new_deal", "amount")}
    companies = companies_of(person, actor, typed["new_company"])
    found = {"companies": companies, "deals": deals_of(person, companies, actor)}
    problem = ""
    if request.method == "POST":
        try:
            deal, op = convert(person, _wish(request.POST, actor), by=actor)
            return answers.go(request, registry["deal"].url(deal.pk), _("%s is on its way.") % deal, op=op)
        except KithError as refused:
            problem = str(refused)
    context = {
        "person": person, "url": registry["person"].url(person.pk), "problem": problem, "stays": stays(),
        "contacts": contacts_of(person, actor), **found, "value": _first(found) if request.method != "POST" else typed,
        "merges": actor.can("person.archive"), "already": latest(person, State.CONVERTED),
    }  # fmt: skip
    return page(request, "qualification/convert.html", context, 422 if problem else 200)


def _first(found: dict[str, list[Match]]) -> dict[str, str]:
    """What is chosen for whoever does not choose: what is certain."""
    sure = {key: next((str(m.row.pk) for m in found[key] if m.sure), "") for key in ("companies", "deals")}
    return {
        "company": sure["companies"],
        "new_company": "",
        "deal": sure["deals"],
        "new_deal": "",
        "amount": "",
        "same": "",
    }


def _wish(sent: QueryDict, actor: Actor) -> Wish:
    """What the form says. Raises NotFound."""

    def chosen(record: str, key: str, verb: str) -> Any:
        pk = sent.get(key, "")
        return registry[record].get(actor, pk, verb) if pk else None

    return Wish(
        company=chosen("company", "company", "see"), new_company="" if sent.get("company") else sent.get("new_company", ""),
        deal=chosen("deal", "deal", "edit"), new_deal=sent.get("new_deal", ""), amount=Money().parse(sent.get("amount", "")),
        same=chosen("person", "same", "edit"),
    )  # fmt: skip


def honest_noes(request: HttpRequest) -> HttpResponse:
    """`/honest-noes/`: whom we told that we are not a fit, whom we sent elsewhere, and who came back for it."""
    actor = actor_of(request)
    rows = registry["verdict"].rows(actor, archived=False).filter(state=State.NOT_A_FIT)
    told = rows.aggregate(
        all=Count("id"), elsewhere=Count("id", filter=~Q(advised="")), back=Count("id", filter=Q(returned_at__isnull=False)),
        back_advised=Count("id", filter=Q(returned_at__isnull=False) & ~Q(advised="")),
    )  # fmt: skip
    reasons = rows.values("reason__name").annotate(n=Count("id"), back=Count("id", filter=Q(returned_at__isnull=False)))
    latest_ones = rows.select_related("person", "user", "reason").order_by("-created_at", "-pk")[:MOST]
    context = {"told": told, "reasons": reasons.order_by("-n"), "rows": list(latest_ones)}
    return page(request, "qualification/honest_noes.html", context)
