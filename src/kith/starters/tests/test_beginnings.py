"""How people came to the sample company: in an order that can have happened, with truths that the product's own reports find."""

import datetime as dt
from collections import Counter

import pytest
from django.db.models import Min

from kith.awareness.models import Known, Member, Touch
from kith.capture.models import LeadClock, Submission
from kith.contacts.consent.models import Consent
from kith.engagement.models import Enrolment
from kith.insight.period import read_period
from kith.insight.reports import Ask, make
from kith.kernel.access.actor import system
from kith.kernel.accounts.models import User
from kith.kernel.lookups.compile import compile_tree
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from kith.qualification.models import Changed, Decision, Lead, Verdict
from kith.qualification.scoring.computing import work_out
from kith.starters.actions import install_sample
from kith.starters.tidewell.early_words import BY_WAY, FAST_GAIN, RULES
from kith.starters.tidewell.load import SEED
from kith.starters.tidewell.scores import REPLAYED
from kith.starters.tidewell.story import Teller

NOW = dt.datetime(2026, 3, 11, 14, 20, tzinfo=dt.UTC)
OWNERS = {"South": [1, 3, 6], "North": [2, 4, 5]}
PEOPLE = 400


def told(people, seed=SEED):
    return list(Teller(seed=seed, now=NOW, owners=OWNERS, leads={"South": 0, "North": 7}).companies(people))


def test_recommended_deals_are_won_twice_as_often_as_those_of_ads_and_the_fast_answer_gains_half():
    story = told(60_000)
    ended = Counter((d.source, d.outcome) for c in story for d in c.deals if d.outcome != "open")
    rate = {s: ended[s, "won"] / (ended[s, "won"] + ended[s, "lost"]) for s, _outcome in ended}
    assert 1.8 < rate["Recommendation"] / rate["Search ads"] < 2.2
    assert abs(BY_WAY["recommendation"] / BY_WAY["ads"] - 2) < 1e-9
    answered = [p.beginning for c in story for p in c.people if p.beginning and p.beginning.answered]
    became = {fast: [one.deal >= 0 for one in answered if one.fast is fast] for fast in (True, False)}
    share = {fast: sum(some) / len(some) for fast, some in became.items()}
    assert abs(share[True] / share[False] - FAST_GAIN) < 0.12


def test_nobody_is_answered_before_they_came_nor_becomes_a_deal_before_they_were_answered():
    for company in told(3_000):
        for one in (p.beginning for p in company.people if p.beginning is not None):
            assert all(at <= one.came for at in one.visits) and one.came <= NOW
            moments = [one.came, *([one.answered] if one.answered else []), *(at for at, *_words in one.mails[1:])]
            assert moments == sorted(moments) and moments[-1] <= NOW
            assert one.deal < 0 or one.answered is None or one.answered < company.deals[one.deal].stages[0]


@pytest.fixture(scope="module")
def sample(django_db_setup, django_db_blocker):
    """The sample company in the database, once for the tests that only read it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        install_sample(by=system("cli"), people=PEOPLE, now=NOW)
        yield told(PEOPLE)
        transaction.set_rollback(True)


def test_the_report_on_deals_finds_how_often_each_way_wins(sample):
    found = make("deals", system(), Ask(period=read_period({}, "all"), by=("source",)))
    by_source = {row.label: row.figures for row in found.tables["source"].rows}
    ended = Counter((d.source, d.outcome) for c in sample for d in c.deals)
    for source in ("Recommendation", "Search ads"):
        won, lost = ended[source, "won"], ended[source, "lost"]
        assert by_source[source]["won"].value == won
        assert abs(by_source[source]["win_rate"].value - won / (won + lost)) < 0.005


def test_a_list_of_people_finds_how_many_of_those_answered_within_the_hour_became_deals(sample):
    record = registry["person"]

    def count(text):
        return compile_tree(record, parse(text), system()).apply(record.rows(system())).distinct().count()

    known = [p.beginning for c in sample for p in c.people if p.beginning and p.beginning.answered]
    for fast, text in ((True, "first_answer.at_most:60"), (False, "first_answer.over:60")):
        some = [one for one in known if one.fast is fast]
        assert abs(count(text) - len(some)) <= 2, "a call of another story may have come first"
        assert abs(count(f"{text},lead_state.is:converted") - sum(one.deal >= 0 for one in some)) <= 2


def test_touches_submissions_captures_scores_verdicts_and_deals_follow_each_other(sample):
    came = dict(Event.objects.filter(verb="person.captured").values_list("record_id", "at"))
    assert len(came) == sum(p.beginning is not None for c in sample for p in c.people) > PEOPLE / 6
    assert {pk for (pk,) in Touch.objects.values_list("person")} == set(came)
    read_before = [p.beginning for c in sample for p in c.people if p.beginning and p.beginning.visits]
    assert Touch.objects.filter(through="visit").count() == sum(len(one.visits) for one in read_before)
    assert Known.objects.count() == Consent.objects.filter(purpose__key="tracking").count() == len(read_before) > 0
    first = dict(Touch.objects.values_list("person").annotate(Min("at")))
    scored = dict(Changed.objects.values_list("person").annotate(Min("at")))
    began = sorted(came.values())[-REPLAYED:][0]  # when Tidewell began to score
    for pk, at in came.items():
        assert first[pk] <= at
        assert at < scored[pk]
    for row in Submission.objects.filter(state="done"):
        assert first[row.person_id] <= row.created_at == came[row.person_id] < row.acknowledged_at
    for verdict in Verdict.objects.select_related("deal"):
        assert verdict.created_at > came[verdict.person_id]
        assert scored[verdict.person_id] < verdict.created_at or came[verdict.person_id] < began
        assert verdict.deal is None or verdict.deal.created_at == verdict.created_at
    for clock in LeadClock.objects.filter(reached_at__isnull=False):
        assert clock.started_at == came[clock.person_id] <= clock.reached_at
        assert not Verdict.objects.filter(person=clock.person_id, created_at__lt=clock.reached_at).exists()
    for row in Enrolment.objects.all():
        clock = LeadClock.objects.get(person=row.person_id)
        assert clock.reached_at < row.created_at < (row.ended_at or NOW) <= NOW
        mails = [step.at for step in row.steps.filter(do="mail").order_by("position")]
        assert [row.created_at, *mails, row.ended_at or NOW] == sorted([row.created_at, *mails, row.ended_at or NOW])
    happened = ("person", "submission", "verdict", "assignment", "enrolment", "answer")
    assert not Event.objects.filter(at__gt=NOW, record__in=happened).exists()


def test_everybody_who_came_was_given_to_whoever_looks_after_them(sample):
    for decision in Decision.objects.select_related("person", "rule__team"):
        assert decision.user_id == decision.person.owner_id
        assert decision.rule.team_id == decision.person.team_id
    assert Decision.objects.count() == LeadClock.objects.values("person").distinct().count()


def test_pages_of_whoever_came_and_of_what_waits_show_what_was_sent(sample, client):
    client.force_login(User.objects.get(email="helena@tidewell.example"))
    row = Submission.objects.filter(state="done").exclude(reason="").latest("created_at")
    text = client.get(f"/people/{row.person_id}").content.decode()
    assert "sent the form" in text and row.reason.split(",")[0] in text
    for path in (f"/submissions/{row.pk}", "/incoming/", "/speed-to-lead/", "/campaigns/", "/honest-noes/"):
        assert client.get(path).status_code == 200, path


def test_scores_are_what_the_scoring_works_out_and_campaigns_know_their_members(sample):
    leads = {lead.pk: lead for lead in Lead.objects.all()}
    again = work_out(list(leads), max(lead.scored_at for lead in leads.values()))
    assert all((again[pk].fit, again[pk].engagement) == (lead.fit, lead.engagement) for pk, lead in leads.items())
    given = {line["name"] for lead in leads.values() for line in lead.lines}
    assert given == {rule[0] for rule in RULES}, "every rule can be used and gives points to somebody"
    assert {lead.band for lead in leads.values()} >= {"Cold", "Warm"}
    assert set(Member.objects.values_list("campaign__key", flat=True)) >= {"search-ads-leak-sensors"}
    assert Submission.objects.filter(state="review").count() == 4


def test_the_same_seed_tells_the_same_beginnings():
    assert [p.beginning for c in told(300) for p in c.people] == [p.beginning for c in told(300) for p in c.people]
