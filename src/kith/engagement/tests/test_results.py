"""What became of sequences: counts per step and reason, two wordings compared with an honest interval; and the pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from kith.engagement import actions as do
from kith.engagement.engine import variant_of
from kith.engagement.models import Enrolment, Sequence, Step
from kith.engagement.results import Side, results_of
from kith.engagement.tests.making import MONDAY, add, again, at, enrol, sequence, template, work
from kith.kernel.intervals import difference, wilson
from kith.kernel.lookups.bulk import Wish, bulk_change
from kith.kernel.lookups.selection import Selection
from kith.kernel.records import actions
from kith.kernel.records.action import perform
from kith.kernel.records.registry import registry
from kith.ui.pages.tests.helpers import HTMX, text_of
from tests.cast import policy, user

pytestmark = pytest.mark.django_db
MAIL, WAIT = {"do": "mail", "template": "Welcome"}, {"do": "wait", "for": "2 days"}


def test_the_interval_of_a_share_is_that_of_wilson():
    low, high = wilson(81, 263)  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 20)[0] == 0.0 and round(wilson(0, 20)[1], 4) == 0.1611


def test_the_interval_of_a_difference_is_that_of_newcombe():
    told = difference(48, 80, 56, 70)  # Newcombe 1998, table II, method 10: 56/70 less 48/80
    assert told and (round(told.value, 4), round(told.low, 4), round(told.high, 4)) == (0.2, 0.0524, 0.3339)
    assert told.claims


@given(st.integers(0, 200), st.integers(0, 200), st.integers(30, 200), st.integers(30, 200))
def test_a_difference_lies_in_its_interval_and_that_within_what_is_possible(a, b, of_a, of_b):
    told = difference(min(a, of_a), of_a, min(b, of_b), of_b)
    assert told and -1 <= told.low <= told.value + 1e-9 and told.value - 1e-9 <= told.high <= 1


def test_under_thirty_a_side_nothing_is_said():
    assert difference(1, 29, 20, 400) is None and difference(1, 30, 2, 30) is not None


def test_wordings_are_given_out_evenly_and_the_same_to_somebody_whenever_one_asks():
    given_out = [variant_of(n, 0) for n in range(2000)]
    assert 900 < given_out.count("a") < 1100 and given_out == [variant_of(n, 0) for n in range(2000)]


def people(ines, n):
    return [add(ines, "person", given_name=f"P{i}", emails=f"p{i}@bellevue.example") for i in range(n)]


def under_way(ines, n=4, **more):
    """n people who got the first mail of a sequence of two."""
    template()
    template("Short", subject="Short", body="Talk?")
    made = sequence([MAIL | more, WAIT, MAIL])
    with at(MONDAY):
        rows = [enrol(person, made) for person in people(ines, n)]
    with at("2026-11-23 10:02:00+00:00"):
        work()
    return made, rows


def test_each_step_says_who_waits_before_it_who_had_it_and_who_answered(ines):
    from kith.activities.events import MailReceived
    from kith.kernel.access.actor import system
    from kith.kernel.timeline.change import change

    made, rows = under_way(ines)
    with change(rows[0].person, by=system("mail"), verb="see") as c:
        c.says(MailReceived(message=0, subject="Re"))
    perform(do.stop, again(rows[1]), {}, by=ines)
    told = results_of(ines, made)
    assert [(s.number, s.waiting, s.done, s.replied) for s in told["steps"]] == [
        ("1", 0, 4, 1),
        ("2", 0, 4, 0),
        ("3", 2, 0, 0),
    ]
    assert (told["total"], told["going"], {key: n for _w, key, n in told["ended"]}) == (
        4,
        2,
        {"replied": 1, "by_hand": 1},
    )


def test_each_version_keeps_its_own_results_on_a_page_and_for_programs(browser, ines):
    made, rows = under_way(ines)
    actions.edit(
        registry["sequence"],
        made,
        {"draft": {"steps": [{"do": "task", "subject": "Look", "within": "1 day"}]}},
        by=ines,
    )
    made.refresh_from_db()
    do.publish(made, by=ines)
    with at(MONDAY):
        enrol(people(ines, 1)[0], made, by=ines)
        made.refresh_from_db()
        assert [(s.number, s.waiting) for s in results_of(ines, made)["steps"]] == [("1", 1)]
        told = next(part for part in registry["sequence"].parts if part.key == "results").dump(ines, made)
    assert [(one["version"], one["do"]) for one in told] == [
        (2, "task"),
        *((1, s.do) for s in results_of(ines, made, 1)["steps"]),
    ]
    assert [one["done"] for one in told if one["version"] == 1][0] == len(rows)
    page = browser.get(f"/sequences/{made.pk}/results?version=1")
    assert (
        "Version 1. Those enrolled before" in text_of(page)
        and f"/sequences/{made.pk}/results?version=2" in page.content.decode()
    )
    assert "Look" in text_of(browser.get(f"/sequences/{made.pk}/results"))
    for wrong in ("9", "x"):
        assert browser.get(f"/sequences/{made.pk}/results?version={wrong}").status_code == 404


def test_people_out_of_reach_are_not_counted(ines):
    from tests.cast import actor

    made, _rows = under_way(ines)
    policy("member", "person", see="own")
    assert results_of(actor("jonas"), made)["total"] == 0


def test_two_wordings_are_compared_once_there_are_enough(ines):
    made, rows = under_way(ines, other="Short")
    [mail, *_rest] = results_of(ines, made)["steps"]
    assert {*mail.sides} <= {"a", "b"} and "Too few" in mail.verdict
    mail.sides = {"a": Side(80, 48), "b": Side(70, 56)}  # four may all have drawn the same one
    assert mail.verdict == "B brings +20.0 points of replies (95 % between +5.2 and +33.4)."
    assert {s.variant for s in Step.objects.filter(do="mail")} <= {"a", "b"} and len(rows) == 4


def test_results_cost_the_same_whatever_number_is_enrolled(ines):
    made, _rows = under_way(ines, 2)
    with CaptureQueriesContext(connection) as few:
        results_of(ines, made)
    for person in people(ines, 6):
        Enrolment.objects.create(sequence=made, version_number=1, person=person, owner=user("ines"), name="x")
    with CaptureQueriesContext(connection) as many:
        results_of(ines, made)
    assert len(few) == len(many)


def test_many_are_enrolled_from_the_list_and_each_refusal_is_told(ines):
    template()
    made = sequence([MAIL])
    rows = people(ines, 3)
    nobody = add(ines, "person", given_name="Tom")
    told = bulk_change(
        registry["person"], Selection(ids=(*(r.pk for r in rows), nobody.pk)),
        Wish("do", "Enrol", {"sequence": str(made.pk)}, "person.enrol"), by=ines,
    )  # fmt: skip
    assert told.changed == 3 and [(name, why) for _pk, name, why in told.refused] == [
        ("Tom", "No e-mail address of Tom is known, and this sequence writes mails.")]  # fmt: skip


def test_a_program_enrols_and_a_workflow_does(client, ines):
    from kith.automation.tests.making import work as automate
    from kith.automation.tests.making import workflow

    template()
    made = sequence([WAIT, MAIL])
    client.force_login(user("ines"))
    step = {"do": "action", "action": "person.enrol", "inputs": {"sequence": str(made.pk)}}
    workflow({"record": "person", "when": {"event": "person.created"}, "steps": [step]}, name="Welcome them")
    tom = add(ines, "person", given_name="Tom", emails="tom@bellevue.example")
    automate()
    assert Enrolment.objects.get().person == tom


# --- pages -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(client, ines):
    client.force_login(user("ines"))
    return client


def fresh_draft(pk):
    return Sequence.objects.get(pk=pk).draft


def test_steps_are_added_edited_put_in_order_and_taken_out_on_plain_forms(browser, ines):
    welcome = template()
    made = actions.create(registry["sequence"], {"name": "First talk"}, by=ines)
    base = f"/sequences/{made.pk}/steps"
    browser.post(f"{base}/one?new=mail&where=", {"template": str(welcome.pk)})
    browser.post(f"{base}/one?new=wait&where=", {"for": "3 business days"})
    assert browser.get(f"{base}/one?new=branch&where=").headers["Location"].endswith("filter?at=3")
    browser.post(f"{base}/one?new=task&where=3a.", {"subject": "Invite her"})
    draft = fresh_draft(made.pk)
    assert [s["do"] for s in draft["steps"]] == ["mail", "wait", "branch"]
    assert draft["steps"][2]["then"] == [{"do": "task", "subject": "Invite her"}]
    browser.post(base, {"do": "order", "step": ["3", "1", "2"]})
    browser.post(base, {"do": "remove:1a.1"})
    browser.post(base, {"do": "down:1"})
    assert [s["do"] for s in fresh_draft(made.pk)["steps"]] == ["mail", "branch", "wait"]
    browser.post(base, {"do": "window", "window": "Mon 10:00-12:00"})
    assert fresh_draft(made.pk)["window"] == "Mon 10:00-12:00"
    assert "write “Welcome”" in text_of(browser.get(base))


def test_what_a_form_of_steps_cannot_take_is_said_and_changes_nothing(browser, ines):
    made = actions.create(registry["sequence"], {"name": "First talk", "draft": {"steps": [WAIT]}}, by=ines)
    base = f"/sequences/{made.pk}/steps"
    answer = browser.post(f"{base}/one?new=wait&where=", {"for": "a while"})
    assert answer.status_code == 422 and "no span of time" in text_of(answer)
    answer = browser.post(base, {"do": "window", "window": "sometimes"})
    assert answer.status_code == 422 and "does not say a day" in text_of(answer)
    assert browser.post(base, {"do": "order", "step": ["1", "2"]}).status_code == 422
    assert browser.get(f"{base}/one?at=9").status_code == 404
    assert fresh_draft(made.pk)["steps"] == [WAIT]


def test_a_sequence_its_people_and_a_person_show_where_everybody_stands(browser, ines):
    made, rows = under_way(ines, other="Short")
    assert "version 1 counts" in text_of(browser.get(f"/sequences/{made.pk}"))
    panel = text_of(browser.get(f"/sequences/{made.pk}/panel/sequence-results", headers=HTMX))
    assert "Enrolled 4" in panel and "Too few to compare" in panel
    page = text_of(browser.get(f"/enrolments/{rows[0].pk}"))
    assert "next," in page and "wording" in page
    assert "next," in text_of(browser.get(f"/people/{rows[0].person_id}/panel/sequence", headers=HTMX))
