"""From a stranger to a conversation, through browsers, with real mail servers on both sides: a form is made, sent from a page of
another origin, and the person arrives acknowledged, scored, assigned and on Today with a clock; their answer by mail stands on
their story and stops the sequence they were in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import served
from tests.journeys.formed import built, came
from tests.mailcast import imap_server, letter, smtp_running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-with-servers")]
ELIN = "elin@fjordheim-story.example"
PREPARED = """
from kith.kernel.access.actor import actor_for
from kith.kernel.accounts.models import User
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
helena, priya = (User.objects.get(email=f"{name}@tidewell.example") for name in ("helena", "priya"))
by = actor_for(helena)
def make(record, **raw):
    kind = registry[record]
    return actions.create(kind, actions.parse_values(kind, raw, by=by), by=by)
for rule in registry["assignment_rule"].model.objects.filter(archived_at=None):
    actions.archive(registry["assignment_rule"], rule, by=by)
make("assignment_rule", name="Everybody", user=str(priya.pk), answer_within="2 business hours")
make("score_rule", name="Sent a form in the story", part="engagement", points="20", verb="form.submitted")
first = make("template", name="First words", subject='Hello {{ person.given_name | "there" }}', body="Shall we talk?")
steps = [{"do": "mail", "template": first.pk}, {"do": "wait", "for": "3 days"}, {"do": "task", "subject": "Call them"}]
draft = {"window": "Mon-Sun 00:00-24:00", "steps": steps}
ACTIONS["sequence.publish"].run(actions.create(registry["sequence"], {"name": "Story of the pumps", "draft": draft}, by=by), by=by)
box = make("mailbox", name="Hello", address="hello@tidewell.example", host="127.0.0.1", port="%(port)s", login="%(user)s", security="none")
ACTIONS["mailbox.give_password"].run(box, password="%(password)s", by=by)
print(box.pk)
"""
# The minute in which an enrolment can be taken back is over.
AT_ONCE = """
from django.utils import timezone
from kith.engagement.engine import advance_due
from kith.engagement.models import Enrolment
Enrolment.objects.filter(person=%(person)s).update(due_at=timezone.now())
advance_due()
print(Enrolment.objects.get(person=%(person)s).pk)
"""
FETCH = "from kith.kernel.mail.fetching import fetch\nfetch(%s)"


@pytest.fixture
def mailing():
    with smtp_running() as postbox, imap_server() as imap:
        url = f"smtp://127.0.0.1:{postbox.port}?from=hello@tidewell.example"
        with served(fill=True, KITH_EMAIL_URL=url) as site:
            given = {"port": imap.port, "user": imap.user, "password": imap.password}
            yield site, postbox, imap, site.run(PREPARED % given)


def fill_in(page, address):
    """Elin sends the form from a page of her own making."""
    stranger = page.context.browser.new_context().new_page()
    stranger.goto(address)
    stranger.get_by_label("Your name").fill("Elin Sørensen")
    stranger.get_by_label("E-mail").fill(ELIN)
    stranger.get_by_label("What brings you here?").fill("Our insurer asks for sensors by summer.")
    stranger.wait_for_timeout(2100)  # nobody fills in a form in less
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.get_by_role("status")).to_contain_text("Thank you")
    stranger.context.close()


def test_a_stranger_is_acknowledged_scored_assigned_and_answers_by_mail(mailing, visit, elsewhere):
    site, postbox, imap, mailbox = mailing
    fill_in(
        built(site, visit, "Story checklist"),
        elsewhere(f'<script src="{site.address}/f/story-checklist.js" async></script>'),
    )
    state, person, source, _page = came(site, ELIN)
    assert (state, source) == ("done", "fair")
    (said,) = postbox.sent_to(ELIN)
    assert said["Auto-Submitted"] == "auto-replied"

    page = visit(site, "priya")
    page.goto("/")
    lead = page.locator("#leads li").filter(has_text="fjordheim-story.example")
    expect(lead).to_contain_text(re.compile(r"\d.* left"), timeout=30_000)
    page.goto(f"/people/{person}")
    expect(page.locator("#panel-score")).to_contain_text("20", timeout=30_000)
    page.locator("header").get_by_role("link", name="Enrol in a sequence").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").first.fill("Story of the pumps")
    page.get_by_role("option", name="Story of the pumps").click()
    dialog.locator("button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("Story of the pumps", timeout=30_000)
    enrolment = site.run(AT_ONCE % {"person": person})
    first = postbox.sent_to(ELIN, 2)[1]
    assert first["Subject"] == "Hello Elin"

    answer = letter(
        "Tuesday suits us.", From=f"Elin Sørensen <{ELIN}>", Subject="Re: Hello Elin", In_Reply_To=first["Message-ID"]
    )
    imap.put(answer.as_bytes())
    site.run(FETCH % mailbox)
    expect(page.locator(".timeline")).to_contain_text("Tuesday suits us.", timeout=30_000)
    page.goto(f"/enrolments/{enrolment}")
    expect(page.locator("main")).to_contain_text("They wrote to us.", timeout=30_000)
