"""Mail to many: who gets it and who does not, once each, over a real mail server."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.engagement.mailings import actions as mailing_actions
from kith.engagement.mailings import batches, starting
from kith.engagement.mailings.mails import envelope_of
from kith.engagement.models import Batch, Mailing, Recipient, Template
from kith.engagement.tests.mailcast import agree, carry_on, do, fates, gather, guest, mailing, send
from kith.engagement.tests.making import at, template
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, InvalidMany
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.actions import suppress
from kith.kernel.organisation.models import current
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def receivers(box):
    return sorted(str(m["To"]) for m in box.kept)


def test_everybody_of_the_segments_gets_it_once_and_the_rest_is_told_why(ines, postbox):
    marta, piotr, elin = guest(ines, "Marta"), guest(ines, "Piotr"), guest(ines, "Elin", agrees=False)
    nameless = guest(ines, "Nobody", "-")
    bounced = guest(ines, "Gone")
    suppress(bounced.email, "bounced", "test", by=system("mail"))
    left_out = guest(ines, "Left")
    row = mailing(
        ines, gather(ines, "Hotels", marta, piotr, elin, nameless, bounced, left_out), gather(ines, "Guests", marta),
        without=(gather(ines, "Customers", left_out),),
    )  # fmt: skip
    send(row, ines)
    assert row.state == "sent"
    assert receivers(postbox) == ["marta@bellevue.example", "piotr@bellevue.example"]
    assert fates(row) == {
        "Marta": ("sent", ""), "Piotr": ("sent", ""), "Elin": ("held", "consent"), "Nobody": ("held", "no_address"),
        "Gone": ("held", "suppressed"),
    }  # fmt: skip
    assert Recipient.objects.get(mailing=row, person=marta).segments == ["hotels", "guests"]
    assert Event.objects.filter(verb="mailing.reached", record="person").count() == 2


def test_of_two_who_share_an_address_the_one_who_agreed_gets_it_and_only_one_does(ines, postbox):
    asked_not = guest(ines, "Anna", "desk@bellevue.example", agrees=False)
    first, second = guest(ines, "Marta", "Desk@bellevue.example"), guest(ines, "Piotr", "desk@bellevue.example")
    row = send(mailing(ines, gather(ines, "Hotels", asked_not, first, second)), ines)
    assert receivers(postbox) == ["desk@bellevue.example"]
    assert fates(row) == {"Anna": ("held", "consent"), "Marta": ("sent", ""), "Piotr": ("held", "same_address")}


def test_a_mail_says_how_to_end_it_in_one_click_and_in_the_language_of_its_reader(ines, postbox, client):
    text = template("Autumn", body="Guten Tag {{ person.given_name }}", subject="Sensoren", language="de")
    marta = guest(ines, "Marta & <b>Co</b>", "marta@bellevue.example", language="de")
    row = send(mailing(ines, gather(ines, "Hotels", marta), template=text), ines)
    [mail] = postbox.kept
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Guten Tag Marta & <b>Co</b>" in plain and "Guten Tag Marta &amp; &lt;b&gt;Co&lt;/b&gt;" in html
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"].startswith("<newsletter.") and Recipient.objects.get().token.hex in mail["Message-ID"]
    link = mail["List-Unsubscribe"].strip("<>").replace("\r\n ", "")
    path = "/unsubscribe/" + link.partition("/unsubscribe/")[2]
    assert "/unsubscribe/" in plain and "/unsubscribe/" in html
    assert "schreibt Ihnen, weil Sie „" in plain and "Abmelden: " in plain and ">Wozu Sie zugestimmt haben</a>" in html
    assert client.post(path[:-3] + "abc").status_code == 404
    assert Recipient.objects.get().unsubscribed_at is None
    assert client.post(path).status_code == 200
    assert Recipient.objects.get(mailing=row).unsubscribed_at is not None


def test_who_opts_out_between_laying_down_and_sending_gets_none(ines, postbox):
    marta, piotr = guest(ines, "Marta"), guest(ines, "Piotr")
    row = mailing(ines, gather(ines, "Hotels", marta, piotr), per_minute=6)  # one in ten seconds
    send(row, ines)
    assert receivers(postbox) == ["marta@bellevue.example"] and fates(row)["Piotr"] == ("waiting", "")
    agree(piotr, yes=False)
    carry_on(row, timezone.now() + dt.timedelta(seconds=11))
    assert receivers(postbox) == ["marta@bellevue.example"] and fates(row)["Piotr"] == ("held", "consent")
    assert row.state == "sent"


def test_the_check_counts_what_sending_then_does(ines, postbox):
    people = [guest(ines, name) for name in ("Marta", "Piotr")]
    people += [
        guest(ines, "Elin", agrees=False),
        guest(ines, "Nobody", "-"),
        guest(ines, "Double", "marta@bellevue.example"),
    ]
    row = do("check", mailing(ines, gather(ines, "Hotels", *people)), ines)
    found = row.checked
    assert (found["gathered"], found["get"]) == (5, 2)
    assert {k: n for k, n in found["held"].items() if n} == {"consent": 1, "no_address": 1, "same_address": 1}
    assert postbox.kept == [] and row.state == "draft"
    send(row, ines)
    assert len(postbox.kept) == 2


def test_a_large_audience_is_looked_at_beside_the_page(ines, postbox, monkeypatch, client):
    monkeypatch.setattr(mailing_actions, "AT_ONCE", 1)
    row = do("check", mailing(ines, gather(ines, "Hotels", *[guest(ines, name) for name in ("Marta", "Piotr")])), ines)
    assert set(row.checked) == {"looking"}
    client.force_login(user("ines"))
    assert "Everybody is being looked at" in client.get(f"/mailings/{row.pk}").content.decode()
    run_waiting_jobs(names=["engagement.mailing_check"])
    row.refresh_from_db()
    assert (row.checked["gathered"], row.checked["get"]) == (2, 2) and "looking" not in row.checked


def test_a_placeholder_without_a_value_holds_that_person_back_and_the_check_says_so(ines, postbox):
    text = template("Autumn", body="Hello {{ person.job_title }}")
    known, unknown = guest(ines, "Marta", job_title="Manager"), guest(ines, "Piotr")
    row = do("check", mailing(ines, gather(ines, "Hotels", known, unknown), template=text), ines)
    assert row.checked["get"] == 1 and row.checked["blank"] == {"Not known: person.job_title.": 1}
    assert fates(send(row, ines)) == {"Marta": ("sent", ""), "Piotr": ("held", "blank")}


def test_a_placeholder_that_does_not_exist_any_more_keeps_it_from_being_sent(ines, postbox):
    row = mailing(ines, gather(ines, "Hotels", guest(ines, "Marta")))
    Template.objects.update(body="Dear {{ person.floors }}")
    registry["template"]  # noqa: B018  its wording of now
    text = Template.objects.get()
    text.versions.update(wording=text.wording())
    for verb in ("check", "send", "schedule"):
        with pytest.raises((Invalid, InvalidMany), match="no placeholder"):
            do(verb, row, ines, **{"send": {"sure": "1"}, "schedule": {"at": "2031-03-12T09:30"}}.get(verb, {}))
    assert row.state == "draft" and postbox.kept == []


def test_the_wording_is_frozen_when_sending_begins(ines, postbox):
    people = [guest(ines, "Marta"), guest(ines, "Piotr")]
    text = template("Autumn", subject="Sensors")
    row = send(mailing(ines, gather(ines, "Hotels", *people), template=text, per_minute=6), ines)
    actions.edit(registry["template"], text, {"subject": "Pumps"}, by=ines)
    carry_on(row, timezone.now() + dt.timedelta(seconds=11))
    assert [m["Subject"] for m in postbox.kept] == ["Sensors", "Sensors"]
    with pytest.raises(Invalid, match="has begun"):
        actions.edit(registry["mailing"], row, {"sender_name": "Somebody else"}, by=ines)


def test_neither_a_sender_nor_a_subject_can_bring_a_header_in(ines, postbox):
    marta = guest(ines, "Marta")
    row = mailing(ines, gather(ines, "Hotels", marta))
    Mailing.objects.filter(pk=row.pk).update(sender_name="Ines\r\nBcc: all@bellevue.example")
    type(marta).objects.filter(pk=marta.pk).update(given_name="Marta\r\nBcc: all@bellevue.example")
    row.refresh_from_db()
    send(row, ines)
    [mail] = postbox.kept
    assert mail["Bcc"] is None and "Bcc: all@bellevue.example" in mail["From"]
    assert mail["Subject"] == "Hello Marta Bcc: all@bellevue.example" and mail["To"] == "marta@bellevue.example"


def test_pause_and_resume_and_cancel(ines, postbox):
    row = mailing(ines, gather(ines, "Hotels", *(guest(ines, n) for n in ("Marta", "Piotr", "Elin"))), per_minute=6)
    send(row, ines)
    do("pause", row, ines)
    later = timezone.now() + dt.timedelta(minutes=2)
    assert carry_on(row, later).state == "paused" and len(postbox.kept) == 1
    do("resume", row, ines)
    carry_on(row)
    assert len(postbox.kept) == 2
    do("cancel", row, ines, sure="1")
    assert carry_on(row, later).state == "cancelled" and len(postbox.kept) == 2


def test_what_is_scheduled_begins_by_itself_and_goes_in_the_name_of_who_scheduled_it(ines, postbox):
    with at("2026-11-23 10:00:00+00:00"):
        row = mailing(ines, gather(ines, "Hotels", guest(ines, "Marta")))
        do("schedule", row, ines, at="2026-11-23T12:00:00+00:00")
        starting.begin_due()
        assert carry_on(row).state == "scheduled"
    with at("2026-11-23 12:01:00+00:00"):
        starting.begin_due()
        assert carry_on(row, timezone.now()).state == "sent"
    assert row.started_by_id == ines.user_id and len(postbox.kept) == 1


def test_a_window_is_kept_on_the_clock_of_whoever_gets_it(ines, postbox):
    berlin, tokyo = guest(ines, "Berlin", time_zone="Europe/Berlin"), guest(ines, "Tokyo", time_zone="Asia/Tokyo")
    organisation = current()
    organisation.time_zone = "America/New_York"
    organisation.save()
    nowhere = guest(ines, "Nowhere")
    type(nowhere).objects.filter(pk=nowhere.pk).update(time_zone="Mars/Olympus")
    with at("2026-11-23 09:00:00+00:00"):  # Monday, 10 in Berlin, 18 in Tokyo
        row = mailing(ines, gather(ines, "Hotels", berlin, tokyo, nowhere), window="Mon-Fri 09:00-17:00")
        send(row, ines)
        assert receivers(postbox) == ["berlin@bellevue.example"] and row.state == "sending"
    with at("2026-11-23 14:30:00+00:00"):  # half past nine in New York, where the organisation is
        assert carry_on(row, timezone.now()).state == "sending"
    assert receivers(postbox) == ["berlin@bellevue.example", "nowhere@bellevue.example"]
    with at("2026-11-24 00:30:00+00:00"):
        assert carry_on(row, timezone.now()).state == "sent"
    assert receivers(postbox) == ["berlin@bellevue.example", "nowhere@bellevue.example", "tokyo@bellevue.example"]


def test_what_the_server_refuses_is_noted_and_what_it_puts_off_is_tried_again(ines, postbox):
    row = mailing(ines, gather(ines, "Hotels", guest(ines, "Marta"), guest(ines, "Piotr")))
    postbox.refuse = 1
    send(row, ines)
    assert fates(row) == {"Marta": ("waiting", ""), "Piotr": ("sent", "")}
    carry_on(row, timezone.now() + dt.timedelta(minutes=1))
    assert len(postbox.kept) == 1
    Recipient.objects.update(at=timezone.now())
    assert carry_on(row, timezone.now() + dt.timedelta(minutes=6)).state == "sent"
    assert receivers(postbox) == ["marta@bellevue.example", "piotr@bellevue.example"]


def test_a_server_that_is_away_costs_nobody_their_mail(ines, postbox, settings):
    row = mailing(ines, gather(ines, "Hotels", guest(ines, "Marta")))
    settings.EMAIL_PORT, port = 9, settings.EMAIL_PORT
    send(row, ines)
    assert row.state == "sending" and "tried again" in row.problem and fates(row) == {"Marta": ("waiting", "")}
    settings.EMAIL_PORT = port
    assert carry_on(row, timezone.now() + dt.timedelta(minutes=2)).state == "sent"
    assert row.problem == "" and len(postbox.kept) == 1


def test_what_a_dead_worker_had_in_hand_is_put_right(ines, postbox):
    """Three in hand; the worker died while it handed over the second."""
    names = ("Marta", "Piotr", "Elin")
    row = mailing(ines, gather(ines, "Hotels", *(guest(ines, n) for n in names)))
    starting.begin(row, by=ines)
    row = Mailing.objects.get(pk=row.pk)
    press = starting.press_of(row, ines)
    from kith.engagement.mailings.laying import lay_down

    assert lay_down(row, press, ines) == 3 and lay_down(row, press, ines) == 0
    hand = batches.take(row, press, envelope_of(row), 10, None)
    batches.step(hand)
    batches.step(hand)
    Batch.objects.update(at=timezone.now())
    carry_on(row)
    assert fates(row) == {"Marta": ("sent", ""), "Piotr": ("doubt", ""), "Elin": ("sent", "")}
    assert receivers(postbox) == ["elin@bellevue.example"]  # the first two had left with the worker that died
    assert row.state == "sent" and not Batch.objects.exists()
    do("try_doubtful", row, ines, sure="1")
    carry_on(row)
    assert receivers(postbox) == ["elin@bellevue.example", "piotr@bellevue.example"]


def test_a_test_goes_to_oneself_and_says_nothing_in_anybodys_name(ines, postbox):
    row = mailing(ines, gather(ines, "Hotels", guest(ines, "Marta")))
    do("try_out", row, ines)
    [mail] = postbox.kept
    assert mail["To"] == ines.user.email and mail["Subject"] == "Test: Hello Marta"
    assert mail["List-Unsubscribe"] is None and not Recipient.objects.exists()


def test_nobody_is_written_to_whom_the_sender_may_not_see(ines, postbox, monkeypatch):
    from kith.kernel.access.scopes import ByOwner

    mine, theirs = guest(ines, "Marta"), guest(actor("jonas"), "Piotr")
    row = mailing(ines, gather(ines, "Hotels", mine, theirs))
    plain = ByOwner.q

    def own(self, who, record, verb):
        from django.db.models import Q

        return Q(owner_id=who.user_id) if record == "person" and who.user_id else plain(self, who, record, verb)

    monkeypatch.setattr(ByOwner, "q", own)
    assert fates(send(row, ines)) == {"Marta": ("sent", "")}


def test_without_a_mail_server_or_a_segment_it_cannot_be_sent(ines, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    row = mailing(ines, gather(ines, "Hotels", guest(ines, "Marta")))
    with pytest.raises(Invalid, match="No mail server"):
        do("send", row, ines, sure="1")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Mailing.objects.update(audience=["gone"])
    row.refresh_from_db()
    with pytest.raises(Invalid, match="no segment of people “gone”"):
        do("send", row, ines, sure="1")
    with pytest.raises(Invalid, match="passed"):
        do("schedule", row, ines, at="2001-03-12T09:30")
