"""Profiles: weighted criteria, met, not met or unknown, with the version that said it; research that grows old."""

import datetime as dt
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from kith.api.tests.programs import Program
from kith.awareness.models import Fit
from kith.awareness.profiles import actions as do
from kith.awareness.profiles import fitting
from kith.kernel.errors import Invalid
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.actions import archive, create, edit
from kith.kernel.records.registry import registry
from kith.kernel.segments import queries
from kith.kernel.segments.models import Dirty
from kith.ui.pages.tests.helpers import HTMX
from tests.cast import text, user

pytestmark = pytest.mark.django_db
people, companies, profiles = registry["person"], registry["company"], registry["profile"]


def museums(by, *more, subject="company", sort="icp", name="Museums"):
    made = create(profiles, {"name": name, "subject": subject, "sort": sort}, by=by)
    criteria = more or (("Industry", "industry.is:Museums", 3), ("Size", "employees.over:50", 1))
    for label, conditions, weight in criteria:
        do.add_criterion(made, label=label, conditions=conditions, weight=weight, by=by)
    do.publish(made, by=by)
    run_waiting_jobs()
    return made


def test_each_criterion_is_met_not_met_or_unknown_because_the_field_is_blank(ines):
    museums(ines)
    bellevue = create(companies, {"name": "Bellevue", "industry": "Museums"}, by=ines)
    (found,) = fitting.results_now(ines, "company", bellevue.pk)
    assert [(line.label, line.sign) for line in found.lines] == [("Industry", "+"), ("Size", "?")]
    assert (found.share, found.known, found.number) == (75, 75, 1)
    edit(companies, bellevue, {"employees": 12}, by=ines)
    (found,) = fitting.results_now(ines, "company", bellevue.pk)
    assert (found.lines[1].sign, found.share, found.known) == ("-", 75, 100)


def test_the_column_follows_what_happens_and_agrees_with_the_panel(ines):
    museums(ines)
    bellevue = create(companies, {"name": "Bellevue", "industry": "Hotels"}, by=ines)
    run_waiting_jobs()
    assert Fit.objects.get(row_id=bellevue.pk).verdicts == "-?"
    edit(companies, bellevue, {"industry": "Museums", "employees": 80}, by=ines)
    run_waiting_jobs()
    kept = Fit.objects.get(row_id=bellevue.pk)
    (now,) = fitting.results_now(ines, "company", bellevue.pk)
    assert (kept.verdicts, kept.share) == ("++", 100) == ("".join(line.sign for line in now.lines), now.share)
    found = compile_tree(companies, parse("ideal_fit.at_least:80"), ines)
    assert list(found.apply(companies.rows(ines))) == [bellevue]


def test_a_persons_fit_follows_their_company_and_the_best_persona_is_theirs(ines):
    museums(ines, ("Industry", "industry.is:Museums", 1), subject="person", sort="persona", name="Museum director")
    bellevue = create(companies, {"name": "Bellevue", "industry": "Hotels"}, by=ines)
    marta = create(people, {"given_name": "Marta", "company": bellevue}, by=ines)
    run_waiting_jobs()
    persona = people.columns()["persona"]
    read = lambda: people.listing(people.rows(ines).filter(pk=marta.pk), [persona]).get()  # noqa: E731
    assert persona.kind.show(persona.get(read())) == ""
    edit(companies, bellevue, {"industry": "Museums"}, by=ines)
    run_waiting_jobs()
    assert persona.kind.show(persona.get(read())) == "Museum director"


def test_older_versions_keep_what_they_said_and_by_which_criteria(client, ines):
    made = museums(ines)
    bellevue = create(companies, {"name": "Bellevue", "industry": "Museums"}, by=ines)
    run_waiting_jobs()
    do.add_criterion(made, label="Named in the press", conditions="tags.any:press", weight=4, by=ines)
    do.publish(made, note="Press counts", by=ines)
    run_waiting_jobs()
    assert [f.number for f in Fit.objects.filter(row_id=bellevue.pk).order_by("number")] == [1, 2]
    (old,) = fitting.results_then(ines, "company", bellevue.pk)
    assert (old.number, old.share, len(old.lines)) == (1, 75, 2)
    assert fitting.results_now(ines, "company", bellevue.pk)[0].share == 38
    shown = text(client.get(f"/profiles/of/company/{bellevue.pk}"))
    assert "75 %, version 1" in shown and "38 %, version 2" in shown


def test_the_same_criteria_are_not_published_twice_nor_none_at_all(ines):
    made = museums(ines)
    with pytest.raises(Invalid, match="Nothing changed since version 1"):
        do.publish(made, by=ines)
    empty = create(profiles, {"name": "Nobody"}, by=ines)
    with pytest.raises(Invalid, match="at least one criterion"):
        do.publish(empty, by=ines)
    with pytest.raises(Invalid, match="no field “shoe_size”"):
        do.add_criterion(made, label="Shoes", conditions="shoe_size.is:43", by=ines)


def test_an_archived_profile_says_nothing_any_more(ines):
    made = museums(ines)
    bellevue = create(companies, {"name": "Bellevue", "industry": "Museums"}, by=ines)
    archive(profiles, made, by=ines)
    run_waiting_jobs()
    assert fitting.results_now(ines, "company", bellevue.pk) == []


def test_a_criterion_is_written_with_the_filter_editor(client, ines):
    made = create(profiles, {"name": "Museums", "subject": "company"}, by=ines)
    sent = {
        "g-r": "all",
        "c-r-0": "industry",
        "o-r-0": "is",
        "v-r-0": "Museums",
        "label": "Industry",
        "weight": "5",
        "do": "apply",
    }
    assert client.get(f"/profiles/{made.pk}/criteria/new").status_code == 200
    client.post(f"/profiles/{made.pk}/criteria/new", sent)
    one = made.criteria.get()
    assert (one.conditions, one.weight) == ("industry.is:Museums", 5)
    client.post(f"/profiles/{made.pk}/criteria/{one.pk}", {**sent, "weight": "7"})
    assert made.criteria.get().weight == 7
    refused = client.post(
        f"/profiles/{made.pk}/criteria/new", {"label": "Nothing", "weight": "1", "do": "apply", "g-r": "all"}
    )
    assert refused.status_code == 422 and made.criteria.count() == 1
    shown = text(client.get(f"/profiles/{made.pk}"))
    assert "Industry is Museums" in shown and "differs from what is in force" in shown


def test_research_grows_old_and_its_segment_says_so(client, ines):
    segment = create(registry["segment"], {"name": "Museums"}, by=ines)
    then = timezone.localdate() - dt.timedelta(days=400)
    note = create(registry["research"], {"name": "They buy in spring", "segment": segment, "found_on": then}, by=ines)
    fresh = create(registry["research"], {"name": "Budgets fell", "segment": segment}, by=ines)
    stale = compile_tree(registry["research"], parse("stale.is:1"), ines)
    assert list(stale.apply(registry["research"].rows(ines))) == [note] != [fresh]
    shown = text(client.get(f"/segments/{segment.pk}/panel/research", headers=HTMX))
    assert "They buy in spring" in shown and shown.count("out of date") == 1
    with pytest.raises(Invalid, match="has not come yet"):
        create(registry["research"], {"name": "Soon", "found_on": timezone.localdate() + dt.timedelta(days=2)}, by=ines)


def test_research_says_until_when_it_holds_and_what_soon_will_not(client, ines):
    segment, today = create(registry["segment"], {"name": "Museums"}, by=ines), timezone.localdate()
    for name, days in (("Old habits", 400), ("Nearly over", 355), ("Fresh prices", 10)):
        values = {"name": name, "segment": segment, "found_on": today - dt.timedelta(days), "months": 12}
        create(
            registry["research"],
            values | ({"evidence": "https://x.example/study"} if name == "Fresh prices" else {}),
            by=ines,
        )
    program = Program("ines")
    found = {row["name"]: row for row in program("get", f"research?filter=segment.is:{segment.pk}").data["data"]}
    assert {name: row["stale"] for name, row in found.items()} == {
        "Old habits": True,
        "Nearly over": False,
        "Fresh prices": False,
    }
    assert found["Fresh prices"]["holds_until"] == (today - dt.timedelta(10) + relativedelta(months=12)).isoformat()
    assert (
        found["Fresh prices"]["segment"]["id"] == segment.pk
        and found["Fresh prices"]["evidence"] == "https://x.example/study"
    )
    client.force_login(user("ines"))
    shown = {view: text(client.get(f"/research/?view={view}")) for view in ("stale", "soon", "loose")}
    listed = {name: {view for view, page in shown.items() if name in page} for name in found}
    assert listed == {"Old habits": {"stale", "loose"}, "Nearly over": {"soon", "loose"}, "Fresh prices": set()}
    assert (
        'href="https://x.example/study"'
        in client.get(f"/segments/{segment.pk}/panel/research", headers=HTMX).content.decode()
    )


def test_shares_are_whole_percents_of_the_weight(ines):
    made = museums(ines, *((f"C{n}", "industry.is:Museums" if n else "employees.over:5", 1) for n in range(3)))
    bellevue = create(companies, {"name": "Bellevue", "industry": "Museums", "employees": 1}, by=ines)
    run_waiting_jobs()
    assert (
        Fit.objects.get(profile=made, row_id=bellevue.pk).share
        == 67
        == fitting.results_now(ines, "company", bellevue.pk)[0].share
    )
    assert Decimal(67) == Fit.objects.get(profile=made, row_id=bellevue.pk).share


def test_whoever_keeps_research_is_told_once_when_it_goes_out_of_date(ines):
    from kith.activities.models import Notice
    from kith.awareness.profiles.reminding import remind

    old = dt.date.today() - dt.timedelta(days=800)
    note = create(registry["research"], {"name": "How museums buy", "found_on": old, "months": 12}, by=ines)
    create(registry["research"], {"name": "How hotels buy", "found_on": dt.date.today(), "months": 12}, by=ines)
    assert (remind(), remind()) == (1, 0)
    told = Notice.objects.get(kind="research")
    assert told.user == user("ines") and "How museums buy" in told.text
    edit(registry["research"], note, {"found_on": old + dt.timedelta(days=1)}, by=ines)
    assert remind() == 1


def test_segments_of_a_persona_follow_who_fits_it_and_which_version_is_in_force(ines):
    curators = museums(ines, ("Post", "job_title.has:curator", 1), subject="person", sort="persona", name="Curator")
    segment = create(
        registry["segment"], {"name": "Ours", "conditions": f"persona.is:{curators.key}", "subject": "person"}, by=ines
    )
    run_waiting_jobs()

    def inside():
        return sorted(queries.members(ines, segment).values_list("name", flat=True))

    marta = create(people, {"given_name": "Marta", "job_title": "Chief curator"}, by=ines)
    run_waiting_jobs()
    assert inside() == ["Marta"]
    edit(people, marta, {"job_title": "Porter"}, by=ines)
    run_waiting_jobs()
    assert inside() == []
    curators.refresh_from_db()
    do.add_criterion(curators, label="House", conditions="job_title.has:porter", weight=9, by=ines)
    do.publish(curators, note="Porters know", by=ines)
    run_waiting_jobs()
    assert inside() == ["Marta"] and not Dirty.objects.exists()
