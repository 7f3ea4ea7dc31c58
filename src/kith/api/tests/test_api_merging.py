"""Two rows that are the same person, made one by a program."""

import pytest

from kith.api.tests.programs import Program, new, upload
from tests.cast import policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubles(ines):
    kept = new(ines, given_name="Marta", family_name="Kowalczyk", emails=["m@bellevue.example"], tags=["vip"])
    other = new(ines, given_name="Marta", family_name="Kowalcyk", job_title="Director", emails=["marta@home.example"])
    return kept, other


def test_a_merge_is_tried_and_nothing_changes(ines, doubles):
    kept, other = doubles
    task = new(ines, "activities", kind="task", subject="Call her", person=other)
    tried = ines(
        "post", f"people/{kept}/merge", {"others": [other], "choices": {"family_name": other}, "dry_run": True}
    )
    assert tried.status_code == 200, tried.data
    assert (tried.data["family_name"], tried.data["job_title"], tried.data["operation"]) == (
        "Kowalcyk",
        "Director",
        None,
    )
    assert [e["value"] for e in tried.data["emails"]] == ["m@bellevue.example", "marta@home.example"]
    assert {"from": other, "what": "activities", "count": 1, "dropped": 0} in tried.data["moved"]
    assert ines("get", f"people/{kept}").data["job_title"] == ""
    assert ines("get", f"people/{other}").data["id"] == other
    assert ines("get", f"activities/{task}").data["person"]["id"] == other


def test_a_merge_moves_what_hung_on_the_others_and_is_undone(ines, doubles):
    kept, other = doubles
    done = ines("post", f"people/{kept}/merge", {"others": [other]}, idempotency_key="m1")
    assert done.data["family_name"] == "Kowalczyk" and done.data["job_title"] == "Director"
    assert ines("get", f"people/{other}").data["id"] == kept
    again = ines("post", f"people/{kept}/merge", {"others": [other]}, idempotency_key="m1")
    assert again["Idempotent-Replay"] == "true" and again.data == done.data
    assert ines("post", f"operations/{done.data['operation']}/undo").status_code == 200
    assert ines("get", f"people/{other}").data["id"] == other


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "/others"),
        ({"others": []}, "/others"),
        ({"others": "5"}, "/others"),
        ({"others": [True]}, "/others"),
        ({"others": [10**30]}, "/others"),
        ({"others": list(range(2, 40))}, "/others"),
        ({"others": [1], "dry_run": "no"}, "/dry_run"),
        ({"others": [1], "keep": 5}, "/keep"),
    ],
)
def test_a_wrong_merge_is_pointed_at(ines, doubles, data, pointer):
    refused = ines("post", f"people/{doubles[0]}/merge", data)
    assert refused.status_code == 422
    assert pointer in [e["pointer"] for e in refused.data["errors"]]


def test_choices_name_fields_that_can_be_chosen_and_rows_that_are_merged(ines, doubles):
    kept, other = doubles
    for choices, pointer in (
        ({"search": kept}, "/choices/search"),
        ({"job_title": 999}, "/choices/job_title"),
        ([], "/choices"),
    ):
        refused = ines("post", f"people/{kept}/merge", {"others": [other], "choices": choices})
        assert refused.status_code == 422 and refused.data["errors"][0]["pointer"] == pointer
    assert ines("post", f"people/{kept}/merge", {"others": [kept]}).status_code == 422


def test_nobody_merges_rows_out_of_reach(ines, doubles):
    kept, other = doubles
    policy("member", "person", see="own", edit="own", archive="own")
    jonas = Program("jonas")
    own = new(jonas, given_name="Marta")
    for path, others in ((kept, [other]), (own, [other])):
        refused = jonas("post", f"people/{path}/merge", {"others": others})
        assert refused.status_code == 404, refused.data
    assert Program("rolf")("post", f"people/{kept}/merge", {"others": [other]}).status_code == 403
    assert Program("ines", scope="read")("post", f"people/{kept}/merge", {"others": [other]}).status_code == 403


def test_files_of_the_others_come_along_and_go_back(ines, doubles):
    kept, other = doubles
    upload(ines, f"people/{other}/files", ("offer.txt", b"Twelve sensors"))
    done = ines("post", f"people/{kept}/merge", {"others": [other]})
    assert {"from": other, "what": "files", "count": 1, "dropped": 0} in done.data["moved"]
    assert [f["name"] for f in ines("get", f"people/{kept}/files").data["data"]] == ["offer.txt"]
    ines("post", f"operations/{done.data['operation']}/undo")
    assert ines("get", f"people/{kept}/files").data["data"] == []
    assert [f["name"] for f in ines("get", f"people/{other}/files").data["data"]] == ["offer.txt"]


def test_what_moves_is_counted_as_far_as_one_may_see_it(ines, doubles):
    kept, other = doubles
    new(Program("jonas"), "activities", kind="task", subject="His own", person=other)
    policy("member", "activity", see="own", edit="own")
    tried = ines("post", f"people/{kept}/merge", {"others": [other], "dry_run": True})
    assert tried.status_code == 200 and "activities" not in [part["what"] for part in tried.data["moved"]]
