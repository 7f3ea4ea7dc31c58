"""What people do with forms (publish, close, open) and with what waits in the queue (accept, merge, discard, route)."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.capture import events, incoming, taking
from kith.capture.ack import fault_of
from kith.capture.definition import faults_of, read
from kith.capture.models import WAITING, Form, FormVersion, State, Submission
from kith.capture.processing import acknowledge_later
from kith.capture.suggesting import suggested
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, InvalidMany, KithError, NeedsInput, NotFound
from kith.kernel.jobs import enqueue
from kith.kernel.kinds import Colleague, Link, Text
from kith.kernel.records.action import action
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change

# --- forms -----------------------------------------------------------------------------------------------------------


@action("form.publish", needs="form.edit", label=_("Publish"), icon="check", undo=False,
        done=_("Published. This is what people see from now on."), applies=lambda f: bool(f.draft) and f.archived_at is None)  # fmt: skip
def publish(form: Form, *, by: Actor) -> Form:
    """The draft becomes the version that people see, and the form is open. Raises InvalidMany with every fault."""
    with change(form, by=by) as c:
        faults = faults_of(c.row.draft) or _strange_holders(c.row.draft)
        if faults:
            raise InvalidMany({"": faults})
        last = FormVersion.objects.filter(form=c.row).order_by("-number").first()
        if last is None or last.document != c.row.draft:
            number = (last.number if last else 0) + 1
            last = FormVersion.objects.create(form=c.row, number=number, document=c.row.draft, author_id=by.user_id)
        if (c.row.number, c.row.open) != (last.number, True):
            c.row.number, c.row.open = last.number, True
            c.says(events.FormPublished(number=last.number))
    return c.row


def _strange_holders(document: dict[str, Any]) -> list[str]:
    made = read(document)
    texts = [*made.ack_subject.values(), *made.ack_text.values()]
    found = dict.fromkeys(fault for text in texts if (fault := fault_of(text)))
    return [__("The mail that says that it came: %s") % fault for fault in found]


@action("form.close", needs="form.edit", label=_("Close"), icon="x", applies=lambda f: f.open, done=_("Closed"))
def close(form: Form, *, by: Actor) -> Form:
    """Nothing can be sent any more; the page says so."""
    return _set_open(form, False, events.FormClosed(), by)


@action("form.reopen", needs="form.edit", label=_("Open again"), icon="check", done=_("Open again"),
        applies=lambda f: not f.open and f.number is not None)  # fmt: skip
def reopen(form: Form, *, by: Actor) -> Form:
    """The version that was in force is open again."""
    return _set_open(form, True, events.FormOpened(), by)


def _set_open(form: Form, open_: bool, event: Any, by: Actor) -> Form:
    with change(form, by=by) as c:
        if c.row.open != open_:
            c.row.open = open_
            c.says(event)
    return c.row


# --- the queue -------------------------------------------------------------------------------------------------------


REASONS = [("Spam", _("Spam")), ("A test", _("A test")), ("Not for us", _("Not for us"))]


def _waits(row: Any) -> bool:
    return row.state in WAITING


@action("submission.accept", needs="person.create", label=_("Accept as new"), icon="check", key="a", applies=_waits,
        many=True, done=_("{row} is taken in"))  # fmt: skip
def accept(submission: Submission, *, by: Actor) -> Submission:
    """Make a person of it, whoever it may look like. Raises Invalid."""

    def refused(_row: Submission, problem: KithError) -> None:
        raise problem

    with change(submission, by=by) as c:
        _refuse_settled(c.row)
        pairs = taking.take_new([c.row], by=by, refused=refused)
        _settle(c, pairs, events.Accepted(), by)
    return c.row


@action("submission.merge", needs="person.edit", label=_("Take in as…"), icon="merge", key="m", applies=_waits,
        many=True, done=_("{row} is taken in"))  # fmt: skip
def merge(
    submission: Submission, *, person: Annotated[Any, Link("person"), _("Person")] = None, by: Actor
) -> Submission:
    """It comes from somebody we know: the one proposed, unless another is said. Their blanks are filled in, and an
    address or a number that was not known of them is theirs from now on."""
    with change(submission, by=by) as c:
        _refuse_settled(c.row)
        whom = person or _still_there(c.row.proposed_id, by)
        if whom is None:
            raise NeedsInput(__("Say whom this comes from."), ("person",))
        pairs = [(c.row, whom)]
        taking.take_known(pairs, by=by, learning=True)
        _settle(c, pairs, events.MergedInto(person=str(whom)), by)
    return c.row


def _still_there(pk: int | None, by: Actor) -> Any:
    """The person proposed, or whom they were merged into since; None for one who is gone or out of reach."""
    try:
        found = registry["person"].get(by, pk) if pk else None
    except NotFound:
        return None
    return found if found is not None and found.archived_at is None else None


def _settle(c: change, pairs: list[taking.Pair], event: Any, by: Actor) -> None:
    row, person = pairs[0]
    row.state, row.person, row.settled_at = State.DONE, person, timezone.now()
    c.says(event)
    taking.tell(pairs, by=by)
    incoming.told_taken(row, person, by)
    if not row.suspect:
        acknowledge_later([row])


@action("submission.discard", needs="submission.edit", label=_("Discard"), icon="trash", key="d", tone="late", applies=_waits,
        many=True, done=_("{row} is discarded"), offers=lambda row: {"reason": REASONS})  # fmt: skip
def discard(submission: Submission, *, reason: Annotated[str, Text(300), _("Reason")], by: Actor) -> Submission:
    """Nobody is made of it; it stays, with the reason, and can be brought back."""
    with change(submission, by=by) as c:
        _refuse_settled(c.row)
        c.row.state, c.row.note, c.row.settled_at = State.DISCARDED, reason, timezone.now()
        c.says(events.Discarded(reason=reason))
    return c.row


@action("submission.route", needs="submission.edit", label=_("Ask a colleague"), icon="share", key="r", applies=_waits,
        many=True, done=_("{row} is with somebody else now"))  # fmt: skip
def route(
    submission: Submission, *, colleague: Annotated[Any, Colleague(), _("Colleague")] = None, by: Actor
) -> Submission:
    """Somebody else looks at it; they are told. Unless another is said it is whoever looks after them, or whom the rules of
    assignment would choose."""
    from kith.activities.notices import notify
    from kith.capture.alarm import KIND, PLACE

    with change(submission, by=by) as c:
        _refuse_settled(c.row)
        colleague = colleague or suggested(c.row, by)
        if colleague is None:
            words = __("No rule says who knows about this; choose whom to ask.")
            raise NeedsInput(words, ("colleague",), {"colleague": [words]})
        if c.row.owner_id != colleague.pk:
            c.row.owner_id = colleague.pk
            c.says(events.Routed(colleague=str(colleague)))
            words = __("%(who)s asks you to look at what %(name)s sent") % {"who": by.name, "name": c.row}
            notify(
                [colleague],
                words,
                kind=KIND,
                key=f"capture:route:{c.row.pk}:{c.row.version}",
                by=by,
                path=PLACE,
                mail=True,
            )
    return c.row


@action("submission.retry", needs="submission.edit", label=_("Process again"), icon="loop", many=True, undo=False,
        applies=lambda row: row.state == State.FAILED, done=_("It is looked at again"))  # fmt: skip
def retry(submission: Submission, *, by: Actor) -> Submission:
    """What kept it from being processed is mended."""
    with transaction.atomic(), change(submission, by=by) as c:
        if c.row.state == State.FAILED:
            c.row.state, c.row.tries, c.row.next_try_at = State.NEW, 0, None
            c.says(events.TriedAgain())
            enqueue("capture.process", key="capture.process")
    return c.row


def _refuse_settled(row: Submission) -> None:
    if not _waits(row):
        raise Invalid(__("This was settled by somebody else meanwhile."))


def create_form(values: dict[str, Any], *, by: Actor, at: Any = None) -> Form:
    """A new form, with the fields that most begin with. Raises InvalidMany."""
    from kith.capture.definition import starting
    from kith.capture.records import FormRecord
    from kith.kernel.records.actions import adopt, fill

    row = Form()
    fill(FormRecord, row, values, by=by)
    row.draft = row.draft or starting(row.name)
    with change(row, by=by, at=at) as c:
        adopt(c.row, by)
    return row
