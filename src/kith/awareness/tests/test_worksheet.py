"""The market-research worksheet: what each segment values, which assets fit it, and on what that rests."""

import datetime as dt

import pytest
from django.utils import timezone

from kith.api.tests.programs import Program
from kith.awareness.assets.queries import best_for
from kith.awareness.assets.segments import keys_of
from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.segments.actions import put_on
from kith.ui.pages.tests.helpers import HTMX
from tests.cast import policy, text

pytestmark = pytest.mark.django_db
PAGE = "/research/worksheet"


@pytest.fixture
def museums(ines):
    return create(registry["segment"], {"name": "Museums", "how": "static"}, by=ines)


def noted(by, segment, name, values="", days=10, **more):
    found_on = timezone.localdate() - dt.timedelta(days=days)
    return create(
        registry["research"],
        {"name": name, "segment": segment, "values_text": values, "found_on": found_on, **more},
        by=by,
    )


def asset(by, name, **values):
    return create(registry["asset"], {"name": name, **values}, by=by)


def row_of(client, key):
    page = client.get(PAGE).content.decode()
    return page.partition(f'data-segment="{key}"')[2].partition("</tr>")[0]


def test_each_segment_stands_with_what_it_values_the_assets_that_fit_and_the_evidence(client, ines, museums):
    create(registry["segment"], {"name": "Hotels"}, by=ines)
    noted(ines, museums, "Seven talks", "Silence at night", evidence="https://x.example/talks")
    asset(ines, "Night guide", segments=["museums"])
    asset(ines, "For everybody")
    shown = row_of(client, "museums")
    for words in ("Silence at night", "Night guide", "Seven talks", 'href="https://x.example/talks"'):
        assert words in shown
    assert "For everybody" not in shown and "out of date" not in shown
    assert "nothing noted yet" in row_of(client, "hotels")


def test_what_is_out_of_date_says_so_on_the_worksheet(client, ines, museums):
    noted(ines, museums, "Old talks", "Low prices", days=400)
    assert row_of(client, "museums").count("out of date") == 2


def test_it_asks_the_same_however_many_segments_there_are(client, ines, museums, django_assert_max_num_queries):
    for n in range(8):
        segment = create(registry["segment"], {"name": f"Kind {n}"}, by=ines)
        noted(ines, segment, f"Finding {n}", f"Value {n}")
        asset(ines, f"Asset {n}", segments=[segment.key])
    client.get(PAGE)
    with django_assert_max_num_queries(16):
        assert "Value 7" in text(client.get(PAGE))


def test_whoever_may_not_see_research_has_no_worksheet(client, ines, museums):
    policy("member", "research", see="none")
    assert client.get(PAGE).status_code == 403


def test_what_the_reader_may_not_see_is_not_on_it(client, ines, museums):
    noted(ines, museums, "Seven talks", "Silence at night")
    asset(ines, "Night guide", segments=["museums"])
    policy("member", "asset", see="none")
    shown = row_of(client, "museums")
    assert "Seven talks" in shown and "Night guide" not in shown


def test_the_segments_page_tells_what_they_value_and_which_assets_are_for_them(client, ines, museums):
    noted(ines, museums, "Seven talks", "Silence at night")
    asset(ines, "Night guide", segments=["museums"])
    shown = text(client.get(f"/segments/{museums.pk}/panel/research", headers=HTMX))
    assert "They value: Silence at night" in shown and "Night guide" in shown and "Worksheet" in shown


def test_an_asset_for_a_segment_is_offered_first_to_its_members_and_to_nobody_else(ines, museums):
    marta, tom = (create(registry["person"], {"given_name": name}, by=ines) for name in ("Marta", "Tom"))
    asset(ines, "Night guide", segments=["museums"])
    asset(ines, "For everybody")
    put_on(museums, [marta.pk], by=ines)
    run_waiting_jobs()
    offers = [[o.asset.name for o in best_for(ines, segments=keys_of(ines, each))] for each in (marta, tom)]
    assert offers == [["Night guide", "For everybody"], ["For everybody"]]


def test_programs_read_and_write_what_segments_value_and_which_assets_fit(ines, museums):
    program = Program("ines")
    made = program("post", "research", {"name": "Talks", "segment": museums.pk, "values_text": "Silence"})
    assert made.status_code == 201 and made.data["values_text"] == "Silence"
    asset(ines, "Night guide", segments=["museums"])
    asset(ines, "Other")
    found = program("get", "assets?filter=segments.any:museums").data["data"]
    assert [row["name"] for row in found] == ["Night guide"]
