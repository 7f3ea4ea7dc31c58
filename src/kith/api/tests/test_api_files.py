"""Files of a record over the API, with the checks of the page."""

import pytest
from django.test import Client

from kith.api.tests.programs import Program, upload
from tests.cast import policy

pytestmark = pytest.mark.django_db


def test_a_file_is_added_listed_downloaded_removed_and_brought_back(ines, five):
    marta = five[0]
    added = upload(ines, f"people/{marta}/files", ("offer.txt", b"Twelve sensors"), ("empty.txt", b""))
    assert added.status_code == 201, added.data
    assert len(added.data["refused"]) == 1 and "empty" in added.data["refused"][0]
    (listed,) = ines("get", f"people/{marta}/files").data["data"]
    assert (listed["name"], listed["size"], listed["added_by"]["name"]) == ("offer.txt", 14, "Ines Okafor")
    answer = Client().get(listed["url"], **ines.header)
    assert b"".join(answer.streaming_content) == b"Twelve sensors"
    assert "attachment" in answer["Content-Disposition"] and answer["X-Content-Type-Options"] == "nosniff"
    gone = ines("delete", f"files/{listed['id']}")
    assert ines("get", f"people/{marta}/files").data["data"] == []
    ines("post", f"operations/{gone.data['operation']}/undo")
    assert [f["name"] for f in ines("get", f"people/{marta}/files").data["data"]] == ["offer.txt"]


def test_files_that_are_not_taken_say_why(ines, five):
    liar = upload(ines, f"people/{five[0]}/files", ("photo.png", b"<html><script>alert(1)</script>"))
    assert liar.status_code == 422 and liar.data["errors"][0]["pointer"] == "/file"
    assert upload(ines, f"people/{five[0]}/files").status_code == 422
    assert upload(ines, f"people/{five[0]}/files", *[(f"{n}.txt", b"x") for n in range(11)]).status_code == 422
    for raw in ('{"file": 5}', b"\xff"):
        assert ines("post", f"people/{five[0]}/files", raw).status_code == 422


def test_a_broken_form_is_refused_in_words(ines, five):
    path = f"/api/v1/people/{five[0]}/files"
    for kind in ("multipart/form-data", "multipart/form-data; boundary=\u00e4", "multipart/form-data; boundary=x"):
        answer = Client().post(path, data=b"--y\r\nnothing", content_type=kind, **ines.header)
        assert answer.status_code in (400, 422), answer.content
        assert answer["Content-Type"] == "application/problem+json"


def test_the_same_upload_with_the_same_key_is_kept_once(ines, five):
    path = f"people/{five[0]}/files"
    first = upload(ines, path, ("offer.txt", b"Twelve sensors"), HTTP_IDEMPOTENCY_KEY="f1")
    again = upload(ines, path, ("offer.txt", b"Twelve sensors"), HTTP_IDEMPOTENCY_KEY="f1")
    assert first.data == again.data and again["Idempotent-Replay"] == "true"
    assert upload(ines, path, ("offer.txt", b"Thirteen"), HTTP_IDEMPOTENCY_KEY="f1").status_code == 422
    assert len(ines("get", path).data["data"]) == 1


def test_files_of_rows_out_of_reach_are_not_there(ines, five):
    stored = upload(ines, f"people/{five[0]}/files", ("offer.txt", b"Twelve")).data["data"][0]
    rolf = Program("rolf")
    assert rolf("get", f"people/{five[0]}/files").status_code == 200
    assert upload(rolf, f"people/{five[0]}/files", ("x.txt", b"x")).status_code == 403
    assert rolf("delete", f"files/{stored['id']}").status_code in (403, 404)
    policy("member", "person", see="own", edit="own")
    jonas = Program("jonas")
    for method, path in (
        ("get", f"people/{five[0]}/files"),
        ("get", f"files/{stored['id']}"),
        ("delete", f"files/{stored['id']}"),
    ):
        assert jonas(method, path).status_code == 404
    assert upload(jonas, f"people/{five[0]}/files", ("x.txt", b"x")).status_code == 404


def test_a_list_of_files_is_paged_without_a_query_for_each(ines, five, django_assert_max_num_queries):
    for n in range(5):
        upload(ines, f"people/{five[0]}/files", (f"{n}.txt", b"x"))
    with django_assert_max_num_queries(7):
        page = ines("get", f"people/{five[0]}/files?limit=3").data
    rest = ines("get", f"people/{five[0]}/files?limit=3&cursor={page['next']}").data
    assert [f["name"] for f in page["data"] + rest["data"]] == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]
    assert rest["next"] == "" and ines("get", f"people/{five[0]}/files?cursor=x").status_code == 422
