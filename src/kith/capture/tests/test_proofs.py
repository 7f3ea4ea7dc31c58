"""A form may ask browsers for a proof of work: used once, for an hour, for this form; without one a person looks."""

import hashlib
import shutil
import subprocess

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kith.capture import jobs, proofs
from kith.capture.models import Form, SpentProof, Submission
from kith.capture.tests.forms import LANGUAGES, checklist, send
from kith.contacts.models import Person
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from tests.cast import user

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
KEY = "leak-risk-checklist"


def asking(**changes):
    form = checklist(**changes)
    return records.edit(registry["form"], form, {"proof": True}, by=system("cli"))


@pytest.fixture
def few(monkeypatch):
    """A number that is found soon: how long it takes to find is the browser's matter."""
    monkeypatch.setattr(proofs, "MOST", 50)


def solved(key=KEY):
    told = Client().get(f"/f/{key}.proof").json()
    _key, salt, digest = told["challenge"].split(":")[:3]
    for number in range(told["most"]):
        if hashlib.sha256(f"{salt}{number}".encode()).hexdigest() == digest:
            return f"{told['challenge']}:{number}"
    raise AssertionError("There is no such number.")


def text(answer):
    return answer.content.decode()


def test_a_post_with_its_proof_goes_on_as_any_other(few):
    asking()
    answer = send(_proof=solved())
    run_waiting_jobs()
    row = Submission.objects.get()
    assert answer.headers["Location"] == f"/f/{KEY}/thanks?lang=en"
    assert (row.state, row.suspect) == ("done", "") and Person.objects.count() == 1


def test_a_proof_counts_once_and_what_was_typed_comes_back(few):
    asking()
    once = solved()
    send(_proof=once)
    told = send(_proof=once, headers=JSON)
    assert (told.status_code, told.json()["again"]) == (422, True) and "sent already" in told.json()["problem"]
    again = send(_proof=once)
    assert again.status_code == 422 and "insurer asks for sensors" in text(again)
    assert Submission.objects.count() == 1


def test_a_proof_older_than_an_hour_is_refused(few):
    asking()
    with time_machine.travel("2026-03-03 10:00:00+00:00", tick=False) as clock:
        made = solved()
        clock.shift(3601)
        assert "open for long" in send(_t="", _proof=made, headers=JSON).json()["problem"]
    assert not Submission.objects.exists()


@pytest.mark.parametrize("spoil", [
    lambda made: made[:-1] + ("0" if made[-1] != "0" else "1"),
    lambda made: made.replace(":", ";", 1),
    lambda made: "x" + made,
    lambda made: made.rpartition(":")[0] + ":",
    lambda made: made.rpartition(":")[0] + ":٣",
    lambda made: "nonsense",
    lambda made: ":" * 300,
])  # fmt: skip
def test_a_proof_that_was_tampered_with_is_refused_in_words(few, spoil):
    asking()
    told = send(_proof=spoil(solved()), headers=JSON)
    assert (told.status_code, Submission.objects.count(), SpentProof.objects.count()) == (422, 0, 0)
    assert told.json()["problem"] == "Your browser's check did not come out right. Please send it once more."


def test_a_proof_of_another_form_is_none(few):
    asking()
    other = records.create(registry["form"], {"name": "Other", "draft": Form.objects.get().draft}, by=system("cli"))
    ACTIONS["form.publish"].run(other, by=system("cli"))
    assert send(_proof=solved("other"), headers=JSON).status_code == 422


def test_refusals_speak_the_language_of_the_form(few):
    asking(**LANGUAGES)
    assert "Prüfung Ihres Browsers" in send(_proof="nonsense", _lang="de", headers=JSON).json()["problem"]
    assert "Webbläsarens kontroll" in send(_proof="nonsense", _lang="sv", headers=JSON).json()["problem"]


def test_what_comes_without_a_script_waits_for_a_person_and_says_so():
    asking(thanks={"redirect": "https://tidewell.example/thanks"})
    answer = send(utm_source="fair")
    assert answer.status_code == 303 and "look=1" in answer.headers["Location"]
    assert "a person looks at it first" in text(Client().get(answer.headers["Location"]))
    assert "a person looks at it first" in send(headers=JSON).json()["thanks"]
    run_waiting_jobs()
    row = Submission.objects.order_by("pk").first()
    assert row.state == "review" and "did no proof of work" in row.suspect and row.raw["utm_source"] == ["fair"]
    assert not Person.objects.exists()


def test_a_field_to_mend_does_not_spend_the_proof(few):
    asking()
    made = solved()
    assert send(_proof=made, name="", headers=JSON).status_code == 422
    assert "thanks" in send(_proof=made, headers=JSON).json()


def test_a_form_that_asks_for_none_heeds_none():
    checklist()
    assert "data-proof" not in text(Client().get(f"/f/{KEY}"))
    assert "thanks" in send(_proof="nonsense", headers=JSON).json()


def test_page_script_and_plain_html_say_where_the_challenge_is(client):
    form = asking()
    page = text(client.get(f"/f/{KEY}"))
    assert f'data-proof="/f/{KEY}.proof"' in page and "<noscript>" in page and "unsafe" not in page
    parts = client.get(f"/f/{KEY}.json").json()["html"]
    assert f"/f/{KEY}.proof" in parts and 'data-proof="http' in parts
    script = client.get("/f/proof.js")
    assert script.headers["Access-Control-Allow-Origin"] == "*" and len(script.content) < 3500
    client.force_login(user("astrid"))
    assert "waits in Came in" in text(client.get(f"/forms/{form.pk}"))


def test_asking_for_a_challenge_writes_nothing():
    asking()
    Client().get(f"/f/{KEY}.proof")
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(f"/f/{KEY}.proof").headers["Cache-Control"] == "no-store"
    assert len(captured) == 1


def test_used_proofs_are_forgotten_once_they_are_too_old(few):
    asking()
    with time_machine.travel("2026-03-03 10:00:00+00:00", tick=False) as clock:
        send(_t="", _proof=solved())
        jobs.forget_proofs()
        assert SpentProof.objects.count() == 1
        clock.shift(3 * 3600)
        jobs.forget_proofs()
    assert not SpentProof.objects.exists()


def test_the_builder_switches_it_at_once(client):
    form = checklist()
    client.force_login(user("astrid"))
    shown = text(client.get(f"/forms/{form.pk}/build"))
    assert "Ask browsers for a proof of work" in shown
    client.post(f"/forms/{form.pk}/build", {"do": "save", "robots": "1", "proof": "1", "title": "Send me"})
    assert Form.objects.get().proof and "data-proof" in text(Client().get(f"/f/{KEY}"))
    client.post(f"/forms/{form.pk}/build", {"do": "save", "robots": "1", "title": "Send me"})
    assert not Form.objects.get().proof


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not here")
def test_the_script_finds_the_number_that_was_thought_of(tmp_path):
    salt, number = "00112233445566778899aabb", 4321
    digest = hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
    (tmp_path / "proof.mjs").write_bytes(Client().get("/f/proof.js").content)
    (tmp_path / "try.mjs").write_text(
        f'import {{solve}} from "./proof.mjs"; console.log(await solve("k:{salt}:{digest}:t:s", 5000))'
    )
    run = subprocess.run(["node", tmp_path / "try.mjs"], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == f"k:{salt}:{digest}:t:s:{number}"
