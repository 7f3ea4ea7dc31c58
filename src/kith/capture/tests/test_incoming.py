"""The queue of what waits for a person, the builder of forms, and how long people waited."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.utils import timezone

from kith.activities.models import Notice
from kith.capture import incoming
from kith.capture.alarm import tell_of_waiting
from kith.capture.models import Form, LeadClock, Submission
from kith.capture.tests.forms import ELIN, checklist, purpose, send
from kith.contacts.models import Person, entries
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.look import look_at
from kith.kernel.records import actions as records
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event, Operation
from kith.kernel.timeline.operations import undo
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ines(client):
    """Ines at a browser."""
    found = actor("ines")
    client.force_login(user("ines"))
    return found


def make(given="Elin", family="Sørensen", **more):
    values = {"given_name": given, "family_name": family, "emails": entries([ELIN["email"]])}
    return records.create(registry["person"], values | more, by=system("cli"))


def reach(person):
    """Their addresses and their numbers, as they are now."""
    person.refresh_from_db()
    return [one["value"] for one in person.emails], [one["value"] for one in person.phones]


def waits(**fields):
    """A submission from an address that two people share."""
    checklist()
    elin = make()
    make("Rolf", "Berg")
    send(job="Caretaker", **fields)
    run_waiting_jobs()
    return Submission.objects.get(), elin


def test_the_queue_says_who_wrote_what_and_why_it_waits(client, ines):
    row, elin = waits()
    page = client.get("/incoming/").content.decode()
    assert (
        "Elin Sørensen" in page
        and ELIN["why"] in page
        and "belongs to 2 people" in page
        and f"/people/{elin.pk}" in page
    )
    assert all(f'data-hotkey="{key}"' in page for key in "amdr")
    assert client.get("/incoming/", headers=HTMX).status_code == 200
    assert row.name in client.get(f"/submissions/{row.pk}").content.decode()


def test_one_key_takes_it_in_as_somebody_we_know_and_an_undo_puts_it_back(client, ines):
    row, elin = waits()
    assert client.post(f"/submissions/{row.pk}/do/merge", headers=HTMX).status_code == 204
    row.refresh_from_db(), elin.refresh_from_db()
    assert (row.state, row.person, elin.job_title) == ("done", elin, "Caretaker")
    assert Event.objects.filter(verb="form.submitted", record_id=elin.pk).exists()
    assert LeadClock.objects.get().person == elin
    undo(Operation.objects.latest("pk"), by=ines)
    row.refresh_from_db(), elin.refresh_from_db()
    assert (row.state, row.person, elin.job_title) == ("review", None, "") and not LeadClock.objects.exists()


def test_whoever_is_said_to_be_somebody_we_know_is_recognised_by_the_new_address_from_then_on(ines):
    from kith.kernel.records.action import ACTIONS, perform

    checklist()
    elin = make("Elin", "Sørensen", emails=entries(["elin@home.example"]), phones=entries(["+4722334455"]))
    send(phone="+47 22 33 44 55")
    run_waiting_jobs()
    row = Submission.objects.get()
    assert (row.state, row.proposed_id) == ("review", elin.pk)
    done = perform(ACTIONS["submission.merge"], row, {}, by=ines)
    assert reach(elin) == (["elin@home.example", ELIN["email"]], ["+4722334455"])
    send(why="Once more", phone="+47 22 33 44 66")
    run_waiting_jobs()
    assert Submission.objects.latest("pk").person == elin and Person.objects.count() == 1
    assert reach(elin)[1] == ["+4722334455"]  # nobody said that this number is theirs
    undo(done.operation, by=ines)
    assert reach(elin) == (["elin@home.example"], ["+4722334455"])


def test_a_number_that_somebody_says_is_theirs_stands_behind_those_known(client, ines):
    row, elin = waits(phone="+47 22 33 44 66")
    records.edit(registry["person"], elin, {"phones": entries(["+4722334455"])}, by=ines)
    assert client.post(f"/submissions/{row.pk}/do/merge", headers=HTMX).status_code == 204
    assert reach(elin) == ([ELIN["email"]], ["+4722334455", "+4722334466"])


def test_who_was_proposed_may_have_become_somebody_else_since(client, ines):
    from kith.kernel.records.merge import merge

    row, elin = waits()
    keep = make("Elin", "Sorensen")
    merge(registry["person"], keep, [elin], by=actor("astrid"))
    assert client.post(f"/submissions/{row.pk}/do/merge", headers=HTMX).status_code == 204
    row.refresh_from_db()
    assert row.person == keep


def test_files_that_were_sent_open_only_to_those_who_see_the_submission(client, ines):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from kith.kernel.files.models import StoredFile

    waits(plan=SimpleUploadedFile("plan.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"))
    path = f"/files/{StoredFile.objects.get().pk}"
    answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    policy("member", "submission", see="none", edit="none")
    assert client.get(path).status_code == 404
    client.logout()
    assert client.get(path).status_code == 302


def test_clocks_stay_when_two_become_one(ines):
    from kith.kernel.records.action import ACTIONS, perform
    from kith.kernel.records.merge import merge

    checklist()
    send()
    run_waiting_jobs()
    elin, keep = Person.objects.get(), make("Elin", "Sorensen", emails=entries(["e@fjord.example"]))
    merge(registry["person"], keep, [elin], by=actor("astrid"))
    assert LeadClock.objects.get().person == keep
    perform(ACTIONS["activity.log_call"], keep, {"body": "Down to -20."}, by=ines)
    assert LeadClock.objects.get().minutes is not None


def test_one_key_makes_somebody_new(client, ines):
    row, _elin = waits()
    assert client.post(f"/submissions/{row.pk}/do/accept", headers=HTMX).status_code == 204
    row.refresh_from_db()
    assert Person.objects.count() == 3 and row.person.job_title == "Caretaker"


def test_what_is_discarded_keeps_its_reason_and_makes_nobody(client, ines):
    row, _elin = waits()
    assert client.post(f"/submissions/{row.pk}/do/discard", headers=HTMX).status_code == 422
    assert client.post(f"/submissions/{row.pk}/do/discard", {"reason": "A test"}, headers=HTMX).status_code == 204
    row.refresh_from_db()
    assert (row.state, row.note) == ("discarded", "A test") and not Event.objects.filter(
        verb="person.captured"
    ).exists()


def test_one_key_discards_with_the_reason_that_stands_on_its_button(client, ines):
    row, _elin = waits()
    page = client.get("/incoming/").content.decode()
    form = re.search(r'<form method="post" action="(/submissions/\d+/do/discard)".*?</form>', page, re.S)
    assert 'data-hotkey="d"' in form[0] and 'name="reason" value="Not for us"' in form[0]
    client.post(form[1], {"reason": "Not for us"}, headers=HTMX)
    row.refresh_from_db()
    assert (row.state, row.note) == ("discarded", "Not for us")


def test_a_colleague_who_is_asked_is_told(client, ines):
    row, _elin = waits()
    client.post(f"/submissions/{row.pk}/do/route", {"colleague": str(user("jonas").pk)}, headers=HTMX)
    row.refresh_from_db()
    assert row.owner == user("jonas") and "Elin" in Notice.objects.get(user=user("jonas")).text


def test_one_key_asks_whoever_looks_after_them_and_an_undo_takes_it_back(client, ines):
    row, elin = waits()
    records.edit(registry["person"], elin, {"owner": user("jonas")}, by=system("cli"))
    page = client.get("/incoming/").content.decode()
    form = re.search(r'<form method="post" action="(/submissions/\d+/do/route)".*?</form>', page, re.S)
    assert 'data-hotkey="r"' in form[0] and 'data-hotkey="Shift R"' in page
    answer = client.post(form[1], {}, headers=HTMX)
    row.refresh_from_db()
    assert (
        answer.status_code == 204 and row.owner == user("jonas") and Notice.objects.filter(user=user("jonas")).exists()
    )
    assert "undo" in str(answer.headers).lower()
    undo(Operation.objects.latest("pk"), by=ines)
    row.refresh_from_db()
    assert row.owner is None


def test_whose_company_is_looked_after_is_asked_where_nobody_is_proposed(client, ines):
    firm = records.create(registry["company"], {"name": "Fjord", "domain": "fjordhotell.example"}, by=system("cli"))
    records.edit(registry["company"], firm, {"owner": user("priya")}, by=system("cli"))
    row = incoming.hold(through="mail", sender="new@fjordhotell.example", name="New", text="Hello", ref=7)
    assert client.post(f"/submissions/{row.pk}/do/route", headers=HTMX).status_code == 204
    row.refresh_from_db()
    assert row.owner == user("priya")


def test_where_no_rule_says_whom_the_key_asks_for_a_colleague(client, ines):
    row, _elin = waits()
    answer = client.post(f"/submissions/{row.pk}/do/route", headers=HTMX)
    assert answer.status_code == 422 and 'name="colleague"' in answer.content.decode()
    assert "No rule says who knows about this" in answer.content.decode()


def test_what_somebody_settled_is_not_settled_twice(client, ines):
    row, _elin = waits()
    client.post(f"/submissions/{row.pk}/do/accept", headers=HTMX)
    assert client.post(f"/submissions/{row.pk}/do/merge", headers=HTMX).status_code == 409
    assert Person.objects.count() == 3


def test_many_are_settled_at_once_with_one_undo(client, ines):
    waits()
    send(why="Again")
    run_waiting_jobs()
    ids = [str(pk) for pk in Submission.objects.values_list("pk", flat=True)]
    page = client.get("/incoming/").content.decode()
    assert "/submissions/bulk/do-discard" in page
    sent = {"state": "view=review", "pick": ids, "go": "1", "reason": "Spam", "count": "2"}
    assert client.post("/submissions/bulk/do-discard", sent).status_code in (200, 302, 303)
    assert set(Submission.objects.values_list("state", flat=True)) == {"discarded"}
    undo(Operation.objects.latest("pk"), by=ines)
    assert set(Submission.objects.values_list("state", flat=True)) == {"review"}


def test_who_may_not_see_the_person_sees_nothing_of_what_they_sent(client, ines):
    make(owner=user("jonas"))
    checklist()
    send()
    run_waiting_jobs()
    row = Submission.objects.get()
    policy("member", "submission", see="own", edit="own")
    policy("member", "person", see="own", edit="own")
    assert client.get(f"/submissions/{row.pk}").status_code == 404
    assert "Elin" not in client.get("/submissions/").content.decode()


def test_somebody_is_told_once_when_something_waits_too_long():
    helena = actor("helena")
    with time_machine.travel("2026-03-12T08:00:00Z", tick=False):
        waits(_t=None)
    with time_machine.travel("2026-03-12T11:00:00Z", tick=False):
        assert tell_of_waiting() == 0
    with time_machine.travel("2026-03-13T14:00:00Z", tick=False):
        assert tell_of_waiting() == 1 and tell_of_waiting() == 0
    notice = Notice.objects.get(user_id=helena.user_id)
    assert "Elin Sørensen" in notice.text and notice.path == "/incoming/"


def test_the_limit_is_yours_to_set(client):
    actor("astrid")
    client.force_login(user("astrid"))
    assert client.post("/settings/incoming/", {"alarm_minutes": "soon"}).status_code == 422
    assert client.post("/settings/incoming/", {"alarm_minutes": "30"}).status_code == 303
    assert "Alarm after 30 min" in client.get("/incoming/").content.decode()


def test_a_mail_from_somebody_nobody_knows_waits_in_the_same_queue_once(monkeypatch, client, ines):
    told = []
    monkeypatch.setitem(incoming._taken, "mail", lambda ref, person, by: told.append((ref, person, by.name)))
    elin = make()
    held = [
        incoming.hold(through="mail", sender=ELIN["email"], name="Elin Sørensen", subject="Sensors\r\nBcc: x", text="Do they\x00 freeze?", ref=7)
        for _twice in range(2)
    ]  # fmt: skip
    assert held[0] == held[1] and Submission.objects.count() == 1
    row = Submission.objects.get()
    assert (row.proposed, row.reason, row.subject) == (elin, "Do they freeze?", "Sensors Bcc: x")
    assert "Do they freeze?" in client.get("/incoming/").content.decode()
    client.post(f"/submissions/{row.pk}/do/merge", headers=HTMX)
    assert told == [(7, elin, "Ines Okafor")]
    assert not Event.objects.filter(verb="form.submitted").exists()
    assert Event.objects.get(verb="person.captured").payload["through"] == "mail"


def behind(href, by):
    """How many clocks are at that address."""
    look = look_at(registry["lead_clock"], by, dict(parse_qsl(urlsplit(unescape(href)).query)))
    assert look.sound and not look.problems, (href, look.problems)
    return look.matched.count()


def test_the_page_of_speed_names_those_who_wait_too_long_and_how_long_others_did(client, ines):
    from kith.kernel.records.action import ACTIONS, perform

    with time_machine.travel("2026-03-12T09:00:00Z", tick=False):
        checklist()
        send(_t=None)
        send(_t=None, name="Rolf Berg", email="rolf@berg.example", company="Berg")
        run_waiting_jobs()
    with time_machine.travel("2026-03-12T09:40:00Z", tick=False):
        perform(ACTIONS["activity.log_call"], Person.objects.get(given_name="Rolf"), {"body": "Down to -20."}, by=ines)
    page = client.get("/speed-to-lead/").content.decode()
    late = page[page.index('id="late"') : page.index('id="by-source"')]
    assert "Elin Sørensen" in late and "Rolf Berg" not in late
    assert "Leak-risk checklist" in page and "40 min" in page and "2026-03" in page
    by_source = page[page.index('id="by-source"') : page.index('id="by-month"')]
    for part in (by_source, page[page.index('id="by-month"') :]):
        links = re.findall(r'<a href="(/lead-clocks/[^"]+)">([^<]+)</a>', part)
        opened = [(words, behind(href, ines)) for href, words in links]
        assert opened == [("2", 2), ("1", 1), ("100 %", 1), ("40 min", 1), ("40 min", 1)], "each figure opens its rows"
    assert "How this is worked out" in page


# --- the builder -----------------------------------------------------------------------------------------------------


def posted(page, form, **changes):
    """What the builder's page sends as it stands, with changes."""
    from kith.ui.pages.tests.helpers import form_of

    return {**form_of(page, f"/forms/{form.pk}/build"), **changes}


def test_a_new_form_begins_with_the_fields_most_ask_for(ines):
    made = records.create(registry["form"], {"name": "Visit at the fair"}, by=ines)
    assert made.key == "visit-at-the-fair" and [one["key"] for one in made.draft["fields"]] == [
        "name",
        "email",
        "company",
        "why",
    ]


def test_the_builder_adds_moves_and_removes_fields(client, ines):
    made = records.create(registry["form"], {"name": "Visit at the fair"}, by=ines)
    path = f"/forms/{made.pk}/build"
    base = {"field": ["0", "1", "2", "3"], "title": "Visit us", "f-0-label": "Name", "f-1-label": "E-mail", "f-1-required": "on",
            "f-2-label": "Company", "f-3-label": "Why", "f-3-reason": "on", "ack_on": "on", "languages": "en"}  # fmt: skip
    client.post(path, {**base, "do": "add", "new": "person.job_title"})
    keys = lambda: [one["key"] for one in Form.objects.get().draft["fields"]]  # noqa: E731
    assert keys() == ["name", "email", "company", "why", "job_title"]
    client.post(path, {**base, "field": ["3", "0", "1", "2", "4"], "do": "save"})
    assert keys() == ["why", "name", "email", "company", "job_title"]
    client.post(path, {**base, "field": ["0", "1", "2", "3", "4"], "do": "remove:3"})
    client.post(path, {**base, "field": ["0", "1", "2", "3"], "do": "up:2"})
    assert keys() == ["why", "email", "name", "job_title"]
    client.post(path, {**base, "field": ["0", "1", "2", "3"], "do": "add", "new": "own:choice"})
    assert Form.objects.get().draft["fields"][-1]["options"]


def test_a_condition_on_choices_is_ticked_and_a_choice_may_hold_a_comma(client, ines):
    fields = [
        {"key": "email", "column": "person.email", "label": {"en": "E-mail"}},
        {"key": "where", "kind": "choice", "label": {"en": "Where"}, "options": [{"value": "Bern, Basel"}, {"value": "Elsewhere"}]},
        {"key": "city", "kind": "text", "label": {"en": "City"}, "show_if": {"field": "where", "is": ["Bern, Basel"]}},
    ]  # fmt: skip
    made = checklist(fields=fields)
    path = f"/forms/{made.pk}/build"
    assert re.search(r'name="f-2-show_is" value="Bern, Basel"[^>]* checked', client.get(path).content.decode())
    said = posted(client.get(path), made)
    assert client.post(path, {**said, "do": "save"}).status_code < 400
    held = lambda: Form.objects.get().draft["fields"][2]["show_if"]["is"]  # noqa: E731
    assert held() == ["Bern, Basel"]
    client.post(path, {**said, "f-2-show_is": ["Bern, Basel", "Elsewhere"], "do": "save"})
    assert held() == ["Bern, Basel", "Elsewhere"]
    client.post(path, {**said, "f-2-show_field": "email", "f-2-show_is": "a@b.example, c@d.example", "do": "save"})
    assert held() == ["a@b.example", "c@d.example"]


def test_words_of_other_languages_stay_when_one_is_edited(client, ines):
    form = checklist()
    client.post(
        f"/forms/{form.pk}/build",
        {"lang": "de", "title": "Die Liste, bitte", "field": ["0"], "languages": "en, de", "f-0-label": "Name"},
    )
    draft = Form.objects.get().draft
    assert draft["title"] == {"en": "Send me the checklist", "de": "Die Liste, bitte"}
    assert draft["fields"][0]["label"] == {"en": "Your name", "de": "Name"} and len(draft["fields"]) == 1


def test_the_page_of_the_builder_sends_back_what_it_shows(client, ines):
    purpose()
    form = checklist(consents=["newsletter"])
    page = client.get(f"/forms/{form.pk}/build")
    assert page.status_code == 200 and "How it will look" in page.content.decode()
    preview = client.post(
        f"/forms/{form.pk}/build",
        {"do": "preview", "field": ["0"], "f-0-label": "Who are you?", "title": "T"},
        headers=HTMX,
    )
    assert "Who are you?" in preview.content.decode() and "<html" not in preview.content.decode()


def test_publishing_from_the_builder_says_what_is_missing(client, ines):
    made = records.create(registry["form"], {"name": "Visit at the fair"}, by=ines)
    answer = client.post(
        f"/forms/{made.pk}/build", {"do": "publish", "field": ["0"], "f-0-label": "Name", "title": "Visit"}
    )
    assert answer.status_code == 422 and "nobody can be answered" in answer.content.decode()
    assert client.get("/f/visit-at-the-fair").status_code == 404


def test_who_only_reads_does_not_build(client):
    form = checklist()
    actor("rolf")
    client.force_login(user("rolf"))
    assert client.get(f"/forms/{form.pk}/build").status_code == 404


def test_waiting_since_is_told_in_the_sidebar(client, ines):
    waits()
    Submission.objects.update(alarmed_at=timezone.now())
    assert 'href="/incoming/"' in client.get("/people/").content.decode()


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557bfabd40000000049454e44ae426082"
)


def test_a_logo_stands_above_the_form_and_no_other_file_can_take_its_place(client, ines):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from kith.capture.models import FormVersion
    from kith.kernel.files.models import StoredFile

    form = checklist()
    path = f"/forms/{form.pk}/build"
    sent = {"title": "Checklist", "field": ["0", "1"], "languages": "en", "f-0-label": "Name", "f-1-label": "E-mail"}
    refused = client.post(path, {**sent, "logo": SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>")})
    assert refused.status_code == 422 and "PNG" in refused.content.decode()
    client.post(path, {**sent, "do": "publish", "logo": SimpleUploadedFile("logo.png", PIXEL)})
    client.logout()
    assert "/f/leak-risk-checklist/logo" in client.get("/f/leak-risk-checklist").content.decode()
    shown = client.get("/f/leak-risk-checklist/logo")
    assert (shown.status_code, shown.headers["Content-Type"], shown.content) == (200, "image/png", PIXEL)
    StoredFile.objects.update(record_type="person")
    assert client.get("/f/leak-risk-checklist/logo").status_code == 404
    version = FormVersion.objects.latest("pk")
    assert version.document["theme"]["logo"] == StoredFile.objects.get().pk
