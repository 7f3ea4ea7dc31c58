"""Parts of record pages: what speaks against a referral, an idea with the revenue behind it, what a person did for us."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kith.advocacy import ambassadors, ideas, links, references, referring
from kith.advocacy.models import Code, Idea, Programme, Reference, Referral, Site, Vote
from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.ui.panels import SINCE, Panel, register_panel

MOST = 5


def looked(actor: Actor, row: Referral) -> dict[str, Any]:
    return {"row": row, "programme": row.programme}


def fares(actor: Actor, row: Programme) -> dict[str, Any]:
    """How many came, and how rewards stand."""
    rows = registry["referral"].rows(actor, archived=False).filter(programme=row)
    return {"row": row, "states": [(words, rows.filter(reward=key).count(), f"/referrals/?filter=programme.is:{row.pk},reward.is:{key}")
                                   for key, words in Referral._meta.get_field("reward").flatchoices]}  # fmt: skip


def stands(actor: Actor, row: Reference) -> dict[str, Any]:
    """Consent, approval, calls, and whether this customer is to be left alone."""
    calls = list(row.calls.order_by("-on")[:MOST])
    return {"row": row, "calls": calls, "tired": references.tired(row) if row.state == "proposed" else ""}


def wanted(actor: Actor, row: Idea) -> dict[str, Any]:
    """Who voted, for which companies, and what they bring."""
    people = registry["person"].rows(actor).filter(idea_votes__idea=row).select_related("company").distinct()
    many = Vote.objects.filter(idea=row).aggregate(n=Count("person", distinct=True))["n"]
    return {"row": row, "voters": list(people.order_by("sort_name")[: 4 * MOST]), "many": many,
            "revenue": ideas.revenue_behind(actor, row), "count": many}  # fmt: skip


def of_person(actor: Actor, person: Any) -> dict[str, Any] | None:
    """What they did for us, their own links, what they sent."""
    code = Code.objects.filter(person=person).order_by("pk").first()
    did = ambassadors.did(person.pk)
    sent = list(registry["referral"].rows(actor, archived=False).filter(referrer=person).order_by("-created_at")[:MOST])
    refs = list(registry["reference"].rows(actor, archived=False).filter(person=person).order_by("-updated_at")[:MOST])
    able = actor.can("person.edit") and person.archived_at is None and person.email
    ask = (
        f"/people/{person.pk}/do/ask_review"
        if able and Site.objects.filter(active=True, archived_at=None).exists()
        else ""
    )
    if code is None and not did and not refs and not ask and (referring.programme() is None or not person.email):
        return None
    return {"ask": ask, "did": did, "sent": sent, "references": refs, "count": len(did) or None, "board": ideas.board_link(person),
            "own": links.own_link(person) if code is not None else "", "link": links.code_link(code.code) if code is not None else ""}  # fmt: skip


LOOKED = Panel("looked", _("Is it in order"), "advocacy/panel_looked.html", looked, place="main", order=5)
FARES = Panel(
    "fares",
    _("How it fares"),
    "advocacy/panel_programme.html",
    fares,
    depends_on=("referral",),
    place="main",
    order=5,
    lazy=True,
)
STANDS = Panel("stands", _("What they let us tell"), "advocacy/panel_reference.html", stands, place="main", order=5)
WANTED = Panel("wanted", _("Who wants it"), "advocacy/panel_idea.html", wanted, place="main", order=5, lazy=True)
register_panel(
    Panel("advocacy", _("What they did for us"), "advocacy/panel_person.html", of_person, depends_on=("referral", "reference", "public_review"),
          order=44, verbs=("ask_review",), lazy=True, covers=("referral", "reference"), phase=SINCE),
    on="person",
)  # fmt: skip
