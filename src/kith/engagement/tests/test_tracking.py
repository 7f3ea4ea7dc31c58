"""Opens and clicks of mail: off, then of those alone who agreed; over a real mail server."""

import datetime as dt
import re
from html import unescape

import pytest
from django.utils import timezone

from kith.contacts.consent.actions import Said, record_many
from kith.contacts.consent.models import Purpose, Through
from kith.engagement.events import MailClicked
from kith.engagement.mailings import results
from kith.engagement.mailings.telling import as_json, told
from kith.engagement.models import Enrolment, TrackedLink, TrackedMail
from kith.engagement.results import results_of
from kith.engagement.tests.mailcast import gather, guest, mailing, send
from kith.engagement.tests.making import MONDAY, at, enrol, sequence, template, work
from kith.engagement.tracking import public
from kith.engagement.tracking.allowing import PURPOSE, allow, forbid
from kith.kernel.access.actor import system
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import Invalid, NotAllowed
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import Condition, Group, parse, to_text
from kith.kernel.records import actions
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.segments.queries import members
from kith.kernel.timeline.change import change
from kith.kernel.timeline.holding import offered
from kith.kernel.timeline.models import Event
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
BODY = "See [the prices](https://tidewell.example/prices?a=1&b=2), [write](mailto:ines@tidewell.example) or [call](tel:+49301234)."
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
PRICES = "https://tidewell.example/prices?a=1&b=2"


@pytest.fixture
def astrid():
    return actor("astrid")


@pytest.fixture
def allowed(astrid):
    allow(by=astrid)


def agree_to_tracking(*people, yes=True):
    purpose = Purpose.objects.get(key=PURPOSE)
    record_many([Said(p.pk, purpose, yes, Through.FORM, address=p.email) for p in people], by=system("cli"))


def sent(ines, *people, **more):
    row = mailing(ines, gather(ines, "Hotels", *people), template=template("Autumn", body=BODY), track=True, **more)
    return send(row, ines)


def html_to(postbox, name):
    [mail] = [m for m in postbox.kept if name in m["To"]]
    return mail.get_body(("html",)).get_content()


def marks(html):
    """(the links of ours, the image of ours) in a mail, as paths."""
    site = re.escape(site_address())
    found = [unescape(each) for each in re.findall(rf'href="{site}(/m/l/[^"]+)"', html)]
    image = re.search(rf'src="{site}(/m/o/[^"]+)"', html)
    return found, unescape(image[1]) if image else ""


def ask(client, path, after=dt.timedelta(hours=1), agent=PHONE, method="get", **headers):
    TrackedMail.objects.update(at=timezone.now() - after)
    response = getattr(client, method)(path, headers={"user-agent": agent, **headers})
    run_waiting_jobs(names=["engagement.mail_seen"])
    return response


def verbs(person):
    rows = Event.objects.filter(
        links__record="person", links__record_id=person.pk, verb__in=["mail.opened", "mail.clicked"]
    )
    return list(rows.order_by("at", "recorded_at").values_list("verb", flat=True))


def test_it_is_off_and_nothing_can_be_told_to_count_before_the_organisation_allows_it(ines, astrid, postbox):
    with pytest.raises(NotAllowed):
        allow(by=ines)
    with pytest.raises(Invalid, match="does not count"):
        mailing(ines, gather(ines, "Hotels"), track=True)
    made = sequence([{"do": "mail", "template": template().name}])
    with pytest.raises(Invalid, match="does not count"):
        actions.edit(registry["sequence"], made, {"track": True}, by=ines)
    allow(by=astrid)
    allow(by=astrid)
    assert mailing(ines, gather(ines, "Guests"), track=True, template=template("Winter")).track
    forbid(by=astrid)
    assert Purpose.objects.get(key=PURPOSE).archived_at is not None
    allow(by=astrid)
    assert Purpose.objects.get(key=PURPOSE).archived_at is None


def test_only_the_mails_of_those_who_agreed_are_changed_and_their_plain_part_is_not(ines, allowed, postbox):
    marta, piotr = guest(ines, "Marta"), guest(ines, "Piotr")
    agree_to_tracking(marta)
    sent(ines, marta, piotr)
    theirs, ours = html_to(postbox, "piotr"), html_to(postbox, "marta")
    assert marks(theirs) == ([], "") and 'href="https://tidewell.example/prices?a=1&amp;b=2"' in theirs
    links, image = marks(ours)
    assert len(links) == 1 and image.endswith(".gif") and "https://tidewell.example" not in ours
    assert 'href="mailto:ines@tidewell.example"' in ours and 'href="tel:+49301234"' in ours
    assert f'href="{site_address()}/unsubscribe/' in ours and f'href="{site_address()}/consent/' in ours
    plain = [m.get_body(("plain",)).get_content() for m in postbox.kept]
    assert all(f"the prices ({PRICES})" in words.replace("=\n", "") for words in plain)
    assert TrackedMail.objects.get().person == marta


def test_a_mailing_that_does_not_count_leaves_every_mail_untouched(ines, allowed, postbox):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    send(mailing(ines, gather(ines, "Hotels", marta), template=template("Autumn", body=BODY)), ines)
    assert marks(html_to(postbox, "marta")) == ([], "") and not TrackedMail.objects.exists()


def test_opens_and_clicks_are_told_once_and_counted(ines, allowed, postbox, client):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    row = sent(ines, marta)
    [link], image = marks(html_to(postbox, "marta"))
    for _time in range(3):
        response = ask(client, image)
        assert (response.status_code, response["Content-Type"], response["Cache-Control"]) == (
            200,
            "image/gif",
            "no-store",
        )
    for _time in range(2):
        response = ask(client, link)
        assert (response.status_code, response["Location"], response["Cache-Control"]) == (302, PRICES, "no-store")
    assert verbs(marta) == ["mail.opened", "mail.clicked"]
    mail = TrackedMail.objects.get()
    assert (mail.opens, mail.clicks, mail.machines) == (3, 2, 0)
    assert (TrackedLink.objects.get().url, TrackedLink.objects.get().clicks) == (PRICES, 2)
    clicked = Event.objects.get(verb="mail.clicked")
    assert clicked.actor_name == "Marta" and clicked.payload["mailing"] == row.pk and PRICES not in str(clicked.payload)


def test_a_click_costs_two_questions_and_what_is_told_follows_by_a_job(
    ines, allowed, postbox, client, django_assert_max_num_queries
):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    sent(ines, marta)
    [link], _image = marks(html_to(postbox, "marta"))
    ask(client, link)
    with django_assert_max_num_queries(4):  # two of them are the savepoint that is the transaction outside tests
        assert client.get(link, headers={"user-agent": PHONE}).status_code == 302


def test_what_is_perhaps_a_machine_counts_for_nobody(ines, allowed, postbox, client):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    row = sent(ines, marta)
    [link], image = marks(html_to(postbox, "marta"))
    ask(client, link, after=dt.timedelta(seconds=3))
    ask(client, link, method="head")
    ask(client, link, agent="Mozilla/5.0 (compatible; MimecastLinkScan/1.0)")
    ask(client, link, agent="")
    ask(client, link, **{"sec-purpose": "prefetch"})
    ask(client, image, agent="Mozilla/5.0")  # the privacy proxy of Apple
    assert verbs(marta) == []
    mail = TrackedMail.objects.get()
    assert (mail.opens, mail.clicks, mail.machines, mail.opened_at, mail.clicked_at) == (0, 0, 6, None, None)
    assert "1 more were asked for by what is perhaps a machine" in told(row, ines)
    ask(
        client, image, agent="Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
    )
    assert verbs(marta) == ["mail.opened"]


def test_a_link_that_was_changed_leads_nowhere_and_says_so(ines, allowed, postbox, client, monkeypatch):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    sent(ines, marta)
    [link], image = marks(html_to(postbox, "marta"))
    for wrong in (
        link[:-4] + "abcd",
        "/m/l/nothing",
        "/m/l/" + "a" * 5000,
        image.removesuffix(".gif").replace("/o/", "/l/"),
    ):
        response = ask(client, wrong)
        assert response.status_code == 404 and "This link does not work" in response.content.decode()
    assert ask(client, image.replace(".gif", "x.gif")).status_code == 200 and TrackedMail.objects.get().opens == 0
    monkeypatch.setattr(public, "WRONG_A_MINUTE", 0)
    assert ask(client, "/m/l/nothing").status_code == 429


def test_a_flood_is_led_on_and_not_counted(ines, allowed, postbox, client, monkeypatch):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    sent(ines, marta)
    [link], _image = marks(html_to(postbox, "marta"))
    monkeypatch.setattr(public, "A_MINUTE", 0)
    assert ask(client, link)["Location"] == PRICES and TrackedMail.objects.get().clicks == 0


def test_who_withdraws_is_forgotten_at_once_and_their_links_lead_on(ines, allowed, postbox, client):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    row = sent(ines, marta)
    [link], image = marks(html_to(postbox, "marta"))
    ask(client, link)
    assert TrackedLink.objects.exists() and results.total(ines, row).n["agreed"] == 1
    centre = re.search(r'href="[^"]*(/consent/[^"]+)"', html_to(postbox, "marta"))[1]
    client.post(unescape(centre), {"purpose": ["newsletter"]})
    assert not TrackedMail.objects.exists() and not TrackedLink.objects.exists()
    assert ask(client, link)["Location"] == PRICES and ask(client, image).status_code == 200
    assert verbs(marta) == ["mail.clicked"] and results.total(ines, row).n["clicked"] == 0
    assert results.total(ines, row).n["unsubscribed"] == 0  # they read on, unwatched


def test_nothing_is_counted_any_more_once_the_organisation_stops_it(ines, astrid, allowed, postbox, client):
    marta = guest(ines, "Marta")
    agree_to_tracking(marta)
    sent(ines, marta)
    [link], _image = marks(html_to(postbox, "marta"))
    forbid(by=astrid)
    assert ask(client, link)["Location"] == PRICES and TrackedMail.objects.get().clicks == 0


def test_results_say_of_how_many_it_is_known(ines, allowed, postbox, client):
    people = [guest(ines, name) for name in ("Marta", "Piotr", "Elin")]
    agree_to_tracking(*people[:2])
    row = sent(ines, *people)
    [link], image = marks(html_to(postbox, "marta"))
    ask(client, image)
    ask(client, link)
    [segment] = results.per_segment(ines, row)
    assert {key: segment.n[key] for key in ("sent", "agreed", "opened", "clicked")} == {
        "sent": 3, "agreed": 2, "opened": 1, "clicked": 1,
    }  # fmt: skip
    assert segment.share("opened").startswith("50.0%")
    assert as_json(row, ines)["read"] == {"agreed": 2, "opened": 1, "clicked": 1, "machine": 0}
    [line] = [one for one in registry["mailing"].parts if one.key == "results"][0].dump(ines, row)[1:]
    assert (line["sent"], line["agreed"], line["opened"], line["clicked"]) == (3, 2, 1, 1)
    client.force_login(user("ines"))
    words = client.get(f"/mailings/{row.pk}/panel/mailing-result").content.decode()
    assert "Of 2 who agreed to it, 1 opened it and 1 followed a link." in words
    assert "Marta" in client.get(f"/mailings/{row.pk}/recipients?came=clicked").content.decode()


def test_a_sequence_counts_per_step_and_does_not_stop_by_being_read_or_by_a_no_to_it(ines, allowed, postbox, client):
    with at(MONDAY):
        marta = guest(ines, "Marta", agrees=False)
        agree_to_tracking(marta)
        made = sequence([
            {"do": "mail", "template": template("Autumn", body=BODY).name}, {"do": "wait", "for": "2 days"},
            {"do": "mail", "template": "Autumn"},
        ])  # fmt: skip
        actions.edit(registry["sequence"], made, {"track": True}, by=ines)
        enrol(marta, made)
    with at("2026-11-23 10:02:00+00:00"):
        work()
        [link], image = marks(html_to(postbox, "marta"))
        ask(client, image)
        ask(client, link)
        assert sorted(verbs(marta)) == ["mail.clicked", "mail.opened"]
        step = results_of(ines, made)["steps"][0]
        assert (step.done, step.agreed, step.opened, step.clicked) == (1, 1, 1, 1)
        agree_to_tracking(marta, yes=False)
        assert Enrolment.objects.get().state == "active"
        assert results_of(ines, made)["steps"][0].agreed == 0


def test_a_score_rule_gives_points_for_following_links(ines, astrid, allowed, postbox, client):
    from kith.kernel.lookups.conditions import happenings

    assert {"mail.opened", "mail.clicked"} <= set(happenings())
    marta = guest(ines, "Marta")
    rule = {"name": "Reads", "part": "engagement", "points": 7, "verb": "mail.clicked"}
    actions.create(registry["score_rule"], rule, by=astrid)
    agree_to_tracking(marta)
    sent(ines, marta)
    [link], _image = marks(html_to(postbox, "marta"))
    ask(client, link)
    run_waiting_jobs(names=["qualification.score", "qualification.rescore"])
    assert registry["person"].rows(astrid).values_list("lead__engagement", flat=True).get(pk=marta.pk) == 7


def test_a_segment_gains_who_follows_links_and_loses_who_withdraws(ines, allowed, postbox, client):
    marta, piotr = guest(ines, "Marta"), guest(ines, "Piotr")
    made = actions.create(registry["segment"], {"name": "Readers", "conditions": "mail_clicked_at.filled"}, by=ines)
    run_waiting_jobs()
    agree_to_tracking(marta, piotr)
    sent(ines, marta, piotr)
    [link], _image = marks(html_to(postbox, "marta"))
    ask(client, link)
    run_waiting_jobs()
    assert list(members(ines, made).values_list("pk", flat=True)) == [marta.pk]
    agree_to_tracking(marta, yes=False)
    run_waiting_jobs()
    assert not members(ines, made).exists()


def test_the_setting_is_for_those_who_manage_settings(client, astrid):
    client.force_login(user("ines"))
    assert client.get("/settings/mail-tracking/").status_code == 403
    client.force_login(user("astrid"))
    assert "Off: nothing is counted" in client.get("/settings/mail-tracking/").content.decode()
    client.post("/settings/mail-tracking/", {"allow": "1"})
    words = client.get("/settings/mail-tracking/").content.decode()
    assert "which links in them I follow" in words and "Mailings that count" in words
    client.post("/settings/mail-tracking/", {"stop": "1"})
    assert "Off: nothing is counted" in client.get("/settings/mail-tracking/").content.decode()


def test_two_who_become_one_are_counted_as_one_and_their_links_work(ines, allowed, postbox, client):
    marta, double = guest(ines, "Marta"), guest(ines, "Double")
    agree_to_tracking(double)
    sent(ines, double)
    [link], _image = marks(html_to(postbox, "double"))
    merge(registry["person"], marta, [double], by=actor("helena"))
    assert ask(client, link)["Location"] == PRICES
    assert TrackedMail.objects.get().person == marta and verbs(marta) == ["mail.clicked"]


def test_a_condition_asks_for_the_link_by_its_address_and_offers_the_most_followed(ines, marta):
    tracked = TrackedMail.objects.create(person=marta)
    prices, other = (
        TrackedLink.objects.create(mail=tracked, url=f"https://tidewell.example/{name}")
        for name in ("prices?a=1,b", "plan")
    )
    people = registry["person"]
    with change(people.get(ines, marta.pk), by=ines) as c:
        c.says(MailClicked(tracked.pk, "Spring letter", link=prices.pk))

    def found(url):
        text = to_text(Group("all", (Condition("happened", "at_least", ("mail.clicked", "1", "30", f"url={url}")),)))
        return compile_tree(people, parse(text), ines).apply(people.rows(ines)).count()

    assert (found(prices.url), found(other.url)) == (1, 0)
    assert not any(key.startswith("url=") for key, _words in offered("mail.clicked", ines)), "of one mail alone"
    TrackedLink.objects.create(mail=TrackedMail.objects.create(person=marta), url=prices.url)
    assert (f"url={prices.url}", prices.url) in offered("mail.clicked", ines)
    TrackedLink.objects.all().delete()  # an address that is forgotten is found no more
    assert found("https://tidewell.example/prices?a=1,b") == 0
