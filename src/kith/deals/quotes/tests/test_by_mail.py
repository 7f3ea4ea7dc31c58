"""The whole way by real mail: a quote leaves, its document is what was sent, and the link in it is answered."""

import re

import pytest
from django.core.cache import cache

from kith.conversion.models import Order, Promise
from kith.deals.quotes.document import kept
from kith.deals.quotes.tests.cast import do, draft, offered
from kith.kernel.jobs.inline import run_waiting_jobs
from tests.cast import actor
from tests.mailcast import smtp_server

pytestmark = pytest.mark.django_db


def test_a_quote_leaves_by_mail_and_the_link_in_it_wins_the_deal(settings, client):
    cache.clear()
    ines = actor("ines")
    with smtp_server(settings) as box:
        quote = draft(offered(ines), ines)
        do("add_promise", quote, ines, wording="A Polish manual", due="2027-03-01")
        do("send", quote, ines)
        run_waiting_jobs(names=["activities.send_mail"])
        [mail] = box.wait(1)
    assert mail["To"] == "marta@bellevue.example"
    [document] = list(mail.iter_attachments())
    assert document.get_content_type() == "application/pdf"
    assert document.get_content() == kept(quote)
    words = mail.get_body(("plain",)).get_content()
    path = re.search(r"https?://[^/]+(/q/\S+)", words).group(1)
    page = client.get(path)
    assert "Hotel Bellevue" in page.content.decode()
    client.post(path, {"name": "Marta Kowalczyk", "agree": "on", "answer": "accept"})
    quote.deal.refresh_from_db()
    assert quote.deal.status == "won"
    assert Promise.objects.get().wording == "A Polish manual"
    assert Order.objects.get().deal == quote.deal
