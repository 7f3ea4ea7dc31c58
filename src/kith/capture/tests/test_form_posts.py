"""A form as strangers meet it: shown without a script, sent from anywhere, kept whatever becomes of it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kith.capture.asking import known_link
from kith.capture.models import Counter, Form, Submission
from kith.capture.tests.forms import DOCUMENT, ELIN, checklist, purpose, send, stamped
from kith.contacts.models import Person, entries
from kith.kernel.access.actor import system
from kith.kernel.files.models import StoredFile
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def text(answer):
    return answer.content.decode()


def test_the_page_shows_the_form_to_somebody_who_never_signed_in(client):
    checklist()
    answer = client.get("/f/leak-risk-checklist?utm_source=fair", headers={"Referer": "https://tidewell.example/leaks"})
    shown = text(answer)
    assert answer.status_code == 200 and "Send me the checklist" in shown
    assert 'name="utm_source" value="fair"' in shown and 'value="https://tidewell.example/leaks"' in shown
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "style=" not in shown and "<script>" not in shown and not answer.cookies


def test_the_page_costs_one_query(client):
    checklist()
    client.get("/f/leak-risk-checklist")
    with CaptureQueriesContext(connection) as captured:
        client.get("/f/leak-risk-checklist")
    assert len(captured) == 1


def test_the_form_speaks_the_language_that_was_asked_for(client):
    checklist()
    assert "Ihr Name" in text(client.get("/f/leak-risk-checklist?lang=de"))
    assert "Ihr Name" in text(client.get("/f/leak-risk-checklist", headers={"Accept-Language": "de-AT,en;q=0.5"}))
    assert "Your name" in text(client.get("/f/leak-risk-checklist?lang=xx"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("elin@fjordheim", "“elin@fjordheim” lacks its end: an address ends like .com or .org."),
        ("elin@gmail", "“elin@gmail” lacks its end: an address ends like .com or .org. Did you mean elin@gmail.com?"),
        ("elin at fjordheim.no", "“elin at fjordheim.no” is not an e-mail address"),
    ],
)
def test_an_address_that_cannot_be_right_is_asked_for_again_with_what_was_perhaps_meant(typed, said):
    checklist()
    answer = send(email=typed, headers=JSON)
    assert answer.status_code == 422 and answer.json()["errors"]["email"].startswith(said)
    assert not Submission.objects.exists()


def test_a_post_is_kept_as_it_came_and_answered_at_once():
    checklist()
    answer = send(
        utm_source="fair", _page="https://tidewell.example/leaks", unheard="of", headers={"User-Agent": "Firefox"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/f/leak-risk-checklist/thanks?lang=en")
    row = Submission.objects.get()
    assert row.raw["unheard"] == ["of"] and row.raw["email"] == [ELIN["email"]]
    assert row.facts == {"person.name": ELIN["name"], "person.email": ELIN["email"], "company.name": ELIN["company"]}
    assert [one["value"] for one in row.answers][3] == "2 to 10"
    assert (row.state, row.reason, row.utm) == ("new", ELIN["why"], {"utm_source": "fair"})
    assert (row.page, row.network, row.agent, row.version_number) == (
        "https://tidewell.example/leaks",
        "127.0.0.0/24",
        "Firefox",
        1,
    )
    assert not Person.objects.exists()
    assert "It is on its way." in text(Client().get(answer.headers["Location"]))


def test_taking_a_post_costs_few_queries():
    checklist()
    send()
    with CaptureQueriesContext(connection) as captured:
        send(email="other@fjordheim.example")
    said = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(said) <= 6, said


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(client):
    checklist()
    answer = send(email="elin@fjordheim", name="")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer) and ELIN["why"] in text(answer)
    assert not Submission.objects.exists()
    told = send(email="elin@fjordheim", headers=JSON).json()
    assert list(told["errors"]) == ["email"]


def test_a_field_that_depends_is_asked_only_where_its_answer_was_given():
    checklist()
    assert send(buildings="2-10").status_code == 303
    assert send(buildings="more", headers=JSON).json()["errors"] == {"how_many": "Please fill this in."}
    assert send(buildings="more", how_many="40").status_code == 303


def test_an_answer_that_is_not_among_the_choices_is_refused():
    checklist()
    assert "buildings" in send(buildings="castles", headers=JSON).json()["errors"]


def test_any_page_on_the_web_may_post_and_read_the_answer():
    checklist()
    headers = {**JSON, "Origin": "https://tidewell.example"}
    strict = Client(enforce_csrf_checks=True)
    answer = send(strict, headers=headers)
    assert answer.status_code == 200 and answer.json() == {"thanks": "It is on its way.", "redirect": ""}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers and not answer.cookies
    assert strict.options("/f/leak-risk-checklist", headers=headers).status_code == 204


def test_the_answer_leads_where_the_form_says():
    checklist(thanks={"redirect": "https://tidewell.example/thanks"})
    answer = send()
    assert answer.headers["Location"] == "https://tidewell.example/thanks"
    policy = Client().get("/f/leak-risk-checklist").headers["Content-Security-Policy"]
    assert "form-action 'self' https://tidewell.example;" in policy + ";"


def test_an_unknown_form_and_a_closed_one_say_so_kindly(client):
    form = checklist(closed={"en": "The fair is over. Write to hello@tidewell.example."})
    missing = client.get("/f/leak-risk-cheklist")
    assert missing.status_code == 404 and "mistyped" in text(missing)
    ACTIONS["form.close"].run(form, by=system("cli"))
    for answer in (client.get("/f/leak-risk-checklist"), send()):
        assert answer.status_code == 410 and "The fair is over." in text(answer)
    assert not Submission.objects.exists()


def test_a_draft_is_nobodys_business_until_it_is_published(client):
    form = checklist()
    draft = {**Form.objects.get().draft, "title": {"en": "Changed in the draft"}}
    form = records.edit(registry["form"], form, {"draft": draft}, by=system("cli"))
    assert "Changed in the draft" not in text(client.get("/f/leak-risk-checklist"))
    ACTIONS["form.publish"].run(form, by=system("cli"))
    assert "Changed in the draft" in text(client.get("/f/leak-risk-checklist"))


def test_too_much_is_refused_in_a_sentence_before_it_is_read():
    checklist()
    answer = Client().post(
        "/f/leak-risk-checklist", {"plan": SimpleUploadedFile("big.pdf", b"%PDF-" + b"x" * (10 << 20))}, headers=JSON
    )
    assert answer.status_code == 413 and "10 MB" in answer.json()["problem"]
    answer = send(why="x" * 600_000, headers=JSON)
    assert answer.status_code == 413 and "512 kB" in answer.json()["problem"]
    assert "10000" in send(why="x" * 20_000, headers=JSON).json()["errors"]["why"]
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nelin"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=" + "y" * 500, b"--y"),
        ("multipart/form-data; boundary=x", b"\xff\xfe\x00"),
        ("application/x-www-form-urlencoded; charset=klingon", b"name=Elin"),
        ("application/x-www-form-urlencoded; charset=utf-16", "name=Elin".encode("utf-16")),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(6000))),
        ("application/x-www-form-urlencoded", b"name=%ff%fe&email=%00"),
        ("text/plain", b"hello"),
        ("application/json", b"{}"),
        ("", b""),
    ],
)  # fmt: skip
def test_what_cannot_be_read_gets_a_sentence(kind, body):
    checklist()
    answer = Client().generic("POST", "/f/leak-risk-checklist", body, content_type=kind, headers=JSON)
    assert answer.status_code in (400, 413, 422), answer.status_code
    assert answer.json()


def test_odd_signs_do_no_harm():
    checklist()
    answer = send(name="Elin\x00 S", why="a\x00b", **{"we\x00ird": "x\x00"})
    assert answer.status_code == 303
    row = Submission.objects.get()
    assert row.reason == "ab" and "weird" in row.raw


def test_a_field_no_person_sees_marks_a_post_as_suspect():
    checklist()
    assert send(homepage="https://pills.example").status_code == 303
    assert "no person sees" in Submission.objects.get().suspect


@pytest.mark.parametrize(
    ("stamp", "said"),
    [
        (0.5, "faster than"),
        ("leak-risk-checklist:xxxx:yyyy", "changed"),
        ("other", "another form"),
        (30, ""),
        (2 * 24 * 3600, ""),
        (4 * 24 * 3600, "older than"),
        (None, ""),
    ],
)
def test_a_stamp_tells_how_long_filling_in_took(stamp, said):
    checklist()
    sent = stamped(seconds=stamp) if isinstance(stamp, int | float) else stamped("other") if stamp == "other" else stamp
    send(_t=sent)
    assert said in Submission.objects.get().suspect and bool(said) == bool(Submission.objects.get().suspect)


def test_many_web_addresses_look_like_spam():
    checklist()
    send(why=" ".join(f"https://pills.example/{n}" for n in range(8)))
    assert Submission.objects.get().suspect


@pytest.mark.usefixtures("still")
def test_a_flood_from_one_network_is_turned_away_with_a_sentence():
    form = checklist()
    records.edit(registry["form"], form, {"per_network": 3}, by=system("cli"))
    answers = [send(headers=JSON, email=f"elin{n}@fjordheim.example") for n in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] and "ten minutes" in answers[-1].json()["problem"]
    assert Client(REMOTE_ADDR="192.0.2.7").post("/f/leak-risk-checklist", {**ELIN}, headers=JSON).status_code == 200
    assert Counter.objects.count() <= 3


def test_files_are_judged_by_their_content_and_kept_with_the_submission():
    checklist()
    plan = SimpleUploadedFile("plan.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    assert send(plan=plan).status_code == 303
    stored = StoredFile.objects.get()
    assert (stored.record_type, stored.record_id, stored.content_type) == (
        "submission",
        Submission.objects.get().pk,
        "application/pdf",
    )
    page = SimpleUploadedFile("plan.pdf", b"<html><script>alert(1)</script>")
    assert "plan" in send(plan=page, headers=JSON).json()["errors"]
    assert "plan" in send(plan=SimpleUploadedFile("run.exe", b"MZ\x90\x00"), headers=JSON).json()["errors"]


def test_somebody_we_know_is_not_asked_for_what_is_known(client):
    checklist(ask_at_most=1)
    values = {
        "given_name": "Elin",
        "family_name": "Sørensen",
        "emails": entries([ELIN["email"]]),
        "job_title": "Head of houses",
    }
    elin = records.create(registry["person"], values, by=system("cli"))
    stranger = text(client.get("/f/leak-risk-checklist"))
    assert "Your role" in stranger and "Phone" not in stranger
    known = text(client.get(known_link("leak-risk-checklist", elin.pk, ELIN["email"])))
    assert "Your role" not in known and "Phone" in known and "Head of houses" not in known
    assert "Your role" in text(client.get("/f/leak-risk-checklist?k=made-up"))


def test_boxes_begin_empty_and_keep_their_exact_words():
    purpose(translations={"de": "Schreibt mir."})
    checklist(consents=["newsletter"])
    assert "checked" not in text(Client().get("/f/leak-risk-checklist"))
    send(consent="newsletter", _lang="de")
    assert Submission.objects.get().consents == [
        {"purpose": "newsletter", "wording": "Schreibt mir.", "number": 1, "language": "de"}]  # fmt: skip


def test_a_form_cannot_be_published_with_what_would_not_work():
    form = checklist()
    wrong = {
        "title": {}, "thanks": {"redirect": "javascript:alert(1)"}, "theme": {"accent": "red;}"}, "consents": ["nothing"],
        "fields": [{"key": "x", "kind": "text", "label": {}}, {"key": "x", "column": "person.shoe"}, {"key": "9", "kind": "odd"},
                   {"key": "y", "kind": "choice", "label": {"en": "Y"}, "show_if": {"field": "z"}}],
    }  # fmt: skip
    Form.objects.filter(pk=form.pk).update(draft=wrong)
    with pytest.raises(Exception) as told:
        ACTIONS["form.publish"].run(Form.objects.get(), by=system("cli"))
    for words in (
        "https://",
        "no colour",
        "nothing",
        "Two fields",
        "person.shoe",
        "“9”",
        "of no known kind",
        "choices",
        "before it",
    ):
        assert words in str(told.value), words


def test_a_condition_on_an_answer_that_there_is_not_keeps_a_form_from_being_published():
    fields = [dict(one) for one in DOCUMENT["fields"]]
    fields[6]["show_if"] = {"field": "buildings", "is": ["2-10", "many"]}
    with pytest.raises(Exception, match="“how_many” appears by “many”, which “buildings” does not offer"):
        checklist(fields=fields)


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "http://tidewell.example",
        "https://",
        "/\\evil.example",
        "https://a b",
        "data:x",
        "/a\r\nSet-Cookie: x",
    ],
)
def test_a_form_leads_only_to_safe_addresses(to):
    with pytest.raises(Exception, match="https://"):
        checklist(thanks={"redirect": to})


def test_a_placeholder_that_there_is_not_is_named():
    with pytest.raises(Exception, match="shoe_size"):
        checklist(ack={"on": True, "text": {"en": "Hello {shoe_size}"}})


def test_the_script_is_small_and_asks_for_the_form_it_is_named_after(client):
    checklist()
    script = client.get("/f/leak-risk-checklist.js")
    assert script.headers["Content-Type"].startswith("text/javascript") and len(script.content) < 6000
    parts = client.get("/f/leak-risk-checklist.json?lang=de&utm_source=fair")
    told = json.loads(parts.content)
    assert parts.headers["Access-Control-Allow-Origin"] == "*"
    assert "Ihr Name" in told["html"] and 'name="utm_source"' in told["html"] and "<script" not in told["html"]
    assert 'action="http' in told["html"]
    assert client.get("/f/form.css").status_code == 200
    assert "#2c3e70" in text(client.get("/f/leak-risk-checklist.css"))


def test_what_a_form_says_is_escaped_everywhere(client):
    checklist(title={"en": "<b>Bold</b>"}, thanks={"text": {"en": "<img src=x>"}})
    for path in ("/f/leak-risk-checklist", "/f/leak-risk-checklist/thanks"):
        assert "<b>Bold" not in text(client.get(path)) and "<img" not in text(client.get(path))
    assert "<b>Bold" not in client.get("/f/leak-risk-checklist.json").json()["html"]


def test_publishing_twice_makes_one_version():
    form = checklist()
    ACTIONS["form.publish"].run(form, by=system("cli"))
    assert form.versions.count() == 1 and Event.objects.filter(verb="form.published").count() == 1


def test_beside_the_form_stands_why_one_would_fill_it_in(client):
    offer = {
        "title": {"en": "Find the leak <first>"},
        "text": {"en": "A checklist"},
        "points": {"en": "- Nine places\n\nWhat insurers ask for"},
        "quote": {"en": "“Two valves on the first morning.”"},
        "quoted": {"en": "Marta, Gdańsk"},
    }
    checklist(offer=offer)
    shown = text(client.get("/f/leak-risk-checklist"))
    assert "<h1>Find the leak &lt;first&gt;</h1>" in shown and '<h2 id="kf-title">Send me the checklist</h2>' in shown
    assert shown.count("<li>") == 2 and "Marta, Gdańsk" in shown
    assert "Find the leak" not in client.get("/f/leak-risk-checklist.json").json()["html"]


def test_a_form_with_nothing_beside_it_has_its_title_as_the_head_of_the_page(client):
    checklist()
    shown = text(client.get("/f/leak-risk-checklist"))
    assert '<h1 id="kf-title">' in shown and "kf-two" not in shown


def test_what_score_rules_and_the_checklist_gain_most_by_is_asked_first_else_the_forms_order(client):
    checklist(ask_at_most=1)
    assert "Your role" in text(client.get("/f/leak-risk-checklist"))
    rule = {"name": "Can be called", "part": "fit", "points": 15, "where": "phone.filled"}
    made = records.create(registry["score_rule"], rule, by=system("cli"))
    shown = text(client.get("/f/leak-risk-checklist"))
    assert "Phone" in shown and "Your role" not in shown
    title = {"name": "Decides", "part": "fit", "points": 20, "where": "any(job_title.has:head,job_title.has:director)"}
    records.create(registry["score_rule"], title, by=system("cli"))
    assert "Your role" in text(client.get("/f/leak-risk-checklist"))
    records.edit(registry["score_rule"], made, {"points": -90}, by=system("cli"))
    assert "Phone" in text(client.get("/f/leak-risk-checklist"))
