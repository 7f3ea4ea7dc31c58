"""The first steps in one story: somebody sends a form, is answered, scored and given to a colleague who sees them on Today
with a clock; a sequence begins, and their answer by mail ends it. A real mail server hands the mails over."""

from __future__ import annotations

import pytest
from django.test import Client

from kith.activities.models import Message
from kith.capture.tests.forms import ELIN, checklist, send
from kith.contacts.models import Person
from kith.engagement.engine import advance_due
from kith.engagement.models import Enrolment
from kith.engagement.tests.making import sequence, template
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.process.tests.cast import in_force
from kith.process.tests.test_leads import WITH_LEADS
from kith.today.page import day_of
from kith.today.scope import scope_of
from tests.cast import actor, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
ELSEWHERE = {"origin": "https://www.tidewell.example", "referer": "https://www.tidewell.example/leaks"}


def make(record, **raw):
    kind, astrid = registry[record], actor("astrid")
    return actions.create(kind, actions.parse_values(kind, raw, by=astrid), by=astrid)


def prepared():
    """A form, a process whose first step has a clock, a rule who looks after new people, and one that scores them."""
    in_force(WITH_LEADS)
    checklist()
    make("assignment_rule", name="Everybody", user=str(user("ines").pk), answer_within="2 business hours")
    make("score_rule", name="Came through a form", part="engagement", points="20", verb="form.submitted")
    make("score_rule", name="Works for somebody", part="fit", points="15", where="company.filled")


def test_from_a_form_on_another_site_to_an_answer_that_ends_the_sequence(postbox):
    prepared()
    answer = send(Client(), headers=ELSEWHERE)
    assert answer.status_code == 303 and answer["Access-Control-Allow-Origin"] == "*"
    run_waiting_jobs()

    elin = Person.objects.get()
    assert (elin.name, elin.company.name, elin.owner) == ("Elin Sørensen", "Fjordheim Senior Living", user("ines"))
    (said,) = [m for m in postbox.kept if m["To"] == ELIN["email"]]
    assert said["Subject"] == "Your checklist, Elin" and said["Auto-Submitted"] == "auto-replied"
    scored = registry["person"].columns()
    row = (
        registry["person"].listing(registry["person"].rows(actor("ines")), [scored["fit"], scored["engagement"]]).get()
    )
    assert (scored["fit"].get(row), scored["engagement"].get(row)) == (15, 20)

    day = day_of(actor("ines"), scope_of(actor("ines")))
    (leads,) = [s for s in day.sections if s.key == "leads"]
    assert leads.items[0].name == "Fjordheim Senior Living" and leads.items[0].when.endswith("left")

    one = sequence([
        {"do": "mail", "template": template().pk}, {"do": "wait", "for": "2 days"}, {"do": "mail", "template": template("Still there?").pk},
    ])  # fmt: skip
    perform(ACTIONS["person.enrol"], elin, {"sequence": str(one.pk)}, by=actor("ines"))
    Enrolment.objects.update(due_at="2026-01-01T00:00Z")
    advance_due()
    run_waiting_jobs(names=["activities.send_mail"])
    enrolment = Enrolment.objects.get()
    assert enrolment.state == "active", enrolment.why
    written = Message.objects.get()
    assert [m["To"] for m in postbox.kept][-1] == ELIN["email"]

    take_in(letter("Tuesday suits us.", From=f"Elin <{ELIN['email']}>", In_Reply_To=written.message_id).as_bytes())
    run_waiting_jobs(names=["mail.work"])
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.outcome) == ("stopped", "replied")
    assert set(written.thread.messages.values_list("text", flat=True)) >= {"Tuesday suits us.\n", written.text} or (
        written.thread.messages.count() == 2
    )
