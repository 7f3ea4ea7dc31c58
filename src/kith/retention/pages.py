"""Pages of retention: what health is made of and how far it can be trusted, whom nobody speaks with, a note to begin with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from kith.kernel.errors import NotFound
from kith.kernel.jobs import enqueue
from kith.kernel.lookups.conditions import say, usable
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.lookups.tree import Group, to_text
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.retention.contact import continuity, occasions
from kith.retention.contact import coverage as covering
from kith.retention.customers import RECORDS
from kith.retention.health.parts import bring, version
from kith.retention.models import ChurnModel, HealthPart, Play, Source, Tier
from kith.retention.plays.effect import Effect
from kith.retention.plays.judging import effect_by_play, effect_now, without_peers
from kith.retention.queries import latest_model
from kith.ui.pages import answers
from kith.ui.pages.base import actor_of
from kith.ui.pages.filterpage import edit_filter, readable
from kith.ui.render import page

HOME = "/settings/health/"
FILTERED = ("health-parts", "tiers")
SHOWN = 100


def settings(request: HttpRequest) -> HttpResponse:
    """`/settings/health/`: post `do=begin` brings what comes with Kith, `do=learn` learns who leaves in the background."""
    actor = actor_of(request)
    actor.require("settings.manage")
    if request.method == "POST":
        if request.POST.get("do") == "begin":
            bring(actor)
            return answers.go(request, HOME, _("There it is. Health is worked out in the background."))
        enqueue("retention.train", key="retention.train")
        return answers.go(request, HOME, _("Learning in the background; the result stands here in a moment."))
    latest = latest_model()
    context = {
        "parts": [_part(p, actor) for p in HealthPart.objects.filter(archived_at=None).order_by("position", "id")],
        "tiers": [(t, say(t.where, actor, "company") if t.where else _("everybody else")) for t in Tier.objects.filter(archived_at=None)],
        "plays": _plays(), "effect": _effect(effect_now()), "alone": sum(without_peers().values()), "version": version(), "latest": latest,
        "versions": list(ChurnModel.objects.all()[:10]), "health": latest.report.get("health") if latest else None,
    }  # fmt: skip
    return page(request, "retention/settings.html", context)


def _part(part: HealthPart, actor: Any) -> dict[str, Any]:
    more = part.counter or part.verb or (say(part.where, actor, "company") if part.where else "")
    return {"part": part, "source": part.get_source_display(), "more": more, "filter": part.source == Source.FILTER}


def _plays() -> list[tuple[Play, str]]:
    """Each play, whether it helps, and how often that can never be said; "" where it never began or nothing is to be said yet."""
    told, alone = effect_by_play(), without_peers()
    return [
        (p, " ".join(filter(None, (_effect(told[p.pk]) if p.pk in told else "", _alone(alone.get(p.pk, 0))))))
        for p in Play.objects.filter(archived_at=None)
    ]


def _alone(n: int) -> str:
    """In words, how often a play began without anybody to be judged against."""
    if not n:
        return ""
    return ngettext(
        "%(n)d time it began with nobody to be compared with (nobody was alike, or none were noted yet), so it is not judged by that.",
        "%(n)d times it began with nobody to be compared with (nobody was alike, or none were noted yet), so it is not judged by these.",
        n,
    ) % {"n": n}  # fmt: skip


def _effect(found: Effect) -> str:
    """Whether plays help, in a sentence."""
    said = {"treated": found.treated, "others": found.others}
    if found.silent:
        return (
            _(
                "Whether plays help cannot be said yet: %(treated)d customers with one can be compared, with %(others)d others."
            )
            % said
        )
    said |= {n: round(100 * (getattr(found, n) or 0)) for n in ("difference", "low", "high")}
    return (
        _(
            "Of %(treated)d customers with a play, %(difference)+d points of a hundred left against %(others)d alike without one (between %(low)+d and %(high)+d, 95 %%)."
        )
        % said
    )


def where(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Which companies a part or a tier is for: the form alone after a change inside its filter."""
    actor = actor_of(request)
    actor.require("settings.manage")
    record = registry.by_slug(slug) if slug in FILTERED else None
    if record is None:
        raise NotFound(_("There is no such rule."))
    rule = record.get(actor, pk, "edit")

    def save(tree: Group) -> None:
        actions.edit(record, rule, {"where": to_text(usable(tree, "company"))}, by=actor)

    return edit_filter(
        request, "retention/where.html", look_with(registry["company"], actor, ListState()), readable(rule.where or ""), save,
        legend=_("For companies where"), back=HOME, said=_("Saved."), rule=rule,
    )  # fmt: skip


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """`/coverage/`: tier by tier who is spoken with in time, and everybody who is not."""
    actor = actor_of(request)
    actor.require("company.see")
    today = timezone.localdate()
    found = list(covering.violations(actor, today=today)[: SHOWN + 1])
    told = continuity.overall(covering.looked_at(actor).only("before"))
    context = {
        "tiers": covering.by_tier(actor, today), "rows": [_row(care, today) for care in found[:SHOWN]], "more": len(found) > SHOWN, "proof": actor.can("settings.manage"),
        "care": [(label, *told[key]) for key, label in (("answer", _("Hours to our answer")), ("contacts", _("Contacts in half a year")), ("effort", _("Times it was laborious for them")))],
    }  # fmt: skip
    return page(request, "retention/coverage.html", context)


def _row(care: Any, today: Any) -> dict[str, Any]:
    record = "company" if care.company_id else "person"
    customer = care.company or care.person
    late = (today - care.due_on).days if care.due_on and care.due_on < today else 0
    return {
        "name": registry[record].name_of(customer), "href": registry[record].url(customer.pk), "owner": str(customer.owner or "–"),
        "tier": care.tier.name if care.tier else "–", "spoke_at": care.spoke_at, "late": late, "dateless": care.dateless,
    }  # fmt: skip


@require_safe
def occasion(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A note drafted from what really happened with this customer, `?for=birthday` for that day; nothing while a complaint is
    open."""
    actor = actor_of(request)
    record = registry.by_slug(slug)
    if record is None or record.name not in RECORDS:
        raise NotFound(_("There is no such customer."))
    row = record.get(actor, pk, "see")
    told = occasions.with_history(
        record.rows(actor).filter(pk=row.pk, customer_since__isnull=False), record.name
    ).first()
    if told is None:
        raise NotFound(_("%s is no customer.") % record.name_of(row))
    note = "" if told.complains else occasions.note(told, timezone.localdate(), request.GET.get("for") == "birthday")
    return page(
        request,
        "retention/occasion.html",
        {"row": row, "name": record.name_of(row), "href": record.url(row.pk), "note": note},
    )
