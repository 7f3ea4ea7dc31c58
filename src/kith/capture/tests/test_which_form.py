"""Conditions on behaviour name the form that was sent and the asset that was downloaded, and are built by choosing them."""

import pytest

from kith.capture.tests.forms import checklist, send
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.compile import compile_tree, say_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.kernel.timeline.holding import holds, needed, offered
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
people = registry["person"]


def two_forms():
    first = checklist()
    other = create(registry["form"], {"name": "Price guide", "draft": first.draft}, by=system("cli"))
    return first, ACTIONS["form.publish"].run(other, by=system("cli"))


def found(text):
    rows = compile_tree(people, parse(text), system("cli")).apply(people.rows(system("cli")))
    return sorted(rows.values_list("given_name", flat=True))


def test_a_filter_names_the_form_that_was_sent():
    first, other = two_forms()
    send()
    send(key=other.key, _t="", name="Marta Kowalska", email="marta@bellevue.example")
    run_waiting_jobs()
    assert found(f"happened.at_least:form.submitted|1|30|form_id={first.pk}") == ["Elin"]
    assert found(f"happened.never:form.submitted|30|form_id={first.pk}") == ["Marta"]
    said = say_tree(people, parse(f"happened.at_least:form.submitted|1|30|form_id={other.pk}"), actor("astrid"))
    assert said == "Happened at least 1 time within 30 days: sent the form “Price guide”"
    edit(registry["form"], first, {"name": "Renamed"}, by=system("cli"))
    assert found(f"happened.at_least:person.captured|1|30|form={first.pk}") == ["Elin"]


def test_the_editor_offers_the_forms_there_are_and_forgets_them_with_another_event(client):
    first, other = two_forms()
    client.force_login(user("astrid"))
    assert (f"form_id={other.pk}", "Price guide") in offered("form.submitted", actor("astrid"))
    sent = {"g-r": "all", "c-r-0": "happened", "o-r-0": "at_least", "s-r-0": "happened.happened"}
    chosen = [*("form.submitted", "2", "30"), f"form_id={first.pk}"]
    shown = client.get("/people/filter/", {**sent, "v-r-0": chosen, "do": "refresh:r-0"}).content.decode()
    assert f'<option value="form_id={first.pk}" selected>Leak-risk checklist</option>' in shown
    done = client.get("/people/filter/", {**sent, "v-r-0": chosen, "do": "apply"})["Location"]
    assert f"form.submitted%7C2%7C30%7Cform_id%3D{first.pk}" in done.replace("|", "%7C").replace("id=", "id%3D")
    other_event = client.get("/people/filter/", {**sent, "v-r-0": ["activity.called", *chosen[1:]], "do": "apply"})
    assert "form_id" not in other_event["Location"]


def test_what_an_event_must_hold_is_written_one_way_with_commas_in_its_values_too():
    assert needed("kind=training, online=true") == {"kind": "training", "online": "true"}
    assert needed("url=https://tidewell.example/a,b?c=1") == {"url": "https://tidewell.example/a,b?c=1"}
    assert holds({"kind": "training", "online": True, "n": 3}, needed("kind=training,online=true,n=3"))
    assert not holds({"kind": "call"}, needed("kind=training"))
