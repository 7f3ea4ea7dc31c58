"""The board as a person meets it: lanes with true figures, moves by every way, refusals, other axes, and what it costs."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.deals.models import Deal, Pipeline, Stage
from kith.deals.tests.cast import company, days_ago, deal, deals, reason, stage
from kith.kernel.access.actor import system
from kith.kernel.lookups.look import look_at
from kith.kernel.money.actions import set_rate
from kith.kernel.timeline.change import change
from kith.kernel.timeline.models import Event
from kith.ui.pages.lanes import read_lanes
from tests.cast import actor, policy, text, user

pytestmark = pytest.mark.django_db
BOARD = "/deals/?face=board"
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": f"http://testserver{BOARD}"}
MOST_QUERIES = 12


@pytest.fixture
def ines(client):
    client.force_login(user("ines"))
    stage("Discovery")
    return actor("ines")


def lane(response, name):
    """The words of one lane."""
    found = re.search(
        rf'<section class="lane"(?:(?!</section>).)*?<h2[^>]*>{name}.*?</section>', response.content.decode(), re.DOTALL
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def lanes(by, query="face=board"):
    from django.http import QueryDict

    return read_lanes(look_at(deals, by, QueryDict(query)))


def move(client, made, **post):
    return client.post(f"/deals/board/{made.pk}", post, **HTMX)


def test_lanes_say_how_many_stand_there_what_they_are_worth_and_what_that_weighs(client, ines):
    deal(ines, name="Leak map, 14 blocks", company=company(ines), amount=Decimal(96_000))
    deal(ines, name="Two seaside hotels", amount=Decimal(44_000))
    deal(ines, name="Faculty library", amount=Decimal(58_900), stage="Site survey")
    response = client.get(BOARD)
    assert "3 open worth €198,900 , weighted €48,615" in text(response)
    assert re.search(r"Discovery 2 €140,000 20 % likely €28,000 weighted", lane(response, "Discovery"))
    assert re.search(r"Site survey 1 €58,900 35 % likely €20,615 weighted", lane(response, "Site survey"))
    assert re.search(r"Proposal 0", lane(response, "Proposal"))
    assert re.search(r"Atlas Property €96,000 Leak map, 14 blocks No next step", lane(response, "Discovery"))
    assert 'title="Ines Okafor">IO</span>' in response.content.decode()


def test_closed_deals_are_not_in_lanes_unless_the_filter_speaks_of_them(client, ines):
    Deal.objects.filter(pk=deal(ines, name="Won one").pk).update(status="won", closed_on=timezone.localdate())
    deal(ines, name="Open one")
    assert "Won one" not in text(client.get(BOARD))
    assert "Won one" in text(client.get(BOARD + "&filter=status.is:won"))


def test_currencies_are_not_added_without_a_rate(client, ines):
    deal(ines, amount=Decimal(1000))
    deal(ines, name="Stockholm", amount=Decimal(7000), currency="SEK")
    response = client.get(BOARD)
    assert "No exchange rate for SEK, so these are not added up." in text(response)
    assert "SEK\N{NO-BREAK SPACE}7,000 + €1,000" in response.content.decode()
    set_rate(currency="SEK", rate=Decimal("0.1"), by=actor("astrid"))
    response = client.get(BOARD)
    assert "€1,700" in lane(response, "Discovery")
    assert "SEK\N{NO-BREAK SPACE}7,000 + €1,000, at the rate of the day" in response.content.decode()


def test_what_happens_next_is_said_with_its_time_and_lateness(client, ines):
    now = timezone.now()
    for name, step, at in (
        ("Late", "Data sheet", now - dt.timedelta(days=2, hours=1)), ("Soon", "Demo", now + dt.timedelta(days=30)),
        ("Hours", "Call back", now - dt.timedelta(hours=5, minutes=20)),
    ):  # fmt: skip
        Deal.objects.filter(pk=deal(ines, name=name).pk).update(next_step=step, next_step_at=at)
    deal(ines, name="Nothing planned")
    response = client.get(BOARD)
    assert 'data-tone="late">Data sheet, 2 days late' in response.content.decode()
    assert 'data-tone="late">Call back, 5 h late' in response.content.decode()
    words = lane(response, "Discovery")
    assert [words.index(n) for n in ("Late", "Hours", "Soon", "Nothing planned")] == sorted(
        words.index(n) for n in ("Late", "Hours", "Soon", "Nothing planned")
    )


def test_stalled_deals_say_why_offer_a_nudge_and_are_counted_with_a_way_to_them(client, ines):
    stage("Discovery", stall_days=14)
    made = deal(ines, name="Care home, Kortrijk", amount=Decimal(14_200))
    Deal.objects.filter(pk=made.pk).update(stage_since=days_ago(21))
    deal(ines, name="Fresh", amount=Decimal(5))
    response = client.get(BOARD)
    assert "21 days without a step" in text(response)
    assert "1 stalled, worth €14,200" in text(response)
    href = re.search(r'class="status" data-tone="warn" href="([^"]+)"', response.content.decode())[1].replace(
        "&amp;", "&"
    )
    found = client.get("/deals/" + href)
    assert "Care home, Kortrijk" in text(found)
    assert "Fresh" not in text(found)


def test_a_lane_shows_its_first_cards_and_brings_the_rest_by_key(client, ines):
    for n in range(40):
        deal(ines, name=f"Deal {n:02}")
    response = client.get(BOARD)
    assert "32 more" in lane(response, "Discovery")
    seen = re.findall(r"Deal \d\d", lane(response, "Discovery"))
    href = re.search(r'hx-get="(\?[^"]*lane=[^"]*)"', response.content.decode())[1].replace("&amp;", "&")
    more = client.get("/deals/" + href, HTTP_HX_REQUEST="true")
    seen += re.findall(r">(Deal \d\d)</a>", more.content.decode())
    assert "7 more" in text(more)
    href = re.search(r'hx-get="(\?[^"]*lane=[^"]*)"', more.content.decode())[1].replace("&amp;", "&")
    last = client.get("/deals/" + href, HTTP_HX_REQUEST="true")
    seen += re.findall(r">(Deal \d\d)</a>", last.content.decode())
    assert sorted(seen) == [f"Deal {n:02}" for n in range(40)]
    assert "more" not in text(last)
    key = stage("Discovery").pk
    assert f'name="more" value="{key}:40"' in last.content.decode()
    again = client.get(BOARD + f"&part=board&more={key}:33", HTTP_HX_REQUEST="true")
    assert len(re.findall(r">(Deal \d\d)</a>", again.content.decode())) == 33


def test_a_move_answers_with_the_two_lanes_it_changed_and_can_be_undone(client, ines):
    made = deal(ines, amount=Decimal(1000))
    response = move(client, made, to=stage("Site survey").pk)
    body = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'<section class="lane" id="lane-(\d+)"[^>]*hx-swap-oob="outerMorph"', body) == [
        str(stage("Discovery").pk), str(stage("Site survey").pk)
    ]  # fmt: skip
    assert "weighted €350" in re.sub("<[^>]+>", "", body)
    assert Deal.objects.get().stage.name == "Site survey"
    undo = re.search(r"/operations/\d+/undo", response["HX-Trigger"])[0]
    assert client.post(undo, HTTP_HX_REQUEST="true").status_code in (200, 204)
    assert Deal.objects.get().stage.name == "Discovery"


def test_dropping_a_card_where_it_was_changes_nothing(client, ines):
    made = deal(ines)
    before = Event.objects.count()
    response = move(client, made, to=made.stage_id)
    assert response.status_code == 200
    assert "undo" not in response.get("HX-Trigger", "")
    assert Event.objects.count() == before


def test_a_stage_that_asks_for_more_answers_with_a_dialog_for_exactly_that(client, ines):
    stage("Discovery", required=["closes_on"])
    made = deal(ines)
    target = stage("Site survey")
    response = move(client, made, to=target.pk)
    body = response.content.decode()
    assert response.status_code == 422
    assert 'name="closes_on"' in body
    assert "amount" not in body
    assert f'hx-post="/deals/{made.pk}/do/move_to_stage"' in body
    assert Deal.objects.get().stage.name == "Discovery"
    sent = {"stage": target.pk, "columns": "closes_on", "closes_on": "2026-07-01"}
    assert client.post(f"/deals/{made.pk}/do/move_to_stage", sent, **HTMX).status_code == 204
    assert (Deal.objects.get().stage.name, str(Deal.objects.get().closes_on)) == ("Site survey", "2026-07-01")


def test_a_card_dropped_on_a_reason_is_lost_for_it_and_leaves_the_board(client, ines):
    made = deal(ines)
    response = move(client, made, end=f"lose:{reason('Price').pk}")
    body = response.content.decode()
    assert (Deal.objects.get().status, Deal.objects.get().reason.name) == ("lost", "Price")
    assert 'id="board-drops"' in body
    assert "1 this quarter" in body
    assert "Leak map" not in body


def test_a_card_dropped_on_won_is_asked_what_decided_it(client, ines):
    made = deal(ines)
    response = move(client, made, end="win:")
    assert response.status_code == 422
    assert 'name="reason"' in response.content.decode()
    assert f'hx-post="/deals/{made.pk}/do/win"' in response.content.decode()
    assert Deal.objects.get().status == "open"


def test_without_a_script_a_card_is_moved_by_a_choice(client, ines):
    made = deal(ines)
    page = client.get(f"/deals/board/{made.pk}", {"next": BOARD})
    assert "Site survey" in text(page)
    assert "Lost: Price" in text(page)
    response = client.post(f"/deals/board/{made.pk}", {"to": stage("Proposal").pk, "next": BOARD})
    assert (response.status_code, response["Location"]) == (303, BOARD)
    assert Deal.objects.get().stage.name == "Proposal"
    client.post(f"/deals/board/{made.pk}", {"to": f"end=lose:{reason('Timing').pk}", "next": "https://evil.example/"})
    assert Deal.objects.get().status == "lost"


def test_readers_see_a_board_whose_cards_do_not_move(client, ines):
    made = deal(ines)
    client.force_login(user("rolf"))
    body = client.get(BOARD).content.decode()
    assert "Leak map" in body
    assert "data-move=" not in body
    assert "data-drop=" not in body
    assert client.post(f"/deals/board/{made.pk}", {"to": stage("Proposal").pk}, **HTMX).status_code == 403
    assert Deal.objects.get().stage.name == "Discovery"


def test_rows_out_of_scope_are_neither_shown_nor_counted_nor_moved(client, ines):
    theirs = deal(actor("jonas"), name="Of Jonas", amount=Decimal(500))
    deal(ines, name="Of Ines", amount=Decimal(7))
    policy("member", "deal", see="own", edit="own")
    policy("member", "company", see="own")
    response = client.get(BOARD)
    assert "Of Jonas" not in text(response)
    assert "1 open worth €7" in text(response)
    assert client.post(f"/deals/board/{theirs.pk}", {"to": stage("Proposal").pk}, **HTMX).status_code == 404


def test_names_of_companies_beyond_ones_scope_are_not_told(client, ines):
    deal(ines, company=company(actor("jonas"), "Secret Holdings"))
    policy("member", "company", see="own")
    assert "Secret Holdings" not in text(client.get(BOARD))


def test_colleagues_can_be_the_axis_and_a_move_hands_over(client, ines):
    made = deal(ines, name="Of Ines")
    deal(actor("jonas"), name="Of Jonas")
    Deal.objects.filter(pk=deal(ines, name="Of nobody").pk).update(owner=None)
    query = BOARD + "&by=owner"
    response = client.get(query)
    assert "Of Ines" in lane(response, "Ines Okafor")
    assert "Of Jonas" in lane(response, "Jonas Lindqvist")
    assert "Of nobody" in lane(response, "Nobody")
    headers = {**HTMX, "HTTP_HX_CURRENT_URL": f"http://testserver{query}"}
    answer = client.post(f"/deals/board/{made.pk}", {"to": user("jonas").pk}, **headers)
    assert answer.status_code == 200
    assert Deal.objects.get(name="Of Ines").owner == user("jonas")
    client.post(f"/deals/board/{made.pk}", {"to": ""}, **headers)
    assert Deal.objects.get(name="Of Ines").owner is None


def test_a_choice_can_be_the_axis_and_what_only_an_action_sets_does_not_move(client, ines):
    deal(ines, name="Open one")
    response = client.get(BOARD + "&by=status&filter=status.filled")
    assert "Open one" in lane(response, "Open")
    assert "data-move=" not in response.content.decode()


def test_an_axis_that_does_not_exist_is_said_and_the_usual_board_shown(client, ines):
    response = client.get(BOARD + "&by=nonsense")
    assert response.status_code == 200
    assert "A board cannot be made of “nonsense”." in text(response)
    assert lane(response, "Discovery")


def test_each_pipeline_has_its_own_board(client, ines):
    renewals = Pipeline(name="Renewals", position=2)
    with change(renewals, by=system()):
        pass
    talk = Stage(pipeline=renewals, name="Talk", position=1)
    with change(talk, by=system()):
        pass
    deal(ines, name="New business")
    deal(ines, name="Renewal of Mirador", stage=talk)
    ours = client.get(BOARD)
    assert "Renewal of Mirador" not in text(ours)
    assert not lane(ours, "Talk")
    theirs = client.get(f"{BOARD}&in={renewals.pk}")
    assert "Renewal of Mirador" in lane(theirs, "Talk")
    assert not lane(theirs, "Discovery")
    assert f"in={renewals.pk}" in re.search(r'data-live-src="([^"]+)"', theirs.content.decode())[1]
    by_filter = client.get(f"{BOARD}&filter=pipeline.is:{renewals.pk}")
    assert "Renewal of Mirador" in lane(by_filter, "Talk")


def test_a_search_and_a_filter_narrow_the_lanes_and_their_figures(client, ines):
    deal(ines, name="Harbour lofts", amount=Decimal(10))
    deal(ines, name="City archive", amount=Decimal(500))
    assert "1 open worth €10" in text(client.get(BOARD + "&q=harb"))
    assert "1 open worth €500" in text(client.get(BOARD + "&filter=amount.over:100"))
    part = client.get(BOARD + "&q=harb", HTTP_HX_REQUEST="true")
    assert 'id="board-sum" hx-swap-oob="innerHTML"' in part.content.decode()
    assert "City archive" not in text(part)


def test_a_board_costs_few_queries_however_many_lanes_and_cards(client, ines):
    for n in range(30):
        made = deal(ines, name=f"Deal {n}", company=company(ines, f"House {n}"), owner=user(("ines", "jonas")[n % 2]))
        Deal.objects.filter(pk=made.pk).update(stage=list(Stage.objects.order_by("position"))[n % 5])
    client.get(BOARD)
    with CaptureQueriesContext(connection) as captured:
        client.get(BOARD)
    assert len(captured) <= MOST_QUERIES, [q["sql"][:140] for q in captured.captured_queries]


def test_without_any_stage_the_board_says_so(client):
    client.force_login(user("ines"))
    response = client.get(BOARD)
    assert "No deals yet" in text(response)


AMOUNTS = st.one_of(st.none(), st.decimals(Decimal(0), Decimal(10**7), places=2))
ROWS = st.lists(st.tuples(st.integers(0, 4), AMOUNTS, st.sampled_from(["EUR", "SEK", "USD"])), max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=ROWS)
def test_lane_figures_are_those_of_the_rows_and_add_up_to_the_head(rows):
    """Counts, sums by currency and weights, computed a second way."""
    ines = actor("ines")
    set_rate(currency="SEK", rate=Decimal("0.0876"), by=actor("astrid"))
    line = [stage(n) for n in ("Discovery", "Site survey", "Proposal", "Negotiation", "Verbal yes")]
    Deal.objects.all().delete()
    for n, (place, amount, currency) in enumerate(rows):
        made = Deal(name=f"D{n}", pipeline=line[0].pipeline, stage=line[place], amount=amount, currency=currency)
        made.derive()
        made.save()
    board = lanes(ines)
    for place, found in enumerate(board.lanes):
        here = [(a, c) for p, a, c in rows if p == place]
        assert found.count == len(here)
        for currency in ("EUR", "SEK", "USD"):
            mine = sum((a for a, c in here if c == currency and a is not None), Decimal(0))
            assert sum((s or 0 for s, c in found.sums if c == currency), Decimal(0)) == mine
            weighed = sum((w or 0 for w, c in found.weights if c == currency), Decimal(0))
            assert abs(weighed - mine * line[place].probability / 100) <= Decimal("0.01") * max(len(here), 1)
    valued = [(a, c) for _p, a, c in rows if a is not None]
    used = {c for _a, c in valued}
    if used == {"USD"}:  # one currency alone needs no rate
        assert (board.total.currency, board.total.converted) == ("USD", sum(a for a, _c in valued))
    elif "USD" in used:
        assert board.total.converted is None
    else:
        exact = sum((a * (Decimal("0.0876") if c == "SEK" else 1) for a, c in valued), Decimal(0))
        assert abs(board.total.converted - exact) <= Decimal("0.005")
