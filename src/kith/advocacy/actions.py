"""What colleagues do with referrals, reviews, references and ideas."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.advocacy import events, ideas, references, referring, reviews
from kith.advocacy.models import (
    Call,
    Idea,
    IdeaState,
    Reference,
    ReferenceKind,
    Referral,
    Review,
    ReviewState,
    Reward,
)
from kith.advocacy.models import ReferenceState as S
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice, Day, Integer, Link, LongText, Text, Url
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change


def _live(row: Any) -> bool:
    return row.archived_at is None


# --- referrals


@action("referral.pay", needs="referral.edit", label=_("Paid"), icon="coins",
        applies=lambda row: row.reward == Reward.DUE and _live(row), done=_("Kept. The reward for {row} is paid."))  # fmt: skip
def pay(referral: Referral, *, how: Annotated[str, Text(200), _("How")], by: Actor) -> Referral:
    """The reward was given: say how."""
    return referring.pay(referral, how, by=by)


@action("referral.refuse", needs="referral.edit", label=_("Refuse the reward"), icon="ban", tone="late",
        applies=lambda row: row.reward in (Reward.AGREED, Reward.DUE) and _live(row))  # fmt: skip
def refuse(referral: Referral, *, reason: Annotated[str, Text(300), _("Why")], by: Actor) -> Referral:
    """Nothing is paid for it."""
    with change(referral, by=by) as c:
        c.row.reward, c.row.reason = Reward.REFUSED, reason
        c.says(events.RewardRefused(reason))
    return c.row


@action("referral.clear", needs="referral.edit", label=_("It is in order"), icon="check",
        applies=lambda row: bool(row.doubts) and not row.cleared and row.reward == Reward.AGREED and _live(row))  # fmt: skip
def clear(referral: Referral, *, reason: Annotated[str, Text(300), _("What you found")], by: Actor) -> Referral:
    """You looked at what spoke against it; the reward falls due once what was agreed came about."""
    return referring.clear(referral, reason, by=by)


# --- reviews


@action("public_review.record", needs="public_review.edit", label=_("They left one"), icon="star",
        applies=lambda row: row.state != ReviewState.LEFT and _live(row))  # fmt: skip
def record_review(
    public_review: Review,
    *,
    link: Annotated[str, Url(400), _("Where it stands")],
    stars: Annotated[int | None, Integer(0, 5), _("Stars, of five")] = None,
    words: Annotated[str, LongText(4000), _("What they wrote")] = "",
    by: Actor,
) -> Review:
    """A public review stands: keep where."""
    with change(public_review, by=by) as c:
        c.row.state, c.row.link, c.row.stars, c.row.words = ReviewState.LEFT, link, stars, words
        c.row.left_at = timezone.now()
        said = __(", %s of 5") % stars if stars is not None else ""
        c.says(events.ReviewLeft(c.row.site.name, said, link))
    return c.row


@action("public_review.decline", needs="public_review.edit", label=_("They will not"), icon="ban",
        applies=lambda row: row.state in (ReviewState.WAITING, ReviewState.ASKED) and _live(row))  # fmt: skip
def decline_review(public_review: Review, *, by: Actor) -> Review:
    with change(public_review, by=by) as c:
        c.row.state = ReviewState.DECLINED
        c.says(events.ReviewDeclined(c.row.site.name))
    return c.row


@action("person.ask_review", needs="person.edit", label=_("Ask for a review"), icon="star", undo=False,
        applies=lambda row: _live(row) and bool(row.email), done=_("They are asked in a moment."))  # fmt: skip
def ask_review(person: Any, *, site: Annotated[Any, Link("review_site"), _("Where")], by: Actor) -> Any:
    """Ask one person now. Raises Invalid while they rest from such requests."""
    if reviews.rests(site, person.pk):
        raise Invalid(__("%s was asked for a review lately, or left one here.") % person)
    if why := reviews.had_enough(person.pk):
        raise Invalid(why)
    reviews.put_down(site, person, due=timezone.now(), after="hand")
    return person


# --- references


def _step(*states: str) -> Any:
    return lambda row: row.state in states and _live(row)


@action("reference.ask", needs="reference.edit", label=_("Asked them"), icon="mail", applies=_step(S.PROPOSED))
def ask(reference: Reference, *, by: Actor) -> Reference:
    """You asked the customer. Raises Invalid while they are to be left alone, and while it is of nobody."""
    if reference.person_id is None and reference.company_id is None:
        raise Invalid(__("Say first which customer it is of."), "company")
    if why := references.tired(reference):
        raise Invalid(why)
    return references.move(reference, S.ASKED, by=by, needs=(S.PROPOSED,), asked_on=timezone.localdate())


@action(
    "reference.agree", needs="reference.edit", label=_("They agree"), icon="check", applies=_step(S.PROPOSED, S.ASKED)
)
def agree(
    reference: Reference,
    *,
    words: Annotated[str, LongText(4000), _("What they agreed to, in their words")],
    who: Annotated[str, Text(200), _("Who said so")],
    until: Annotated[dt.date | None, Day(), _("Until")] = None,
    by: Actor,
) -> Reference:
    """Keep their consent: the words, who said them, how long they hold (two years unless said)."""
    day = timezone.localdate()
    values = {"consent": words, "consent_by": who, "consent_on": day, "expires_on": until or day + references.HOLDS}
    return references.move(reference, S.AGREED, by=by, needs=(S.PROPOSED, S.ASKED), **values)


@action(
    "reference.write",
    needs="reference.edit",
    label=_("Write the draft"),
    icon="pencil",
    applies=_step(S.AGREED, S.DRAFT, S.APPROVED),
)
def write(reference: Reference, *, draft: Annotated[str, LongText(), _("Draft")], by: Actor) -> Reference:
    """What is to be published; what they approved before has to be approved again."""
    values = {"draft": draft, "approved_by": "", "approved_on": None}
    return references.move(reference, S.DRAFT, by=by, needs=(S.AGREED, S.DRAFT, S.APPROVED), **values)


@action("reference.approve", needs="reference.edit", label=_("They approve it"), icon="check", applies=_step(S.DRAFT))
def approve(reference: Reference, *, who: Annotated[str, Text(200), _("Who said so")], by: Actor) -> Reference:
    values = {"approved_by": who, "approved_on": timezone.localdate()}
    return references.move(reference, S.APPROVED, by=by, needs=(S.DRAFT,), **values)


@action(
    "reference.publish", needs="reference.edit", label=_("Published"), icon="globe", applies=_step(S.AGREED, S.APPROVED)
)
def publish(reference: Reference, *, link: Annotated[str, Url(400), _("Where it stands")] = "", by: Actor) -> Reference:
    """It can be used from now on. Raises Invalid for a case study or a quote that they did not approve."""
    needs = (S.APPROVED,) if reference.kind in (ReferenceKind.STORY, ReferenceKind.QUOTE) else (S.AGREED, S.APPROVED)
    return references.move(reference, S.PUBLISHED, by=by, needs=needs, link=link, published_on=timezone.localdate())


@action(
    "reference.decline",
    needs="reference.edit",
    label=_("They decline"),
    icon="ban",
    applies=_step(*references.OPEN, S.PUBLISHED),
)
def decline(reference: Reference, *, reason: Annotated[str, Text(300), _("Why")] = "", by: Actor) -> Reference:
    """Also once it was published: they take their consent back."""
    return references.move(reference, S.DECLINED, by=by, needs=(*references.OPEN, S.PUBLISHED), reason=reason)


@action("reference.hold_call", needs="reference.edit", label=_("Reference call"), icon="phone", undo=False,
        applies=lambda row: row.kind == ReferenceKind.CALL and row.state == S.PUBLISHED and _live(row))  # fmt: skip
def hold_call(
    reference: Reference,
    *,
    asked_by: Annotated[str, Text(200), _("Who wanted to hear them")],
    on: Annotated[dt.date | None, Day(), _("On")] = None,
    by: Actor,
) -> Reference:
    """Keep a reference call. Raises Invalid where this customer had as many as we ask for."""
    day = on or timezone.localdate()
    with change(reference, by=by) as c:
        if why := references.no_more_calls(c.row, day):
            raise Invalid(why, "on")
        Call.objects.create(reference=c.row, on=day, asked_by=asked_by)
        c.says(events.ReferenceCall(asked_by))
    return c.row


# --- ideas


@action("idea.move", needs="idea.edit", label=_("Move and tell voters"), icon="arrow", applies=_live, undo=False,
        done=_("Moved. Whoever voted is told by mail."))  # fmt: skip
def move(
    idea: Idea,
    *,
    to: Annotated[str, Choice(dict(IdeaState.choices)), _("To")],
    answer: Annotated[str, LongText(2000), _("What voters read")] = "",
    by: Actor,
) -> Idea:
    """Another state; everybody who voted gets one mail of it."""
    return ideas.moved(idea, to, answer, by=by)


@action(
    "idea.show",
    needs="idea.edit",
    label=_("Put on the board"),
    icon="eye",
    applies=lambda row: not row.shown and _live(row),
)
def show(idea: Idea, *, by: Actor) -> Idea:
    """Customers see it and vote for it."""
    return _shown(idea, True, events.IdeaShown(), by)


@action(
    "idea.hide",
    needs="idea.edit",
    label=_("Take off the board"),
    icon="eye-off",
    applies=lambda row: row.shown and _live(row),
)
def hide(idea: Idea, *, by: Actor) -> Idea:
    return _shown(idea, False, events.IdeaHidden(), by)


def _shown(idea: Idea, shown: bool, says: Any, by: Actor) -> Idea:
    with change(idea, by=by) as c:
        if c.row.shown != shown:
            c.row.shown = shown
            c.says(says)
    return c.row
