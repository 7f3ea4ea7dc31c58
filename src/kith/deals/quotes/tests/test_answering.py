"""What a customer does at the signed link: open, accept or decline once; every other link says in words why not."""

import datetime as dt

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from kith.activities.models import Notice
from kith.conversion.models import Order, Promise
from kith.deals.quotes import accepting
from kith.deals.quotes.links import path_of
from kith.deals.quotes.tests.cast import add, do, draft, offered, product
from kith.deals.tests.cast import stage
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Day
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
YES = {"name": "Marta Kowalczyk", "agree": "on", "answer": "accept"}


@pytest.fixture
def ines():
    cache.clear()
    return actor("ines")


@pytest.fixture
def quote(ines):
    row = draft(offered(ines), ines)
    do("add_promise", row, ines, wording="A Polish manual", due="2027-03-01")
    do("send", row, ines)
    return row


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def text(response):
    return response.content.decode()


def test_opening_shows_the_quote_and_is_told_once(client, quote):
    for _again in range(2):
        response = client.get(path_of(quote))
        assert response.status_code == 200
    assert "Hotel Bellevue" in text(response)
    assert "€4,526.00" in text(response)
    assert "A Polish manual" in text(response)
    assert response["Cache-Control"] == "no-store"
    assert fresh(quote).opened_at is not None
    assert Event.objects.filter(verb="quote.opened").count() == 1
    assert fresh(quote).state == "sent"


def test_accepting_wins_the_deal_at_that_price_and_makes_order_promises_and_customers(client, quote, ines):
    response = client.post(path_of(quote), YES, REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Firefox")
    assert response.status_code == 303
    row = fresh(quote)
    assert (row.state, row.answered_by, row.answered_from, row.answered_with) == (
        "accepted", "Marta Kowalczyk", "192.0.2.7", "Firefox")  # fmt: skip
    deal = fresh(quote.deal)
    assert (deal.status, deal.amount) == ("won", quote.total)
    promise = Promise.objects.get()
    told = Event.objects.get(verb="quote.accepted")
    assert (promise.wording, promise.due_on, promise.evidence, promise.source, promise.deal_id) == (
        "A Polish manual", dt.date(2027, 3, 1), "quote", told.pk, deal.pk)  # fmt: skip
    assert Order.objects.get(deal=deal).yearly == 62 * 24
    assert fresh(deal.company).customer_since == timezone.localdate()
    assert Notice.objects.filter(user=user("ines"), text__contains="is won").exists()
    assert "You accepted this quote" in text(client.get(path_of(quote)))


def test_a_link_is_answered_once(client, quote):
    client.post(path_of(quote), YES)
    again = client.post(path_of(quote), {**YES, "answer": "decline"})
    assert again.status_code == 409
    assert "answered already, by Marta Kowalczyk" in text(again)
    assert fresh(quote).state == "accepted"
    assert Event.objects.filter(verb="quote.accepted").count() == 1


def test_two_presses_at_the_same_moment_are_one_answer(quote):
    first, second = fresh(quote), fresh(quote)  # both pages read it while it waited
    accepting.answer(first, True, name="Marta Kowalczyk", by=system("web"))
    with pytest.raises(Invalid, match="waits for no answer any more"):
        accepting.answer(second, False, name="Marta Kowalczyk", by=system("web"))
    assert (fresh(quote).state, Event.objects.filter(verb="quote.declined").count()) == ("accepted", 0)


def test_the_quote_of_a_deal_that_is_lost_is_offered_no_more_until_the_deal_goes_on(client, quote, ines):
    deal = quote.deal
    perform(ACTIONS["deal.lose"], deal, {"reason": str(reason("lost").pk), "override_reason": "Too late"}, by=ines)
    before = list(fresh(deal).lines.values_list("pk", "total"))
    for response in (client.get(path_of(quote)), client.post(path_of(quote), YES)):
        assert response.status_code == 410 and "This quote is no longer offered" in text(response)
    with pytest.raises(Invalid, match="open it again"):
        do("accept", quote, ines, name="Marta Kowalczyk")
    assert (fresh(quote).state, fresh(deal).status) == ("sent", "lost")
    assert list(fresh(deal).lines.values_list("pk", "total")) == before
    perform(ACTIONS["deal.reopen"], fresh(deal), {}, by=ines)
    assert client.post(path_of(quote), YES).status_code == 303


def reason(outcome):
    return registry["reason"].model.objects.filter(outcome=outcome).first()


def test_without_a_name_or_the_tick_nothing_is_accepted(client, quote):
    response = client.post(path_of(quote), {"answer": "accept"})
    assert response.status_code == 422
    assert "Write your name" in text(response)
    assert "Tick that you accept" in text(response)
    assert fresh(quote).state == "sent"


def test_declining_keeps_why_and_leaves_the_deal_open(client, quote):
    client.post(path_of(quote), {"name": "Marta", "answer": "decline", "words": "Too dear this year"})
    row = fresh(quote)
    assert (row.state, row.answer_words, fresh(row.deal).status) == ("declined", "Too dear this year", "open")
    assert Notice.objects.filter(text__contains="Too dear this year").exists()


def test_a_link_that_was_changed_or_is_another_quotes_tells_nothing(client, quote):
    path = path_of(quote)
    for wrong in (path[:-2], path.replace("/q/", "/q/x"), "/q/nonsense", "/q/" + "x" * 900):
        response = client.get(wrong)
        assert response.status_code == 404
        assert "This link does not work" in text(response)
        assert "Bellevue" not in text(response)


def test_an_expired_quote_says_so_and_takes_no_answer(client, quote):
    with time_machine.travel(timezone.now() + dt.timedelta(days=40)):
        for response in (client.get(path_of(quote)), client.post(path_of(quote), YES)):
            assert response.status_code == 410
            assert "was valid until" in text(response)
    assert fresh(quote).state == "sent"


def test_a_replaced_or_withdrawn_quote_takes_no_answer(client, quote, ines):
    newer = draft(quote.deal, ines)
    do("send", newer, ines)
    response = client.post(path_of(quote), YES)
    assert (response.status_code, fresh(quote).state) == (410, "replaced")
    assert "newer version" in text(response)
    do("withdraw", newer, ines, reason="Prices rose")
    assert "no longer offered" in text(client.get(path_of(newer)))


def test_where_the_stages_still_ask_for_something_the_yes_stands_and_the_owner_is_told(client, quote):
    stage("Discovery", required=["competitor"])
    client.post(path_of(quote), YES)
    assert fresh(quote).state == "accepted"
    assert fresh(quote.deal).status == "open"
    notice = Notice.objects.get(text__contains="is not won yet")
    assert "Competitor" in notice.text
    assert Promise.objects.count() == 1  # what was promised holds all the same


def test_a_deal_that_changed_meanwhile_costs_what_was_accepted(client, quote, ines):
    add(quote.deal, ines, product("Installation day", "980"))
    client.post(path_of(quote), YES)
    deal = fresh(quote.deal)
    assert deal.amount == quote.total
    assert [line.product.name for line in deal.lines.all()] == ["Drop", "Watch"]


@pytest.mark.usefixtures("still")
def test_too_many_answers_of_one_network_wait(client, quote):
    for _n in range(20):
        client.post(path_of(quote), {"answer": "accept"})
    response = client.post(path_of(quote), YES)
    assert response.status_code == 429
    assert response["Retry-After"] == "600"


def test_the_page_speaks_the_language_of_the_quote(client, ines):
    row = draft(offered(ines, language="de"), ines)
    do("send", row, ines)
    page = text(client.get(path_of(row)))
    assert "Angebot annehmen" in page
    assert '<html lang="de"' in page


def test_the_document_is_the_one_that_was_sent_and_closed_with_the_quote(client, quote, ines):
    response = client.get(path_of(quote) + "/quote.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    do("withdraw", quote, ines, reason="Prices rose")
    assert client.get(path_of(quote) + "/quote.pdf").status_code == 410


def test_an_answer_on_paper_does_the_same(ines, quote):
    do("accept", quote, ines, name="Marta Kowalczyk", words="Signed on paper")
    assert fresh(quote.deal).status == "won"
    assert quote.answered_by == "Marta Kowalczyk"


def test_colleagues_see_the_document_the_comparison_and_the_settings(client, quote, ines):
    newer = draft(quote.deal, ines)
    client.force_login(user("astrid"))
    assert client.get(f"/quotes/{quote.pk}/quote.pdf").content.startswith(b"%PDF-")
    assert client.get(f"/quotes/{newer.pk}/quote.pdf").content.startswith(b"%PDF-")
    assert client.get(f"/quotes/{quote.pk}").status_code == 200
    assert "Nothing is different" in text(client.get(f"/quotes/{quote.pk}/compare/{newer.pk}"))
    add(quote.deal, ines, product("Installation day", "980"))
    do("add_promise", newer, ines, wording="Training on site", due="2027-03-01")
    compared = text(client.get(f"/quotes/{quote.pk}/compare/{newer.pk}"))
    assert "Installation day" in compared
    assert Day().show(dt.date(2027, 3, 1)) in compared and "2027-03-01" not in compared
    assert "<ins>" in compared
    discounted = draft(offered(ines, discount="20"), ines)
    do("ask_approval", discounted, ines, reason="They sign for three houses")
    page = text(client.get(f"/quotes/{discounted.pk}"))
    assert "20 %" in page
    assert "Left of it" in page  # the cost of the sensors is known, and who reads may approve
    client.force_login(user("ines"))
    assert "Left of it" not in text(client.get(f"/quotes/{discounted.pk}"))
    client.force_login(user("astrid"))
    assert client.get("/settings/quotes/").status_code == 200
    assert client.post("/settings/quotes/", {"valid_days": "20", "terms": "Net 30"}).status_code == 302
