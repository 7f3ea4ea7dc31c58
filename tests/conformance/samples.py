"""A believable row of any record type, made through its own actions, and values to compare its columns with."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import UniqueConstraint
from django.utils import timezone

from kith.insight.standing import StoodIn
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.calendars.kinds import SpanWords
from kith.kernel.kinds import (
    Bool,
    Choice,
    Choices,
    Colleague,
    Day,
    Duration,
    Email,
    Emails,
    Link,
    Links,
    Many,
    Moment,
    Money,
    Number,
    Phone,
    Phones,
    Tags,
    TeamLink,
    Text,
    Url,
)  # fmt: skip
from kith.kernel.lookups.happened import NEVER, Happened
from kith.kernel.mail.kinds import Host
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Membership
from tests.conformance import samples_conversion, samples_loyal, samples_retention, samples_support

DAY = dt.date(2026, 3, 12)


def row_of(record: Any, by: Any, depth: int = 0) -> Any:
    """A new row with what the type requires, and with its name; linked rows are found or made."""
    if record.name in MADE_BY:
        return MADE_BY[record.name](by)
    configuring = by if not record.settings else system("cli")
    columns = record.columns()
    keys = [k for k, c in columns.items() if c.required and (c.writable or k in getattr(record, "at_creation", ()))]
    keys += [k for k in record.quick or record.lists if k in columns and columns[k].writable and k not in keys]
    raw = {}
    for key in keys:
        value = sample(columns[key], by, depth)
        if value is not None:
            raw[key] = value
    _name_apart(record, raw)
    writable = {k: columns[k] for k in raw}
    return actions.create(record, actions.parse_values(record, raw, by=configuring, columns=writable), by=configuring)


def _name_apart(record: Any, raw: dict[str, Any]) -> None:
    """A name of its own for each row of a type whose names may stand only once."""
    once = {name for c in record.model._meta.constraints if isinstance(c, UniqueConstraint) for name in c.fields}
    title = record.title
    if title == "name" and isinstance(raw.get(title), str) and once & {title, "key"}:
        raw[title] = f"{raw[title]} {record.model._default_manager.count() + 1}"


def journey(by: Any) -> Any:
    """A journey is opened by its customer, where a process is in force; this one some days ago."""
    from kith.process.journeys.customers import running_of

    if not registry["process"].model._default_manager.filter(is_default=True).exists():
        process(by)
    then = timezone.now() - dt.timedelta(days=3)
    made = actions.create(registry["company"], {"name": "Bellevue Group"}, by=by, at=then)
    return running_of("company", made.pk)


def process(by: Any) -> Any:
    """A process with a version in force and a draft."""
    from kith.process.publishing import bring, save_draft
    from kith.process.starters import starter

    definition = replace(starter("lead-to-loyalty"), key=f"steps-{registry['process'].model._default_manager.count()}")
    row = bring(definition, by=system("cli"))
    ACTIONS["process.publish"].run(row, by=system("cli"))
    row.refresh_from_db()
    save_draft(row, replace(definition, about="Nine steps, and a draft."), by=system("cli"))
    row.refresh_from_db()
    return row


def review(by: Any) -> Any:
    """A review being prepared, with a proposal."""
    row = process(by)
    ACTIONS["process.prepare_review"].run(row, host=by.user, by=system("cli"))
    made = registry["review"].model._default_manager.get(process=row)
    ACTIONS["review.propose"].run(made, title="Call within the hour", by=system("cli"))
    return made


def feedback(by: Any) -> Any:
    """What a colleague says about a process."""
    row = process(by)
    ACTIONS["process.say"].run(row, body="Nobody tells us who decides", by=by)
    return registry["feedback"].model._default_manager.latest("pk")


def segment(by: Any, subject: str = "person") -> Any:
    """A list, and somebody who can be put on it."""
    record, people = registry["segment"], registry["person"]
    if not people.model._default_manager.filter(email="marta@bellevue.example").exists():
        raw = {"given_name": "Marta", "emails": "marta@bellevue.example"}
        actions.create(people, actions.parse_values(people, raw, by=by), by=by)
    number = record.model._default_manager.count()
    return actions.create(record, {"name": f"Guests {number}", "how": "static", "subject": subject}, by=by)


def submission(by: Any) -> Any:
    """Something that came in and waits for a colleague, perhaps from somebody we know."""
    from kith.capture.incoming import hold

    count = registry["submission"].model._default_manager.count()
    address = f"elin{count}@fjordheim.example"
    actions.create(
        registry["person"], {"given_name": "Elin", "emails": [{"value": address, "label": ""}]}, by=system("cli")
    )
    return hold(through="chat", sender=address, name="Elin Sørensen", subject="Sensors", text="Hello", ref=count + 1)


def chat_widget(by: Any) -> Any:
    """A chat on the organisation's own site."""
    n = registry["chat_widget"].model._default_manager.count()
    return actions.create(registry["chat_widget"], {"name": f"Website chat {n}"}, by=system("cli"))


def conversation(by: Any) -> Any:
    """Somebody on the site, who said hello and waits."""
    from kith.capture.chat import saying
    from kith.capture.chat.queries import shown_of

    record = registry["conversation"]
    secret = f"{record.model._default_manager.count():032d}"
    row = saying.begin(shown_of(record.model(widget=chat_widget(by))), secret, language="en")
    saying.say(row, "Do your sensors work in a cold attic?", secret)
    row.refresh_from_db()
    if by.user_id is not None:
        ACTIONS["conversation.hand"].run(row, colleague=User.objects.get(pk=by.user_id), by=system("cli"))
        row.refresh_from_db()
    return row


def lead_clock(by: Any) -> Any:
    """Somebody came to us and waits for a first word."""
    from kith.contacts.events import Captured
    from kith.kernel.timeline.change import change

    marta = actions.create(registry["person"], {"given_name": "Marta"}, by=by)
    with change(marta, by=by) as c:
        c.says(Captured(through="form", source="Leak-risk checklist"))
    return registry["lead_clock"].model._default_manager.get(person=marta)


def pool(by: Any) -> Any:
    """A pool of colleagues."""
    n = registry["pool"].model._default_manager.count()
    return actions.create(registry["pool"], {"name": f"Inbound {n}"}, by=system("cli"))


def pool_member(by: Any) -> Any:
    """A colleague in a pool."""
    return actions.create(registry["pool_member"], {"pool": pool(by), "user": by.user}, by=system("cli"))


def assignment_rule(by: Any) -> Any:
    """A rule that gives every lead to one colleague."""
    n = registry["assignment_rule"].model._default_manager.count()
    values = {"name": f"Everybody {n}", "user": by.user, "position": 900 + n}
    return actions.create(registry["assignment_rule"], values, by=system("cli"))


def assignment(by: Any) -> Any:
    """A decision comes from a lead that is given to somebody."""
    from kith.qualification.assigning.deciding import assign

    assignment_rule(by)
    person = actions.create(registry["person"], {"given_name": "Marta"}, by=system("automation"))
    return assign(person.pk)


def arrived(by: Any) -> Any:
    """A mail of somebody nobody knows, which waits for somebody."""
    from kith.kernel.jobs.inline import run_waiting_jobs
    from kith.kernel.mail.arriving import take_in
    from tests.mailcast import letter

    row = take_in(letter(From="Piotr <piotr@nowhere.example>").as_bytes())
    run_waiting_jobs(names=["mail.work"])
    return registry["arrived"].get(system("cli"), row.pk)


GUARDED = {"mailbox", "arrived", "suppressed"}  # configuration that only those see who manage settings


def colleague_for(record: Any) -> str:
    """Who of the cast looks at rows of this type."""
    return "astrid" if record is not None and record.name in GUARDED else "ines"


def own_mail(by: Any, row: Any) -> Any:
    """A mail about a row, of somebody's own mailbox."""
    from kith.activities.models import Message, Thread
    from kith.kernel.mail.models import Arrived

    given = {"name": "Own", "address": "astrid.m@tidewell.example", "host": "imap.example.com", "holder": by.user}
    box = actions.create(registry["mailbox"], given, by=by)
    record = registry.by_model(type(row))
    thread = Thread.objects.create(subject="Pumps", **{record.name: row})  # type: ignore[union-attr]
    return Message.objects.create(
        thread=thread, state="received", sender="marta@bellevue.example", to=[box.address], subject="Pumps",
        text="Tuesday?", message_id="<own@bellevue.example>", arrived=Arrived.objects.create(mailbox=box).pk,
    )  # fmt: skip


def answer(by: Any) -> Any:
    """What somebody told us."""
    person = actions.create(registry["person"], {"given_name": "Marta"}, by=by)
    ACTIONS["person.answer"].run(person, criterion=criterion(by), answer="Two floods a year", by=by)
    return registry["answer"].model._default_manager.latest("pk")


def score_band(by: Any) -> Any:
    """A band of scores; no two begin at the same figure."""
    n = registry["score_band"].model._default_manager.count()
    return actions.create(registry["score_band"], {"name": f"Warm {n}", "starts_at": 100 + n}, by=system("cli"))


def criterion(by: Any) -> Any:
    """A question."""
    n = registry["criterion"].model._default_manager.count()
    values = {"name": f"Size {n}", "question": "How many people work with you?", "on": "company"}
    return actions.create(registry["criterion"], values, by=system("cli"))


def verdict(by: Any) -> Any:
    """Somebody is qualified."""
    person = actions.create(registry["person"], {"given_name": "Marta"}, by=by)
    ACTIONS["person.qualify"].run(person, by=by)
    return registry["verdict"].model._default_manager.latest("pk")


def campaign(by: Any) -> Any:
    """A fair, and somebody of its audience."""
    number = registry["campaign"].model._default_manager.count()
    audience = segment(by)
    guest = registry["person"].model._default_manager.filter(email="marta@bellevue.example").first()
    ACTIONS["person.put_on_list"].run(guest, segment=audience, by=by)
    Membership.objects.create(segment=audience, row_id=guest.pk)
    return actions.create(registry["campaign"], {"name": f"Fair {number}", "segment": audience}, by=by)


def prediction(by: Any) -> Any:
    """What is predicted."""
    rows = registry["prediction"].model._default_manager
    values = {"name": f"Won {rows.count()}"}
    return actions.create(registry["prediction"], values, by=system("cli"))


def sequence(by: Any) -> Any:
    """A sequence with a version in use and a draft."""
    record, first = registry["sequence"], {"do": "call", "subject": "Ask how the trial goes"}
    name = f"First talk {record.model._default_manager.count()}"
    row = actions.create(record, {"name": name, "draft": {"steps": [first]}, "owner": by.user}, by=by)
    ACTIONS["sequence.publish"].run(row, by=by)
    row.refresh_from_db()
    return actions.edit(record, row, {"draft": {"steps": [first, {"do": "wait", "for": "3 days"}]}}, by=by)


def enrolment(by: Any) -> Any:
    """Somebody on the first step of a sequence, which is to call them."""
    marta = actions.create(registry["person"], {"given_name": "Marta"}, by=by)
    return ACTIONS["person.enrol"].run(marta, sequence=sequence(by), by=by)


def booking_page(by: Any) -> Any:
    """Where strangers meet whoever makes it, at any hour."""
    n = registry["booking_page"].model._default_manager.count()
    calendars = registry["business_calendar"]
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00-24:00")
    hours = actions.create(calendars, {"name": f"Always {n}", "windows": week}, by=system("cli"))
    return actions.create(
        registry["booking_page"], {"name": f"First talk {n}", "owner": by.user, "calendar": hours, "after": 0}, by=by
    )


def host(by: Any) -> Any:
    """A colleague who takes turns."""
    return actions.create(registry["host"], {"page": booking_page(by), "user": by.user}, by=system("cli"))


def booking(by: Any) -> Any:
    """Somebody nobody knew chose a time some days from now."""
    from kith.engagement.meetings.booking import Wanted, book

    n = registry["booking"].model._default_manager.count()
    day = (timezone.now() + dt.timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
    wanted = Wanted(day + dt.timedelta(hours=n), 30, "Elin Sørensen", f"elin{n}@fjordheim.example")
    made = book(booking_page(by), wanted)
    return registry["booking"].get(system("cli"), made.pk)


def mailing(by: Any) -> Any:
    """A mailing to a guest of a list, who agreed to its purpose."""
    from kith.contacts.consent.actions import Said, record_many
    from kith.contacts.consent.models import Through

    audience, people = segment(by), registry["person"].model._default_manager
    guest = people.filter(email="marta@bellevue.example").first()
    Membership.objects.create(segment=audience, row_id=guest.pk)
    n = registry["mailing"].model._default_manager.count()
    purpose = actions.create(registry["purpose"], {"name": f"News {n}", "wording": "Write to me"}, by=system("cli"))
    record_many([Said(guest.pk, purpose, True, Through.FORM)], by=system("cli"))
    text = actions.create(
        registry["template"], {"name": f"Autumn {n}", "subject": "Sensors", "body": "They are there."}, by=by
    )
    values = {"name": f"Autumn {n}", "template": text, "purpose": purpose, "audience": [audience.key]}
    return actions.create(registry["mailing"], values, by=by)


MADE_BY = {
    **samples_conversion.MADE,
    **samples_retention.MADE,
    "booking_page": booking_page,
    "host": host,
    "booking": booking,
    "mailing": mailing,
    "segment": segment,
    "submission": submission,
    "lead_clock": lead_clock,
    "chat_widget": chat_widget,
    "conversation": conversation,
    "prediction": prediction,
    "verdict": verdict,
    "answer": answer,
    "score_band": score_band,
    "criterion": criterion,
    "pool": pool,
    "pool_member": pool_member,
    "assignment_rule": assignment_rule,
    "assignment": assignment,
    "arrived": arrived,
    "campaign": campaign,
    "journey": journey,
    "process": process,
    "review": review,
    "feedback": feedback,
    "sequence": sequence,
    "enrolment": enrolment,
    **samples_loyal.MADE_BY,
    **samples_support.MADE_BY,
}  # rows that come from other rows, or hold more than columns


def sample(column: Any, by: Any, depth: int = 0) -> Any:
    """A raw value that the column takes; None to leave it out."""
    kind = column.kind
    if isinstance(kind, Colleague):
        return by.user_id
    if isinstance(kind, TeamLink):
        return None
    if isinstance(kind, Link):
        target = kind.record
        if not column.required:
            return None
        found = target.model._default_manager.first() or (row_of(target, by, depth + 1) if depth < 3 else None)
        return found.pk if found else None
    for sort, value in _VALUES:
        if isinstance(kind, sort):
            return value(kind, column)
    return None


_VALUES: list[tuple[type[Any], Any]] = [
    *samples_support.VALUES,
    (Host, lambda kind, column: "imap.bellevue.example"),
    (Bool, lambda kind, column: True),
    (Choice, lambda kind, column: next(iter(kind.options), None)),
    (Moment, lambda kind, column: "2026-03-12T09:30"),
    (Day, lambda kind, column: DAY.isoformat()),
    (Duration, lambda kind, column: "45"),
    (Money, lambda kind, column: "12400.50"),
    (Number, lambda kind, column: "3"),
    (Choices, lambda kind, column: [next(iter(kind.options))] if kind.options else None),
    (Tags, lambda kind, column: ["vip", "north"]),
    (Emails, lambda kind, column: "marta@bellevue.example"),
    (Phones, lambda kind, column: "+48 58 555 01 42"),
    (Links, lambda kind, column: "https://bellevue.example"),
    (Many, lambda kind, column: None),
    (Url, lambda kind, column: "https://bellevue.example"),
    (Email, lambda kind, column: "marta@bellevue.example"),
    (Phone, lambda kind, column: "+48 58 555 01 42"),
    (SpanWords, lambda kind, column: "3 business days"),
    (Text, lambda kind, column: f"=Bellevue, “{column.key}”"[: kind.max_length or 30]),
]


def operands(column: Any, op: Any) -> list[tuple[Any, ...]]:
    """Values that a condition on this column may sensibly have; relative ones too."""
    if op.takes == "none":
        return [()]
    kind = column.kind
    if isinstance(kind, Happened):
        return (
            [("person.captured", "30")] if op.key == NEVER else [("person.captured", "1", "7"), ("deal.won", "3", "30")]
        )
    if isinstance(kind, StoodIn):
        return [("any@2026-03-12",), ("Proposal@2026-03-12", "1@2026-04-01")]
    if isinstance(kind, Colleague):
        return [("me",), ("my_team",), ("1", "me")]
    if isinstance(kind, TeamLink):
        return [("my_team",), ("1",)]
    if isinstance(kind, Link):
        return [("1",), ("1", "2")]
    if isinstance(kind, Day):
        if op.takes == "two":
            return [("2026-01-01", "2026-12-31"), ("-30d", "today")]
        return [("today",), ("2026-03-12",)] + ([("this_quarter",), ("last_30_days",)] if op.key == "in" else [])
    if op.takes == "two":
        return [("1", "10")]
    value = _operand(kind)
    if value is None:  # a list that holds nothing as long as nothing was set up
        return []
    return [(value,), (value, value)] if op.takes == "many" else [(value,)]


def _operand(kind: Any) -> Any:
    if isinstance(kind, Bool):
        return "1"
    if isinstance(kind, Choice | Choices):
        return next((str(key) for key in kind.options), None)
    if isinstance(kind, Emails):
        return "marta@bellevue.example"
    if isinstance(kind, Phones | Phone):
        return "+48585550142"
    if isinstance(kind, Links | Url):
        return "https://bellevue.example"
    if isinstance(kind, Email):
        return "marta@bellevue.example"
    return str(Decimal(3)) if kind.align == "end" else "Bellevue"[: getattr(kind, "max_length", 0) or 20]


def every() -> list[Any]:
    """All record types, for parametrising."""
    return sorted(registry, key=lambda record: record.name)


from tests.conformance.samples_onboarding import SAMPLES as _onboarding  # noqa: E402

MADE_BY |= _onboarding
