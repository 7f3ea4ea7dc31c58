"""Reading reviews, actor first. Figures are of all relationships, so that only those see them who see every one."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet

from kith.kernel.access.actor import Actor
from kith.kernel.records.registry import registry
from kith.process.evidence.reading import sees_all
from kith.process.models import Process
from kith.process.review.models import Figures, Proposal, Review, Sort, State
from kith.process.review.snapshot import in_order
from kith.process.review.words import say


def reviews(actor: Actor) -> QuerySet[Any]:
    """The reviews there are, the latest first, with process and host."""
    rows = registry["review"].rows(actor, archived=False)
    return rows.select_related("process", "host").order_by("-meets_at", "-pk")


def to_publish(process: Process) -> Review | None:
    """The review that a version may now be published from: the last one that none was published from."""
    rows = Review.objects.filter(process=process, published=None, archived_at__isnull=True).exclude(
        state=State.FOLLOWED
    )
    return rows.order_by("-planned_on").first()


def hosted(actor: Actor, owners: tuple[int, ...]) -> QuerySet[Any]:
    """Reviews that are prepared and that these colleagues are to hold, the next meeting first."""
    rows = registry["review"].rows(actor, archived=False).filter(state=State.PREPARING, host_id__in=owners)
    return rows.order_by("meets_at", "pk")


def figures_of(actor: Actor, review: Review) -> dict[str, Any]:
    """{sort: figures} of a review; nothing for those who may not see every relationship."""
    if not sees_all(actor):
        return {}
    return dict(Figures.objects.filter(review=review).values_list("sort", "data"))


def proposals_of(review: Review) -> list[Proposal]:
    rows = Proposal.objects.filter(review=review).select_related("decided_by", "earlier__review")
    return list(rows.order_by("pk"))


def said_for(actor: Actor, review: Review) -> list[Any]:
    """What colleagues said for this review: what was read in it, or, while it is prepared, what nobody read yet."""
    rows = registry["feedback"].rows(actor, archived=False).filter(process=review.process_id)
    rows = rows.filter(review=None) if review.state == State.PREPARING else rows.filter(review=review)
    return list(rows.select_related("author").order_by("created_at", "pk"))


# --- parts for programs
def figures_part(actor: Actor, review: Any) -> Iterable[Any]:
    known = figures_of(actor, review)
    found = known.get(Sort.HELD) or known.get(Sort.PREPARED) or {"stages": {}}
    return [SimpleNamespace(stage=key, **stage) for key, stage in in_order(found)]


def proposals_part(actor: Actor, review: Any) -> Iterable[Any]:
    whole = sees_all(actor)
    out = []
    for one in proposals_of(review):
        said = say(one.kind, one.data, one.title, one.hopes)
        hopes, grounds = (said.hopes, said.grounds) if whole or one.kind == "hand" else ("", "")
        out.append(
            SimpleNamespace(id=one.pk, stage=one.stage, title=said.title, hopes=hopes, grounds=grounds, by=one.by_name or "Kith",
                            verdict=one.verdict, reason=one.reason)
        )  # fmt: skip
    return out
