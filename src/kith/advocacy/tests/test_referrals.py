"""Referrals: who comes is a lead like any other, nothing is paid before what was agreed came about, nobody is paid for themselves."""

import re
from html import unescape

import pytest
import time_machine
from django.test import Client

from kith.advocacy import links, referring
from kith.advocacy.models import Code, Referral, Reward
from kith.advocacy.tests.making import company, person, programme, sent, won
from kith.awareness.models import Channel, Touch
from kith.contacts.consent.models import Consent
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, EventLink
from kith.kernel.timeline.operations import undo
from tests.cast import actor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def doubts(row):
    row.refresh_from_db()
    return [one["key"] for one in row.doubts]


def test_who_comes_through_a_code_is_a_new_lead_whose_source_is_the_recommendation():
    programme()
    marta = person()
    row = sent(marta)
    assert row.person is not None and row.person.source == "Friends of Tidewell" and row.reward == Reward.AGREED
    assert Touch.objects.get(person=row.person).channel == Channel.REFERRAL
    assert Event.objects.filter(verb="person.captured", record_id=row.person_id).exists()
    made = Event.objects.get(verb="referral.made")
    assert (made.record, made.record_id, made.actor_name) == ("person", marta.pk, "Marta Kowalska")
    assert ("person", row.person_id) in set(
        EventLink.objects.filter(event__verb="referral.came").values_list("record", "record_id")
    )
    assert doubts(row) == []


def test_nothing_is_paid_before_the_agreed_outcome_and_once_after_it():
    programme()
    row = sent(person())
    with pytest.raises(Invalid, match="Nothing is due"):
        ACTIONS["referral.pay"].run(row, how="By bank", by=actor("ines"))
    won(row.person)
    row.refresh_from_db()
    assert row.reward == Reward.DUE and row.outcome_at is not None
    ACTIONS["referral.pay"].run(row, how="By bank", by=actor("ines"))
    row.refresh_from_db()
    assert row.reward == Reward.PAID and Event.objects.filter(verb="referral.rewarded").count() == 1
    with pytest.raises(Invalid):
        ACTIONS["referral.pay"].run(row, how="By bank", by=actor("ines"))


def test_an_outcome_that_is_taken_back_makes_nothing_due():
    programme()
    row = sent(person())
    won(row.person)
    referring.taken_back(list(Event.objects.filter(verb="deal.won")), system())
    row.refresh_from_db()
    assert row.reward == Reward.AGREED and row.outcome_at is None


def test_a_won_deal_that_is_opened_again_makes_nothing_due_unless_another_one_stands():
    programme()
    row = sent(person())
    first, second = won(row.person), won(row.person, name="Watch")
    reopen = ACTIONS["deal.reopen"]
    perform(reopen, first, {}, by=actor("ines"))
    row.refresh_from_db()
    assert row.reward == Reward.DUE
    again = perform(reopen, second, {}, by=actor("ines"))
    row.refresh_from_db()
    assert row.reward == Reward.AGREED and row.outcome_at is None
    undo(again.operation, by=actor("ines"))
    row.refresh_from_db()
    assert row.reward == Reward.DUE and row.outcome_at is not None


@pytest.mark.parametrize(
    "address", ["marta@bellevue.example", "MARTA@Bellevue.example", "marta+friend@bellevue.example"]
)
def test_who_recommends_themselves_by_their_own_address_is_refused(address):
    programme()
    row = sent(person(), address)
    assert row.reward == Reward.REFUSED and row.reason == "The e-mail address is one of whoever recommends us."


def test_a_gmail_address_with_dots_is_the_same_mailbox():
    programme()
    row = sent(person("martakowalska@gmail.com"), "Marta.Kowalska@googlemail.com")
    assert row.reward == Reward.REFUSED


def test_the_phone_of_whoever_recommends_us_is_refused():
    programme()
    row = sent(person(phones=[{"value": "+48600700800", "label": ""}]), phone="+48600700800")
    assert row.reward == Reward.REFUSED and "phone number" in row.reason


def test_the_same_postal_address_is_for_a_colleague_to_look_at_however_it_is_written():
    programme()
    home = {"street": "Długa 7a", "city": "Gdańsk", "postcode": "80-831", "region": "", "country": "PL", "label": ""}
    row = sent(person(addresses=[home]))
    row.person.addresses = [{**home, "street": "DLUGA 7 A"}]
    row.person.save()
    won(row.person)
    assert doubts(row) == ["address"]
    assert row.reward == Reward.AGREED and row.outcome_at is not None


def test_the_same_company_waits_for_a_colleague_and_falls_due_once_they_looked():
    programme()
    row = sent(person("marta@bellevue.example"), "piotr@bellevue.example")
    assert doubts(row) == ["company"] and row.to_look_at == 1
    won(row.person)
    row.refresh_from_db()
    assert row.reward == Reward.AGREED
    ACTIONS["referral.clear"].run(row, reason="Another hotel of the group", by=actor("ines"))
    row.refresh_from_db()
    assert row.reward == Reward.DUE and row.to_look_at == 0


def test_an_existing_customer_brings_nobody_a_reward():
    programme()
    customer = person("piotr@fjordheim.example", given_name="Piotr")
    with time_machine.travel("2026-09-01 10:00:00+00:00", tick=False):
        won(customer)
    row = sent(person())
    assert row.person == customer and row.reward == Reward.REFUSED and "a customer before" in row.reason


def test_somebody_we_know_already_is_for_a_colleague_to_look_at():
    programme()
    with time_machine.travel("2026-09-01 10:00:00+00:00", tick=False):
        person("piotr@fjordheim.example", given_name="Piotr")
    assert doubts(sent(person())) == ["known"]


def test_a_referral_from_the_network_of_whoever_recommends_us_is_looked_at():
    programme()
    marta = person()
    Code.objects.filter(pk=referring.code_of(marta).pk).update(network="abc")
    assert doubts(sent(marta, network="abc")) == ["network"]
    assert doubts(sent(marta, "eva@lysefjord.example", name="Eva Lind", network="xyz")) == []


def test_whoever_recommended_somebody_first_is_the_one():
    programme()
    sent(person())
    with time_machine.travel("2026-11-24 10:00:00+00:00", tick=False):
        second = sent(person("jan@harbour.example", given_name="Jan"))
    assert second.reward == Reward.REFUSED and "recommended before" in second.reason


# --- the pages


@pytest.fixture
def stranger():
    return Client()


def send(stranger, code, wait=10, **more):
    shown = stranger.get(f"/r/{code}")
    stamp = re.search(r'name="_t" value="([^"]+)"', shown.content.decode())[1]
    given = {"_t": unescape(stamp), "name": "Piotr Nowak", "email": "piotr@fjordheim.example", **more}
    with time_machine.travel(f"2026-11-23 10:00:{wait:02}+00:00", tick=False):
        return stranger.post(f"/r/{code}", given)


def test_a_friend_comes_through_the_page_of_a_code_and_agrees(stranger):
    purpose = actions.create(
        registry["purpose"], {"name": "Offers", "wording": "Write to me about offers"}, by=system("cli")
    )
    programme(purpose=purpose.key, friend_reward="A free check")
    code = referring.code_of(person()).code
    shown = words(stranger.get(f"/r/{code}"))
    assert "Marta recommends us" in shown and "Kowalska" not in shown and "A free check" in shown
    there = send(stranger, code, agree="on")
    assert there.status_code == 200 and "Thank you" in words(there)
    row = Referral.objects.get()
    assert Consent.objects.filter(person=row.person, purpose=purpose).exists()


@pytest.mark.parametrize(
    "fault", [{"email": "piotr"}, {"name": ""}, {"website": "http://spam.example"}, {"_t": "x"}, {"wait": 1}]
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost(stranger, fault):
    programme()
    code = referring.code_of(person()).code
    there = send(stranger, code, **{"words": "Our attic is wet", **fault})
    assert there.status_code == 422 and "Our attic is wet" in words(there) and not Referral.objects.exists()


def test_a_code_that_nobody_has_tells_nothing(stranger):
    programme()
    assert stranger.get("/r/nobodyscode").status_code == 404


def test_ones_own_page_shows_the_code_and_first_names_only(stranger):
    programme()
    marta = person()
    sent(marta)
    path = links.own_path(marta.pk, marta.email)
    there = words(stranger.get(path))
    assert (
        referring.code_of(marta).code in there
        and "Piotr" in there
        and "Nowak" not in there
        and "fjordheim" not in there
    )
    assert stranger.get(path[:-2]).status_code == 404


def test_companies_of_a_group_share_what_comes_about():
    programme()
    group = company("Fjordheim AS")
    row = sent(person())
    actions.edit(registry["person"], row.person, {"company": group}, by=system("cli"))
    other = person("eva@fjordheim.example", given_name="Eva", company=group)
    won(other)
    row.refresh_from_db()
    assert row.reward == Reward.DUE


def test_whoever_turns_out_to_be_the_one_who_recommended_is_refused():
    programme()
    marta = person()
    row = sent(marta, "m.kowalska@elsewhere.example", name="M. Kowalska")
    referring.taken(row.pk, marta, system())
    row.refresh_from_db()
    assert row.reward == Reward.REFUSED and row.reason == "They recommended themselves."
