"""What brought the money: won deals of a period, parted among the touches of their people by a chosen model.

The credits and the unknown share (deals without a touch) add up to booked revenue, always. A group's deals are those with
any touch of it until they closed, whatever the model, so that they are the rows its link opens.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kith.awareness.touches.queries import CHANNELS, campaign_names, touches_of
from kith.insight.attribution.credits import HALF_LIFE, MODELS, part, weights
from kith.insight.period import Period, read_period
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Condition, Group, to_text
from kith.kernel.money.amounts import show_money
from kith.kernel.money.queries import home
from kith.kernel.money.totals import convert
from kith.kernel.records.registry import registry

NEEDED = ("amount", "currency", "status", "closed_on", "company", "contact")
BY = {"channel": gettext_lazy("Channel"), "campaign": gettext_lazy("Campaign"), "source": gettext_lazy("Source")}
TITLE = gettext_lazy("Attribution")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Ask:
    """What somebody wants to know. half_life: days, of the model "decay"."""

    period: Period
    model: str = "linear"
    by: str = "channel"
    half_life: int = HALF_LIFE

    def params(self, **changes: str) -> dict[str, str]:
        said = {**self.period.params(), "model": self.model, "by": self.by, "half_life": str(self.half_life)}
        return {**said, **changes}


@dataclass
class Credit:
    """What one channel, campaign or source is credited with. `href` opens its deals; None where no filter says them."""

    key: str
    label: str
    cents: int = 0
    deals: set[int] = field(default_factory=set)
    href: str | None = None


@dataclass
class Attribution:
    """The report worked out, in cents of `currency`. `unrated`: won deals without an amount or an exchange rate."""

    ask: Ask
    currency: str
    booked: int
    deals: int
    rows: list[Credit]
    unknown: Credit
    unrated: int
    href: str

    @property
    def unknown_share(self) -> float | None:
        return self.unknown.cents / self.booked if self.booked else None

    def money(self, cents: int) -> str:
        return show_money(Decimal(cents) * CENT, self.currency, exact=True)


@dataclass(frozen=True)
class Won:
    """A won deal with what it brought, and the people whose touches count."""

    pk: int
    cents: int
    closed_on: dt.date
    people: frozenset[int]


def read_ask(params: Mapping[str, str], default: str = "all") -> Ask:
    """Raises Invalid for what is no model, dimension, half-life or period."""
    model, by = params.get("model") or "linear", params.get("by") or "channel"
    if model not in MODELS:
        raise Invalid(_("There is no model “%(model)s”; there are %(known)s.") % {
            "model": model[:40], "known": ", ".join(MODELS)}, "model")  # fmt: skip
    if by not in BY:
        raise Invalid(_("Credits go by %(known)s, not by “%(by)s”.") % {"by": by[:40], "known": ", ".join(BY)}, "by")
    days = params.get("half_life") or str(HALF_LIFE)
    if not days.isdecimal() or not 1 <= int(days[:6]) <= 3650:
        raise Invalid(_("The half-life is a number of days from 1 to 3650."), "half_life")
    return Ask(read_period(params, default), model, by, int(days))


def make(actor: Actor, ask: Ask) -> Attribution:
    """The report as this actor may see it. Raises NotAllowed where deals, their money or people are hidden."""
    deals, columns = registry["deal"], registry["deal"].columns(actor)
    for right in ("deal.see", "person.see"):
        actor.require(right)
    if any(key not in columns for key in NEEDED):
        raise NotAllowed(_("This report needs fields of deals that your role does not see."))
    base = (Condition("status", "is", ("won",)), *ask.period.within("closed_on"))
    rows = compile_tree(deals, Group("all", base), actor).apply(deals.rows(actor, archived=False))
    won, unrated = _won(actor, rows)
    until = max((one.closed_on for one in won), default=timezone.localdate()) + dt.timedelta(2)
    end = timezone.make_aware(dt.datetime.combine(until, dt.time()))
    touches: dict[int, list[Any]] = defaultdict(list)
    for touch in touches_of({pk for one in won for pk in one.people}, end):
        touches[touch[0]].append(touch)
    out = Attribution(
        ask, home(), sum(one.cents for one in won), len(won), [], Credit("", str(_("Unknown"))), unrated, _href(base)
    )
    _share_out(out, won, touches)
    _label(out, actor, base)
    return out


def _won(actor: Actor, rows: Any) -> tuple[list[Won], int]:
    found = list(rows.order_by().values_list("pk", "amount", "currency", "closed_on", "contact_id", "company_id"))
    staff: dict[int, list[int]] = defaultdict(list)
    companies = {row[5] for row in found if row[5]}
    contacts = {row[4] for row in found if row[4]}
    people = registry["person"].rows(actor)
    for pk, company in people.filter(company_id__in=companies).values_list("pk", "company_id"):
        staff[company].append(pk)
    seen = set(people.filter(pk__in=contacts).values_list("pk", flat=True))
    won, unrated = [], 0
    for pk, amount, currency, closed_on, contact, company in found:
        worth = convert(amount, currency or home(), closed_on)
        if worth is None or closed_on is None:
            unrated += 1
            continue
        theirs = frozenset([*([contact] if contact in seen else []), *staff.get(company, ())])
        won.append(Won(pk, int((worth / CENT).to_integral_value()), closed_on, theirs))
    return won, unrated


def _share_out(out: Attribution, won: list[Won], touches: dict[int, list[Any]]) -> None:
    place = {"channel": 2, "source": 3, "campaign": 4}[out.ask.by]
    groups: dict[Any, Credit] = {}
    for deal in won:
        theirs = sorted(
            (t for pk in deal.people for t in touches.get(pk, ()) if timezone.localtime(t[1]).date() <= deal.closed_on),
            key=lambda t: t[1],
        )
        if not theirs:
            out.unknown.cents += deal.cents
            out.unknown.deals.add(deal.pk)
            continue
        end = timezone.make_aware(dt.datetime.combine(deal.closed_on + dt.timedelta(1), dt.time()))
        shares = weights(out.ask.model, [t[1] for t in theirs], end, out.ask.half_life)
        for touch, cents in zip(theirs, part(deal.cents, shares), strict=True):
            key = touch[place] or ""
            credit = groups.setdefault(key, Credit(str(key), str(key)))
            credit.cents += cents
            credit.deals.add(deal.pk)
    out.rows = sorted(groups.values(), key=lambda c: (-c.cents, c.label))


def _label(out: Attribution, actor: Actor, base: tuple[Condition | Group, ...]) -> None:
    """Words and addresses of the groups; a campaign that the reader may not see has neither."""
    names = campaign_names(actor, [int(c.key) for c in out.rows if c.key]) if out.ask.by == "campaign" else {}
    for credit in out.rows:
        if out.ask.by == "channel":
            credit.label = str(CHANNELS.get(credit.key, credit.key))
            credit.href = _href((*base, Condition("touched_by", "is", (credit.key,))))
        elif out.ask.by == "campaign" and credit.key:
            key, name = names.get(int(credit.key), ("", str(_("a campaign that you may not see"))))
            credit.label = name
            credit.href = _href((*base, Condition("touched_in", "is", (key,)))) if key else None
        elif not credit.key:
            credit.label = str(_("No campaign") if out.ask.by == "campaign" else _("No source"))
    out.unknown.href = _href((*base, Condition("touched_by", "empty")))


def _href(parts: tuple[Condition | Group, ...]) -> str:
    from urllib.parse import quote

    return f"/deals/?filter={quote(to_text(Group('all', parts)), safe=':,()|-.')}"


def as_json(out: Attribution) -> dict[str, Any]:
    """For programs. Amounts are decimals as text, in `currency`."""

    def one(credit: Credit) -> dict[str, Any]:
        return {"key": credit.key, "label": credit.label, "amount": str(Decimal(credit.cents) * CENT),
                "deals": len(credit.deals), "rows": credit.href}  # fmt: skip

    return {
        "report": "attribution", "title": str(TITLE), "model": out.ask.model, "by": out.ask.by, "half_life": out.ask.half_life,
        "period": out.ask.period.as_json(), "currency": out.currency, "booked": str(Decimal(out.booked) * CENT),
        "deals": out.deals, "without_rate": out.unrated, "rows": out.href,
        "credits": [one(credit) for credit in out.rows], "unknown": one(out.unknown),
        "definition": str(_("Won deals by the day they closed, parted among the touches of their contact and of the people of their company until that day. Deals without a touch are unknown.")),
    }  # fmt: skip


def as_text(out: Attribution) -> str:
    """For a terminal."""
    lines = [f"{TITLE}, {MODELS[out.ask.model]}, {out.ask.period.name()}", ""]
    rows = [*out.rows, *([out.unknown] if out.unknown.deals else [])]
    lines += [f"{c.label:<32} {out.money(c.cents):>18} {len(c.deals):>6}" for c in rows]
    lines += [f"{_('Booked'):<32} {out.money(out.booked):>18} {out.deals:>6}", ""]
    return "\n".join(lines)
