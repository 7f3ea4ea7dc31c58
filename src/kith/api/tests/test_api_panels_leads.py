"""What panels tell of where people came from, which segments they are in, how often they hear from us, how mailboxes fare and
what the prediction learned: programs read it as rows, within reach."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.api.tests.programs import Program, told
from kith.awareness.models import Touch
from kith.deals.actions import install_defaults
from kith.engagement import asking
from kith.engagement.budget.models import Contact
from kith.engagement.budget.spending import set_limits
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.mail.models import Arrived, DayCount, Folder
from kith.kernel.records.action import perform
from kith.kernel.records.actions import create, edit
from kith.kernel.records.registry import registry
from kith.qualification.models import Model
from kith.qualification.tests.cast import make
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)


@pytest.fixture
def ines():
    return actor("ines")


def new(record, by, **values):
    return create(registry[record], values, by=by)


def test_how_somebody_found_us_is_told_touch_by_touch_and_campaigns_within_reach(ines):
    marta, fair = new("person", ines, given_name="Marta"), new("campaign", ines, name="Museum fair", channel="fair")
    for at, more in ((1, {"channel": "search", "source": "example.org"}), (2, {"channel": "fair", "campaign": fair})):
        Touch.objects.create(person=marta, at=timezone.now() + dt.timedelta(minutes=at), through="form", landing="https://x.example/a", **more)  # fmt: skip
    second, first = told(f"people/{marta.pk}/touches")
    assert (second["channel"], second["campaign"]) == ("fair", {"id": fair.pk, "name": "Museum fair"})
    assert (first["source"], first["through"], first["landing"]) == ("example.org", "form", "https://x.example/a")
    policy("member", "campaign", see="none")
    assert [one["campaign"] for one in told(f"people/{marta.pk}/touches")] == [None, None]


def curators(by):
    return new("segment", by, name="Curators", subject="person", how="dynamic", conditions="job_title.has:curator")


def test_why_somebody_came_into_a_segment_and_left_it_is_told_from_both_sides(ines):
    one = curators(ines)
    run_waiting_jobs()
    marta = new("person", ines, given_name="Marta", job_title="Porter")
    edit(registry["person"], marta, {"job_title": "Curator"}, by=ines)
    run_waiting_jobs()
    (stay,) = told(f"people/{marta.pk}/segments")
    assert (stay["segment"]["id"], stay["inside"], stay["left_at"], stay["left_why"]) == (one.pk, True, None, "")
    assert "urator" in stay["came_why"]
    edit(registry["person"], marta, {"job_title": "Director"}, by=ines)
    run_waiting_jobs()
    (stay,) = told(f"people/{marta.pk}/segments")
    assert not stay["inside"] and "no longer" in stay["left_why"]
    left, came = told(f"segments/{one.pk}/moves")
    assert (left["row"], left["name"], left["came"], came["came"]) == (marta.pk, "Marta", False, True)
    assert "no longer" in left["why"]
    policy("member", "segment", see="none")
    assert told(f"people/{marta.pk}/segments") == []


def test_each_condition_of_a_segment_says_how_it_stands_with_somebody(ines):
    one, marta = curators(ines), new("person", ines, given_name="Marta", job_title="Director")
    run_waiting_jobs()
    found = Program("ines")("get", f"segments/{one.pk}/why/{marta.pk}")
    assert found.status_code == 200, found.data
    assert (found.data["member"], found.data["should"]) == (False, False)
    (reason,) = found.data["reasons"]
    assert (reason["state"], reason["value"]) == ("unmet", "Director")
    assert Program("ines")("get", f"segments/{one.pk}/why/99999").status_code == 404
    policy("member", "person", see="own")
    assert Program("jonas")("get", f"segments/{one.pk}/why/{marta.pk}").status_code == 404


def test_what_used_the_contact_budget_of_a_person_is_told_with_what_is_left(ines):
    marta, other = new("person", ines, given_name="Marta"), curators(ines)
    set_limits("2", "")
    now = timezone.now()
    for n, record, pk in ((3, "segment", other.pk), (2, "", None)):
        Contact.objects.create(person=marta, at=now - dt.timedelta(hours=n), through="mailing", name=f"News {n}", record=record, record_id=pk)  # fmt: skip
    mails, calls = told(f"people/{marta.pk}/budget")
    assert (mails["kind"], mails["used"], mails["most"], bool(mails["waits_until"])) == ("mail", 2, 2, True)
    assert calls == {"kind": "call", "used": 0, "most": None, "waits_until": None}
    latest, before = told(f"people/{marta.pk}/heard")
    assert (latest["name"], latest["id"]) == ("News 2", None)
    assert (before["through"], before["name"], before["record"], before["id"]) == ("mailing", "News 3", "segment", other.pk)  # fmt: skip
    policy("member", "segment", see="none")
    hidden = told(f"people/{marta.pk}/heard")[1]
    assert (hidden["through"], hidden["name"], hidden["id"]) == ("mailing", "", None), "it counts all the same"


def test_a_mailbox_says_its_folders_days_gaps_and_lag():
    box = create(registry["mailbox"], {"name": "Hello", "address": "hello@tidewell.example", "host": "imap.example", "since": DAY}, by=actor("astrid"))  # fmt: skip
    at = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    inbox = Folder.objects.create(
        mailbox=box, name="INBOX", compared_at=at, newest_there=at, newest_here=at - dt.timedelta(minutes=5)
    )
    DayCount.objects.create(folder=inbox, day=DAY, there=4, here=3, gone=1, missing=[[17, "It was passed over."]])
    Arrived.objects.create(mailbox=box, state="held", at=at)
    path = f"mailboxes/{box.pk}"
    (health,) = told(f"{path}/health", "astrid")
    assert (health["well"], health["signed_in"], health["missing"], health["held"], health["filed"]) == (False, "", 1, 1, 0)  # fmt: skip
    assert told(f"{path}/folders_read", "astrid") == [
        {"name": "INBOX", "compared_at": at.isoformat(), "lag": 300, "there": 4, "here": 3, "missing": 1}
    ]
    counted = {"folder": "INBOX", "day": "2026-11-20", "there": 4, "here": 3, "gone": 1, "missing": 1}
    assert told(f"{path}/days", "astrid") == [counted]
    assert told(f"{path}/gaps", "astrid") == [
        {"folder": "INBOX", "day": "2026-11-20", "uid": 17, "why": "It was passed over."}
    ]


def test_who_asked_a_question_is_told_within_reach(ines):
    install_defaults(by=system("cli"))
    marta, secret = new("person", ines, given_name="Marta"), new("deal", ines, name="Sensors", owner=ines.user)
    question = perform(asking.raise_question, marta, {"body": "Who else uses it?"}, by=ines).result
    perform(asking.raise_question, secret, {"body": "Again: who?", "objection": str(question.pk)}, by=ines)
    second, first = told(f"objections/{question.pk}/occurrences")
    assert (second["deal"]["name"], second["person"], second["words"]) == ("Sensors", None, "Again: who?")
    assert (first["person"]["name"], first["author"]["name"]) == ("Marta", ines.name)
    policy("member", "deal", see="own")
    assert [one["id"] for one in told(f"objections/{question.pk}/occurrences", "jonas")] == [first["id"]]


def test_the_prediction_says_on_how_many_it_learned_how_well_and_how_it_came_true(ines):
    made = make("prediction", name="Converted", target="won")
    report = {
        "leads": 400, "success": 90, "used": ["Source", "Visits"], "left_out": ["note"], "auc": 0.81, "auc_low": 0.76,
        "auc_high": 0.86, "curve": [{"predicted": 0.1, "happened": 0.12, "leads": 40}],
        "findings": [{"key": "late", "label": "Told later", "words": "It gives the outcome away", "out": True, "gives_away": True}],
    }  # fmt: skip
    thin = {"leads": 30, "success": 3, "used": [], "left_out": [], "findings": []}
    Model.objects.create(prediction=made, number=1, silent="Too little to learn from.", report=thin)
    Model.objects.create(prediction=made, number=2, document={"columns": []}, report=report)
    latest, first = told(f"predictions/{made.pk}/trainings", "astrid")
    assert (latest["number"], latest["predicts"], latest["leads"], latest["success"]) == (2, True, 400, 90)
    assert (latest["auc"], latest["auc_low"], latest["auc_high"], latest["used"]) == (0.81, 0.76, 0.86, "Source, Visits")  # fmt: skip
    assert (first["predicts"], first["silent"], first["auc"]) == (False, "Too little to learn from.", None)
    assert told(f"predictions/{made.pk}/calibration", "astrid") == report["curve"]
    assert [one["key"] for one in told(f"predictions/{made.pk}/findings", "astrid")] == ["late"]
    assert Program("ines")("get", f"predictions/{made.pk}/trainings").status_code in (403, 404)
