"""The idea board: customers propose and vote behind a link of their own; what becomes of an idea reaches its voters by mail.

What a colleague has not put on the board stands nowhere but on their own list. Votes are of people; the revenue behind an
idea is that of the companies they work for.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from kith.advocacy import events
from kith.advocacy.letters import letter
from kith.advocacy.models import Idea, IdeaState, Vote
from kith.contacts.consent.links import about_person, open_person
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.links import site_address
from kith.kernel.accounts.mail import is_configured
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue, once
from kith.kernel.languages import speaking
from kith.kernel.mail.leaving import leave
from kith.kernel.mail.refusing import of_receiver
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from kith.kernel.timeline.change import change
from kith.kernel.timeline.write import Entry, write_events

SALT = "kith.advocacy.board"
MOST_VOTES, MOST_WAITING = 20, 5  # open ideas one person votes for; ideas of theirs that wait to be looked at


def board_path(person: int, address: str) -> str:
    return f"/i/{signing.dumps(about_person(person, address), salt=SALT)}"


def board_link(person: Any) -> str:
    """A person's own link to the board."""
    return site_address() + board_path(person.pk, person.email) if person.email else ""


def person_behind(token: str) -> Any:
    """Whose link it is. Raises NotFound."""
    return open_person(token, SALT).person


def propose(person: Any, title: str, body: str = "") -> Idea:
    """A new idea of a customer; they vote for it by proposing it. It waits for a colleague. Raises Invalid."""
    title = " ".join(clean_text(title).split())[:160]
    if len(title) < 4:
        raise Invalid(_("Say in a few words what you wish for."), "title")
    waiting = Idea.objects.filter(person=person, shown=False, state=IdeaState.OPEN, archived_at=None).count()
    if waiting >= MOST_WAITING:
        raise Invalid(_("%s ideas of yours wait to be read already; we come to them first.") % MOST_WAITING, "title")
    with transaction.atomic():
        row = Idea(
            title=title,
            body=clean_text(body).strip()[:4000],
            person=person,
            owner_id=person.owner_id,
            team_id=person.team_id,
        )
        with change(row, by=system("web", name=person.name)):
            pass
        Vote.objects.create(idea=row, person=person)
    return row


def vote(person: Any, idea: Idea, wants: bool = True) -> bool:
    """Vote for an idea on the board, or take one's vote back; returns whether something changed. Raises Invalid."""
    with transaction.atomic():
        row = Idea.objects.select_for_update().filter(pk=idea.pk, shown=True, archived_at=None).first()
        if row is None or row.state in (IdeaState.DONE, IdeaState.DECLINED):
            raise Invalid(_("This idea takes no votes any more."))
        mine = Vote.objects.filter(idea=row, person=person)
        if mine.exists() == wants:
            return False
        if not wants:
            mine.delete()
            return True
        open_ = Vote.objects.filter(person=person, idea__archived_at=None, idea__state=IdeaState.OPEN)
        if open_.count() >= MOST_VOTES:
            raise Invalid(_("You voted for %s open ideas; take a vote back to give it to another one.") % MOST_VOTES)
        Vote.objects.create(idea=row, person=person)
        write_events([Entry("person", person.pk, events.IdeaVoted(row.title, row.pk), about=[("idea", row.pk), *person.about()])], system("web", name=person.name))  # fmt: skip
    return True


def moved(row: Idea, to: str, answer: str, *, by: Actor, tell: bool = True) -> Idea:
    """Another state, with what voters read of us; each of them gets one mail of it. tell: not for what is told of long ago."""
    with transaction.atomic():
        with change(row, by=by) as c:
            if c.row.state == to and c.row.answer == answer.strip():
                return c.row
            c.row.state, c.row.answer = to, answer.strip()
            c.row.shown = c.row.shown or to != IdeaState.DECLINED
            c.says(events.IdeaMoved(c.row.title, str(IdeaState(to).label), f": {c.row.answer}" if c.row.answer else ""))
        if tell:
            enqueue("advocacy.tell_voters", idea=row.pk, version=c.row.version, state=to)
    return c.row


def tell_voters(idea: int, version: int, state: str) -> int:
    """Tell everybody who voted, each once; returns how many were told. A state that was taken back meanwhile is not told.
    Raises OSError when the server takes nothing now, and, once all others were told, for whom it put off."""
    row = Idea.objects.select_related("owner").filter(pk=idea, state=state, archived_at=None).first()
    if row is None or not is_configured():
        return 0
    people = registry["person"].model._default_manager.filter(idea_votes__idea=row, archived_at=None).exclude(email="")
    told, later = 0, None
    for person in people.distinct().order_by("pk"):
        try:
            told += _tell(row, person, version)
        except OSError as problem:
            if of_receiver(problem) is None:
                raise
            later = problem
    if later is not None:
        raise later
    return told


def _tell(row: Idea, person: Any, version: int) -> int:
    with once(f"advocacy.voter:{row.pk}:{version}:{person.pk}") as first:
        if not first:
            return 0
        with speaking(person.language):
            lines = [_("You voted for “%s”.") % row.title, "", _("Now: %s") % row.get_state_display(), *(["", row.answer] if row.answer else []),
                     "", _("All ideas, and your votes: %s") % board_link(person)]  # fmt: skip
            mail = letter(person, _("What became of “%s”") % row.title, lines, owner=row.owner)
        try:
            leave(mail, person=person.pk, automatic=True)
        except Invalid:  # the address bounced or complained
            return 0
        except OSError as problem:
            if (refused := of_receiver(problem)) is None or not refused.final:
                raise
            return 0
    return 1


def companies_behind(row: Idea) -> list[int]:
    """The companies whose people voted for it."""
    people = registry["person"].model._default_manager
    ids = people.filter(idea_votes__idea=row, company__isnull=False).values_list("company_id", flat=True)
    return sorted(set(ids))


def revenue_behind(actor: Actor, row: Idea) -> dict[str, dict[str, Decimal]]:
    """{currency: {"yearly", "open"}} of the companies whose people voted: what their running orders bring a year, and their
    open deals, as far as the reader may see them."""
    companies = companies_behind(row)
    out: dict[str, dict[str, Decimal]] = defaultdict(lambda: {"yearly": Decimal(0), "open": Decimal(0)})
    orders = registry["order"].rows(actor, archived=False).filter(company__in=companies, ended_on=None)
    for currency, yearly in orders.values_list("currency", "yearly"):
        out[currency]["yearly"] += yearly or 0
    deals = registry["deal"].rows(actor, archived=False).filter(company__in=companies, status="open")
    for currency, amount in deals.values_list("currency", "amount"):
        out[currency]["open"] += amount or 0
    return {currency: sums for currency, sums in out.items() if any(sums.values())}
