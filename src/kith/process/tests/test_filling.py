"""Each line of the card that is missing leads to where just that is filled in."""

from __future__ import annotations

import pytest

from kith.kernel.customfields.actions import archive_field, define
from kith.process.panels import gate
from kith.process.tests.cast import SMALL, company, in_force, made, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
NEEDS = """
    needs:
      - {key: title, says: We know what they do, by: field, of: person, column: job_title}
      - {key: closes, says: The day is known, by: field, of: deal, column: closes_on}
      - {key: amount, says: It is large, by: rule, rule: {of: deal, where: "amount.over:100"}}
      - {key: won, says: It is won, by: rule, rule: {of: deal, where: "status.is:won"}}
      - {key: place, says: We know where, by: rule, rule: {of: company, where: "city.filled,country.filled"}}
      - {key: met, says: We met, by: event, event: activity.met}
      - {key: came, says: They wrote, by: event, event: mail.received}
"""
ASKS = SMALL.replace("    within: 2 h\n", "    within: 2 h" + NEEDS.rstrip() + "\n", 1).replace(
    "    enters_on: [deal.created]\n", ""
)


@pytest.fixture
def ines():
    return actor("ines")


@pytest.fixture
def bellevue(ines):
    in_force(ASKS)
    return company(ines)


def lines(row, by):
    fresh = type(row).objects.get(pk=row.pk)  # a page reads it afresh
    return {line["key"]: line for line in gate(by, fresh)["asked"]}


def test_a_field_of_the_only_person_and_of_the_open_deal_is_filled_in_place(ines, bellevue):
    marta, deal = person(ines, company=bellevue), made("deal", ines, name="Sensors", company=bellevue)
    found = lines(bellevue, ines)
    assert found["title"]["edit"] == f"/people/{marta.pk}/cell/job_title?at=facts"
    assert found["closes"]["edit"] == f"/deals/{deal.pk}/cell/closes_on?at=facts"
    assert found["amount"]["edit"] == f"/deals/{deal.pk}/cell/amount?at=facts"
    assert found["amount"]["small"].startswith("Deal: Amount")


def test_of_several_people_or_where_there_is_no_deal_it_leads_to_their_list(ines, bellevue):
    person(ines, company=bellevue), person(ines, "Oliver", company=bellevue)
    found = lines(bellevue, ines)
    assert (found["title"]["edit"], found["title"]["href"]) == ("", f"/people/?filter=company.is%3A{bellevue.pk}")
    assert found["closes"]["href"] == f"/deals/?filter=company.is%3A{bellevue.pk}"


def test_what_no_field_fills_leads_to_the_row_that_the_rule_looks_at(ines, bellevue):
    deal = made("deal", ines, name="Sensors", company=bellevue)
    assert lines(bellevue, ines)["won"]["href"] == f"/deals/{deal.pk}"
    place = lines(bellevue, ines)["place"]
    assert (place["edit"], place["href"]) == ("", "") and "City" in place["small"], "it is on this page already"


def test_what_people_write_down_is_written_over_the_page_and_all_else_is_seen_by_itself(client, ines, bellevue):
    found = lines(bellevue, ines)
    assert (found["met"]["href"], found["met"]["over"]) == (f"/companies/{bellevue.pk}/say/meeting", True)
    assert (found["came"]["href"], found["came"]["small"]) == ("", "Seen by itself when it happens")
    client.force_login(user("ines"))
    page = client.get(f"/companies/{bellevue.pk}").text
    assert f'hx-get="/companies/{bellevue.pk}/say/meeting"' in page and "Write down a meeting" in page
    assert client.get(found["met"]["href"], headers={"HX-Request": "true"}).status_code == 200


def test_every_place_it_leads_to_is_there(client, ines, bellevue):
    client.force_login(user("ines"))
    made("deal", ines, name="Sensors", company=bellevue)
    person(ines, company=bellevue), person(ines, "Oliver", company=bellevue)
    every = lines(bellevue, ines).values()
    for address in filter(None, (line["edit"] or line["href"] for line in every)):
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 200, address


def test_a_point_that_nobody_can_meet_leads_to_where_it_is_mended(client):
    astrid = actor("astrid")
    field = define(record="company", label="Trade", kind="text", by=astrid)
    need = f"    needs: [{{key: trade, says: Trade, by: field, of: company, column: custom.{field.key}}}]\n"
    in_force(SMALL.replace("    within: 2 h\n", f"    within: 2 h\n{need}", 1))
    row = company(astrid)
    archive_field(field, by=astrid)
    client.force_login(user("astrid"))
    assert '<a href="/settings/process/small/">Mend it' in client.get(f"/companies/{row.pk}").text
