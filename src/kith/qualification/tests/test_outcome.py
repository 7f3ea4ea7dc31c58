"""How leads are decided: verdicts stay, sleepers wake up, honest noes are credited, deals link to what is there and can be undone."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from kith.activities import writing
from kith.activities.models import Activity
from kith.contacts.models import Company, Person
from kith.deals.models import Deal
from kith.deals.tests.cast import deal
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from kith.qualification.models import FitReason, Lead, Verdict
from kith.qualification.outcome.converting import Wish, convert
from kith.qualification.outcome.deciding import state_of
from kith.qualification.outcome.matching import companies_of, deals_of
from kith.qualification.tests.cast import captured, make, person
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
TOMORROW = timezone.now() + dt.timedelta(days=1)


def say(verb, row, by="ines", **raw):
    done = perform(ACTIONS[f"person.{verb}"], row, raw, by=actor(by))
    row.refresh_from_db()
    return done


def state(row):
    return state_of(row)


def verbs(row):
    return [
        v
        for v in Event.objects.filter(links__record="person", links__record_id=row.pk)
        .order_by("id")
        .values_list("verb", flat=True)
        if v.startswith("lead.")
    ]


def test_a_lead_is_qualified_and_that_can_be_taken_back():
    marta = person()
    done = say("qualify", marta, words="Two floods a year, budget known")
    assert (state(marta), verbs(marta)) == ("qualified", ["lead.qualified"])
    assert undo(done.operation, by=actor("ines")).conflicts == []
    assert state(marta) == ""
    assert not Verdict.objects.filter(archived_at=None).exists()


def test_who_sleeps_has_a_day_and_a_task_so_that_nobody_forgets_them():
    marta = person(owner=user("jonas"))
    with pytest.raises(NeedsInput):
        say("nurture", marta)
    with pytest.raises(Invalid, match="a day to come"):
        say("nurture", marta, wake_at="2020-01-01T09:00")
    done = say("nurture", marta, wake_at="2030-05-04T09:00")
    assert marta.next_step == "Look again: is it time now?"
    assert Activity.objects.get(person=marta).owner == user("jonas")
    assert Lead.objects.get(person=marta).wake_at.year == 2030
    undo(done.operation, by=actor("ines"))
    marta.refresh_from_db()
    assert (marta.next_step, state(marta)) == ("", "")


def test_the_question_when_to_wake_somebody_up_offers_likely_days(client):
    client.force_login(user("ines"))
    marta = person()
    asked = client.get(f"/people/{marta.pk}/do/nurture")
    assert asked.status_code == 200
    for words in ("In a month", "In three months", "In half a year"):
        assert words in asked.content.decode()
    day = (timezone.localdate() + dt.timedelta(days=91)).isoformat()
    assert f'value="{day}T09:00"' in asked.content.decode()


def test_a_no_needs_a_reason_and_says_whom_we_advised():
    reason = make("fit_reason", name="Too small for us to help well")
    marta = person()
    with pytest.raises(NeedsInput):
        say("not_a_fit", marta)
    say("not_a_fit", marta, reason=str(reason.pk), advised="The plumbers' guild of Gdańsk")
    told = Verdict.objects.get(person=marta)
    assert (told.reason, told.advised, told.user) == (reason, "The plumbers' guild of Gdańsk", user("ines"))


def test_who_comes_back_after_a_no_is_credited_to_it_and_keeps_their_first_source():
    reason = make("fit_reason", name="No budget")
    marta = person(source="Trade fair")
    say("not_a_fit", marta, reason=str(reason.pk), advised="A lender")
    captured(marta, source="Contact form")
    told = Verdict.objects.get(person=marta, state="not_a_fit")
    assert told.returned_at is not None
    assert (state(marta), marta.source) == ("back", "Trade fair")
    assert verbs(marta)[:2] == ["lead.not_a_fit", "lead.came_back"]


def test_the_ledger_counts_noes_advice_and_returns(client):
    client.force_login(user("ines"))
    reason = make("fit_reason", name="No budget")
    for n in range(3):
        row = person(f"Lead {n}")
        say("not_a_fit", row, reason=str(reason.pk), advised="A lender" if n else "")
        if n == 2:
            captured(row)
    page = client.get("/honest-noes/").content.decode()
    assert "1 of them after advice" in page
    assert "A lender" in page
    assert client.get("/verdicts/?view=returned").status_code == 200


def test_a_company_is_proposed_by_its_domain_and_a_deal_by_the_company_each_with_evidence():
    bellevue = make("company", name="Bellevue Group", domain="bellevue.example")
    alike = make("company", name="Bellevue Groupe")
    running = deal(actor("ines"), company=bellevue)
    marta = person(emails=[{"value": "marta@bellevue.example", "label": ""}])
    found = companies_of(marta, actor("ines"), "Bellevue Group")
    assert [(m.row, m.sure) for m in found] == [(bellevue, True), (alike, False)] or found[0].row == bellevue
    assert found[0].why == "the e-mail address is of its domain bellevue.example"
    assert [(m.row, m.why) for m in deals_of(marta, found, actor("ines"))] == [(running, "open with Bellevue Group")]


def test_a_free_mail_address_says_nothing_about_a_company():
    make("company", name="Google", domain="gmail.com")
    assert companies_of(person(emails=[{"value": "marta@gmail.com", "label": ""}]), actor("ines")) == []


def test_a_lead_becomes_a_deal_with_its_company_and_is_undone_as_one():
    deal(actor("ines"))
    marta = person(owner=user("jonas"))
    made, op = convert(
        marta, Wish(new_company="Bellevue Group", new_deal="Leak map", amount=Decimal(9000)), by=actor("ines")
    )
    marta.refresh_from_db()
    assert (made.contact, made.company.name, made.owner, made.amount) == (
        marta,
        "Bellevue Group",
        user("jonas"),
        Decimal(9000),
    )
    assert (marta.company, state(marta)) == (made.company, "converted")
    writing.write_note(made, body="They want it by May", by=actor("ines"))
    assert undo(Operation.objects.get(pk=op.pk), by=actor("ines")).conflicts == []
    marta.refresh_from_db()
    made.refresh_from_db()
    assert (marta.company, state(marta), bool(made.archived_at)) == (None, "", True)
    assert Company.objects.get(name="Bellevue Group").archived_at is not None
    assert Activity.objects.filter(deal=made, body="They want it by May").exists()


def test_linking_to_an_open_deal_fills_what_it_lacks_and_nothing_else():
    bellevue = make("company", name="Bellevue Group")
    running = deal(actor("ines"), name="Running", company=bellevue, owner=user("jonas"))
    marta = person(company=bellevue)
    _deal, op = convert(marta, Wish(deal=running), by=actor("ines"))
    running.refresh_from_db()
    assert (running.contact, running.owner, Deal.objects.count()) == (marta, user("jonas"), 1)
    undo(Operation.objects.get(pk=op.pk), by=actor("ines"))
    running.refresh_from_db()
    assert (running.contact, running.archived_at) == (None, None)


def test_what_was_changed_meanwhile_stays_and_is_named():
    deal(actor("ines"))
    marta = person()
    _deal, op = convert(marta, Wish(new_company="Bellevue Group", new_deal="Leak map"), by=actor("ines"))
    other = make("company", name="Atlas Property Two")
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry

    marta.refresh_from_db()
    actions.edit(registry["person"], marta, {"company": other}, by=actor("jonas"))
    conflicts = undo(Operation.objects.get(pk=op.pk), by=actor("ines")).conflicts
    assert any("company was changed since" in words for words in conflicts)
    assert Person.objects.get(pk=marta.pk).company == other


def test_one_screen_converts_and_refuses_in_words(client):
    client.force_login(user("ines"))
    deal(actor("ines"))
    bellevue = make("company", name="Bellevue Group", domain="bellevue.example")
    marta = person(emails=[{"value": "marta@bellevue.example", "label": ""}])
    page = client.get(f"/people/{marta.pk}/convert").content.decode()
    assert f'value="{bellevue.pk}" checked' in page
    assert "Mail that left stays sent." in page
    refused = client.post(f"/people/{marta.pk}/convert", {"company": bellevue.pk, "deal": "", "new_deal": ""})
    assert refused.status_code == 422
    assert "give a new one a name" in refused.content.decode()
    response = client.post(f"/people/{marta.pk}/convert", {"company": bellevue.pk, "deal": "", "new_deal": "Leak map"})
    assert response.status_code == 303
    made = Deal.objects.get(name="Leak map")
    assert made.company == bellevue
    assert "/panel/verdict" in client.get(f"/people/{marta.pk}").content.decode()
    shown = client.get(f"/people/{marta.pk}/panel/verdict", headers={"HX-Request": "true"}).content.decode()
    assert "Converted" in shown


def test_on_the_screen_one_says_that_it_is_somebody_we_know_and_the_deal_is_theirs(client):
    astrid = actor("astrid")
    client.force_login(user("astrid"))
    deal(astrid)
    known = person("Marta Kowalczyk", emails=[{"value": "marta@bellevue.example", "label": ""}])
    lead = person("Martha Kowalczyk", job_title="Caretaker", emails=[{"value": "marta@bellevue.example", "label": ""}])
    writing.write_note(lead, body="She called about leaks", by=astrid)
    page = client.get(f"/people/{lead.pk}/convert").content.decode()
    assert f'name="same" value="{known.pk}"' in page and 'name="same" value="" checked' in page
    sent = {"same": known.pk, "company": "", "deal": "", "new_company": "Bellevue Group", "new_deal": "Leak map"}
    assert client.post(f"/people/{lead.pk}/convert", sent).status_code == 303
    lead.refresh_from_db(), known.refresh_from_db()
    made = Deal.objects.get(name="Leak map")
    assert (made.contact, made.company.name, known.company, state(known)) == (
        known,
        "Bellevue Group",
        made.company,
        "converted",
    )
    assert lead.archived_at is not None and known.job_title == "Caretaker"
    assert Activity.objects.get(body="She called about leaks").person_id == known.pk
    op = Operation.objects.latest("pk")
    assert undo(op, by=astrid).conflicts == []
    lead.refresh_from_db(), known.refresh_from_db(), made.refresh_from_db()
    assert (lead.archived_at, known.company, known.job_title, state(known)) == (None, None, "", "")
    assert made.archived_at is not None and Activity.objects.get(body="She called about leaks").person_id == lead.pk


def test_a_verdict_and_a_deal_need_reach_on_the_person(client):
    from tests.cast import policy

    marta = person(owner=user("jonas"))
    policy("member", "person", see="own", edit="own", archive="own")
    client.force_login(user("ines"))
    assert client.get(f"/people/{marta.pk}/convert").status_code == 404
    assert client.post(f"/people/{marta.pk}/do/qualify", {}).status_code == 404
    assert not FitReason.objects.exists()


def test_whom_a_deal_has_decided_about_is_not_asked_about_again(client):
    client.force_login(user("ines"))
    bellevue = make("company", name="Bellevue")
    marta = person(company=bellevue)
    words, panel = "Nobody decided yet whether we can help.", f"/people/{marta.pk}/panel/verdict"
    assert words in client.get(panel, headers={"HX-Request": "true"}).content.decode()
    deal(actor("ines"), company=bellevue)
    assert words not in client.get(panel, headers={"HX-Request": "true"}).content.decode()
