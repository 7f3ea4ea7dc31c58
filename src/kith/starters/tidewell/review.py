"""How Tidewell reviews its process: a meeting a quarter ago with what was said, decided and came of it, and the next one,
which is prepared."""

from __future__ import annotations

import datetime as dt

from kith.kernel.access.actor import Actor
from kith.kernel.calendars.queries import calendar_of
from kith.process.models import Process, Version
from kith.process.review.preparing import prepare_due
from kith.process.review.setting import set_rhythm
from kith.process.review.telling import Choice, Words, tell_effect, tell_review, tell_words

WEEKS = 13
HELD, PUBLISHED = 87, 80  # days ago: the next meeting is in four days, and the four weeks of the version are over


def tell_reviews(process: Process, actors: list[Actor], now: dt.datetime) -> None:
    """Call it when journeys were told and counted. `actors` are Tidewell's people, Helena first."""
    calendar = calendar_of()
    helena, ines, jonas, priya, tomasz, freja, *_rest = actors
    local = now.astimezone(calendar.zone).replace(hour=14, minute=0, second=0, microsecond=0)
    at = local - dt.timedelta(HELD)
    before = [
        Words(ines, "qualify", "Referred customers want a price at once. Asking who decides first feels rude.", _ago(at, 20), answer="The playbook has a sentence for it now."),
        Words(jonas, "onboard", "The installer gets the address, and not what we promised. Customers tell it all again.", _ago(at, 12), answer="The handover asks for the promise."),
        Words(priya, "support", "The quarterly call works. They tell us about the second building there.", _ago(at, 9), "helps"),
    ]  # fmt: skip
    choices = [
        Choice("Name the installer when the deal is won, not a week later", "Fewer onboardings late", "onboard", "adopt", "Tomasz tried it in the north, and it holds."),
        Choice("A second onboarding team for the summer", "Onboard within a week", "onboard", "reject", "Too dear for eight weeks a year."),
        Choice("Leave out Qualify for whoever was referred", "Less to ask of those who know us", "qualify", "later", "First see whether the new sentence helps."),
    ]  # fmt: skip
    held = tell_review(process, at, WEEKS * 7, before, choices, by=helena)
    published = local - dt.timedelta(PUBLISHED)
    # The version that is in force came of that meeting; the story knows when, and publishing it a moment ago does not.
    Version.objects.filter(process=process, number=1).update(published_at=published)
    tell_effect(held, 1, published, published + dt.timedelta(29), by=helena)
    set_rhythm.run(process, weeks=WEEKS, first=at, host=helena.user, by=helena)
    since = [
        Words(tomasz, "onboard", "Naming the installer at once works. What is missing is who opens the door.", now - dt.timedelta(days=6)),
        Words(freja, "capture", "Two of us answer the same form. I see that somebody called only after I did.", now - dt.timedelta(days=3)),
        Words(ines, "deal", "The reason for a loss has eleven choices. Four would do.", now - dt.timedelta(days=2)),
    ]  # fmt: skip
    tell_words(process, since)
    prepare_due(now, by=helena)


def _ago(at: dt.datetime, days: int) -> dt.datetime:
    return at - dt.timedelta(days)
