"""Segments on pages: made of a list's filter in one step, explained row by row, never an error."""

import pytest

from kith.kernel.jobs.inline import run_waiting_jobs
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.kernel.segments.models import Exclusion, Segment
from tests.cast import actor, policy, text, user

pytestmark = pytest.mark.django_db
people, segments = registry["person"], registry["segment"]


def person(by, name, title):
    return create(people, {"given_name": name, "job_title": title}, by=by)


def curators(by):
    made = create(segments, {"name": "Curators", "conditions": "job_title.has:curator"}, by=by)
    run_waiting_jobs()
    return made


def test_a_lists_filter_becomes_a_segment_in_one_step(client, ines):
    person(ines, "Marta", "Curator")
    listed = client.get("/people/?filter=job_title.has:curator")
    assert "/segments/of/people?filter=job_title.has:curator" in listed.content.decode()
    form = client.get("/segments/of/people?filter=job_title.has:curator")
    assert "Job title contains curator" in text(form) and "1 now;" in text(form)
    sent = client.post("/segments/of/people", {"state": "filter=job_title.has:curator", "name": "Curators"})
    made = Segment.objects.get()
    assert sent.headers["Location"] == f"/segments/{made.pk}" and made.subject == "person"
    run_waiting_jobs()
    assert "Marta" in text(client.get(f"/segments/{made.pk}"))
    again = client.post("/segments/of/people", {"state": "filter=job_title.has:curator", "name": "Curators"})
    assert again.status_code == 422 and "choose another name" in text(again)


def test_a_list_without_a_filter_offers_no_segment(client, ines):
    assert "/segments/of/" not in client.get("/people/").content.decode()


def test_conditions_are_edited_with_the_count_beside_them(client, ines):
    made = curators(ines)
    person(ines, "Marta", "Porter")
    assert "0 people meet this now" in text(client.get(f"/segments/{made.pk}/conditions"))
    sent = {"g-r": "all", "c-r-0": "job_title", "o-r-0": "has", "v-r-0": "porter"}
    shown = client.post(f"/segments/{made.pk}/conditions", {**sent, "do": "refresh"})
    assert "1 people meet this now" in text(shown)
    client.post(f"/segments/{made.pk}/conditions", {**sent, "do": "apply"})
    assert Segment.objects.get().conditions == "job_title.has:porter"
    mine = client.post(f"/segments/{made.pk}/conditions", {"g-r": "all", "c-r-0": "owner", "o-r-0": "is", "v-r-0": "me", "do": "apply"})  # fmt: skip
    assert mine.status_code == 422 and "same for everybody" in text(mine)


def test_the_page_says_why_and_the_persons_page_says_where(client, ines):
    made, marta = curators(ines), person(ines, "Marta", "Curator")
    run_waiting_jobs()
    why = text(client.get(f"/segments/{made.pk}/why/{marta.pk}"))
    assert "Marta is in Curators" in why and "Job title contains curator" in why and "it is: Curator" in why
    assert f"/segments/{made.pk}/why/{marta.pk}" in client.get(f"/people/{marta.pk}/panel/reach").content.decode()


def test_a_broken_condition_is_struck_through_and_the_page_stands(client, ines):
    made = curators(ines)
    Segment.objects.filter(pk=made.pk).update(conditions="custom.gone.is:1", problem="There is no field “custom.gone”.")
    body = client.get(f"/segments/{made.pk}").content.decode()
    assert "<s>custom.gone (no longer usable)</s>" in body and "Its members stand still" in body
    assert client.get(f"/segments/{made.pk}/conditions").status_code == 200
    assert client.get("/segments/").status_code == 200


def test_nobody_out_of_reach_is_explained_or_named(client, ines):
    made, marta = curators(ines), person(ines, "Marta", "Curator")
    run_waiting_jobs()
    client.force_login(user("jonas"))
    policy("member", "person", see="own")
    assert client.get(f"/segments/{made.pk}/why/{marta.pk}").status_code == 404
    assert "Marta" not in text(client.get(f"/segments/{made.pk}"))


def test_a_segment_out_of_reach_is_not_found(client, ines):
    made = curators(ines)
    client.force_login(user("jonas"))
    policy("member", "segment", see="own", edit="own")
    for path in (f"/segments/{made.pk}", f"/segments/{made.pk}/conditions", f"/segments/{made.pk}/why/1"):
        assert client.get(path).status_code == 404


def test_a_segment_that_a_reader_may_not_see_is_kept_out_without_its_name(client, ines):
    made = curators(ines)
    secret = create(segments, {"name": "Secret list", "conditions": "job_title.has:rival"}, by=actor("astrid"))
    Exclusion.objects.create(segment=made, other=secret)
    assert "Secret list" in text(client.get(f"/segments/{made.pk}/panel/shut-out"))
    policy("member", "segment", see="own")
    shown = client.get(f"/segments/{made.pk}/panel/shut-out")
    assert "Secret list" not in text(shown) and "a segment that you may not see" in text(shown)
    assert f"/segments/{secret.pk}" not in shown.content.decode()
