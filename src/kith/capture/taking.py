"""Taking somebody in: making the person, or filling in what was blank; and saying so. The same for one and for hundreds.

A value that a person has is never overwritten by what a form says: what was said is kept with the submission, whose page
shows what differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kith.capture.askable import askable
from kith.capture.companies import by_domain, companies_of
from kith.capture.events import FormSubmitted
from kith.capture.incoming import told_on
from kith.capture.magnets import granting
from kith.capture.matching import emails_of, names_of
from kith.capture.models import Submission
from kith.capture.reading import VISITOR
from kith.contacts.consent import actions as consent
from kith.contacts.consent.queries import purposes
from kith.contacts.events import Captured
from kith.contacts.identify import email_identifier, phone_identifier
from kith.kernel.access.actor import Actor
from kith.kernel.errors import KithError
from kith.kernel.jobs import enqueue_many
from kith.kernel.kinds import EMPTY
from kith.kernel.mail.models import Arrived
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.text import fold
from kith.kernel.timeline.change import change_many
from kith.kernel.timeline.write import Entry, write_events

MAIL = "mail"
Pair = tuple[Submission, Any]
Refused = Callable[[Submission, KithError], None]


def take_new(rows: Sequence[Submission], *, by: Actor, refused: Refused) -> list[Pair]:
    """Make a person of each; returns (submission, person) of those that could be made."""
    if not rows:
        return []
    companies = companies_of(rows, by=by)
    items = [New(person_values(row, companies.get(row.pk))) for row in rows]
    made = bulk_create(registry["person"], items, by=by, refused=lambda n, problem: refused(rows[n], problem))
    pairs = [(row, person) for row, person in zip(rows, made, strict=True) if person is not None]
    by_domain(pairs, companies)
    return pairs


def take_known(pairs: Sequence[Pair], *, by: Actor, learning: bool = False) -> None:
    """Fill in what is blank on people we know. learning: somebody says that it is them, so the address and the number they
    wrote with are kept beside those known, and they are recognised by these the next time."""
    if not pairs:
        return
    companies = companies_of([row for row, person in pairs if person.company_id is None], by=by)
    sent: dict[int, list[Submission]] = defaultdict(list)
    for row, person in pairs:
        sent[person.pk].append(row)

    def apply(person: Any) -> None:
        for row in sent[person.pk]:
            values = person_values(row, companies.get(row.pk), known=True)
            _fill_blanks(person, values, "person")
            if learning:
                _learn(person, values)

    change_many({person.pk: person for _row, person in pairs}.values(), apply, by=by)
    _fill_companies(pairs, by)


def _fill_companies(pairs: Iterable[Pair], by: Actor) -> None:
    """What was said about the company of somebody we know."""
    said: dict[int, list[Submission]] = defaultdict(list)
    for row, person in pairs:
        if person.company_id and any(key.startswith("company.") for key in row.facts):
            said[person.company_id].append(row)

    def apply(company: Any) -> None:
        for row in said[company.pk]:
            _fill_blanks(company, values_of(row, "company"), "company")

    if said:
        rows = registry["company"].model._default_manager.filter(pk__in=said)
        change_many(rows, apply, by=by)


def values_of(row: Submission, record: str) -> dict[str, Any]:
    """Typed values by column key of what was said about a person or a company."""
    out = {}
    for key, source in askable().items():
        if source.record == record and source.column is not None and key in row.facts:
            out[source.column.key] = source.kind.load(row.facts[key])
    return out


def person_values(row: Submission, company: Any, *, known: bool = False) -> dict[str, Any]:
    """Typed values of a person by column key."""
    values = values_of(row, "person")
    given, family = names_of(row)
    values |= {key: name for key, name in (("given_name", given), ("family_name", family)) if name}
    if emails := emails_of(row):
        values["emails"] = [{"value": emails[0], "label": ""}]
    if phone := row.facts.get("person.phone") or row.phone:
        values["phones"] = [{"value": phone, "label": ""}]
    if company is not None:
        values["company"] = company
    if row.language and _several_languages(row):
        values.setdefault("language", row.language)
    if not known:
        values["source"] = row.subject[:200]
    return values


def _several_languages(row: Submission) -> bool:
    from kith.capture.queries import definition_of

    if row.form_id is None or row.version_number is None:
        return False
    return len(definition_of(row.form_id, row.version_number).languages) > 1


def _fill_blanks(row: Any, values: dict[str, Any], record: str) -> None:
    """Put values where there is none."""
    columns = registry[record].columns()
    for key, value in values.items():
        held = columns[key].get(row)
        if held in EMPTY or (held is False and value is True):
            columns[key].put(row, value)


def _learn(person: Any, values: dict[str, Any]) -> None:
    """Put addresses and numbers behind those that are known, where they lead to none of these."""
    columns = registry["person"].columns()
    for key, identifier in (("emails", email_identifier), ("phones", phone_identifier)):
        held = columns[key].get(person) or []
        known = {identifier(one["value"]) for one in held}
        if news := [one for one in values.get(key, ()) if identifier(one["value"]) not in known]:
            columns[key].put(person, [*held, *news])


def differences(row: Submission) -> list[tuple[str, str, str]]:
    """(column's label, what we have, what was said) where the two are not the same, as it is now."""
    if row.person is None:
        return []
    said = [("person", row.person, person_values(row, None, known=True))]
    if row.person.company is not None:
        said.append(("company", row.person.company, values_of(row, "company")))
    out = []
    for record, held_by, values in said:
        columns = registry[record].columns()
        for key, value in values.items():
            column, held = columns[key], columns[key].get(held_by)
            if held not in EMPTY and not _says_the_same(column, held, value):
                out.append((column.label, column.kind.show(held), column.kind.show(value)))
    return out


def _says_the_same(column: Any, held: Any, value: Any) -> bool:
    if column.kind.multiple and isinstance(held, list):  # another address of theirs is among those known, or is news
        return {e["value"].lower() for e in value} <= {e["value"].lower() for e in held}
    return column.kind.same(held, value) or fold(column.kind.show(held)) == fold(column.kind.show(value))


def tell(pairs: Sequence[Pair], *, by: Actor) -> None:
    """Say on each person that they sent something, and what they agreed to with it. Assignment, scores and clocks hear
    it here."""
    entries, mailboxes = [], _mailboxes([row for row, _person in pairs])
    for row, person in pairs:
        about = [("company", person.company_id)] if person.company_id else []
        for event in _events(row, mailboxes):
            entries.append(Entry("person", person.pk, event, about=about, actor_name=str(person)[:200]))
    write_events(entries, by)
    _agree(pairs, by)
    granting.become_known(pairs, by=by)


def _mailboxes(rows: Sequence[Submission]) -> dict[int, str]:
    """{submission: the address of the mailbox it came into}, for what came by mail; one query where there is any."""
    refs = {row.ref: row.pk for row in rows if row.through == MAIL and row.ref is not None}
    if not refs:
        return {}
    found = Arrived.objects.filter(pk__in=refs, mailbox__isnull=False).values_list("pk", "mailbox__address")
    return {refs[pk]: address for pk, address in found}


def _events(row: Submission, mailboxes: dict[int, str]) -> list[Any]:
    name = mailboxes.get(row.pk) or row.subject
    captured = Captured(
        through=row.through, source=name[:200], campaign=str(row.utm.get("utm_campaign", "")), form=row.form_id
    )
    if row.through != "form":
        told = told_on(row)
        return [] if told == [] else [*(told or []), captured]
    form = FormSubmitted(
        submission=row.pk, form=row.subject, form_id=row.form_id, version_number=row.version_number, reason=row.reason[:500],
        page=row.page, referrer=row.referrer, utm=row.utm, visitor=_visitor(row),
    )  # fmt: skip
    return [form, captured]


def _visitor(row: Submission) -> str:
    """By which key the organisation's site knew them. Batches read it beside the rows, whose posts stay where they are."""
    found = getattr(row, VISITOR) if hasattr(row, VISITOR) else (row.raw.get(VISITOR) or [""])[0]
    return str(found or "")[:64]


def _way(row: Submission) -> str:
    return consent.Through.FORM if row.through == "form" else consent.Through.OTHER


def _agree(pairs: Sequence[Pair], by: Actor) -> None:
    known = purposes()
    said = [
        consent.Said(
            person.pk, known[one["purpose"]], True, _way(row), address=row.email, language=one.get("language", ""),
            source=row.subject, page=row.page, wording=one["wording"], number=one.get("number"),
            who=str(person), proof={"submission": row.pk, "network": row.network, "shown_in": row.language},
        )
        for row, person in pairs for one in row.consents if one["purpose"] in known
    ]  # fmt: skip
    waiting: dict[int, list[int]] = defaultdict(list)
    for line in consent.record_many(said, by=by):
        waiting[line.person_id].append(line.pk)
    enqueue_many("consent.ask_to_confirm", [{"ids": ids} for ids in waiting.values()])
