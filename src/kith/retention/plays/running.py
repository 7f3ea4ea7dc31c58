"""Plays begin, by themselves or by hand, as tasks for a colleague, and end with what came of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.activities import actions as activities
from kith.contacts.actions import is_customer
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Link, LongText
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change
from kith.retention.customers import stands_alone
from kith.retention.events import PlayBegan, PlayEnded
from kith.retention.health.computing import by_itself
from kith.retention.models import Band, Care, Outcome, Play, PlayRun
from kith.retention.plays.peers import note, without_play

MOST = 200  # begun by themselves in one night: more would be a list that nobody works off
ENDS = {key: label for key, label in Outcome.choices if key}


@action("customer.start_play", needs="play_run.edit", label=_("Start a play"), icon="flag", applies=stands_alone,
        done=_("The play has begun"))  # fmt: skip
def start(row: Any, *, play: Annotated[Any, Link("play"), _("Play")], by: Actor) -> Any:
    """Begin what we do for customers who may leave: its steps become tasks, dated from today."""
    note([begin(play, row, by=by)])
    return row


@transaction.atomic
def begin(play: Play, customer: Any, *, by: Actor) -> PlayRun:
    """One play at a time for a customer. Raises Invalid while another one is under way. Whoever begins it notes its peers."""
    name = customer._meta.model_name
    if not play.lines():
        raise Invalid(__("The play %s has no steps yet; write at least one, such as “0: Call them”.") % play, "play")
    if PlayRun.objects.filter(outcome=Outcome.RUNNING, archived_at=None, **{name: customer}).exists():
        raise Invalid(__("A play is under way for %s already; end it first.") % customer, "play")
    care = Care.objects.filter(**{name: customer}).first()
    owner = play.colleague or customer.owner
    run = PlayRun(
        title=str(customer)[:300], play=play, chance=care.chance if care else None, health=care.health if care else None,
        owner=owner, team_id=customer.team_id, **{name: customer},
    )  # fmt: skip
    with change(run, by=by) as c:
        c.says(PlayBegan(play=play.name))
    morning = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    for days, what in play.lines():
        values = {
            "kind": "task",
            "subject": what,
            "due_at": morning + dt.timedelta(days=days),
            name: customer,
            "owner": owner,
        }
        activities.create(values, by=by)
    return run


@action("play_run.end", needs="play_run.edit", label=_("End the play"), icon="check", applies=lambda run: run.outcome == Outcome.RUNNING,
        done=_("Noted"))  # fmt: skip
def end(
    run: PlayRun,
    *,
    outcome: Annotated[str, Choice(ENDS), _("What came of it")],
    words: Annotated[str, LongText(5000), _("What helped, what did not")] = "",
    by: Actor,
) -> PlayRun:
    """The play is over; its words teach the next one."""
    with change(run, by=by) as c:
        if c.row.outcome != Outcome.RUNNING:
            raise Invalid(__("This play is over already."), "outcome")
        c.row.outcome, c.row.words, c.row.ended_on = outcome, words, timezone.localdate()
        c.says(PlayEnded(play=c.row.play.name, outcome=str(ENDS[outcome])))
    return c.row


def begin_due() -> int:
    """Begin plays for those who need one, the likeliest to leave first; returns how many."""
    by = by_itself()
    begun: list[PlayRun] = []
    for play in Play.objects.filter(active=True, archived_at=None).order_by("pk"):
        begun += [begin(play, care.company or care.person, by=by) for care in at_risk(play)[: MOST - len(begun)]]
    note(begun)  # at the end, so that nobody is a peer for whom a play begins in the same night
    return len(begun)


def at_risk(play: Play) -> Any:
    """Customers for whom this play begins by itself: those without one, now and for half a year."""
    meant = Q()
    if not play.lines():
        return Care.objects.none()
    if play.from_chance:
        meant |= Q(chance__gte=play.from_chance / 100)
    if play.when_poor:
        meant |= Q(band=Band.POOR)
    if not meant:
        return Care.objects.none()
    rows = Care.objects.filter(meant).select_related("company__owner", "person__owner")
    return without_play(rows, timezone.localdate()).order_by("-chance", "health", "pk")


def settle_due() -> int:
    """Plays whose time to be judged is over end by themselves: who is still a customer stayed."""
    by, n, today = by_itself(), 0, timezone.localdate()
    for run in PlayRun.objects.filter(outcome=Outcome.RUNNING, archived_at=None).select_related(
        "play", "company", "person"
    ):
        customer = run.company or run.person
        if customer is None or today < run.began_on + dt.timedelta(days=run.play.within):
            continue
        end.run(run, outcome=Outcome.SAVED if is_customer(customer) else Outcome.LOST, by=by)
        n += 1
    return n
