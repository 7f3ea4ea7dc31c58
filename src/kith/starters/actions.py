"""Filling an empty Kith with the sample company, and taking it away again without a trace."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kith.activities.notices import withdraw
from kith.activities.telling import forget_threads
from kith.awareness.profiles.fitting import look_again_later
from kith.deals.actions import learn_usual_days
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import User
from kith.kernel.database.statistics import analyse
from kith.kernel.errors import Invalid
from kith.kernel.jobs import enqueue
from kith.kernel.organisation.models import Organisation, bump, refresh
from kith.kernel.records.models import ExternalId, Moved, RecordModel
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Segment
from kith.kernel.timeline.models import Event, Operation
from kith.process.evidence import counting
from kith.process.evidence.study import study_all
from kith.process.forgotten.looking import rebuild
from kith.process.review.models import Rhythm
from kith.process.starters import starter
from kith.starters.tidewell.journeys import Guide
from kith.starters.tidewell.load import COLLEAGUES, PROCESS, SEED, Loader, teams_of
from kith.starters.tidewell.review import tell_reviews

DOMAIN = "@tidewell.example"
# What the sample is made of, in the order in which it can go: what happened, and what Tidewell had set up.
HAPPENED = ("reference", "play_run", "renewal", "churn", "ticket", "enrolment", "mailing", "booking", "conversation", "answer", "verdict", "assignment", "submission", "feedback", "review", "activity", "deal", "person", "company")  # fmt: skip
SET_UP = ("play", "tier", "health_part", "service_level", "reply", "way_in", "agent", "host", "booking_page", "chat_widget", "sequence", "template", "objection", "form", "asset", "research", "segment", "profile", "campaign", "score_rule", "score_band", "assignment_rule")  # fmt: skip
SHARED = ("purpose", "criterion", "fit_reason", "question_theme")  # stay where people use them by now

SOLD = ("quote", "promise", "order")


def install_sample(
    *,
    by: Actor,
    people: int = 1200,
    seed: int = SEED,
    progress: Callable[[int], None] | None = None,
    now: Any = None,
    guide: type[Guide] = Guide,
) -> dict[str, int]:
    """Write the sample company of that size, once; an organisation without a name becomes Tidewell. Returns counts.

    `guide` tells the ways of its customers.
    """
    organisation = refresh()
    if organisation.sample:
        raise Invalid(_("The sample company is there already; remove it before you fill it in again."))
    if people < 1:
        raise Invalid(_("The sample company needs at least one person."))
    loader = Loader(by=by, seed=seed, now=now, guide=guide)
    counts = loader.run(people, progress)
    learn_usual_days()
    with transaction.atomic():
        row = Organisation.objects.select_for_update().get(pk=organisation.pk)
        row.sample = {"operation": loader.operation.pk, **counts}
        if not row.name:
            row.name, row.currency, row.country, row.time_zone = "Tidewell", "EUR", "SE", "Europe/Stockholm"
        row.set_up_at = row.set_up_at or timezone.now()
        row.save()
        bump()
    with transaction.atomic():
        rebuild()  # much of what was told went past the actions that keep the list
    analyse()
    counting.refresh()
    study_all()
    with transaction.atomic():
        tell_reviews(loader.process, loader.voices, loader.now)
        teams_of(starter(PROCESS))
    return counts


def remove_sample(*, by: Actor) -> int:
    """Take the sample company away: its rows, their events, and its colleagues' access. Returns how many rows went.

    What people added themselves stays; a row of theirs that points at the sample loses that link.
    """
    by.require("settings.manage")
    organisation = refresh()
    if not organisation.sample:
        raise Invalid(_("There is no sample company to remove."))
    operation = organisation.sample["operation"]
    gone = 0
    with transaction.atomic():
        _forget_reviews(operation)
        with connection.cursor() as cursor:  # events, touches and consents, which never change otherwise
            cursor.execute("SET LOCAL kith.erasing = 'on'")
        _forget_threads(operation)
        for record in (*HAPPENED, *SOLD, *SET_UP):
            gone += _remove(registry[record], operation)
        for record in SHARED:
            gone += _remove(registry[record], operation, unused=True)
        _forget_stories(operation)
        Operation.objects.filter(pk=operation).delete()
        User.objects.filter(email__endswith=DOMAIN).exclude(pk=by.user_id or 0).update(is_active=False)
        Organisation.objects.filter(pk=organisation.pk).update(sample={})
        rebuild()  # rows went past all actions, and colleagues with them
        learn_usual_days()
        bump()
        _look_again()
    counting.rebuild()
    return gone


def _forget_reviews(operation: int) -> None:
    """What stands beside reviews that go: their rhythm, and what colleagues were told of them."""
    Rhythm.objects.filter(host__email__endswith=DOMAIN).delete()
    gone = Event.objects.filter(operation=operation, record="review").values_list("record_id", flat=True).distinct()
    withdraw(f"review:{pk}{what}" for pk in gone for what in ("", ":read", ":effect"))


def _forget_threads(operation: int) -> None:
    """Mails of people and companies who go."""
    for name in ("person", "company"):
        made = Event.objects.filter(operation=operation, record=name, verb=f"{name}.created").values("record_id")
        forget_threads(name, made)


def _forget_stories(operation: int) -> None:
    """What the timeline tells of it, to the last event; from then on none goes any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM timeline_eventlink WHERE event_id IN (SELECT id FROM timeline_event WHERE operation = %s)",
            [operation],
        )
        cursor.execute("DELETE FROM timeline_event WHERE operation = %s", [operation])
        # Relationships that began again later went with their customers; so does their story.
        gone = "record = 'journey' AND NOT EXISTS (SELECT 1 FROM process_journey j WHERE j.id = e.record_id)"
        cursor.execute(f"DELETE FROM timeline_eventlink l USING timeline_event e WHERE l.event_id = e.id AND e.{gone}")
        cursor.execute(f"DELETE FROM timeline_event e WHERE e.{gone}")
        cursor.execute("SET LOCAL kith.erasing = 'off'")


def _look_again() -> None:
    """Segments and profiles that people made themselves lose those who went."""
    for segment in Segment.objects.filter(archived_at=None).values_list("pk", flat=True):
        enqueue("segments.rebuild", key=f"segments.rebuild:{segment}", segment=segment)
    look_again_later()


def _remove(record: Any, operation: int, *, unused: bool = False) -> int:
    """Delete the rows that the operation made, and everything that only belongs to them. unused: only those that nobody has
    taken into use meanwhile."""
    assert issubclass(record.model, RecordModel)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS leaving (id bigint PRIMARY KEY) ON COMMIT DROP")
        cursor.execute("TRUNCATE leaving")
        cursor.execute(
            "INSERT INTO leaving SELECT DISTINCT record_id FROM timeline_event WHERE operation = %s AND record = %s ON CONFLICT DO NOTHING",
            [operation, record.name],
        )
        for relation in _relations(record.model):
            if unused and relation.on_delete.__name__ != "CASCADE":
                table, column = relation.related_model._meta.db_table, relation.field.column
                cursor.execute(f'DELETE FROM leaving g USING {table} t WHERE t."{column}" = g.id')
        for relation in _relations(record.model):
            _let_go(cursor, relation)
        cursor.execute(
            "DELETE FROM timeline_eventlink l USING timeline_event e, leaving g WHERE l.event_id = e.id AND e.record = %s AND e.record_id = g.id",
            [record.name],
        )
        cursor.execute(
            "DELETE FROM timeline_event e USING leaving g WHERE e.record = %s AND e.record_id = g.id", [record.name]
        )
        cursor.execute(
            "DELETE FROM timeline_eventlink l USING leaving g WHERE l.record = %s AND l.record_id = g.id", [record.name]
        )
        cursor.execute(f"DELETE FROM {record.model._meta.db_table} t USING leaving g WHERE t.id = g.id")
        gone = cursor.rowcount
    for model, field in ((ExternalId, "record_id"), (Moved, "old_id")):
        live = record.model._base_manager.values("pk")
        model.objects.filter(record=record.name).exclude(**{f"{field}__in": live}).delete()
    return gone


def _relations(model: Any) -> list[Any]:
    """Every link to the rows of a model; those that it cannot be asked for itself (`related_name="+"`) too."""
    found = model._meta.get_fields(include_hidden=True)
    return [r for r in found if r.auto_created and not r.concrete and (r.one_to_many or r.one_to_one)]


def _let_go(cursor: Any, relation: Any) -> None:
    """Rows pointing at what leaves: they go along where the link says so, otherwise they lose the link."""
    model, column = relation.related_model, relation.field.column
    table = model._meta.db_table
    if relation.field.null and relation.on_delete.__name__ != "CASCADE":
        cursor.execute(f'UPDATE {table} t SET "{column}" = NULL FROM leaving g WHERE t."{column}" = g.id')
        return
    for further in _relations(model):
        inner = further.related_model._meta.db_table
        if further.field.null and further.on_delete.__name__ != "CASCADE":
            cursor.execute(
                f'UPDATE {inner} i SET "{further.field.column}" = NULL FROM {table} t, leaving g WHERE i."{further.field.column}" = t.id AND t."{column}" = g.id'
            )
            continue
        cursor.execute(
            f'DELETE FROM {inner} i USING {table} t, leaving g WHERE i."{further.field.column}" = t.id AND t."{column}" = g.id'
        )
    cursor.execute(f'DELETE FROM {table} t USING leaving g WHERE t."{column}" = g.id')


def sample_sign_in() -> tuple[str, str]:
    """(e-mail, new password) of Tidewell's administrator; made afresh at each call, so that no default exists."""
    user = User.objects.get(email=COLLEAGUES[0][1] + DOMAIN)
    password = "-".join(secrets.token_hex(2) for _n in range(4))
    user.set_password(password)
    user.save(update_fields=["password"])
    return user.email, password
