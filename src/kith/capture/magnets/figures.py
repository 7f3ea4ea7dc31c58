"""What came of lead magnets: looked at, sent, fetched, qualified, won. Numbers of people are of those the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, IntegerField, Max, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from kith.capture.magnets.models import Grant, Magnet, Seen
from kith.kernel.access.actor import Actor
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry

# What other rooms say of a person, where they lend it: who is or was qualified, and who is a customer.
QUALIFIED = ("lead_state", "lead_state.is:qualified|converted")
WON = ("standing", "standing.is:won")


def _counted(rows: Any, by: str, what: Any) -> Any:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=what).values("n")), 0, output_field=IntegerField())


_grants = Grant.objects.filter(magnet=OuterRef("pk")).exclude(submission__state="discarded")
# A form is counted from the day on which the magnet came to it.
SEEN = _counted(
    Seen.objects.filter(form=OuterRef("form_id"), day__gte=OuterRef("created_at__date")), "form", Sum("count")
)
SENT_FORM = _counted(_grants, "magnet", Count("pk"))
DOWNLOADED = _counted(_grants.filter(downloads__isnull=False), "magnet", Count("pk", distinct=True))


@dataclass(frozen=True)
class Step:
    """One step of the way: how many came so far, and the share of those before; None where nobody could."""

    label: str
    count: int
    share: float | None


def counts(magnet: Magnet) -> tuple[int, int, int]:
    """(form shown, sent, downloaded)."""
    row = Magnet.objects.filter(pk=magnet.pk).annotate(n_seen=SEEN, n_sent=SENT_FORM, n_downloaded=DOWNLOADED).get()
    return row.n_seen, row.n_sent, row.n_downloaded


def became(actor: Actor, magnet: Magnet) -> dict[str, int | None]:
    """How many of those who fetched it were qualified, and became customers; None where no room tells."""
    people = registry["person"]
    fetched = Grant.objects.filter(magnet=magnet, downloads__isnull=False).values("person")
    out: dict[str, int | None] = {}
    for name, (column, tree) in (("qualified", QUALIFIED), ("won", WON)):
        if column not in people.columns(actor):
            out[name] = None
            continue
        rows = people.rows(actor).filter(pk__in=fetched)
        out[name] = compile_tree(people, parse(tree), actor).apply(rows).distinct().count()
    return out


def last(magnet: Magnet, actor: Actor, limit: int = 6) -> list[dict[str, Any]]:
    """Who fetched it last, each once, of those the reader may see."""
    rows = Grant.objects.filter(magnet=magnet, person__in=registry["person"].rows(actor), downloads__isnull=False)
    people = rows.order_by().values("person_id", "person__name")
    found = people.annotate(at=Max("downloads__at"), name=F("person__name")).order_by("-at")[:limit]
    return [{"name": one["name"], "href": f"/people/{one['person_id']}", "at": one["at"]} for one in found]
