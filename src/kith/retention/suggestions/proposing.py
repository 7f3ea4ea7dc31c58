"""Ideas for a customer: what similar ones bought, what their goals and tickets speak of, and limits they have outgrown.

What goes together is learned from orders: of those who bought what this one has, how many also bought the other, against
how many buy it anyway (lift). Nothing is proposed to whoever is not well: health at risk, or an open complaint, comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.kernel.access.actor import Actor, system
from kith.kernel.money.queries import home
from kith.kernel.organisation.models import bump, cached
from kith.kernel.records.registry import registry
from kith.retention.contact.occasions import UNSOLVED
from kith.retention.models import Band, Care, Together, Usage
from kith.retention.suggestions.naming import names_of
from kith.retention.suggestions.needs import asked_for, said_by

FEWEST, LIFT, SHOWN = 8, 1.3, 3  # customers who bought both; how much more often than usual; ideas at a time
PAID = {"month": 12, "year": 1}  # times a year
LIMIT = "_limit"  # a counter that tells of the limit of another: seats used, and seats_limit
BOUGHT = """
    WITH bought AS (
        SELECT DISTINCT coalesce(o.company_id, -o.person_id) AS who, l.product_id AS product
        FROM conversion_orderline l JOIN conversion_order o ON o.id = l.order_id AND o.archived_at IS NULL
        WHERE l.product_id IS NOT NULL AND coalesce(o.company_id, o.person_id) IS NOT NULL
    ), each AS (SELECT product, count(*) AS n FROM bought GROUP BY 1), whole AS (SELECT count(DISTINCT who) AS n FROM bought)
    SELECT a.product, b.product, count(*), ea.n, eb.n, whole.n
    FROM bought a JOIN bought b ON b.who = a.who AND b.product <> a.product
    JOIN each ea ON ea.product = a.product JOIN each eb ON eb.product = b.product CROSS JOIN whole
    GROUP BY a.product, b.product, ea.n, eb.n, whole.n
    HAVING count(*) >= %s AND count(*)::float * whole.n / (ea.n * eb.n) >= %s
"""


@dataclass(frozen=True)
class Rule:
    """Who bought `has` also bought `product`: `both` of `of` customers, `lift` times as often as customers do anyway."""

    has: int
    product: int
    both: int
    of: int
    lift: float

    @property
    def share(self) -> float:
        return self.both / self.of


@dataclass(frozen=True)
class Idea:
    """One thing they could use. `yearly`: what one of it brings a year by its list price, in `currency`; 0 where it is bought
    once or has no price. `words`: the reason; `need`: they showed the need themselves, which comes before what others bought."""

    product: str
    words: str
    yearly: Decimal = Decimal(0)
    need: bool = False
    currency: str = ""


def idea_of(product: Any, words: str, need: bool = False) -> Idea:
    """A product as something they could use."""
    yearly = (product.price or Decimal(0)) * PAID.get(product.recurring, 0)
    return Idea(product.name, words, yearly, need, product.currency or home())


def rules() -> list[Rule]:
    """What goes together as it was learned last night, the surest first; read once per configuration stamp."""
    found: list[Rule] = cached("bought_together", _kept)
    return found


def _kept() -> list[Rule]:
    row = Together.objects.order_by("pk").first()
    return [Rule(*one) for one in row.rules] if row is not None else []


def keep_rules() -> int:
    """Learn what goes together and keep it for every process; returns how many rules there are. The second run of a night
    tells nobody anything."""
    found = [[rule.has, rule.product, rule.both, rule.of, round(rule.lift, 4)] for rule in learn()]
    with transaction.atomic():
        row = Together.objects.select_for_update().order_by("pk").first() or Together()
        fresh = row.rules != found
        row.rules, row.at = found, timezone.now()
        row.save()
        if fresh:
            bump()
    return len(found)


def learn() -> list[Rule]:
    with connection.cursor() as cursor:
        cursor.execute(BOUGHT, [FEWEST, LIFT])
        made = [
            Rule(a, b, both, of, both * whole / (of * others)) for a, b, both, of, others, whole in cursor.fetchall()
        ]
    return sorted(made, key=lambda rule: (-rule.share * rule.lift, rule.product))


def well(customer: Any) -> bool:
    """May anything be proposed to them now?"""
    name = customer._meta.model_name
    care = Care.objects.filter(**{name: customer}).only("band").first()
    if care is not None and care.band == Band.POOR:
        return False
    tickets = registry["ticket"].model._default_manager
    return not tickets.filter(kind="complaint", state__in=UNSOLVED, archived_at=None, **{name: customer}).exists()


def ideas_of(customer: Any, actor: Actor | None = None) -> list[Idea]:
    """At most three, needs first; nothing for whoever is not well. Quotes only what the actor may see; default: everything."""
    if not well(customer):
        return []
    name = customer._meta.model_name
    order = registry["order"].model
    line = order._meta.get_field("lines").related_model
    has = set(
        line._default_manager.filter(
            order__archived_at=None, product__isnull=False, **{f"order__{name}": customer}
        ).values_list("product_id", flat=True)
    )
    products = {p.pk: p for p in registry["product"].model._default_manager.filter(archived_at=None)}
    found: dict[int, Idea] = {}
    said = said_by(actor or system(), customer)
    for pk, product in products.items():
        if pk not in has and (why := asked_for(names_of(product), said)):
            found[pk] = idea_of(product, why, need=True)
    for n, idea in enumerate(_outgrown(name, customer.pk), 1):
        found[-n] = idea
    for rule in rules():
        if rule.has in has and rule.product not in has and rule.product in products and rule.product not in found:
            words = _("%(share)d %% of the customers with %(has)s have %(product)s too, %(lift)s times as many as usual") % {
                "share": round(100 * rule.share), "has": products[rule.has].name if rule.has in products else _("this"),
                "product": products[rule.product].name, "lift": f"{rule.lift:.1f}"}  # fmt: skip
            found[rule.product] = idea_of(products[rule.product], words)
    return sorted(found.values(), key=lambda idea: not idea.need)[:SHOWN]


def _outgrown(name: str, pk: int) -> list[Idea]:
    """Where the last count of something, such as seats, reaches the last count of its limit, seats_limit; the furthest first."""
    rows = Usage.objects.filter(**{name: pk}).order_by("counter", "-day").distinct("counter")
    last = dict(rows.values_list("counter", "amount"))
    over = []
    for counter, limit in last.items():
        what = counter.removesuffix(LIMIT)
        used = last.get(what)
        if what != counter and used is not None and limit > 0 and used >= limit:
            said = {"used": used, "limit": limit, "what": what.replace("_", " ")}
            over.append(
                (
                    used / limit,
                    Idea(_("More %(what)s") % said, _("%(used)g of %(limit)g %(what)s are used") % said, need=True),
                )
            )
    return [idea for _far, idea in sorted(over, key=lambda one: -one[0])]
