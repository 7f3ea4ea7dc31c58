"""The relationships of the sample company: how each of Tidewell's customers went through the nine steps.

What goes wrong is planted, so that map, audit and the cost of skipping can be held against what is known to be true: who
skipped which stage, who was late in it, who went back, and that customers who were not onboarded leave more often and
recommend us less. `truth.py` says how it is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from kith.process.journeys.telling import Entry, Under, Walk
from kith.starters.tidewell.story import ActivityStory, CompanyStory, DealStory
from kith.starters.tidewell.truth import Fate, Planted

PROCESS = "lead-to-loyalty"
SKIPS_QUALIFY, REFERRED_SKIPS_QUALIFY = 0.08, 0.45
SKIPS_ONBOARD = {"small": 0.26, "large": 0.08}
SMALL = 15_000  # a first deal under this is a small one
# Within a year of the step after, of those who buy nothing later; whoever has a later deal stays longer, or stays. So the shares
# of all are smaller, and what holds of everybody is how many times as often those leave who were not onboarded.
CHURN = {"onboarded": 0.09, "skipped": 0.32}
TIMES_AS_OFTEN = CHURN["skipped"] / CHURN["onboarded"]
ADVOCATE = {"onboarded": 0.33, "skipped": 0.11}
ONBOARD_DAYS = (5, 26, 11)  # shortest, longest, usual; of 14 allowed, so that four in ten are late
GOES_BACK = 0.6  # of those who lost their first deal before they opened another: back to Engage meanwhile
WHY_BACK = ("They chose another; we stay in touch.", "Not this year; they want to hear from us.")
WHY_SKIPPED = ("They knew what they wanted.", "Came with a recommendation.", "Asked for a price at once.")
WHY_NOT_ONBOARDED = ("Their installer does it.", "No time before the season.", "A repeat of the house next door.")
NEXT_STEPS = {  # what comes next, by the stage where a relationship stands
    "capture": ("Answer their question",), "qualify": ("Ask who decides", "Ask by when"),
    "engage": ("Show the leak map", "Send the reference from their town"), "deal": ("Ask what could still stop it", "Walk through the offer"),
    "convert": ("Introduce the colleague",), "onboard": ("Train the front desk", "Test the alarm together"),
    "support": ("Ask how it goes", "Quarterly review"), "advocate": ("Ask for an introduction", "Thank them for the reference"),
}  # fmt: skip
# Of those that go on, and of open deals the story plans nothing for, have no next step: the public list has somebody on it.
FORGOTTEN, DEALS_FORGOTTEN = 0.05, 0.4
WHY_LEFT = ("Too many false alarms", "Nobody there uses it", "Sold the building", "Went to the insurer's own sensors")


class Guide:
    """Tells the way of one company after another; the same seed tells the same ways."""

    def __init__(self, seed: int, now: dt.datetime, under: Under):
        self.seed, self.now, self.under = seed, now, under

    def walk(self, story: CompanyStory, row: Any) -> tuple[Walk, Planted]:
        """The journey of a company, as far as it has come by now, and what was planted in it."""
        random = Random(f"{self.seed}:{story.number}:journey")
        deals = sorted(story.deals, key=lambda d: d.stages[0])
        won = [d for d in deals if d.outcome == "won" and d.closed]
        entries = [Entry("capture", story.created, "company.created")]
        limit = deals[0].stages[0] if deals else self.now
        plan = Planted(small=bool(deals) and deals[0].amount < SMALL)
        plan = replace(plan, skipped=tuple(self._before_deal(random, story, entries, limit)))
        ended, churned = None, False
        if deals:
            why = random.choice(WHY_SKIPPED) if plan.skipped else ""
            entries.append(Entry("deal", max(limit, entries[-1].at), "deal.created", why))
            plan = self._back(story, entries, deals, plan)
        if won:
            plan, churn = self._after_won(random, story, entries, won[0], plan)
            if churn is not None:
                ended, churned = (churn, "churned", random.choice(WHY_LEFT)), True
        else:
            ended = self._without_success(random, entries, deals)
        entries = [e for e in entries if e.at <= self.now]
        if ended is not None and (ended[0] > self.now or ended[0] < entries[-1].at):
            ended, churned = None, False
        plan = plan.settled(entries, ended[0] if ended else self.now, self.under.definition.order)
        return Walk(("company", row.pk), row, tuple(entries), "", ended), replace(plan, churned=churned)

    def _before_deal(self, random: Random, story: CompanyStory, entries: list[Entry], limit: dt.datetime) -> list[str]:
        referred = any("referr" in p.source.lower() for p in story.people)
        skips = random.random() < (REFERRED_SKIPS_QUALIFY if referred else SKIPS_QUALIFY)
        answer = story.created + dt.timedelta(minutes=random.expovariate(1 / 70))
        came = story.people[0].beginning
        answer = came.answered if came is not None and came.answered is not None else answer
        fit = answer + dt.timedelta(hours=random.uniform(3, 60))
        skipped = []
        if not skips and answer < limit:
            entries.append(Entry("qualify", answer, "activity.called"))
        else:
            skipped.append("qualify")
        if fit < limit:
            entries.append(Entry("engage", fit, "", "" if not skips else random.choice(WHY_SKIPPED)))
        else:
            skipped.append("engage")
        return skipped

    def _back(self, story: CompanyStory, entries: list[Entry], deals: list[DealStory], plan: Planted) -> Planted:
        """Back to Engage when the first deal is lost, and to Deal with the next one, where that was opened later."""
        random = Random(f"{self.seed}:{story.number}:back")
        first = deals[0]
        if len(deals) < 2 or first.outcome != "lost" or first.closed is None or random.random() >= GOES_BACK:
            return plan
        lost = dt.datetime.combine(first.closed, dt.time(16), tzinfo=self.now.tzinfo)
        if not entries[-1].at < lost < deals[1].stages[0]:
            return plan
        known = any(one.stage == "engage" for one in entries)
        entries.append(Entry("engage", lost, "", random.choice(WHY_BACK)))
        entries.append(Entry("deal", deals[1].stages[0], "deal.created"))
        again = ("engage", "deal") if known else ("deal",)
        return replace(plan, repeated=again, astray=() if known else ("engage",))

    def _after_won(
        self, random: Random, story: CompanyStory, entries: list[Entry], deal: DealStory, plan: Planted
    ) -> tuple[Planted, dt.datetime | None]:
        assert deal.closed is not None
        won = max(dt.datetime.combine(deal.closed, dt.time(15), tzinfo=self.now.tzinfo), entries[-1].at)
        entries.append(Entry("convert", won, "deal.won"))
        skips = random.random() < SKIPS_ONBOARD["small" if plan.small else "large"]
        fate = "skipped" if skips else "onboarded"
        begun = won + dt.timedelta(days=random.uniform(0.4, 2.9))
        settled = begun
        if not skips:
            entries.append(Entry("onboard", begun, "journey.handover_accepted"))
            settled = begun + dt.timedelta(days=random.triangular(*ONBOARD_DAYS))
        entries.append(Entry("support", settled, "", random.choice(WHY_NOT_ONBOARDED) if skips else ""))
        fates = self._fates(random, story, (_last(story.deals) - settled) / dt.timedelta(days=1), fate)
        came = fates[fate]
        if came.recommends is not None:
            entries.append(Entry("advocate", settled + dt.timedelta(days=came.recommends)))
        churn = settled + dt.timedelta(days=came.left) if came.left is not None else None
        skipped = (*plan.skipped, "onboard") if skips else plan.skipped
        return replace(plan, skipped=skipped, fates=fates), churn

    def _fates(self, random: Random, story: CompanyStory, bought: float, fate: str) -> dict[str, Fate]:
        """What becomes of a customer onboarded, and what skipped, by the same chances; `bought`: days until their last deal,
        before which nobody leaves. Drawn so that what happens to them does not hang on what else might have."""
        otherwise = Random(f"{self.seed}:{story.number}:otherwise")
        leaves = random.random()
        days = (random if leaves < CHURN[fate] else otherwise).uniform(45, 360)
        thanks, likes = random.uniform(50, 210), random.random()
        if days < bought:  # they bought again before they left
            days = bought + (random if leaves < CHURN[fate] else otherwise).uniform(20, 60)
        return {
            one: Fate(days if leaves < CHURN[one] else None, thanks if likes < ADVOCATE[one] and leaves >= CHURN[one] else None)
            for one in CHURN
        }  # fmt: skip

    def _without_success(
        self, random: Random, entries: list[Entry], deals: list[DealStory]
    ) -> tuple[dt.datetime, str, str] | None:
        if deals and all(d.outcome == "lost" and d.closed for d in deals):
            at = max(dt.datetime.combine(d.closed, dt.time(16), tzinfo=self.now.tzinfo) for d in deals if d.closed)
            return (
                (max(at, entries[-1].at) + dt.timedelta(hours=2), "lost", "Lost the deal")
                if random.random() < 0.7
                else None
            )
        if deals:
            return None
        at, chance = entries[-1].at, random.random()
        if chance < 0.22:
            return at + dt.timedelta(days=random.uniform(1, 9)), "disqualified", "Rents, the landlord decides"
        if chance < 0.34:
            return at + dt.timedelta(days=random.uniform(60, 120)), "dormant", "Not this year"
        return None


def _last(deals: list[DealStory]) -> dt.datetime:
    """When the last deal was moved."""
    return max(at for d in deals for at in d.stages)


def walks(guide: Guide, stories: list[CompanyStory], rows: list[Any]) -> Iterator[tuple[int, Walk, Planted]]:
    """(owner, walk, what was planted) of each company of a batch."""
    for story, row in zip(stories, rows, strict=True):
        walk, planted = guide.walk(story, row)
        yield story.owner, walk, planted


def next_steps(guide: Guide, story: CompanyStory, walk: Walk) -> Iterator[ActivityStory]:
    """What is planned with a company whose relationship goes on, where the story has planned nothing yet: one step, and one
    for each open deal."""
    random = Random(f"{guide.seed}:{story.number}:next")
    planned = [a for a in story.activities if a.done is None and a.due]
    deals = [n for n, d in enumerate(story.deals) if d.outcome == "open" and all(a.deal != n for a in planned)]
    if walk.ended is not None or random.random() < FORGOTTEN:
        return
    for deal in deals or ([] if planned else [-1]):
        if deal >= 0 and random.random() < DEALS_FORGOTTEN:
            continue
        stage = "deal" if deal >= 0 else walk.entries[-1].stage
        due = guide.now + dt.timedelta(days=random.randrange(1, 12 if deal >= 0 else 40))
        due += dt.timedelta(days=max(0, due.weekday() - 4) and 7 - due.weekday())  # not on a weekend
        due = due.replace(hour=8 + random.randrange(8), minute=random.randrange(4) * 15, second=0, microsecond=0)
        written = max(walk.entries[-1].at, guide.now - dt.timedelta(days=random.randrange(1, 9)))
        person = story.deals[deal].contact if deal >= 0 else 0
        yield ActivityStory("task", random.choice(NEXT_STEPS[stage]), "", person, deal, written, due, None)
