"""Fields of an organisation's own, added and kept by a program: like any other field from that moment."""

import pytest

from kith.api.tests.programs import Program, new

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid():
    return Program("astrid")


def test_a_field_is_added_used_changed_taken_out_and_brought_back(astrid):
    made = astrid(
        "post", "fields", {"type": "person", "label": "Tier", "kind": "choice", "choices": ["Gold", "Silver"]}
    )
    assert made.status_code == 201, made.data
    assert (made.data["key"], made.data["choices"]) == ("tier", {"gold": "Gold", "silver": "Silver"})
    marta = new(astrid, given_name="Marta", custom={"tier": "gold"})
    silver = astrid("post", "people/bulk", {"ids": [marta], "set": {"custom": {"tier": "silver"}}, "dry_run": True})
    assert silver.data["changed"] == 1
    wrong = astrid("post", "people/bulk", {"ids": [marta], "set": {"custom": {"tier": "tin"}}})
    assert [e["pointer"] for e in wrong.data["errors"]] == ["/set/custom/tier"]
    path = f"fields/{made.data['id']}"
    changed = astrid("patch", path, {"label": "Rank", "choices": ["Gold", "Silver", "Bronze"], "required": False})
    assert (changed.data["label"], changed.data["key"], len(changed.data["choices"])) == ("Rank", "tier", 3)
    assert astrid("delete", path).data["archived_at"]
    assert "custom" not in astrid("get", f"people/{marta}").data
    assert [f["id"] for f in astrid("get", "fields?type=person").data["data"]] == [made.data["id"]]
    assert astrid("get", "fields?type=company").data["data"] == []
    assert astrid("post", f"{path}/restore", {}).data["archived_at"] is None
    assert astrid("get", f"people/{marta}").data["custom"] == {"tier": "gold"}


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "/label"),
        ({"type": "nope", "label": "A", "kind": "text"}, "/type"),
        ({"type": "person", "label": 5, "kind": "text"}, "/label"),
        ({"type": "person", "label": "x" * 121, "kind": "text"}, "/label"),
        ({"type": "person", "label": "A", "kind": "text", "help": "x" * 301}, "/help"),
        ({"type": "person", "label": "A", "kind": "cube"}, "/kind"),
        ({"type": "person", "label": "A", "kind": "choice"}, "/choices"),
        ({"type": "person", "label": "A", "kind": "choice", "choices": "Gold"}, "/choices"),
        ({"type": "person", "label": "A", "kind": "choice", "choices": ["x" * 201]}, "/choices"),
        ({"type": "person", "label": "A", "kind": "link", "target": "nope"}, "/target"),
        ({"type": "person", "label": "A", "kind": "text", "key": "No Key"}, "/key"),
        ({"type": "person", "label": "A", "kind": "text", "required": "yes"}, "/required"),
        ({"type": "person", "label": "A", "kind": "text", "colour": 1}, "/colour"),
    ],
)
def test_a_wrong_field_is_pointed_at(astrid, data, pointer):
    refused = astrid("post", "fields", data)
    assert refused.status_code == 422, refused.data
    assert pointer in [e["pointer"] for e in refused.data["errors"]]
    assert astrid("get", "fields").data["data"] == []


def test_what_never_changes_of_a_field_is_refused(astrid):
    pk = astrid("post", "fields", {"type": "person", "label": "Size", "kind": "text"}).data["id"]
    for data in ({"kind": "day"}, {"key": "x"}, {"choices": ["a"]}, {"label": ""}, {"label": "x" * 500}):
        assert astrid("patch", f"fields/{pk}", data).status_code == 422
    assert astrid("get", "fields/999999").status_code == 404


def test_only_administrators_read_and_change_them(ines):
    assert ines("get", "fields").status_code == 403
    assert ines("post", "fields", {"type": "person", "label": "A", "kind": "text"}).status_code == 403
    assert ines("delete", "fields/1").status_code == 403
