"""What panels tell of people, profiles, campaigns and questions, programs read as rows: the same figures, within reach."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.api.tests.programs import told
from kith.awareness.campaigns import actions as campaigning
from kith.awareness.profiles import actions as profiling
from kith.contacts.consent.tests.people import WORDS, says
from kith.deals.actions import install_defaults, win
from kith.deals.tests.cast import deal, reason
from kith.engagement import asking
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.action import perform
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.qualification.models import Lead
from kith.qualification.tests.cast import captured, make
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return actor("ines")


def new(record, by, **values):
    return create(registry[record], values, by=by)


def queries_of(record, key, row, by):
    part = next(part for part in registry[record].parts if part.key == key)
    with CaptureQueriesContext(connection) as asked:
        part.dump(by, registry[record].get(by, row.pk))
    return len(asked)


# --- profiles ---------------------------------------------------------------------------------------------------------


def museums(by):
    made = new("profile", by, name="Museums", subject="company", sort="icp")
    profiling.add_criterion(made, label="Industry", conditions="industry.is:Museums", weight=3, note="They pay.", by=by)
    profiling.add_criterion(made, label="Size", conditions="employees.over:50", weight=1, by=by)
    profiling.publish(made, by=by)
    return made


def test_criteria_of_the_draft_and_of_every_version_are_read(ines):
    made = museums(ines)
    profiling.add_criterion(made, label="Country", conditions="country.is:PL", weight=2, by=ines)
    draft = told(f"profiles/{made.pk}/criteria")
    assert [(one["label"], one["conditions"], one["weight"]) for one in draft] == [
        ("Industry", "industry.is:Museums", 3), ("Size", "employees.over:50", 1), ("Country", "country.is:PL", 2),
    ]  # fmt: skip
    profiling.publish(made, by=ines)
    versions = told(f"profiles/{made.pk}/versions")
    assert [(one["number"], one["label"], one["current"]) for one in versions] == [
        (2, "Industry", True), (2, "Size", True), (2, "Country", True), (1, "Industry", False), (1, "Size", False),
    ]  # fmt: skip
    assert versions[0]["by_name"] == ines.name and versions[0]["note"] == "They pay."


def test_each_criterion_says_met_unmet_or_unknown_of_a_company(ines):
    made = museums(ines)
    bellevue = new("company", ines, name="Bellevue", industry="Museums")
    industry, size = told(f"companies/{bellevue.pk}/fits")
    assert industry | {"words": ""} == {
        "profile": made.pk, "name": "Museums", "sort": "icp", "number": 1, "share": 75, "known": 75, "label": "Industry",
        "words": "", "weight": 3, "note": "They pay.", "verdict": "met",
    }  # fmt: skip
    assert "Museums" in industry["words"] and (size["label"], size["verdict"]) == ("Size", "unknown")
    harbour = new("company", ines, name="Harbour", industry="Ports", employees=10)
    assert [one["verdict"] for one in told(f"companies/{harbour.pk}/fits")] == ["unmet", "unmet"]


def test_who_may_not_see_profiles_reads_no_fit(ines):
    museums(ines)
    bellevue = new("company", ines, name="Bellevue", industry="Museums")
    policy("member", "profile", see="none")
    assert told(f"companies/{bellevue.pk}/fits") == []


# --- questions --------------------------------------------------------------------------------------------------------


def test_answers_to_a_question_come_with_the_best_first_and_what_became_of_it(ines):
    install_defaults(by=system("cli"))
    marta = new("person", ines, given_name="Marta")
    deal_of = new("deal", ines, name="Sensors", contact=marta)
    words = "What does it cost in the second year?"
    question = perform(asking.raise_question, deal_of, {"body": words}, by=ines).result
    for text in ("As much as now.", "A tenth less."):
        perform(asking.answer, question, {"text": text}, by=ines)
    first, second = sorted(told(f"objections/{question.pk}/answers"), key=lambda one: one["id"])
    perform(asking.choose_answer, question, {"answer": str(first["id"])}, by=ines)
    rows = told(f"objections/{question.pk}/answers")
    assert [(one["id"], one["text"], one["best"]) for one in rows] == [
        (first["id"], "As much as now.", True), (second["id"], "A tenth less.", False),
    ]  # fmt: skip
    assert rows[0]["author"]["name"] == ines.name
    assert {one["status"]: one["deals"] for one in told(f"objections/{question.pk}/outcomes")} == {
        "won": 0, "lost": 0, "open": 1,
    }  # fmt: skip
    policy("member", "deal", see="own")
    assert all(one["deals"] == 0 for one in told(f"objections/{question.pk}/outcomes", "jonas"))


# --- campaigns --------------------------------------------------------------------------------------------------------


def fair(by):
    install_defaults(by=system("cli"))
    marta, oliver = (new("person", by, given_name=name) for name in ("Marta", "Oliver"))
    one = new("campaign", by, name="Museum fair", channel="fair")
    campaigning.set_state(one, [marta.pk, oliver.pk], "attended", by=by)
    campaigning.add_cost(one, amount=Decimal(1000), currency="EUR", by=by)
    sold = deal(by, amount=Decimal(5000), currency="EUR", stage="Verbal yes", contact=marta)
    win(sold, reason=reason("Speed", "won"), by=by)
    return one


def test_what_a_campaign_brought_is_one_row_of_figures(ines):
    (found,) = told(f"campaigns/{fair(ines).pk}/results")
    assert (found["leads"], found["leads_each"], found["cost"], found["currency"]) == (2, 500, 1000, "EUR")
    assert (found["deals"], found["won"], found["returned"], found["unrated"]) == (1, 5000, 4, 0)


def test_who_may_not_see_deals_reads_no_results(ines):
    made = fair(ines)
    policy("member", "deal", see="none")
    assert told(f"campaigns/{made.pk}/results") == []


# --- scores -----------------------------------------------------------------------------------------------------------


def scored(by):
    make("score_rule", name="Where we work", part="fit", points=20, where="country.is:PL|DE")
    make("score_rule", name="Asked us", part="engagement", points=15, verb="person.captured")
    marta = new("person", by, given_name="Marta", addresses=[{"country": "PL"}])
    captured(marta)
    run_waiting_jobs(names=["qualification.score", "qualification.rescore"])
    return marta


def test_every_point_of_a_person_and_what_moved_them(ines):
    marta = scored(ines)
    fit, engagement = told(f"people/{marta.pk}/score")
    assert (fit["name"], fit["part"], fit["points"], fit["at"]) == ("Where we work", "fit", 20, None)
    assert (engagement["name"], engagement["points"], engagement["n"], bool(engagement["at"])) == (
        "Asked us",
        15,
        1,
        True,
    )
    assert fit["rule"] == registry["score_rule"].model.objects.get(name="Where we work").pk
    moved = told(f"people/{marta.pk}/score_history")[0]
    assert moved["fit"] + moved["engagement"] == 35 and "Asked us +15" in moved["why"]


def test_reasons_of_the_predicted_chance(ines):
    marta = new("person", ines, given_name="Marta")
    assert told(f"people/{marta.pk}/chance") == [] == told(f"people/{marta.pk}/score")
    reasons = [{"label": "Source", "value": "Fair", "effect": 0.7512}]
    Lead.objects.update_or_create(person=marta, defaults={"chance": 0.4, "reasons": reasons})
    assert told(f"people/{marta.pk}/chance") == reasons


# --- consents ---------------------------------------------------------------------------------------------------------


def test_what_a_person_agreed_to_stands_with_its_words_and_its_way(ines):
    letter = new("purpose", actor("astrid"), name="Newsletter", wording=WORDS)
    news = new("purpose", actor("astrid"), name="Product news", wording="Tell me what is new.")
    marta = new("person", ines, given_name="Marta")
    says(marta, letter)
    found = {one["key"]: one for one in told(f"people/{marta.pk}/consents")}
    agreed, silent = found["newsletter"], found["product-news"]
    assert (agreed["holds"], agreed["state"], agreed["through"], agreed["wording"]) == (True, "given", "form", WORDS)
    assert (agreed["purpose"], agreed["source"], agreed["wording_number"]) == (letter.pk, "Leak-risk checklist", 1)
    assert (silent["purpose"], silent["holds"], silent["state"], silent["at"]) == (news.pk, False, None, None)
    says(marta, letter, yes=False)
    after = {one["key"]: one["holds"] for one in told(f"people/{marta.pk}/consents")}
    assert after == {"newsletter": False, "product-news": False}


def test_more_rows_ask_no_further_queries(ines):
    marta, letter = scored(ines), new("purpose", actor("astrid"), name="Newsletter", wording=WORDS)
    says(marta, letter)
    before = {key: queries_of("person", key, marta, ines) for key in ("score", "score_history", "consents")}
    make("score_rule", name="Has a name", part="fit", points=5, where="given_name.is:Marta")
    run_waiting_jobs(names=["qualification.score", "qualification.rescore"])
    for name in ("Events", "Research"):
        says(marta, new("purpose", actor("astrid"), name=name, wording=f"{name}, please."))
    registry_queries = {key: queries_of("person", key, marta, ines) for key in before}
    assert registry_queries == before
