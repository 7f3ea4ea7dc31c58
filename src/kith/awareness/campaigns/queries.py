"""Reading campaigns: what one cost, which one is meant by a word, whom it reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from kith.awareness.models import ANSWERED, Campaign, CostLine, Member, as_word
from kith.kernel.money.amounts import show_money
from kith.kernel.money.queries import home
from kith.kernel.money.totals import convert


@dataclass(frozen=True)
class Cost:
    """What a campaign cost in the organisation's currency; `unrated`: cost lines of currencies without a rate on their day,
    which the sum lacks."""

    total: Decimal
    unrated: int
    budget: Decimal | None
    currency: str

    @property
    def words(self) -> str:
        return show_money(self.total, self.currency, exact=True)

    @property
    def used(self) -> int | None:
        """Percent of the budget."""
        return round(100 * self.total / self.budget) if self.budget else None


def cost_of(campaign: Campaign, lines: Iterable[CostLine] | None = None) -> Cost:
    """Costs at the rate of their day, beside the budget at the rate of the campaign's first day. lines: its cost lines,
    where they are at hand."""
    found = CostLine.objects.filter(campaign=campaign) if lines is None else lines
    worth = [convert(line.amount, line.currency or home(), line.day) for line in found]
    budget = convert(campaign.budget, campaign.currency or home(), campaign.starts_on)
    known = [amount for amount in worth if amount is not None]
    return Cost(sum(known, Decimal(0)), len(worth) - len(known), budget, home())


def campaign_for(word: str) -> Campaign | None:
    """The campaign that an address means by `utm_campaign`: by its key, one of its words or its name, whatever the case."""
    word = as_word(word)
    if not word:
        return None
    rows = Campaign.objects.filter(archived_at__isnull=True)
    exact = rows.filter(Q(key=word) | Q(name__iexact=word)).first()
    return exact or rows.filter(words__overlap=[word]).order_by("-starts_on", "-pk").first()


def reached_by_membership(campaign_id: int) -> QuerySet[Member]:
    """Members who answered: the leads of a campaign as far as it knows itself."""
    return Member.objects.filter(campaign_id=campaign_id, state__in=ANSWERED)
