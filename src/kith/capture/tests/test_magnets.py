"""Lead magnets: a form leads to a file, by the page that thanks and by mail, for some days and some downloads."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from kith.capture.magnets import granting
from kith.capture.magnets.figures import became, counts, last
from kith.capture.models import Download, Grant, Submission
from kith.capture.tests.forms import DOCUMENT, checklist, purpose, send
from kith.contacts.consent.links import confirm_link
from kith.contacts.consent.models import Consent
from kith.contacts.models import Person
from kith.kernel.access.actor import system
from kith.kernel.files.storage import store
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 ten places that leak"


def asset(link="", file=True):
    made = records.create(registry["asset"], {"name": "Leak-risk checklist", "link": link}, by=system("cli"))
    if file:
        store(SimpleUploadedFile("leaks.pdf", PDF), record_type="asset", record_id=made.pk, by=system("cli"))
    return made


def magnet(form=None, what=None, **values):
    said = {"name": "Checklist for hotels", "form": form or checklist(), "asset": what or asset(), **values}
    return records.create(registry["magnet"], said, by=system("cli"))


def text(answer):
    return answer.content.decode()


def path_in(words):
    return re.search(r"/f/leak-risk-checklist/get/[\w:.-]+", words)[0]


def fetched(path, client=None):
    return (client or Client()).post(path)


def test_the_page_that_thanks_hands_the_file_over_at_once():
    magnet()
    page = text(Client().get(send().headers["Location"]))
    assert "Leak-risk checklist" in page and "leaks.pdf" in page
    answer = fetched(path_in(page))
    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_page_elsewhere_is_told_where_the_file_is():
    magnet()
    (told,) = send(headers={"Accept": "application/json"}).json()["gifts"]
    assert told["name"] == "Leak-risk checklist" and "/f/leak-risk-checklist/get/" in told["href"]


def test_whoever_looks_at_the_link_uses_up_no_download():
    magnet(most=1)
    path = path_in(text(Client().get(send().headers["Location"])))
    for _n in range(3):
        assert Client().get(path).status_code == 200
    assert fetched(path).status_code == 200


def test_the_mail_that_says_we_have_it_carries_the_link(mailoutbox, settings):
    magnet()
    send()
    run_waiting_jobs()
    (letter,) = mailoutbox
    assert letter.subject == "Your checklist, Elin" and "for 5 downloads" in letter.body
    assert path_in(letter.body) in letter.alternatives[0][0]
    assert fetched(path_in(letter.body)).status_code == 200


def test_a_form_that_sends_no_such_mail_sends_the_link_alone(mailoutbox):
    magnet(checklist(ack={"on": False}))
    send()
    run_waiting_jobs()
    (letter,) = mailoutbox
    assert letter.subject == "Here it is: Leak-risk checklist" and path_in(letter.body)


def test_a_download_stands_on_the_story_of_whoever_it_was_even_when_it_came_before_they_were_known():
    what = asset()
    given = magnet(what=what)
    fetched(path_in(text(Client().get(send().headers["Location"]))))
    assert not Event.objects.filter(verb="asset.downloaded").exists()
    run_waiting_jobs()
    told = Event.objects.get(verb="asset.downloaded")
    assert (told.record, told.record_id) == ("person", Person.objects.get().pk)
    assert told.payload["asset_id"] == what.pk
    about = {(link.record, link.record_id) for link in told.links.all()}
    assert {("asset", what.pk), ("magnet", given.pk)} <= about
    fetched(path_in(mail.outbox[0].body))
    assert Event.objects.filter(verb="asset.downloaded").count() == 2


def test_the_first_download_of_somebody_is_a_use_of_the_asset():
    what = asset()
    magnet(what=what)
    send()
    run_waiting_jobs()
    for _n in range(2):
        fetched(path_in(mail.outbox[0].body))
    use = what.uses.get()
    assert (use.person, use.through) == (Person.objects.get(), "magnet") and use.opened_at == use.at


def test_a_link_holds_for_so_many_downloads_and_then_offers_a_new_one():
    magnet(most=2)
    send()
    run_waiting_jobs()
    path = path_in(mail.outbox[0].body)
    assert [fetched(path).status_code for _n in range(3)] == [200, 200, 410]
    assert "This link was used up" in text(Client().get(path)) and "Send me a new link" in text(Client().get(path))
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        assert "A new link is on its way" in text(Client().post(path, {"do": "again"}))
        run_waiting_jobs()
        assert mail.outbox[-1].to == ["elin@fjordheim.example"]
        assert fetched(path).status_code == 410
        assert fetched(path_in(mail.outbox[-1].body)).status_code == 200


def test_a_new_link_is_sent_once_in_a_while_however_often_it_is_asked_for():
    magnet()
    send()
    run_waiting_jobs()
    path = path_in(mail.outbox[0].body)
    assert "A link is on its way already" in text(Client().post(path, {"do": "again"}))
    run_waiting_jobs()
    assert len(mail.outbox) == 1


def test_a_link_runs_out_and_says_so_kindly():
    magnet(days=3)
    send()
    run_waiting_jobs()
    path = path_in(mail.outbox[0].body)
    with time_machine.travel(timezone.now() + dt.timedelta(days=4)):
        answer = Client().get(path)
        assert answer.status_code == 410 and "This link has run out" in text(answer)
        assert fetched(path).status_code == 410
    assert not Download.objects.exists()


@pytest.mark.parametrize(
    "change", [lambda p: p[:-1] + ("a" if p[-1] != "a" else "b"), lambda p: p[:-9], lambda p: p + "x" * 900]
)
def test_a_link_that_was_changed_opens_nothing_and_leads_to_the_form(change):
    magnet()
    path = change(path_in(text(Client().get(send().headers["Location"]))))
    for answer in (Client().get(path), Client().post(path), Client().post(path, {"do": "again"})):
        assert answer.status_code == 404 and "This link does not work" in text(answer)
        assert 'href="/f/leak-risk-checklist"' in text(answer)


def test_a_link_of_one_form_opens_nothing_at_another():
    magnet()
    other = records.create(registry["form"], {"name": "Other", "draft": {**DOCUMENT}}, by=system("cli"))
    ACTIONS["form.publish"].run(other, by=system("cli"))
    path = path_in(text(Client().get(send().headers["Location"])))
    assert Client().get(path.replace("leak-risk-checklist", "other")).status_code == 404


def test_what_looks_like_spam_gets_nothing_before_a_colleague_took_it_in():
    magnet()
    answer = send(homepage="https://pills.example")
    assert "gift=" not in answer.headers["Location"]
    run_waiting_jobs()
    assert not mail.outbox
    perform(ACTIONS["submission.accept"], Submission.objects.get(), {}, by=actor("ines"))
    run_waiting_jobs()
    assert "/get/" in mail.outbox[-1].body


def test_where_an_address_is_to_be_confirmed_the_file_waits_for_it():
    news = purpose(double_opt_in=True)
    magnet(checklist(consents=[news.key]))
    answer = send(consent=news.key)
    assert "gift=" not in answer.headers["Location"]
    run_waiting_jobs()
    assert not any("/get/" in letter.body for letter in mail.outbox)
    asked = Consent.objects.get()
    Client().post(
        confirm_link([asked.pk]).partition("//")[2].partition("/")[1]
        + confirm_link([asked.pk]).partition("//")[2].partition("/")[2]
    )
    run_waiting_jobs()
    assert fetched(path_in(mail.outbox[-1].body)).status_code == 200


def test_who_did_not_ask_for_anything_else_does_not_wait():
    news = purpose(double_opt_in=True)
    magnet(checklist(consents=[news.key]))
    assert "gift=" in send().headers["Location"]


def test_who_confirmed_long_ago_does_not_wait_again():
    news = purpose(double_opt_in=True)
    magnet(checklist(consents=[news.key]))
    send(consent=news.key)
    run_waiting_jobs()
    Client().post(confirm_link([Consent.objects.get().pk]).split("8000", 1)[-1])
    run_waiting_jobs()
    send(consent=news.key)
    run_waiting_jobs()
    assert not Grant.objects.filter(waits=True).exists()
    assert sum("/get/" in letter.body for letter in mail.outbox) == 2


def test_an_asset_that_is_a_link_leads_there():
    magnet(what=asset("https://video.example/leaks", file=False))
    page = Client().get(send().headers["Location"])
    assert "https://video.example" in page.headers["Content-Security-Policy"]
    answer = fetched(path_in(text(page)))
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://video.example/leaks")
    assert Download.objects.count() == 1


def test_an_asset_without_anything_to_give_is_a_kind_page():
    what = asset(file=False)
    magnet(what=what)
    send()
    grant = Grant.objects.select_related("magnet__form").get()
    answer = Client().get(granting.path_of(grant))
    assert answer.status_code == 410 and "not there any more" in text(answer)


def test_whoever_fetched_it_several_times_is_named_once_among_the_last():
    made = magnet()
    path = path_in(text(Client().get(send().headers["Location"])))
    run_waiting_jobs()
    for _n in range(3):
        fetched(path)
    assert [one["name"] for one in last(made, actor("ines"))] == ["Elin Sørensen"]


def test_conversion_is_counted_from_looking_to_downloading(client):
    given = magnet()
    for agent in ("Firefox", "Firefox", "Googlebot"):
        Client(HTTP_USER_AGENT=agent).get("/f/leak-risk-checklist")
    send()
    send(email="rolf@fjordheim.example", name="Rolf Berg")
    run_waiting_jobs()
    path = path_in(mail.outbox[0].body)
    fetched(path)
    fetched(path)
    assert counts(given) == (2, 2, 1)
    ines = actor("ines")
    elin = Person.objects.get(email="elin@fjordheim.example")
    perform(ACTIONS["person.qualify"], elin, {}, by=system("cli"))
    assert became(system("cli"), given) == {"qualified": 1, "won": 0}
    client.force_login(user("ines"))
    assert ines.can("magnet.see")
    page = text(client.get(f"/magnets/{given.pk}"))
    assert "Form shown" in page and "50" in page
    assert "Checklist for hotels" in text(client.get(f"/assets/{given.asset_id}/panel/asset-magnets"))


def test_taking_an_accepted_submission_back_takes_its_use_of_the_asset_back():
    what = asset()
    magnet(what=what)
    send(homepage="https://pills.example")
    row = Submission.objects.get()
    Download.objects.create(grant=row.grants.get())
    run_waiting_jobs()
    out = perform(ACTIONS["submission.accept"], row, {}, by=actor("ines"))
    assert what.uses.count() == 1
    undo(Operation.objects.get(pk=out.operation.pk), by=actor("ines"))
    assert not what.uses.exists()
