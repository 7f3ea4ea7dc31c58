"""Assets of the library that go with mail: the file as it was, a link where there is none, and what came of it."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kith.awareness.models import AssetUse
from kith.engagement.models import Enclosure, Mailing
from kith.engagement.tests.mailcast import carry_on, do, gather, guest, mailing, send
from kith.engagement.tests.making import MONDAY, add, again, at, enrol, sequence, template, work
from kith.kernel.errors import Invalid, NeedsInput
from kith.kernel.files.actions import add_files, remove_file
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.merge import merge
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.kernel.timeline.queries import timeline
from kith.ui.panels import composers
from tests.cast import actor, policy, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db
LINK = "https://tidewell.example/film?a=1&b=2"


@pytest.fixture
def brochure(ines):
    made = actions.create(registry["asset"], {"name": "Brochure"}, by=ines)
    with at("2026-11-02 10:00:00+00:00"):  # whatever is kept in a test is newer
        keep(made, "brochure.txt", b"Dry walls.", ines)
    return made


@pytest.fixture
def film(ines):
    return actions.create(registry["asset"], {"name": "The <film>", "link": LINK}, by=ines)


def keep(asset, name, content, by):
    [stored], _refused, _op = add_files(registry["asset"], asset, [SimpleUploadedFile(name, content)], by=by)
    return stored


def enclose(made, *assets, by):
    for asset in assets:
        perform(ACTIONS["template.enclose"], made, {"asset": str(asset.pk)}, by=by)
    return made


def compose(person, by, **raw):
    words = {"subject": "As promised", "body": "Here it is."}
    told = perform(composers()["mail"].action, person, words | raw, by=by)
    run_waiting_jobs(names=["activities.send_mail"])
    return told.result


def files(mail):
    return [(a.get_filename(), a.get_content().strip()) for a in mail.iter_attachments()]


def part(mail, kind):
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def answer(mail, sender="marta@bellevue.example"):
    take_in(letter("Yes, please.", From=sender, In_Reply_To=mail["Message-ID"]).as_bytes())
    run_waiting_jobs(names=["mail.work"])


def uses():
    rows = AssetUse.objects.select_related("asset", "person").order_by("person__given_name", "asset__name")
    return [(u.person.given_name, u.asset.name, u.through, u.answered_at is not None) for u in rows]


def test_a_colleague_encloses_an_asset_and_the_answer_counts_for_it(ines, marta, brochure, postbox):
    compose(marta, ines, asset=str(brochure.pk))
    [mail] = postbox.kept
    assert files(mail) == [("brochure.txt", "Dry walls.")]
    assert uses() == [("Marta", "Brochure", "mail", False)]
    assert "asset.sent" in [e.event.verb for e in timeline(ines, "person", marta.pk)[0]]
    assert "asset.sent" in [e.event.verb for e in timeline(ines, "asset", brochure.pk)[0]]
    answer(mail)
    assert uses() == [("Marta", "Brochure", "mail", True)]


def test_an_answer_in_another_conversation_counts_for_nothing(ines, marta, brochure, postbox):
    compose(marta, ines, asset=str(brochure.pk))
    compose(marta, ines)
    answer(postbox.kept[1])
    assert uses() == [("Marta", "Brochure", "mail", False)]


def test_an_asset_that_is_only_an_address_goes_as_a_link(ines, marta, film, postbox):
    compose(marta, ines, asset=str(film.pk))
    [mail] = postbox.kept
    assert files(mail) == [] and f"Here it is.\n\nThe <film>: {LINK}" in part(mail, "plain")
    assert uses() == [("Marta", "The <film>", "mail", False)]


def test_what_did_not_leave_was_not_given(ines, marta, brochure, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    compose(marta, ines, asset=str(brochure.pk))
    assert uses() == []


def test_a_sequence_takes_along_what_its_template_encloses_as_it_is_then(ines, marta, brochure, film, postbox):
    enclose(template(), brochure, film, by=ines)
    with at(MONDAY):
        row = enrol(marta, sequence([{"do": "mail", "template": "Welcome"}]))
        old = keep(brochure, "spring.txt", b"Drier walls.", ines)
    with at("2026-11-23 10:02:00+00:00"):
        work()
    [mail] = postbox.kept
    assert files(mail) == [("spring.txt", "Drier walls.")] and old
    assert f"The <film>: {LINK}" in part(mail, "plain")
    html = part(mail, "html")
    assert "The &lt;film&gt;" in html and 'href="https://tidewell.example/film?a=1&amp;b=2"' in html
    assert again(row).state == "done"
    answer(mail)
    assert uses() == [("Marta", "Brochure", "mail", True), ("Marta", "The <film>", "mail", True)]


def test_what_goes_with_a_mailing_is_frozen_as_it_begins_and_counts_once_for_each(ines, brochure, film, postbox):
    people = [guest(ines, name) for name in ("Marta", "Piotr")]
    text = enclose(template("Autumn"), brochure, film, by=ines)
    row = send(mailing(ines, gather(ines, "Hotels", *people), template=text, per_minute=6), ines)
    keep(brochure, "other.txt", b"Something else.", ines)
    remove_file(next(iter(Mailing.objects.get().frozen["files"])), by=ines)
    perform(ACTIONS["template.take_out"], text, {"asset": str(film.pk)}, by=ines)
    assert carry_on(row, timezone.now() + dt.timedelta(seconds=11)).state == "sent"
    assert [files(m) for m in postbox.kept] == [[("brochure.txt", "Dry walls.")]] * 2
    assert all(f"The <film>: {LINK}" in part(m, "plain") for m in postbox.kept)
    assert all(part(m, "plain").index("film") < part(m, "plain").index("Unsubscribe") for m in postbox.kept)
    given = [(who, what, "mail", False) for who in ("Marta", "Piotr") for what in ("Brochure", "The <film>")]
    assert uses() == given
    answer(next(m for m in postbox.kept if str(m["To"]).startswith("piotr")), sender="piotr@bellevue.example")
    assert [answered for *_who, answered in uses()] == [False, False, True, True]


def test_a_test_to_oneself_takes_along_what_everybody_would_get(ines, brochure, film, postbox):
    text = enclose(template("Autumn"), brochure, film, by=ines)
    do("try_out", mailing(ines, gather(ines, "Hotels", guest(ines, "Marta")), template=text), ines)
    [mail] = postbox.kept
    assert files(mail) == [("brochure.txt", "Dry walls.")] and LINK in part(mail, "plain") and uses() == []


def test_the_composer_adds_an_asset_to_what_its_template_encloses_each_once(
    ines, marta, brochure, film, postbox, client
):
    made = enclose(template(), brochure, by=ines)
    for asset in (film, brochure):
        compose(marta, ines, template=str(made.pk), asset=str(asset.pk), body="**Look**")
    first, second = postbox.kept
    assert files(first) == files(second) == [("brochure.txt", "Dry walls.")]
    assert 'href="https://tidewell.example/film?a=1&amp;b=2"' in part(first, "html") and "film" not in part(
        second, "html"
    )
    assert uses() == [("Marta", what, "mail", False) for what in ("Brochure", "Brochure", "The <film>")]
    client.force_login(user("ines"))
    assert "Enclose from the asset library" in client.get(f"/people/{marta.pk}?kind=mail").content.decode()


def test_what_cannot_go_along_keeps_the_mail_from_leaving_and_says_why(ines, marta, brochure, postbox):
    empty = actions.create(registry["asset"], {"name": "Price list"}, by=ines)
    made = template("Autumn")
    with pytest.raises(Invalid, match="“Price list” has no file yet, and no link"):
        enclose(made, empty, by=ines)
    enclose(made, brochure, by=ines)
    row = mailing(ines, gather(ines, "Hotels", guest(ines, "Piotr")), template=made)
    with at(MONDAY):
        going = enrol(marta, sequence([{"do": "mail", "template": "Autumn"}]))
        actions.archive(registry["asset"], brochure, by=ines)
    with pytest.raises(Invalid, match="“Brochure” is put away"):
        do("send", row, ines, sure="1")
    with at("2026-11-23 10:02:00+00:00"):
        work()
    assert again(going).state == "paused" and "“Brochure” is put away" in going.why and postbox.kept == []


def test_enclosing_is_taken_back_and_follows_a_merge(ines, brochure):
    made = template("Autumn")
    done = perform(ACTIONS["template.enclose"], made, {"asset": str(brochure.pk)}, by=ines)
    undo(done.operation, by=ines)
    assert not Enclosure.objects.exists()
    twin = add(ines, "asset", name="Brochure 2", link=LINK)
    enclose(made, twin, by=ines)
    merge(registry["asset"], brochure, [twin], by=actor("helena"))
    assert Enclosure.objects.get().asset == brochure


def test_the_page_of_a_template_shows_what_goes_along_as_far_as_one_may_see(ines, brochure, client):
    made = enclose(template("Autumn"), brochure, by=ines)
    client.force_login(user("jonas"))

    def shown():
        return re.sub(r"<[^>]+>", " ", client.get(f"/templates/{made.pk}").content.decode())

    assert "Brochure" in shown()
    policy("member", "asset", see="own")
    assert "1 more that you may not see" in shown()
    with pytest.raises(NeedsInput, match="no asset"):
        enclose(made, brochure, by=actor("jonas"))
