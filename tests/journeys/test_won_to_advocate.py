"""From won to advocate, through browsers, with real mail servers on both sides: a quote is accepted at its link, which wins the
deal, and the customer is handed over, goes through their onboarding on a page of their own, reaches a first result, writes, is
answered within the time their service level promises and says how it was; health moves, the renewal opens, they recommend us,
and whom they send is a new lead. All of it is one story."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import expect

from kith.ui.tests.browser import WAIT
from tests.journeys.conftest import served
from tests.mailcast import imap_server, letter, smtp_running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-with-servers")]
MARTA, FRIEND, HELP = "marta@bellevue-story.example", "erik@bryggen-story.example", "help@tidewell.example"
PREPARED = """
import json
from decimal import Decimal
from kith.kernel.access.actor import actor_for, system
from kith.kernel.accounts.models import User
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
jonas, priya = (User.objects.get(email=f"{name}@tidewell.example") for name in ("jonas", "priya"))
by, cli = actor_for(jonas), system("cli")
def make(record, by=by, **values):
    return actions.create(registry[record], values, by=by)
company = make("company", name="Bellevue Story", owner=jonas)
marta = make("person", given_name="Marta", family_name="Kowalczyk", company=company, owner=jonas,
             emails=[{"value": "marta@bellevue-story.example", "label": "work"}])
product = make("product", cli, name="Leak watch, a year", price=12000, currency="EUR", recurring="year", term=12, notice_days=90)
deal = make("deal", name="Sixty-two sensors", company=company, contact=marta, owner=jonas, currency="EUR")
ACTIONS["deal.add_line"].run(deal, product=product, quantity=Decimal(1), unit_price=Decimal(12000), by=by)
for record in ("way_in", "survey", "service_level"):
    for row in registry[record].rows(cli, archived=False):
        actions.archive(registry[record], row, by=cli)
make("way_in", cli, name="Help", through="mail", place="help@tidewell.example")
make("service_level", cli, name="A word within the day", position=1, first="24 h")
ask = make("survey", cli, name="How did we do", kind="csat", asks_after="ticket.solved", delay=0, rest_days=0)
nps = make("survey", cli, name="Would you recommend us", kind="nps", asks_after="onboarding.completed", delay=40_000, rest_days=0)
for one in (ask, nps):
    ACTIONS["survey.start"].run(one, by=cli)
for row in registry["referral_programme"].rows(cli, archived=False):
    actions.archive(registry["referral_programme"], row, by=cli)
make("referral_programme", cli, name="Friends of Tidewell", reward="100 euros", amount=100, outcome="deal.won")
raw = {"name": "Help", "address": "help@tidewell.example", "host": "127.0.0.1", "port": "%(port)s", "login": "%(user)s", "security": "none"}
kind = registry["mailbox"]
box = actions.create(kind, actions.parse_values(kind, raw, by=cli), by=cli)
ACTIONS["mailbox.give_password"].run(box, password="%(password)s", by=cli)
print(json.dumps({"company": company.pk, "marta": marta.pk, "deal": deal.pk, "mailbox": box.pk}))
"""
FETCH = "from kith.kernel.mail.fetching import fetch\nfetch(%s)"
HEALTH = """
from kith.retention.health.sweeping import everybody
from kith.retention.models import Care
everybody()
print(Care.objects.get(company=%s).health)
"""
JOURNEY = """
from kith.kernel.records.registry import registry
print(f"/journeys/{registry['journey'].model.objects.get(company=%s, closed_at=None).pk}")
"""
QUOTE = """
from kith.kernel.records.registry import registry
print(registry["quote"].url(registry["quote"].model.objects.get(deal=%s).pk))
"""
PLAN = """
from kith.kernel.records.registry import registry
from kith.onboarding.links import page_path
plan = registry["onboarding_plan"].model.objects.get(company=%s)
print(plan.pk, page_path(plan))
"""
# What colleagues do of a plan stands in lists and on Today; here it is done at once.
FINISH = """
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.models import User
from kith.kernel.records.action import ACTIONS
from kith.onboarding.models import Step
by = actor_for(User.objects.get(email="priya@tidewell.example"))
for step in Step.objects.filter(plan=%s, archived_at=None).order_by("due_on", "position", "pk"):
    step.refresh_from_db()
    if ACTIONS["onboarding_step.finish"].applies(step):
        ACTIONS["onboarding_step.finish"].run(step, by=by)
"""
NPS = """
from kith.kernel.access.actor import system
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
marta = registry["person"].model.objects.get(pk=%s)
nps = registry["survey"].model.objects.get(name="Would you recommend us", archived_at=None)
ACTIONS["person.ask"].run(marta, survey=nps, by=system("cli"))
"""
SEND = "from kith.surveys import asking\nasking.send_due()"
RENEWAL = """
import datetime as dt
from kith.kernel.records.registry import registry
from kith.retention.renewals.opening import open_due
order = registry["order"].model.objects.get(company=%s)
open_due(order.renews_on - dt.timedelta(days=60))
print(registry["renewal"].model.objects.get(order=order).pk)
"""
OWN_PAGE = """
from kith.advocacy.links import own_link
from kith.kernel.records.registry import registry
print(own_link(registry["person"].model.objects.get(pk=%s)))
"""


@pytest.fixture
def mailing():
    with smtp_running() as postbox, imap_server() as imap:
        url = f"smtp://127.0.0.1:{postbox.port}?from=hello@tidewell.example"
        with served(fill=True, KITH_EMAIL_URL=url) as site:
            given = {"port": imap.port, "user": imap.user, "password": imap.password}
            yield site, postbox, imap, json.loads(site.run(PREPARED % given))


def link_in(mail, path):
    """The address of ours in a mail that has this path."""
    words = mail.get_body(("plain",)).get_content()
    return urlsplit(re.search(rf"https?://[^/\s]+{path}[^\s>)]+", words)[0]).path


def customer(page, site, address):
    """A page of somebody who is not signed in, with no script."""
    context = page.context.browser.new_context(base_url=site.address, java_script_enabled=False)
    context.set_default_timeout(WAIT)
    opened = context.new_page()
    opened.goto(address)
    return opened


def test_a_deal_is_won_and_its_customer_brings_the_next_one(mailing, visit):
    site, postbox, imap, made = mailing
    won_by_its_quote(site, visit, postbox, made)
    handed_over(site, visit, made)
    onboarded(site, visit, made)
    before = int(site.run(HEALTH % made["company"]) or -1)
    helped(site, visit, postbox, imap, made)
    assert int(site.run(HEALTH % made["company"])) != before, "what they said of our help moves their health"
    recommended(site, visit, postbox, made)
    one_story(site, visit, made)


def won_by_its_quote(site, visit, postbox, made):
    """Nobody wins the deal by hand: the customer says yes at the link of the quote that came by mail."""
    page = visit(site, "jonas")
    page.goto(f"/deals/{made['deal']}/do/draft_quote")
    page.locator("main form").get_by_role("button", name="Draft a quote").click()
    page.goto(site.run(QUOTE % made["deal"]) + "/do/send")
    page.locator("main form").get_by_role("button", name="Send").click()
    offer = next(mail for mail in postbox.sent_to(MARTA) if "/q/" in str(mail.get_body(("plain",)).get_content()))
    theirs = customer(page, site, link_in(offer, "/q/"))
    expect(theirs.locator(".quote-lines")).to_contain_text("Leak watch, a year")
    theirs.get_by_label("Your name").fill("Marta Kowalczyk")
    theirs.get_by_label("I accept this quote").check()
    theirs.get_by_role("button", name="Accept the quote").click()
    expect(theirs.get_by_role("status")).to_contain_text("You accepted this quote")
    page.goto(f"/deals/{made['deal']}")
    expect(page.locator("main")).to_contain_text("Marta Kowalczyk accepted the quote")
    page.goto(f"/companies/{made['company']}")
    expect(page.locator("[aria-current=step]").first).to_contain_text("Convert")


def handed_over(site, visit, made):
    page = visit(site, "jonas")
    page.goto(site.run(JOURNEY % made["company"]) + "/handover")
    page.get_by_label("Who looks after them from now on").select_option(label="Priya Nair")
    page.get_by_label("What they must know").fill("A named contact for the night shift.")
    page.get_by_label("What they want to reach").fill("The porter hears of a leak before the guests do.")
    page.get_by_role("button", name="Offer it").click()
    page = visit(site, "priya")
    page.goto("/")
    offered = page.locator("#handovers li").filter(has_text="Bellevue Story")
    offered.get_by_role("button", name="Accept").click()
    expect(offered).to_have_count(0)
    page.goto(f"/companies/{made['company']}")
    expect(page.locator("[aria-current=step]").first).to_contain_text("Onboard")


def onboarded(site, visit, made):
    page = visit(site, "priya")
    plan, path = site.run(PLAN % made["company"]).split()
    theirs = customer(page, site, path)
    expect(theirs.locator("h1")).to_contain_text("Your first weeks")
    theirs.get_by_label("Your question").fill("Can the porter silence an alarm?")
    theirs.get_by_role("button", name="Ask Priya").click()
    expect(theirs.get_by_role("status")).to_contain_text("Your question is with us")
    while (tick := theirs.locator("button[value=tick]")).count():
        tick.first.click()
        expect(theirs.get_by_role("status")).to_contain_text("that is done")
    page.goto(f"/onboarding-plans/{plan}")  # they tested the alarm themselves, which is the first result
    expect(page.locator(".timeline").first).to_contain_text("first result reached")
    site.run(FINISH % plan)
    page.goto(f"/companies/{made['company']}")
    expect(page.locator("[aria-current=step]").first).to_contain_text("Support")


def helped(site, visit, postbox, imap, made):
    said = letter(
        "Our night porter does not get the alerts.", From=f"Marta Kowalczyk <{MARTA}>", To=HELP, Subject="Night porter"
    )
    imap.put(said.as_bytes())
    site.run(FETCH % made["mailbox"])
    page = visit(site, "tomasz")
    page.goto("/tickets/desk/")
    page.locator("#ticket-queue").get_by_role("link").filter(has_text="Night porter").filter(
        has_text="Marta"
    ).first.click()
    expect(page.locator(".desk-story")).to_contain_text("Story so far")
    expect(page.locator(".desk-story")).to_contain_text("Onboard")
    expect(page.locator("#clocks")).to_contain_text("By the service level A word within the day")
    page.get_by_role("textbox", name="Answer").fill("Jakub is on the night team as of now.")
    page.get_by_label("Then").select_option(label="then solve it")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".desk-talk")).to_contain_text("Jakub is on the night team")
    expect(page.locator(".desk-talk")).to_contain_text("Solved")
    first = page.locator("#clocks details").filter(has_text="irst")
    expect(first.locator("summary")).to_contain_text("kept")
    answer = next(mail for mail in postbox.sent_to(MARTA, 3) if "Jakub" in str(mail.get_body(("plain",)).get_content()))
    assert answer["In-Reply-To"] == said["Message-ID"]
    site.run(SEND)
    rated(page, site, postbox, "How did we do", "5")


def rated(page, site, postbox, survey, score):
    """The customer presses a number in the mail that asked them."""
    asked = next(
        mail for mail in reversed(postbox.sent_to(MARTA)) if "/s/" in str(mail.get_body(("plain",)).get_content())
    )
    theirs = customer(page, site, link_in(asked, "/s/"))
    theirs.locator(f"input[name=score][value='{score}']").check()
    theirs.get_by_role("button", name="Send my answer").click()
    expect(theirs.get_by_role("status")).to_contain_text(f"You answered with {score}")


def recommended(site, visit, postbox, made):
    page = visit(site, "priya")
    renewal = site.run(RENEWAL % made["company"])
    page.goto(f"/renewals/{renewal}")
    expect(page.locator("main")).to_contain_text("Bellevue Story")
    site.run(NPS % made["marta"])
    site.run(SEND)
    postbox.sent_to(MARTA, 5)
    rated(page, site, postbox, "Would you recommend us", "10")
    own = customer(page, site, urlsplit(site.run(OWN_PAGE % made["marta"])).path)
    code = re.search(r"/r/[A-Za-z0-9-]+", own.locator("main").inner_text())[0]
    friend = customer(page, site, code)
    friend.get_by_label("Your name").fill("Erik Moen")
    friend.get_by_label("Your e-mail address").fill(FRIEND)
    friend.wait_for_timeout(2100)  # nobody fills in a form in less
    friend.get_by_role("button", name="Send").click()
    expect(friend.locator("main")).to_contain_text("Thank you")
    page.goto("/people/?q=bryggen-story")
    expect(page.locator("main table")).to_contain_text("Erik Moen")


def one_story(site, visit, made):
    page = visit(site, "priya")
    page.goto(f"/companies/{made['company']}")
    missing = [
        "accepted the quote", "won this deal", "accepted the handover", "first result reached", "Night porter", "5 of 5", "10 of 10",
        "recommended us",
    ]  # fmt: skip
    while missing:  # the newest first, the rest page by page
        words = page.locator(".timeline").first.inner_text()
        missing = [one for one in missing if one not in words]
        further = page.locator(".timeline li.more a")
        assert not missing or further.count(), missing
        if missing:
            page.goto(urljoin(page.url, further.get_attribute("href")))
    page.goto("/process/map?period=all")
    expect(page.locator("main")).to_contain_text("Support & retain")
    page.goto("/journeys/?filter=stage.is:support,closed_at.empty&q=Bellevue+Story")
    expect(page.locator("main table")).to_contain_text("Bellevue Story")
