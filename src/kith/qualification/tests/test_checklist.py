"""The checklist: answers with evidence and date, history kept, what is missing becomes a question."""

import datetime as dt

import pytest

from kith.deals.tests.cast import deal
from kith.kernel.access.actor import system
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry
from kith.kernel.timeline.operations import undo
from kith.qualification.checklist.answering import known_of
from kith.qualification.checklist.shipped import bring
from kith.qualification.models import Answer, Criterion, Lead
from kith.qualification.tests.cast import make, person
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def six():
    bring(system("cli"))


def criterion(key):
    return Criterion.objects.get(key=key)


def answer(row, key, words, by="ines", **more):
    raw = {"criterion": str(criterion(key).pk), "answer": words, **more}
    return perform(ACTIONS["person.answer"], row, raw, by=actor(by)).operation


def lead_of(row):
    run_waiting_jobs(names=["qualification.score", "qualification.rescore"])
    return Lead.objects.get(person=row)


def test_six_questions_are_brought_once():
    assert bring(system("cli")) == 0
    assert list(Criterion.objects.values_list("key", flat=True)) == [
        "budget",
        "authority",
        "need",
        "timing",
        "industry",
        "size",
    ]


def test_an_answer_has_evidence_a_date_and_an_author_and_the_earlier_one_stays():
    marta = person()
    answer(marta, "budget", "20,000", evidence="Said so on the phone", answered_on="2026-03-02")
    answer(marta, "budget", "25,000")
    now = next(k for k in known_of("person", marta, actor("ines")) if k.criterion.key == "budget")
    assert (now.answer.answer, now.answer.user, now.before) == ("25,000", user("ines"), 1)
    first = Answer.objects.get(answer="20,000")
    assert (first.evidence, first.answered_on, bool(first.replaced_at)) == (
        "Said so on the phone",
        dt.date(2026, 3, 2),
        True,
    )


def test_completeness_counts_answers_and_columns_and_names_what_is_missing():
    company = make("company", name="Bellevue Group", industry="Property")
    marta = person(company=company)
    answer(marta, "need", "Two floods a year")
    lead = lead_of(marta)
    assert (lead.known, lead.asked) == (2, 6)
    assert lead.missing == ["budget", "authority", "timing", "size"]
    actions.edit(registry["company"], company, {"employees": 40}, by=actor("ines"))
    assert lead_of(marta).known == 3


def test_what_is_asked_of_a_company_is_known_to_all_who_work_there():
    company = make("company", name="Bellevue Group")
    marta, oliver = person(company=company), person("Oliver Grant", company=company)
    answer(marta, "size", "About forty")
    assert lead_of(marta).known == lead_of(oliver).known == 1
    assert Answer.objects.get().company == company


def test_taking_an_answer_back_brings_the_one_before_back():
    marta = person()
    answer(marta, "budget", "20,000")
    undo(answer(marta, "budget", "25,000"), by=actor("ines"))
    now = next(k for k in known_of("person", marta, actor("ines")) if k.criterion.key == "budget")
    assert now.answer.answer == "20,000"


def test_a_question_of_one_process_is_asked_there_alone(monkeypatch):
    from kith.qualification.checklist import questions

    make("criterion", name="Roof", question="Who looks after the roof?", process="consulting")
    marta, oliver = person(), person("Oliver Grant")
    monkeypatch.setattr(questions, "_processes", [lambda people: {marta.pk: "consulting"}])
    asked = questions.asked_of([marta.pk, oliver.pk])
    assert "roof" in {c.key for c in asked[marta.pk]}
    assert "roof" not in {c.key for c in asked[oliver.pk]}


def test_one_page_answers_them_all_and_the_person_s_page_asks_what_is_missing(client):
    client.force_login(user("ines"))
    marta = person(owner=user("ines"))
    form = client.get(f"/people/{marta.pk}/checklist").content.decode()
    assert "What happens if you leave it as it is?" in form
    need, budget = criterion("need").pk, criterion("budget").pk
    sent = {
        f"answer-{need}": "Two floods a year",
        f"evidence-{need}": "Her mail of Monday",
        f"answered_on-{need}": "2026-03-02",
        f"answer-{budget}": "",
        f"evidence-{budget}": "",
    }
    assert client.post(f"/people/{marta.pk}/checklist", sent).status_code == 303
    assert Answer.objects.count() == 1
    client.post(f"/people/{marta.pk}/checklist", sent)
    assert Answer.objects.count() == 1
    assert "/panel/checklist" in client.get(f"/people/{marta.pk}").content.decode()
    page = client.get(f"/people/{marta.pk}/panel/checklist", headers={"HX-Request": "true"}).content.decode()
    assert "Two floods a year" in page
    assert "1 of 6 known" in page
    assert "By when do you want it to be different, and why then?" in page
    wrong = client.post(
        f"/people/{marta.pk}/checklist", {f"evidence-{budget}": "A letter", f"answered_on-{need}": "yesterweek"}
    )
    assert wrong.status_code == 422
    assert "Evidence needs an answer" in wrong.content.decode()


def test_who_may_not_change_a_person_may_not_answer_for_them(client):
    client.force_login(user("rolf"))
    marta = person()
    assert client.get(f"/people/{marta.pk}/checklist").status_code in (403, 404)
    from kith.kernel.errors import KithError

    with pytest.raises(KithError):
        answer(marta, "need", "None", by="rolf")


def test_lists_of_companies_show_filter_and_sort_by_how_much_is_known(client):
    merkur, krone = make("company", name="Hotel Merkur", industry="Hotels"), make("company", name="Hotel Krone")
    run_waiting_jobs()

    def shares():
        rows = registry["company"].listing(registry["company"].rows(actor("ines")), [column])
        return {row.name: column.get(row) for row in rows}

    column = registry["company"].columns()["checklist"]
    assert shares() == {"Hotel Merkur": 50, "Hotel Krone": 0}
    done = perform(ACTIONS["company.answer"], merkur, {"criterion": str(Criterion.objects.get(name="Size").pk), "answer": "40"},
                   by=actor("ines"))  # fmt: skip
    run_waiting_jobs()
    assert shares()["Hotel Merkur"] == 100
    undo(done.operation, by=actor("ines"))
    run_waiting_jobs()
    assert shares()["Hotel Merkur"] == 50
    actions.edit(registry["company"], krone, {"industry": "Hotels"}, by=actor("ines"))
    run_waiting_jobs()
    assert shares() == {"Hotel Merkur": 50, "Hotel Krone": 50}
    client.force_login(user("ines"))
    page = client.get("/companies/?cols=name,checklist&filter=checklist.over:40&sort=-checklist").content.decode()
    assert "Hotel Merkur" in page and "Hotel Krone" in page


def test_a_deal_says_what_to_ask_its_contact_next(client):
    client.force_login(user("ines"))
    marta = person(company=make("company", name="Hotel Merkur", industry="Hotels"))
    made = deal(actor("ines"), contact=marta)
    answer(marta, "budget", "40,000")
    panel = f"/deals/{made.pk}/panel/to-ask"
    shown = client.get(panel, headers={"HX-Request": "true"}).content.decode()
    assert "By when do you want it to be different" in shown and "What have you set aside" not in shown
    assert f'href="/people/{marta.pk}/checklist"' in shown
    for key in ("authority", "need", "timing", "size"):
        answer(marta, key, "Yes")
    assert "By when" not in client.get(panel, headers={"HX-Request": "true"}).content.decode()


def test_what_to_ask_somebody_out_of_reach_is_not_told_on_the_deal(client):
    marta = person(owner=user("jonas"))
    made = deal(actor("ines"), contact=marta, owner=user("ines"))
    policy("member", "person", see="own")
    client.force_login(user("ines"))
    shown = client.get(f"/deals/{made.pk}/panel/to-ask", headers={"HX-Request": "true"}).content.decode()
    assert "/checklist" not in shown and "By when" not in shown
