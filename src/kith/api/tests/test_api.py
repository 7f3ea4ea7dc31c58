"""The API as a program meets it: tokens, lists, writes, idempotency, refusals."""

import pytest
from django.test import Client

from kith.api.tests.programs import Program
from kith.kernel.accounts import tokens
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.timeline.models import Event
from tests.cast import actor, policy, user

pytestmark = pytest.mark.django_db
people = registry["person"]


@pytest.fixture
def ines():
    return Program("ines")


def test_without_a_token_nothing_is_told():
    response = Client().get("/api/v1/people")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert Client().get("/api/v1/people", HTTP_AUTHORIZATION="Bearer kith_wrong").status_code == 401


def test_a_person_is_added_read_changed_archived_and_restored(ines):
    made = ines(
        "post",
        "people",
        {"given_name": "Marta", "family_name": "Kowalczyk", "emails": ["m@bellevue.example"], "external_id": "sf:003"},
    )
    assert made.status_code == 201, made.data
    pk = made.data["id"]
    assert made.data["name"] == "Marta Kowalczyk"
    assert made.data["owner"] == {"id": user("ines").pk, "name": "Ines Okafor"}
    assert ines("get", "people?external_id=sf:003").data["data"][0]["id"] == pk
    changed = ines("patch", f"people/{pk}", {"job_title": "Director"})
    assert (changed.data["job_title"], changed.data["version"]) == ("Director", 2)
    assert changed["ETag"] == '"2"'
    assert ines("patch", f"people/{pk}", {"job_title": "x"}, if_match='"1"').status_code == 409
    assert ines("delete", f"people/{pk}").status_code == 204
    assert ines("get", "people").data["data"] == []
    assert ines("post", f"people/{pk}/actions/restore").status_code == 200
    verbs = [e["verb"] for e in ines("get", f"people/{pk}/events").data["data"]]
    assert verbs == ["person.restored", "person.archived", "person.changed", "person.created"]


def test_the_same_idempotency_key_has_one_effect(ines):
    first = ines("post", "people", {"given_name": "Marta"}, idempotency_key="a1")
    again = ines("post", "people", {"given_name": "Marta"}, idempotency_key="a1")
    assert first.data == again.data and again["Idempotent-Replay"] == "true"
    assert people.model.objects.count() == 1
    other = ines("post", "people", {"given_name": "Yusuf"}, idempotency_key="a1")
    assert other.status_code == 422
    assert ines("post", "people", {"emails": ["rubbish"]}, idempotency_key="a2").status_code == 422
    assert ines("post", "people", {"given_name": "Ana"}, idempotency_key="a2").status_code == 201


def test_a_list_pages_filters_sorts_and_counts(ines):
    for name in ("Marta", "Yusuf", "Ana", "Elin", "Tom"):
        ines("post", "people", {"given_name": name, "tags": ["vip"] if name in ("Ana", "Tom") else []})
    page = ines("get", "people?sort=name&limit=2&fields=name&count=exact").data
    assert [r["name"] for r in page["data"]] == ["Ana", "Elin"]
    assert page["count"] == 5
    assert [
        r["name"] for r in ines("get", f"people?sort=name&limit=2&fields=name&cursor={page['next']}").data["data"]
    ] == ["Marta", "Tom"]
    assert [r["name"] for r in ines("get", "people?filter=tags.any:vip&sort=-name").data["data"]] == ["Tom", "Ana"]
    assert [r["name"] for r in ines("get", "people?q=yus").data["data"]] == ["Yusuf"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("people?filter=gone.is:1", "no field “gone”"),
        ("people?filter=name.is", "lacks a value"),
        ("people?filter=((", "cannot be read"),
        ("people?sort=emails", "cannot be sorted"),
        ("people?limit=0", "1 to 200"),
        ("people?cursor=zzz", "page address"),
        ("people?fields=nope", "no field “nope”"),
    ],
)
def test_a_wrong_question_gets_a_sentence(ines, path, words):
    response = ines("get", path)
    assert response.status_code == 422
    assert words in response.data["detail"]


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"given_name": 5}, "/given_name"),
        ({"given_name": ["x"]}, "/given_name"),
        ({"tags": {"a": 1}}, "/tags"),
        ({"emails": [5]}, "/emails"),
        ({"emails": "not an address"}, "/emails"),
        ({"owner": True}, "/owner"),
        ({"owner": {"id": "x"}}, "/owner"),
        ({"company": 10**30}, "/company"),
        ({"birthday": "2000-13-40"}, "/birthday"),
        ({"birthday": 5}, "/birthday"),
        ({"custom": 5}, "/custom"),
        ({"custom": {"nope": 5}}, "/custom/nope"),
        ({"search": "x"}, "/search"),
        ({"next_step": "x"}, "/next_step"),
        ({"given_name": "x" * 400}, "/given_name"),
    ],
)
def test_a_value_of_the_wrong_type_is_pointed_at(ines, data, pointer):
    response = ines("post", "people", {"family_name": "Berg", **data})
    assert response.status_code == 422, response.data
    assert pointer in [e["pointer"] for e in response.data["errors"]]
    assert people.model.objects.count() == 0


@pytest.mark.parametrize(
    "raw",
    ["", "[]", "5", '"x"', "{", "\ud800".encode("utf-8", "surrogatepass"), "[" * 100_000, '{"a": NaN}', b"\xff\xfe"],
)
def test_a_body_that_is_no_object_is_refused(ines, raw):
    assert ines("post", "people", raw).status_code in (400, 422)


def test_text_that_no_database_holds_is_cleaned_not_refused(ines):
    made = ines("post", "people", '{"given_name": "Ma\\u0000rta\\ud800"}')
    assert made.data["given_name"] == "Marta\ufffd"


def test_a_read_token_cannot_write():
    reader = Program("ines", scope=tokens.TokenScope.READ)
    assert reader("get", "people").status_code == 200
    assert reader("post", "people", {"given_name": "x"}).status_code == 403


def test_rows_out_of_scope_are_not_there(ines):
    pk = ines("post", "people", {"given_name": "Marta"}).data["id"]
    policy("member", "person", see="own", edit="own")
    jonas = Program("jonas")
    assert jonas("get", "people?count=exact").data["count"] == 0
    for method, path, data in (
        ("get", f"people/{pk}", None),
        ("patch", f"people/{pk}", {}),
        ("delete", f"people/{pk}", None),
        ("get", f"people/{pk}/events", None),
    ):
        assert jonas(method, path, data).status_code == 404
    missing = jonas("get", "people/999999")
    assert missing.data["detail"].replace("999999", str(pk)) == jonas("get", f"people/{pk}").data["detail"]


def test_an_operation_is_listed_and_undone(ines):
    pk = ines("post", "people", {"given_name": "Marta"}).data["id"]
    ines("patch", f"people/{pk}", {"job_title": "Director"})
    op = ines("get", "operations").data["data"][0]
    assert Program("jonas")("post", f"operations/{op['id']}/undo").status_code == 404
    assert ines("post", f"operations/{op['id']}/undo").data["undone"] == 1
    assert ines("get", f"people/{pk}").data["job_title"] == ""
    assert ines("post", f"operations/{op['id']}/undo").status_code == 422


def test_kept_mappings_are_listed_renamed_removed_and_brought_back(ines):
    from kith.kernel.intake.models import SavedMapping

    document = {"kith_mapping": 1, "type": "person", "columns": {"Mail": {"to": "emails"}}}
    pk = SavedMapping.objects.create(target="person", name="Fair", document=document, user=user("ines")).pk
    (listed,) = ines("get", "mappings").data["data"]
    assert (listed["name"], listed["type"], listed["kept_by"]["name"], listed["used_at"]) == ("Fair", "person", "Ines Okafor", None)  # fmt: skip
    renamed = ines("patch", f"mappings/{pk}", {"name": "Spring fair"})
    assert renamed.status_code == 200 and ines("get", f"mappings/{pk}").data["document"] == {**document, "name": "Spring fair"}  # fmt: skip
    assert ines("patch", f"mappings/{pk}", {"document": {}}).status_code == 422
    assert Program("jonas")("delete", f"mappings/{pk}").status_code == 403
    assert Program("rolf")("get", f"mappings/{pk}").status_code == 404
    removed = ines("delete", f"mappings/{pk}")
    assert ines("get", f"mappings/{pk}").status_code == 404
    assert ines("post", f"operations/{removed.data['operation']}/undo").status_code == 200
    assert ines("get", f"mappings/{pk}").data["name"] == "Spring fair"


def test_every_write_says_it_came_through_the_api(ines):
    ines("post", "people", {"given_name": "Marta"})
    assert Event.objects.get().channel == "api"


def test_the_description_names_every_resource_and_hides_custom_fields_from_strangers():
    spec = Client().get("/api/v1/openapi.json").json()
    assert spec["openapi"].startswith("3.1")
    for record in registry:
        assert f"/{record.slug}" in spec["paths"]
    assert "custom" not in spec["components"]["schemas"]["person"]["properties"]


def test_a_list_costs_few_queries(ines, django_assert_max_num_queries):
    by = actor("ines")
    for i in range(30):
        actions.create(people, actions.parse_values(people, {"given_name": f"P{i}"}, by=by), by=by)
    with django_assert_max_num_queries(7):
        assert len(ines("get", "people?count=capped").data["data"]) == 30


def test_inputs_of_an_action_have_their_json_type_and_unknown_ones_are_refused(ines):
    task = actions.create(registry["activity"], {"kind": "task", "subject": "Send it"}, by=actor("ines")).pk
    strange = ines("post", f"activities/{task}/actions/finish", {"outcome": "Sent", "colour": "red"})
    assert strange.status_code == 422
    assert [e["pointer"] for e in strange.data["errors"]] == ["/colour"]
    assert "it has: outcome" in strange.data["errors"][0]["detail"]
    wrong = ines("post", f"activities/{task}/actions/finish", {"outcome": 5})
    assert wrong.status_code == 422
    assert [e["pointer"] for e in wrong.data["errors"]] == ["/outcome"]


def test_a_program_finds_the_colleagues_and_teams_that_rows_belong_to(ines):
    helena = user("helena")
    actor("ines")  # what is known of teams is read anew
    found = {c["id"]: c for c in ines("get", "colleagues").data["data"]}
    (south,) = [t for t in ines("get", "teams").data["data"] if t["name"] == "South"]
    assert found[helena.pk] == {
        "id": helena.pk, "name": "Helena Brandt", "email": "helena@tidewell.example", "active": True, "teams": [south["id"]],
    }  # fmt: skip
    assert {helena.pk, user("ines").pk} <= set(south["members"])
    made = ines("post", "people", {"given_name": "Marta", "owner": "helena@tidewell.example", "team": south["id"]})
    assert made.status_code == 201 and made.data["owner"]["id"] == helena.pk, made.data


def test_rows_of_every_type_are_found_by_words(ines):
    pk = ines("post", "people", {"given_name": "Marta", "family_name": "Kowalczyk"}).data["id"]
    ines("post", "companies", {"name": "Kowalczyk Marine"})
    found = ines("get", "search?q=kowal").data["data"]
    assert [(hit["type"], hit["name"]) for hit in found] == [
        ("company", "Kowalczyk Marine"),
        ("person", "Marta Kowalczyk"),
    ]
    assert ines("get", "search").data["data"] == [] and ines("get", "search?q=%00%FF").status_code == 200
    assert ines("get", "search?q=a&limit=0").status_code == 422
    policy("member", "person", see="own", edit="own")
    assert pk not in [hit["id"] for hit in Program("jonas")("get", "search?q=marta").data["data"]]
