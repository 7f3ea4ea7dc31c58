"""Whatever colleagues do, in whatever order, nobody falls between owner, next step and list.

A day in which everything happens is drawn at random, from a seed; now and then the proof looks, and finds nothing. When it
does, everything that was done since the last look is printed.
"""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.utils import timezone

from kith.activities.actions import set_next_step
from kith.deals.actions import install_defaults
from kith.kernel.access.actor import system
from kith.kernel.accounts import actions as accounts
from kith.kernel.errors import KithError
from kith.kernel.lookups.bulk import bulk_change
from kith.kernel.lookups.selection import Selection
from kith.kernel.lookups.wishes import wish_of
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import archive, create, edit, restore
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Operation
from kith.kernel.timeline.operations import undo
from kith.process.forgotten.models import Unattended
from kith.process.forgotten.proving import check
from kith.process.tests.cast import call, in_force
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
SELLERS = ("ines", "priya", "jonas")
LOOK_EVERY = 100


class Tidewell:
    """A company in which everything happens, drawn from a seed. `log` says what, in order."""

    def __init__(self, seed: int, published: bool):
        self.dice = random.Random(seed)
        self.by = actor("astrid")
        self.users = {who: user(who) for who in SELLERS}
        self.log: list[str] = []
        if published:
            in_force()
        else:
            install_defaults(system())
        self.verbs = [getattr(self, name) for name in dir(self) if name.startswith("do_")]
        reasons = registry["reason"].model.objects
        self.reason = {status: reasons.filter(outcome=status).first() for status in ("won", "lost")}

    def live(self, record: str, **where):
        """Any row of a type, not archived unless asked; None when there is none."""
        rows = registry[record].model.objects.filter(**{"archived_at__isnull": True, **where})
        count = rows.count()
        return rows.order_by("pk")[self.dice.randrange(count)] if count else None

    def any_of(self, *records: str, **where):
        return self.live(self.dice.choice(records), **where)

    def someone(self):
        return self.dice.choice([*self.users.values(), None])

    def soon(self) -> dt.datetime:
        return timezone.now() + dt.timedelta(hours=self.dice.randrange(-100, 400))

    def step(self) -> None:
        verb = self.dice.choice(self.verbs)
        try:
            told = verb()
        except KithError as refusal:
            told = f"refused: {refusal}"
        self.log.append(f"{verb.__name__[3:]} {told if told is not None else 'nothing to do'}")

    def do_company(self):
        return repr(create(registry["company"], {"name": f"Hotel {self.dice.randrange(10**6)}", "owner": self.someone()}, by=self.by))  # fmt: skip

    def do_person(self):
        row = self.dice.choice([None, self.live("company")])
        values = {"given_name": f"Marta {self.dice.randrange(10**6)}", "owner": self.someone(), "company": row}
        return repr(create(registry["person"], values, by=self.by))

    def do_deal(self):
        values = {"name": f"Sensors {self.dice.randrange(10**6)}", "owner": self.someone()}
        links = {"company": self.live("company"), "contact": self.live("person")}
        keys = self.dice.choice([("company",), ("contact",), ("company", "contact")])
        return repr(create(registry["deal"], {**values, **{k: links[k] for k in keys}}, by=self.by))

    def do_ticket(self):
        links = {
            "company": self.dice.choice([None, self.live("company")]),
            "person": self.dice.choice([None, self.live("person")]),
        }
        values = {
            "subject": f"Sensor {self.dice.randrange(10**6)} is offline",
            "request": "Since Sunday.",
            "owner": self.someone(),
        }
        return repr(create(registry["ticket"], {**values, **links}, by=self.by))

    def do_ticket_verb(self):
        verb = self.dice.choice(["answer", "wait", "go_on", "solve", "reopen", "hand", "note"])
        row = self.live("ticket")
        raw = {"answer": {"body": "We look into it."}, "hand": {"owner": str(self.dice.choice([*self.users.values()]).pk)},
               "note": {"body": "Careful."}}.get(verb, {})  # fmt: skip
        if row is not None:
            perform(ACTIONS[f"ticket.{verb}"], row, raw, by=self.by)
            return f"{verb} {row.pk}"
        return None

    def do_ticket_owner(self):
        if (row := self.live("ticket")) is not None:
            edit(registry["ticket"], row, {"owner": self.someone()}, by=self.by)
            return f"ticket {row.pk}"
        return None

    def do_plan(self):
        if (row := self.any_of("company", "person", "deal")) is not None:
            set_next_step(registry[row._meta.model_name], row, subject="Call back", due=self.soon(), by=self.by)
            return f"{row._meta.model_name} {row.pk}"
        return None

    do_plan_again = do_plan

    def do_call(self):
        if (row := self.any_of("company", "person", "deal")) is not None:
            call(self.by, **{row._meta.model_name: row})
            return f"{row._meta.model_name} {row.pk}"
        return None

    def do_edit_owner(self):
        if (row := self.any_of("company", "person", "deal", "activity")) is not None:
            edit(registry[row._meta.model_name], row, {"owner": self.someone()}, by=self.by)
            return f"{row._meta.model_name} {row.pk}"
        return None

    def do_edit_links(self):
        row = self.any_of("person", "deal", "activity")
        if row is not None:
            edit(
                registry[row._meta.model_name],
                row,
                {"company": self.dice.choice([None, self.live("company")])},
                by=self.by,
            )
            return f"{row._meta.model_name} {row.pk} to {row.company_id}"
        return None

    def do_edit_contact(self):
        if (row := self.live("deal")) is not None:
            edit(registry["deal"], row, {"contact": self.dice.choice([None, self.live("person")])}, by=self.by)
            return f"deal {row.pk}"
        return None

    def do_edit_date(self):
        if (row := self.live("activity")) is not None:
            edit(registry["activity"], row, {"due_at": self.dice.choice([None, self.soon()])}, by=self.by)
            return f"activity {row.pk}"
        return None

    def do_activity(self):
        name, by = self.dice.choice(["finish", "finish", "reopen", "postpone"]), self.by
        row = self.live("activity", done_at__isnull=name != "reopen")
        if row is not None:
            raw = {"due": self.soon().isoformat()} if name == "postpone" else {}
            perform(ACTIONS[f"activity.{name}"], row, raw, by=by)
            return f"{name} {row.pk}"
        return None

    def do_close_or_reopen_deal(self):
        verb = self.dice.choice(["win", "lose", "reopen"])
        row = self.live("deal", **({"status__in": ["won", "lost"]} if verb == "reopen" else {"status": "open"}))
        if row is not None:
            raw = {} if verb == "reopen" else {"reason": self.reason["won" if verb == "win" else "lost"].pk}
            perform(ACTIONS[f"deal.{verb}"], row, raw, by=self.by)
            return f"{verb} {row.pk}"
        return None

    def do_journey(self):
        verb = self.dice.choice(["close", "reopen", "come_back", "move"])
        row = self.live("journey", closed_at__isnull=verb not in ("reopen", "come_back"))
        raw = {
            "close": {"outcome": "dormant", "reason": "Not now"},
            "move": {"stage": self.dice.choice(["qualify", "deal", "service"]), "reason": "As it is"},
        }.get(verb, {})
        if row is not None:
            perform(ACTIONS[f"journey.{verb}"], row, raw, by=self.by)
            return f"{verb} {row.pk}"
        return None

    def do_archive(self):
        if (
            self.dice.random() < 0.5
            and (row := self.any_of("company", "person", "deal", "activity", "ticket")) is not None
        ):
            archive(registry[row._meta.model_name], row, by=self.by)
            return f"{row._meta.model_name} {row.pk}"
        return None

    def do_restore(self):
        row = self.any_of("company", "person", "deal", "activity", "ticket", archived_at__isnull=False)
        if row is not None:
            restore(registry[row._meta.model_name], row, by=self.by)
            return f"{row._meta.model_name} {row.pk}"
        return None

    def do_merge(self):
        record = self.dice.choice(["company", "person", "ticket"])
        keep, other = self.live(record), self.live(record)
        if keep is not None and keep.pk != other.pk:
            merge(registry[record], keep, [other], by=self.by)
            return f"{record} {other.pk} into {keep.pk}"
        return None

    def do_import(self):
        by = actor("astrid", "import")
        record = self.dice.choice(["company", "person", "deal"])
        values = {
            "company": {"name": "Hotel"}, "person": {"given_name": "Tom", "company": self.live("company")},
            "deal": {"name": "Lamps", "company": self.live("company")},
        }[record]  # fmt: skip
        items = [New({**values, "owner": self.someone()}) for _n in range(3)]
        made = bulk_create(registry[record], items, by=by, refused=lambda n, problem: None)
        return f"{record} {[row and row.pk for row in made]}"

    def do_bulk(self):
        record = self.dice.choice(["company", "person", "deal"])
        ids = tuple(registry[record].model.objects.order_by("?").values_list("pk", flat=True)[:4])
        ids = tuple(sorted(ids)[: self.dice.randrange(1, 5)])
        who = self.dice.choice([*self.users.values()])
        wish = wish_of(registry[record], "edit", len(ids), {"owner": str(who.pk)}, named="owner")
        bulk_change(registry[record], Selection(ids=ids), wish, by=self.by)
        return f"{record} {ids} to {who}"

    def do_leave_or_come_back(self):
        who = self.dice.choice(list(self.users.values()))
        who.refresh_from_db()
        (accounts.deactivate if who.is_active else accounts.reactivate)(who, by=self.by)
        return f"{who} {'leaves' if who.is_active else 'comes back'}"

    def do_undo(self):
        op = (
            Operation.objects.filter(undone_at__isnull=True)
            .exclude(record="process")
            .order_by("-pk")[self.dice.randrange(6) :]
            .first()
        )
        if op is not None:
            undo(op, by=self.by)
            return f"{op.kind} {op.label}"
        return None

    do_undo_again = do_undo


@pytest.mark.parametrize(("seed", "published", "operations"), [(1, True, 700), (2, True, 700), (3, False, 600)])
def test_after_thousands_of_operations_the_proof_finds_nothing(seed, published, operations):
    tidewell, seen = Tidewell(seed, published), 0
    for n in range(1, operations + 1):
        tidewell.step()
        if n % LOOK_EVERY == 0:
            found = check()
            assert found.violations == 0, "\n".join([*map(str, found.rows), *tidewell.log])
            seen += found.totals["checked"]
    assert seen > 50 and Unattended.objects.exists()
    refused = sum(": refused" in told or " refused" in told for told in tidewell.log)
    idle = sum(told.endswith("nothing to do") for told in tidewell.log)
    assert refused + idle < operations / 2, "Most of the day must happen."
