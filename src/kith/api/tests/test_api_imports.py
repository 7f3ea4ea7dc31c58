"""A program brings a file in: sends it, looks first, runs it, reads what became of each row, takes it back."""

import json

import pytest
from django.test import Client

from kith.api.tests.programs import Program, names, new, upload
from kith.kernel.intake.models import ImportRun
from kith.kernel.intake.storage import folder
from kith.kernel.jobs.inline import run_waiting_jobs
from tests.cast import policy

pytestmark = pytest.mark.django_db
FAIR = (
    b"First name,Last name,Mail,Shoe size\nMarta,Kowalczyk,marta@bellevue.example,38\nYusuf,Demir,not an address,43\n"
)
MAPPING = {
    "kith_mapping": 1,
    "type": "person",
    "columns": {"First name": "given_name", "Last name": "family_name", "Mail": "emails", "Shoe size": None},
}


def start(program, content=FAIR, **fields):
    return upload(program, "imports", ("fair.csv", content), fields={"type": "people", **fields})


def done(program, started, verb):
    answer = program("post", f"imports/{started.data['id']}/{verb}", {})
    assert answer.status_code == 202, answer.data
    run_waiting_jobs(names=["import.check", "import.run", "import.undo"])
    return program("get", f"imports/{started.data['id']}").data


def test_a_file_is_checked_run_read_row_by_row_and_taken_back(ines):
    started = start(ines, mapping=json.dumps(MAPPING))
    assert started.status_code == 201, started.data
    assert (started.data["state"], started.data["headers"][2]) == ("new", "Mail")
    checked = done(ines, started, "check")
    assert (checked["state"], checked["counts"]["create"], checked["counts"]["reject"]) == ("checked", 1, 1)
    assert names(ines, "") == [] and not checked["progress"]["busy"]
    ran = done(ines, started, "run")
    assert ran["state"] == "done" and names(ines, "") == ["Marta Kowalczyk"]
    (made,) = ines("get", f"imports/{ran['id']}/rows?verdict=create").data["data"]
    assert made["cells"]["Shoe size"] == "38" and ines("get", f"people/{made['record_id']}").status_code == 200
    (refused,) = ines("get", f"imports/{ran['id']}/rows").data["data"]
    assert refused["cells"]["First name"] == "Yusuf" and refused["reasons"]
    rejects = Client().get(ran["rejects"], **ines.header)
    assert '"Yusuf","Demir","not an address","43","Mail: ' in b"".join(rejects.streaming_content).decode("utf-8-sig")
    assert done(ines, started, "undo")["state"] == "undone"
    assert names(ines, "") == []


def test_without_a_mapping_one_is_proposed_and_can_be_changed_and_kept(ines):
    started = start(ines)
    assert started.data["mapping"]["columns"]["First name"]["to"] == "given_name"
    path = f"imports/{started.data['id']}"
    changed = ines("put", f"{path}/mapping", MAPPING)
    assert changed.status_code == 200 and changed.data["mapping"]["columns"]["Shoe size"] is None
    kept = ines("post", f"{path}/keep", {"name": "Fair"})
    assert kept.status_code == 201, kept.data
    again = start(ines, mapping_id=kept.data["id"])
    assert again.data["mapping"]["columns"] == changed.data["mapping"]["columns"]
    assert ines("get", f"mappings/{kept.data['id']}").data["used_at"]


def test_match_source_and_what_happens_with_rows_that_are_there_can_be_said(ines):
    new(ines, given_name="Marta", emails=["marta@bellevue.example"])
    started = start(ines, match="emails", existing="overwrite", source="fair")
    assert started.status_code == 201, started.data
    told = started.data["mapping"]
    assert (told["match"], told["existing"], told["source"]) == (["emails"], "overwrite", "fair")
    assert done(ines, started, "check")["counts"]["update"] == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"type": "unicorns"}, "nothing called “unicorns”"),
        ({"mapping": "{"}, "no JSON"),
        ({"mapping": "[]"}, "no mapping"),
        ({"mapping": json.dumps({**MAPPING, "type": "company"})}, "for company, not for person"),
        ({"mapping": json.dumps({**MAPPING, "columns": {"Mail": "nope"}})}, "nope"),
        ({"mapping_id": "999"}, "mapping is gone"),
        ({"mapping_id": "nope"}, "no mapping “nope”"),
        ({"mapping_id": "9" * 40}, "mapping"),
        ({"mapping": "{}", "mapping_id": "1"}, "not both"),
        ({"match": "job_title,nope"}, "nope"),
        ({"existing": "eat"}, "is one of"),
        ({"colour": "red"}, "no “colour” here"),
    ],
)
def test_what_cannot_be_started_says_why_and_leaves_nothing(ines, fields, words):
    before = set(folder().iterdir())
    refused = start(ines, **fields)
    assert refused.status_code in (404, 422), refused.data
    assert words in json.dumps(refused.data, ensure_ascii=False)
    assert not ImportRun.objects.exists() and set(folder().iterdir()) == before


def test_files_that_hold_no_table_or_are_too_large_are_refused(ines, settings):
    assert start(ines, b"").status_code == 422
    assert start(ines, b"\x7fELF\x00\x01\x02").status_code == 422
    assert upload(ines, "imports", fields={"type": "people"}).status_code == 422
    assert ines("post", "imports", {"type": "people"}).status_code == 422
    settings.UPLOAD_LIMIT = 50
    refused = start(ines)
    assert refused.status_code == 422 and "limit is 50" in refused.data["detail"]


def test_imports_of_others_are_not_there_and_need_the_right(ines):
    started = start(ines)
    path = f"imports/{started.data['id']}"
    jonas = Program("jonas")
    assert jonas("get", "imports").data["data"] == []
    for method, rest in (("get", ""), ("get", "/rows"), ("get", "/rejects.csv"), ("put", "/mapping"), ("post", "/run"), ("post", "/keep")):  # fmt: skip
        assert jonas(method, path + rest, {} if method != "get" else None).status_code == 404
    assert [run["id"] for run in Program("astrid")("get", "imports").data["data"]] == [started.data["id"]]
    assert start(Program("rolf")).status_code == 403
    policy("member", "person", rights=["create"])
    assert ines("get", path).status_code == 403


def test_a_step_that_does_not_fit_is_refused_in_words(ines):
    path = f"imports/{start(ines).data['id']}"
    assert ines("post", f"{path}/fly", {}).status_code == 404
    assert ines("post", f"{path}/continue", {}).status_code == 409
    assert ines("post", f"{path}/undo", {}).status_code == 422
    assert ines("post", f"{path}/run", {"colour": "red"}).status_code == 422
    assert ines("post", f"{path}/undo", {"everything": "yes"}).status_code == 422
    assert ines("get", f"{path}/rows?verdict=nice").status_code == 422
    assert ines("get", f"{path}/rows?cursor=x").status_code == 422
    assert ines("put", f"{path}/mapping", {"kith_mapping": 1, "type": "person", "columns": {"Mail": {"to": 5}}}).status_code == 422  # fmt: skip
    assert ines("post", f"{path}/stop", {}).data["state"] == "cancelled"


def test_the_same_file_with_the_same_key_is_one_import(ines):
    first = upload(ines, "imports", ("a.csv", FAIR), fields={"type": "people"}, HTTP_IDEMPOTENCY_KEY="i1")
    again = upload(ines, "imports", ("a.csv", FAIR), fields={"type": "people"}, HTTP_IDEMPOTENCY_KEY="i1")
    assert again["Idempotent-Replay"] == "true" and again.data["id"] == first.data["id"]
    assert ImportRun.objects.count() == 1
    other = upload(ines, "imports", ("a.csv", FAIR), fields={"type": "companies"}, HTTP_IDEMPOTENCY_KEY="i1")
    assert other.status_code == 422


def test_what_became_of_rows_costs_few_queries(ines, django_assert_max_num_queries):
    started = start(ines, FAIR + b"".join(b"P%d,Q,,\n" % n for n in range(30)), mapping=json.dumps(MAPPING))
    done(ines, started, "run")
    with django_assert_max_num_queries(8):
        assert len(ines("get", f"imports/{started.data['id']}/rows?verdict=create").data["data"]) == 31
