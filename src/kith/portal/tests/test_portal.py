"""The customers' own door: how one comes in and does not, and that everybody finds only what is theirs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from kith.activities.actions import create as create_activity
from kith.deals.quotes.tests import cast as quotes
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.files.storage import store
from kith.kernel.mail.models import Suppressed
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.actions import archive, create, edit
from kith.kernel.records.registry import registry
from kith.portal import doors, entering
from kith.portal.entering import COOKIE
from kith.portal.models import Key, Visit
from kith.portal.setup import change_door, door
from kith.portal.tests.making import inside, link_for, made, open_door, person
from tests.cast import actor, user
from tests.mailcast import smtp_server

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture
def tom(bellevue):
    return person("Tom", "tom@bellevue.example", bellevue)


@pytest.fixture
def adapter(monkeypatch):
    """What support will join: tickets are made and answered, and said in notes."""

    def open_ticket(who, subject, body, uploads):
        if "refuse" in body:
            raise Invalid("Not like this.")
        return made("ticket", subject=subject, person=who, company=who.company)

    def answer_ticket(who, ticket, body, uploads):
        create_activity({"kind": "note", "body": body, "person": who}, by=system("web", name=str(who)))

    monkeypatch.setattr(doors, "_support", [doors.Support(open_ticket, answer_ticket)])


def test_while_it_is_shut_there_is_nothing_here(client, mailoutbox):
    assert not door().open
    person("Marta", "marta@bellevue.example")
    assert client.get("/portal/").status_code == 404
    assert not entering.mail_key("marta@bellevue.example") and mailoutbox == []


def test_only_who_manages_settings_opens_it(client):
    client.force_login(user("ines"))
    assert client.get("/settings/portal/").status_code == 403
    with pytest.raises(NotAllowed):
        change_door({"open": True}, by=actor("ines"))
    client.force_login(user("astrid"))
    assert client.post("/settings/portal/", {"open": "on", "welcome": "Good day"}).status_code == 303
    assert door().open and not door().company_wide and "Good day" in Client().get("/portal/").text


def test_the_answer_is_the_same_whether_we_know_the_address(marta, client):
    known = client.post("/portal/", {"email": "marta@bellevue.example"})
    strange = client.post("/portal/", {"email": "eve@nowhere.example"})
    assert known.status_code == strange.status_code == 200
    said = [re.search(r"<main.*</main>", one.text, re.DOTALL)[0] for one in (known, strange)]
    assert said[0].replace("marta@bellevue.example", "") == said[1].replace("eve@nowhere.example", "")


def test_the_link_goes_to_the_address_we_have_and_works_once(marta, mailoutbox):
    link = link_for("MARTA+portal@bellevue.example", mailoutbox)
    assert mailoutbox[-1].to == ["marta@bellevue.example"]
    client = Client()
    assert client.get(link).status_code == 200 and Key.objects.get().used_at is None, "scanners may look"
    assert client.post(link).status_code == 303 and "Hello Marta" in client.get("/portal/").text
    again = Client().post(link)
    assert again.status_code == 404 and COOKIE not in again.cookies
    assert link.rpartition("/")[2] not in str(Key.objects.values().get()), "no link is kept"


def test_the_link_leaves_through_a_mail_server_and_opens(marta, settings):
    with smtp_server(settings) as box:
        entering.mail_key("marta@bellevue.example")
        [mail] = box.wait(1)
    client = Client()
    assert client.post(re.search(r"/portal/in/\S+", mail.get_body().get_content())[0]).status_code == 303
    assert mail["To"] == "marta@bellevue.example" and "Hello Marta" in client.get("/portal/").text


def test_the_link_works_for_a_short_time(marta, mailoutbox):
    link = link_for("marta@bellevue.example", mailoutbox)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=21), tick=False):
        assert Client().get(link).status_code == 404 and Client().post(link).status_code == 404


@pytest.mark.usefixtures("still")
def test_whoever_asks_often_waits(marta, client):
    answers = [client.post("/portal/", {"email": "marta@bellevue.example"}).status_code for _n in range(4)]
    assert answers == [200, 200, 200, 429]


def test_nothing_is_mailed_to_an_address_that_complained(marta, mailoutbox):
    Suppressed.objects.create(address="marta@bellevue.example", reason="complained")
    assert not entering.mail_key("marta@bellevue.example") and mailoutbox == []


def test_a_visit_is_no_colleagues_session(marta, mailoutbox):
    client = inside("marta@bellevue.example", mailoutbox)
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"] and cookie["path"] == "/portal/" and cookie["samesite"] == "Lax"
    assert "sessionid" not in client.cookies
    assert client.get("/people/").status_code == 302, "colleagues' pages ask to sign in"
    colleague = Client()
    colleague.force_login(user("astrid"))
    assert "Send me a link" in colleague.get("/portal/").text, "and a colleague is no customer"


@pytest.mark.parametrize("ends", ["leaving", "idle", "long", "address", "archived", "shut"])
def test_a_visit_ends(marta, mailoutbox, ends):
    client = inside("marta@bellevue.example", mailoutbox)
    later = timezone.now()
    if ends == "leaving":
        client.post("/portal/out")
        client.cookies[COOKIE] = "stolen"
    elif ends == "idle":
        later += dt.timedelta(hours=13)
    elif ends == "long":
        Visit.objects.update(began_at=later - dt.timedelta(days=8))
    elif ends == "address":
        edit(registry["person"], marta, {"emails": [{"value": "new@bellevue.example", "label": ""}]}, by=actor("ines"))
    elif ends == "archived":
        archive(registry["person"], marta, by=actor("ines"))
    else:
        change_door({"open": False}, by=actor("astrid"))
    with time_machine.travel(later, tick=False):
        assert "Hello Marta" not in client.get("/portal/").text


def test_leaving_ends_it_on_the_server_too(marta, mailoutbox):
    client = inside("marta@bellevue.example", mailoutbox)
    held = client.cookies[COOKIE].value
    client.post("/portal/out")
    client.cookies[COOKIE] = held
    assert "Send me a link" in client.get("/portal/").text


def test_everybody_finds_their_own_tickets_and_not_their_colleagues(marta, tom, mailoutbox):
    own, other = (
        made("ticket", subject="The alarm rings", person=marta),
        made("ticket", subject="Invoice lost", person=tom),
    )
    client = inside("marta@bellevue.example", mailoutbox)
    page = client.get("/portal/").text
    assert "The alarm rings" in page and "Invoice lost" not in page
    assert client.get(f"/portal/tickets/{own.pk}").status_code == 200
    assert client.get(f"/portal/tickets/{other.pk}").status_code == 404
    assert client.get("/portal/tickets/999999").status_code == 404


def test_where_the_organisation_allows_it_they_find_those_of_their_company(bellevue, marta, tom, mailoutbox):
    other = made("ticket", subject="Invoice lost", person=tom, company=bellevue)
    strange = made(
        "ticket", subject="Of Atlas", person=person("Eve", "eve@atlas.example", made("company", name="Atlas"))
    )
    open_door(company_wide=True)
    client = inside("marta@bellevue.example", mailoutbox)
    assert client.get(f"/portal/tickets/{other.pk}").status_code == 200
    assert client.get(f"/portal/tickets/{strange.pk}").status_code == 404


def test_somebody_without_a_company_does_not_find_tickets_without_one(marta, mailoutbox):
    open_door(company_wide=True)
    loner, ticket = person("Lone", "lone@home.example"), made("ticket", subject="Of nobody")
    client = inside("lone@home.example", mailoutbox)
    assert (
        client.get(f"/portal/tickets/{ticket.pk}").status_code == 404 and "Of nobody" not in client.get("/portal/").text
    )
    assert loner.company_id is None


def test_what_colleagues_note_among_themselves_is_not_told(marta, mailoutbox):
    ticket = made("ticket", subject="The alarm rings", person=marta)
    create_activity({"kind": "note", "body": "She is difficult.", "person": marta}, by=actor("ines"))
    assert "difficult" not in inside("marta@bellevue.example", mailoutbox).get(f"/portal/tickets/{ticket.pk}").text


def test_papers_are_those_of_their_own_rows(marta, tom, mailoutbox):
    mine, his = made("order", name="Mine", person=marta), made("order", name="His", person=tom)
    asked = made("ticket", subject="Asked", person=marta)
    files = [
        store(SimpleUploadedFile(name, PDF), record_type=record, record_id=pk, by=actor("ines"))
        for name, record, pk in (
            ("plan.pdf", "order", mine.pk),
            ("his.pdf", "order", his.pk),
            ("note.pdf", "person", marta.pk),
            ("ours.pdf", "ticket", asked.pk),  # what colleagues keep with a ticket for themselves
        )
    ]
    client = inside("marta@bellevue.example", mailoutbox)
    page = client.get("/portal/").text
    assert "plan.pdf" in page and not any(name in page for name in ("his.pdf", "note.pdf", "ours.pdf"))
    assert [client.get(f"/portal/files/{one.pk}").status_code for one in files] == [200, 404, 404, 404]
    assert Client().get(f"/portal/files/{files[0].pk}").status_code == 302


def test_quotes_of_theirs_stand_there_with_their_state_and_lead_to_their_page(mailoutbox):
    open_door(company_wide=True)
    ines = actor("ines")
    waiting = quotes.draft(quotes.offered(ines), ines)
    marta = waiting.deal.contact
    person("Tom", "tom@bellevue.example", marta.company)
    client = inside("marta@bellevue.example", mailoutbox)
    assert waiting.number not in client.get("/portal/").content.decode(), "a draft is nobody's"
    quotes.do("send", waiting, ines)
    page = client.get("/portal/").content.decode()
    assert waiting.number in page and "Waits for you" in page
    path = re.search(r'href="(/q/[^"]+)"', page)[1]
    assert waiting.number in client.get(path).content.decode()
    assert waiting.number not in inside("tom@bellevue.example", mailoutbox).get("/portal/").content.decode()
    client.post(path, {"name": "Marta Kowalczyk", "agree": "on", "answer": "accept"})
    assert "Accepted" in client.get("/portal/").content.decode()


def test_orders_are_shown_unless_the_organisation_hides_them(marta, mailoutbox):
    made("order", name="Forty sensors", person=marta)
    client = inside("marta@bellevue.example", mailoutbox)
    assert "Forty sensors" in client.get("/portal/").text
    change_door({"open": True, "shows_orders": False}, by=actor("astrid"))
    assert "Forty sensors" not in client.get("/portal/").text


def test_onboarding_and_consent_are_one_press_away(bellevue, marta, mailoutbox):
    made("onboarding_plan", company=bellevue, person=marta)
    page = inside("marta@bellevue.example", mailoutbox).get("/portal/").text
    for path in re.findall(r'href="(/(?:o|consent)/[^"]+)"', page):
        assert Client().get(path).status_code == 200
    assert "/o/" in page and "/consent/" in page


def test_until_support_joins_nothing_can_be_asked_here(marta, mailoutbox, monkeypatch):
    monkeypatch.setattr(doors, "_support", [])
    client = inside("marta@bellevue.example", mailoutbox)
    assert client.get("/portal/tickets/new").status_code == 404 and "Ask something" not in client.get("/portal/").text


def test_they_ask_and_answer_through_the_room_that_keeps_tickets(marta, mailoutbox, adapter):
    client = inside("marta@bellevue.example", mailoutbox)
    assert client.post("/portal/tickets/new", {"subject": "", "body": ""}).status_code == 422
    refused = client.post("/portal/tickets/new", {"subject": "Alarm", "body": "refuse me"})
    assert refused.status_code == 422 and "Not like this." in refused.text and "refuse me" in refused.text
    sent = client.post("/portal/tickets/new", {"subject": "Alarm", "body": "It rings at night."})
    ticket = registry["ticket"].model.objects.get(subject="Alarm")
    assert sent["Location"] == f"/portal/tickets/{ticket.pk}?new=1" and ticket.person == marta
    assert client.post(f"/portal/tickets/{ticket.pk}", {"body": "Still."}).status_code == 303
    assert registry["activity"].model.objects.get(body="Still.").person == marta


def test_nobody_answers_in_somebody_elses_ticket(marta, tom, mailoutbox, adapter):
    other = made("ticket", subject="Invoice lost", person=tom)
    client = inside("marta@bellevue.example", mailoutbox)
    assert client.post(f"/portal/tickets/{other.pk}", {"body": "Hello"}).status_code == 404
    assert not registry["activity"].model.objects.filter(body="Hello").exists()


def test_a_form_sent_from_elsewhere_is_refused(marta, mailoutbox, adapter):
    inside("marta@bellevue.example", mailoutbox)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/portal/", {"email": "marta@bellevue.example"}).status_code == 403


def article(title, body):
    row = made("article", title=title, body=body, audience="public")
    ACTIONS["article.publish"].run(row, by=actor("astrid"))
    return row


def test_articles_that_may_answer_are_shown_before_a_question_is_sent_and_only_then(marta, mailoutbox):
    article("Sensors that are offline", "Change the battery of the sensor, then hold its button until it blinks.")
    client = inside("marta@bellevue.example", mailoutbox)
    typed = {"subject": "A sensor is offline", "body": "The one in the attic has an empty battery <b>."}
    first = client.post("/portal/tickets/new", typed)
    assert first.status_code == 200 and "Sensors that are offline" in first.text and "/knowledge/" in first.text
    assert "empty battery &lt;b&gt;" in first.text and not registry["ticket"].model.objects.exists()
    assert client.post("/portal/tickets/new", {**typed, "sure": "1"}).status_code == 303
    picture = SimpleUploadedFile("attic.pdf", PDF, "application/pdf")
    assert client.post("/portal/tickets/new", {**typed, "files": picture}).status_code == 303, "files are not lost"
    other = {"subject": "The invoice", "body": "It names our old company."}
    assert client.post("/portal/tickets/new", other).status_code == 303, "nothing answers it"


def test_articles_that_may_answer_are_shown_while_somebody_types_and_then_hold_nothing_up(marta, mailoutbox):
    article("Sensors that are offline", "Change the battery of the sensor, then hold its button until it blinks.")
    client = inside("marta@bellevue.example", mailoutbox)
    assert 'hx-post="/portal/tickets/suggested"' in client.get("/portal/tickets/new").text
    shown = client.post("/portal/tickets/suggested", {"subject": "A sensor is offline", "body": ""})
    assert "Sensors that are offline" in shown.text and "<html" not in shown.text
    assert 'name="sure" value="1" form="portal-ask"' in shown.text
    assert client.post("/portal/tickets/suggested", {"subject": "The invoice"}).text.strip() == ""
    gone = Client().post(
        "/portal/tickets/suggested", {"subject": "A sensor is offline"}, headers={"HX-Request": "true"}
    )
    assert gone.status_code == 204, "nobody inside: the page stays as it is"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_may_answer_stands_there_while_one_types(chromium, live_server, settings, marta, mailoutbox):
    from playwright.sync_api import expect

    from kith.ui.tests.browser import opened, violations

    settings.ALLOWED_HOSTS = ["*"]
    article("Sensors that are offline", "Change the battery of the sensor, then hold its button until it blinks.")
    key = inside("marta@bellevue.example", mailoutbox).cookies[COOKIE].value
    cookie = {"name": COOKIE, "value": key, "url": live_server.url}
    with opened(
        chromium, live_server.url + "/portal/tickets/new", [cookie], viewport={"width": 390, "height": 900}
    ) as page:
        page.fill("[name=subject]", "A sensor is offline")
        expect(page.get_by_role("link", name="Sensors that are offline")).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.fill("[name=body]", "The one in the attic, since Sunday.")
        page.wait_for_timeout(1200)
        page.click("button[type=submit]:has-text('Send it')")
        page.wait_for_url("**/portal/tickets/*?new=1")
    assert registry["ticket"].model.objects.get().subject == "A sensor is offline"


def test_the_board_of_ideas_and_a_page_to_recommend_from_are_one_s_own(marta, mailoutbox):
    client = inside("marta@bellevue.example", mailoutbox)
    first = client.get("/portal/").text
    board = re.search(r'href="[^"]*(/i/[^"]+)"', first)[1]
    assert Client().get(board).status_code == 200 and "/r/own/" not in first
    create(
        registry["referral_programme"],
        {"name": "Friends", "amount": "100", "currency": "EUR", "open": True},
        by=system("cli"),
    )
    own = re.search(r'href="[^"]*(/r/own/[^"]+)"', client.get("/portal/").text)[1]
    assert Client().get(own).status_code == 200


def test_the_chat_in_the_portal_knows_for_sure_who_writes(bellevue, marta, mailoutbox):
    from kith.capture.chat.tests.chats import Visitor, widget
    from kith.kernel.records.actions import edit

    shown = widget()
    client = inside("marta@bellevue.example", mailoutbox)
    assert "data-proof" not in client.get("/portal/").content.decode(), "none is offered yet"
    edit(registry["chat_widget"], shown, {"in_portal": True}, by=actor("astrid"))
    page = client.get("/portal/").content.decode()
    proof = re.search(r'data-proof="([^"]+)"', page)[1]
    assert '<script src="/c/site.js"' in page
    visitor = Visitor(proof=proof)
    visitor.say("Hello")
    assert visitor.row.proven and visitor.row.person_id == marta.pk
