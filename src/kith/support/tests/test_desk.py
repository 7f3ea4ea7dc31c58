"""The desk: the queue, a talk, the box to answer in; and that two who answer at once notice."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.files.models import StoredFile
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.arriving import take_in
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.support.answering import customer_said
from kith.support.models import Entry, Looking
from kith.support.tests.cast import level, marta, ticket
from kith.ui.pages.tests.helpers import HTMX, text_of
from tests.cast import actor, policy, user
from tests.mailcast import letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    return actor("ines")


def test_the_queue_shows_who_is_due_first_and_the_talk_beside_it(client, ines):
    level()
    later = ticket(ines, subject="Export for the insurer")
    level(name="Urgent", position=1, priorities=["urgent"], first="30 min", resolution="")
    row = ticket(ines, marta(ines), priority="urgent")
    words = text_of(client.get("/tickets/desk/"))
    assert words.index("Night porter cannot see alerts") < words.index(later.subject)
    page = client.get(f"/tickets/{row.pk}/talk")
    for said in (
        "Our night porter does not get the alerts.",
        "Marta Kowalczyk",
        "Hotel Bellevue",
        "first answer within 30 min",
        "Answer Marta",
    ):
        assert said in text_of(page), said
    assert 'data-hotkey="j"' in page.content.decode()


def test_on_the_record_too_the_talk_comes_before_facts_story_and_what_is_next(client, ines):
    row = ticket(ines, marta(ines))
    page = client.get(f"/tickets/{row.pk}")
    markup = page.content.decode()
    assert "They wrote" in text_of(page)
    assert f'href="/tickets/{row.pk}/talk"' in markup.partition('<div class="record">')[0].rpartition("panel-talk")[2]


def test_an_answer_leaves_by_mail_and_says_when_it_cannot(client, ines):
    row = ticket(ines, marta(ines))
    assert (
        client.post(
            f"/tickets/{row.pk}/talk", {"body": "It works now.", "then": "solve", "cause": "Settings"}
        ).status_code
        == 303
    )
    row.refresh_from_db()
    assert (row.state, row.cause) == ("solved", "Settings")
    assert row.entries.get(side="us").message.to == ["marta@bellevue.example"]
    refused = client.post(f"/tickets/{row.pk}/talk", {"body": " "})
    assert refused.status_code == 422 and "Write something first" in text_of(refused)


def test_what_they_asked_besides_becomes_a_ticket_of_its_own_from_its_line_in_the_talk(client, ines):
    row = ticket(ines, marta(ines))
    besides = customer_said(row, "Besides: the invoice names the old company.", by=ines, channel="portal")
    page = client.get(f"/tickets/{row.pk}/talk").content.decode()
    door = f"/tickets/{row.pk}/do/split?entry={besides.pk}"
    assert door in page and page.count("/do/split") == 2, "its address and its dialog, and none on the first line"
    assert "/do/split" not in client.get(f"/tickets/{row.pk}").content.decode()
    asked = re.search(r"<input[^>]*name=\"entry\"[^>]*>", client.get(door).content.decode())[0]
    assert 'type="hidden"' in asked and f'value="{besides.pk}"' in asked
    sent = {"entry": besides.pk, "subject": "Invoice names the old company"}
    assert client.post(door, sent).status_code == 303
    made = Entry.objects.get(pk=besides.pk).ticket
    assert (made.subject, made.pk != row.pk) == ("Invoice names the old company", True)


def test_answered_from_elsewhere_it_stays_open_unless_said_otherwise(client, ines):
    row = ticket(ines, marta(ines))
    asked = text_of(client.get(f"/tickets/{row.pk}/do/answer"))
    assert "leave it open" in asked and "wait for them" in asked
    assert client.post(f"/tickets/{row.pk}/do/answer", {"body": "We look into it."}).status_code in (200, 303)
    row.refresh_from_db()
    assert row.state == "open"


def test_a_note_stays_with_colleagues(client, ines):
    row = ticket(ines, marta(ines))
    client.post(f"/tickets/{row.pk}/talk", {"body": "One of the three promises.", "kind": "note"})
    entry = row.entries.get(side="note")
    assert entry.message is None
    assert "note for colleagues only" in text_of(client.get(f"/tickets/{row.pk}/talk"))


def test_the_second_of_two_answers_sees_the_first_before_it_leaves(client, ines):
    row = ticket(ines, marta(ines))
    seen = Entry.objects.latest("pk").pk
    perform(ACTIONS["ticket.answer"], row, {"body": "I moved him."}, by=actor("priya"))
    refused = client.post(f"/tickets/{row.pk}/talk", {"body": "Shall I move him?", "seen": seen})
    assert refused.status_code == 422
    assert "Priya Nair answered meanwhile" in text_of(refused) and "Shall I move him?" in refused.content.decode()
    assert row.entries.filter(side="us").count() == 1
    client.post(f"/tickets/{row.pk}/talk", {"body": "Shall I move him?", "seen": Entry.objects.latest("pk").pk})
    assert row.entries.filter(side="us").count() == 2


def test_who_else_looks_and_writes_is_told(client, ines):
    row = ticket(ines, marta(ines))
    Looking.objects.create(ticket=row, user=user("priya"), writes_at=timezone.now())
    assert "Priya Nair writes an answer" in text_of(client.get(f"/tickets/{row.pk}/talk"))
    assert client.post(f"/tickets/{row.pk}/here", {"writes": "1"}).status_code == 204
    Looking.objects.filter(user=user("priya")).update(seen_at=timezone.now() - dt.timedelta(minutes=5))
    assert "Priya" not in text_of(client.get(f"/tickets/{row.pk}/talk?part=others", headers=HTMX))


def test_a_ready_answer_fills_in_names_and_does_what_else_it_does(client, ines):
    row = ticket(ines, marta(ines))
    reply = create(
        registry["reply"], {"name": "Ask for the phone", "body": 'Hello {{ person.given_name | "there" }}, which phone?', "tags": ["app"], "then": "wait"},
        by=system("cli"),
    )  # fmt: skip
    client.post(f"/tickets/{row.pk}/talk", {"body": "", "ready": reply.pk})
    row.refresh_from_db()
    assert row.entries.get(side="us").text == "Hello Marta, which phone?"
    assert (row.tags, row.state) == (["app"], "waiting")


def test_a_talk_of_five_hundred_costs_as_many_queries_as_a_short_one_and_is_read_in_pages(client, ines):
    row, long = ticket(ines, marta(ines)), ticket(ines, subject="A long one")
    now = timezone.now()
    Entry.objects.bulk_create(
        Entry(ticket=long, side="them", text=f"Word {n}", at=now - dt.timedelta(minutes=500 - n)) for n in range(500)
    )
    counts = []
    for one in (row, long):
        client.get(f"/tickets/{one.pk}/talk")
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/tickets/{one.pk}/talk")
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 1 and counts[1] <= 16, captured.captured_queries
    assert "Word 499" in text_of(page) and "Word 400" not in text_of(page)
    href = page.content.decode().split("part=earlier&amp;before=")[1].split('"')[0].replace("&amp;", "&")
    earlier = client.get(f"/tickets/{long.pk}/talk?part=earlier&before={href}", headers=HTMX)
    assert "Word 440" in text_of(earlier) and "Word 499" not in text_of(earlier)


def test_solved_tickets_that_are_alike_are_proposed(client, ines):
    solved = ticket(ines, subject="Porter cannot see alerts at night")
    perform(ACTIONS["ticket.solve"], solved, {"cause": "Settings", "resolution": "Moved to the night team."}, by=ines)
    row = ticket(ines, marta(ines))
    assert "Moved to the night team." in text_of(client.get(f"/tickets/{row.pk}/talk?part=alike", headers=HTMX))


def test_the_board_drops_a_card_by_its_verb(client, ines):
    row = ticket(ines, marta(ines))
    perform(ACTIONS["ticket.move"], row, {"state": "waiting"}, by=ines)
    row.refresh_from_db()
    assert row.state == "waiting" and row.waiting_until is not None
    assert client.get("/tickets/?view=board").status_code == 200


def test_fairness_and_the_rules_of_the_house(client, ines):
    client.force_login(user("astrid"))
    create(registry["agent"], {"user": user("ines"), "skills": ["app"]}, by=system("cli"))
    assert "Ines Okafor" in text_of(client.get("/agents/fairness/"))
    assert client.post("/settings/tickets/", {"reopen_days": "0", "wait_days": "3"}).status_code == 422
    assert client.post("/settings/tickets/", {"reopen_days": "14", "wait_days": "3", "route": "on"}).status_code == 302


def test_who_may_not_see_the_person_reads_no_name_of_theirs(client, ines):
    row = ticket(ines, marta(ines, owner=user("jonas")))
    policy("member", "person", see="own", edit="own")
    policy("member", "company", see="own", edit="own")
    edit(registry["company"], row.company, {"owner": user("jonas")}, by=actor("astrid"))
    for page in (client.get(f"/tickets/{row.pk}/talk"), client.get("/tickets/desk/")):
        assert "Marta" not in text_of(page) and "Bellevue" not in text_of(page)
        assert "Night porter cannot see alerts" in text_of(page)


def ready_in_languages(**values):
    given = {"name": "Ask for the phone", "body": "Which phone, {{ person.given_name }}?", "language": "en",
             "bodies": {"de": "Welches Telefon, {{ person.given_name }}?", "sv": "Vilken telefon?"}}  # fmt: skip
    return create(registry["reply"], {**given, **values}, by=system("cli"))


def offered(page):
    """(what is offered first, what stands under other languages), as keys."""
    [select] = re.findall(r'<select class="input" name="ready".*?</select>', page.content.decode(), re.DOTALL)
    first, _group, others = select.partition("<optgroup")
    return re.findall(r'value="([^"]+)"', first), re.findall(r'value="([^"]+)"', others)


def test_a_ready_answer_is_offered_in_the_customers_language_first(client, ines):
    reply, english = ready_in_languages(), ready_in_languages(name="A bye", bodies={}, body="Bye.")
    row = ticket(ines, marta(ines, language="de-AT"))
    page = client.get(f"/tickets/{row.pk}/talk")
    assert offered(page) == ([f"{reply.pk}:de"], [f"{english.pk}", f"{reply.pk}", f"{reply.pk}:sv"])
    assert 'data-words="Welches Telefon, Marta?"' in page.content.decode() and "(Swedish)" in page.content.decode()
    client.post(f"/tickets/{row.pk}/talk", {"body": "", "ready": f"{reply.pk}:de"})
    assert row.entries.get(side="us").text == "Welches Telefon, Marta?"


def test_without_a_known_language_its_own_wording_comes_first_and_one_of_no_language_is_everybodys(client, ines):
    reply, plain = ready_in_languages(), ready_in_languages(name="Plain", language="", bodies={}, body="OK")
    row = ticket(ines, marta(ines))
    assert offered(client.get(f"/tickets/{row.pk}/talk")) == (
        [f"{reply.pk}", f"{plain.pk}"],
        [f"{reply.pk}:de", f"{reply.pk}:sv"],
    )
    swede = ticket(ines, person=create(registry["person"], {"given_name": "Elin", "language": "sv"}, by=ines))
    assert offered(client.get(f"/tickets/{swede.pk}/talk"))[0] == [f"{reply.pk}:sv", f"{plain.pk}"]


def test_a_placeholder_that_means_nothing_is_refused_in_every_language(ines):
    with pytest.raises(Invalid, match="There is no placeholder “person.shoe”"):
        ready_in_languages(bodies={"de": "{{ person.shoe }}"})


def test_a_wording_that_is_gone_leaves_the_ready_answers_own(client, ines):
    reply, row = ready_in_languages(), ticket(ines, marta(ines))
    client.post(f"/tickets/{row.pk}/talk", {"body": "", "ready": f"{reply.pk}:fi"})
    assert row.entries.get(side="us").text == "Which phone, Marta?"


def test_what_was_chosen_after_a_ready_answer_counts_and_nothing_of_it_stays_where_it_is_refused(client, ines):
    row = ticket(ines, marta(ines))
    reply = create(
        registry["reply"],
        {"name": "It works", "body": "It works now.", "tags": ["app"], "then": "solve"},
        by=system("cli"),
    )
    picked = {"body": "", "ready": reply.pk}
    suppress("marta@bellevue.example")
    drawing = SimpleUploadedFile("drawing.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
    assert client.post(f"/tickets/{row.pk}/talk", {**picked, "then": "", "files": drawing}).status_code == 422
    row.refresh_from_db()
    assert (row.tags, StoredFile.objects.filter(record_type="ticket", record_id=row.pk).exists()) == ([], False)
    suppress("marta@bellevue.example", lifted=True)
    assert client.post(f"/tickets/{row.pk}/talk", {**picked, "then": ""}).status_code == 303
    row.refresh_from_db()
    assert (row.tags, row.state) == (["app"], "open")


def suppress(address, lifted=False):
    """The address is not written to, or is again."""
    rows = registry["suppressed"].model._default_manager
    if lifted:
        rows.filter(address=address).delete()
    else:
        rows.create(address=address, reason="by_hand")


def test_files_that_no_mail_carries_are_refused_and_not_left_out(client, ines):
    row = ticket(ines, marta(ines))
    half = [SimpleUploadedFile(f"part {n}.txt", b"words " * (2 << 20), "text/plain") for n in range(2)]
    refused = client.post(f"/tickets/{row.pk}/talk", {"body": "Here they are.", "files": half})
    assert refused.status_code == 422 and "more than the 20 MB that a mail carries" in text_of(refused)
    assert not row.entries.filter(side="us").exists()


def test_who_had_theirs_in_copy_has_ours_too_unless_they_are_taken_out(client, ines):
    create(registry["way_in"], {"name": "Help", "through": "mail", "place": "help@tidewell.example"}, by=system("cli"))
    marta(ines)
    to = {"To": "help@tidewell.example, Piotr <piotr@bellevue.example>",
          "Cc": "Jakub <jakub@bellevue.example>, ines@tidewell.example"}  # fmt: skip
    take_in(letter("No alerts.", From="Marta <marta@bellevue.example>", Subject="Alerts", **to).as_bytes())
    run_waiting_jobs(names=["mail.work"])
    row = Entry.objects.get().ticket
    shown = re.findall(r'name="cc" value="([^"]+)" checked', client.get(f"/tickets/{row.pk}/talk").content.decode())
    assert shown == ["piotr@bellevue.example", "jakub@bellevue.example"]
    perform(ACTIONS["ticket.answer"], row, {"body": "We look into it."}, by=ines)
    client.post(f"/tickets/{row.pk}/talk", {"body": "It works now.", "copies": "1", "cc": ["jakub@bellevue.example"]})
    perform(ACTIONS["ticket.answer"], row, {"body": "Between us.", "alone": "1"}, by=ines)
    sent = [entry.message for entry in row.entries.filter(side="us").order_by("pk")]
    assert [message.cc for message in sent] == [shown, ["jakub@bellevue.example"], []]
    assert {tuple(message.to) for message in sent} == {("marta@bellevue.example",)}
    told = text_of(client.get(f"/tickets/{row.pk}/talk?part=thread", headers=HTMX))
    assert told.count("in copy to") == 2 and "in copy to piotr@bellevue.example, jakub@bellevue.example" in told
    suppress("jakub@bellevue.example")
    perform(ACTIONS["ticket.answer"], row, {"body": "It works."}, by=ines)
    assert row.entries.latest("pk").message.cc == ["piotr@bellevue.example"]
