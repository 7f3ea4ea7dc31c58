"""A deal's page: products, buying committee and time in stage, with the verbs of those who may change them."""

import html
import json
import re
from decimal import Decimal

import pytest

from kith.deals.actions import add_line, add_member, lose, move_to_stage
from kith.deals.models import Deal, Product
from kith.deals.tests.cast import days_ago, deal, reason, stage
from kith.kernel.access.actor import system
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.change import change
from tests.cast import actor, policy, text, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def sensor():
    row = Product(name="Leak sensor", price=Decimal(120), currency="EUR")
    with change(row, by=system()):
        pass
    return row


def person(by, name):
    return actions.create(registry["person"], {"given_name": name}, by=by)


def test_products_add_up_and_can_be_changed_where_they_stand(client, ines):
    made = add_line(deal(ines), product=sensor(), quantity=Decimal(14), by=ines)
    response = client.get(f"/deals/{made.pk}")
    assert re.search(r"Leak sensor 14 €120 – €1,680", text(response))
    line = made.lines.get()
    dialog = client.get(f"/deals/{made.pk}/do/change_line?line={line.pk}&quantity=14", HTTP_HX_REQUEST="true")
    (field,) = re.findall(r'<input[^>]*name="line"[^>]*>', dialog.content.decode())
    assert 'type="hidden"' in field
    assert f'value="{line.pk}"' in field
    sent = {"line": line.pk, "quantity": "10", "unit_price": "120", "discount": "", "discount_reason": ""}
    assert client.post(f"/deals/{made.pk}/do/change_line", sent, HTTP_HX_REQUEST="true").status_code == 204
    assert Deal.objects.get().amount == 1200
    ((to, sent),) = re.findall(r'hx-post="(/deals/\d+/do/remove_line)" hx-vals="([^"]+)"', response.content.decode())
    assert client.post(to, json.loads(html.unescape(sent)), HTTP_HX_REQUEST="true").status_code == 204  # asked nothing
    assert not made.lines.exists()


def test_a_deal_is_added_quickly_with_its_name_alone(client, ines):
    deal(ines)  # so that there is a pipeline
    sent = {"quick": "1", "name": "Norrsken Vård", "then": "open"}
    answer = client.post("/deals/new", sent, HTTP_HX_REQUEST="true")
    assert answer.status_code == 204, text(answer)
    assert answer["HX-Redirect"] == f"/deals/{Deal.objects.get(name='Norrsken Vård').pk}"
    nameless = client.post("/deals/new", sent | {"name": ""}, HTTP_HX_REQUEST="true")
    assert (nameless.status_code, "Name is needed." in text(nameless)) == (422, True)


def test_missing_roles_and_a_single_contact_are_said_on_the_page(client, ines):
    marta = person(ines, "Marta")
    made = deal(ines, stage="Proposal", contact=marta)
    panel = client.get(f"/deals/{made.pk}/panel/committee", HTTP_HX_REQUEST="true")
    assert "All hangs on one person" in text(panel)
    assert "Not known yet: Decides, Champion" in text(panel)
    add_member(made, person=marta, role="champion", influence=4, by=ines)
    add_member(made, person=person(ines, "Oliver"), role="decider", by=ines)
    panel = client.get(f"/deals/{made.pk}/panel/committee", HTTP_HX_REQUEST="true")
    assert "Champion, influence 4 of 5" in text(panel)
    assert "All hangs on one person" not in text(panel)


def test_names_of_people_beyond_ones_scope_are_not_told(client, ines):
    made = deal(ines)
    add_member(made, person=person(actor("jonas"), "Oliver"), role="decider", by=actor("jonas"))
    policy("member", "person", see="own")
    panel = client.get(f"/deals/{made.pk}/panel/committee", HTTP_HX_REQUEST="true")
    assert "Oliver" not in text(panel)
    assert "not yours to see" in text(panel)


def test_time_in_stage_is_told_stay_by_stay(client, ines):
    made = move_to_stage(deal(ines), stage=stage("Proposal"), by=ines)
    Deal.objects.filter(pk=made.pk).update(stage_since=days_ago(20))
    panel = text(client.get(f"/deals/{made.pk}/panel/stages", HTTP_HX_REQUEST="true"))
    assert panel.index("Discovery") < panel.index("Proposal now")
    assert "20 days without a step" in panel


def test_somebody_who_only_reads_finds_no_verbs(client, ines):
    made = add_line(deal(ines), product=sensor(), by=ines)
    client.force_login(user("rolf"))
    body = client.get(f"/deals/{made.pk}").content.decode()
    assert "Leak sensor" in body
    assert "/do/add_line" not in body
    assert "/do/change_line" not in body


def test_only_a_deal_that_goes_on_is_asked_for_its_next_step(client, ines):
    made = deal(ines)
    assert "Nobody is forgotten" in client.get(f"/deals/{made.pk}").content.decode()
    made = lose(made, reason=reason("Timing"), by=ines)
    assert "Nobody is forgotten" not in client.get(f"/deals/{made.pk}").content.decode()
