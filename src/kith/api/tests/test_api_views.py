"""Views of a list, kept and used by programs."""

import pytest

from kith.api.tests.programs import Program, names

pytestmark = pytest.mark.django_db


def test_a_view_is_saved_used_changed_and_deleted(ines, five):
    made = ines("post", "people/views", {"name": "Northern", "filter": "tags.any:north,name.starts:T", "sort": "-name", "columns": ["job_title"], "shared": "all"})  # fmt: skip
    assert made.status_code == 201, made.data
    key = made.data["id"]
    assert (made.data["filter"], made.data["sort"], made.data["mine"]) == (
        "tags.any:north,name.starts:T",
        "-name",
        True,
    )
    assert names(ines, f"view={key}") == ["Tom"]
    assert names(Program("jonas"), f"view={key}&filter=tags.any:north&limit=2") == ["Yusuf", "Tom"]
    changed = ines("patch", f"people/views/{key}", {"name": "North", "filter": "tags.any:north", "default": True})
    assert changed.status_code == 200, changed.data
    assert (changed.data["name"], changed.data["shared"], changed.data["default"]) == ("North", "all", True)
    assert names(ines, f"view={key}")[0] == "Yusuf"
    assert Program("jonas")("patch", f"people/views/{key}", {"name": "Mine"}).status_code == 403
    gone = ines("delete", f"people/views/{key}")
    assert ines("get", f"people?view={key}").status_code == 404
    ines("post", f"operations/{gone.data['operation']}/undo")
    assert ines("get", f"people/views/{key}").data["name"] == "North"


def test_views_of_others_that_are_not_shared_are_not_there(ines):
    key = ines("post", "people/views", {"name": "Mine"}).data["id"]
    jonas = Program("jonas")
    assert key not in [v["id"] for v in jonas("get", "people/views").data["data"]]
    for method, path in (
        ("get", f"people/views/{key}"),
        ("delete", f"people/views/{key}"),
        ("get", f"people?view={key}"),
    ):
        assert jonas(method, path).status_code == 404
    assert jonas("patch", f"people/views/{key}", {"name": "x"}).status_code == 404


def test_views_that_come_with_a_type_are_pinned_and_not_changed(ines):
    brought = next(
        v for v in ines("get", "people/views").data["data"] if v["owner"] is None and v["id"] not in ("all", "archived")
    )
    assert ines("patch", f"people/views/{brought['id']}", {"pinned": True}).data["pinned"] is True
    assert ines("patch", f"people/views/{brought['id']}", {"name": "Other"}).status_code == 404
    assert ines("get", f"people?view={brought['id']}").status_code == 200


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": "x" * 200}, "/name"),
        ({"name": "A", "filter": "gone.is:1"}, "/filter"),
        ({"name": "A", "filter": {}}, "/filter"),
        ({"name": "A", "columns": ["nope"]}, "/columns"),
        ({"name": "A", "columns": "name"}, "/columns"),
        ({"name": "A", "face": "cube"}, "/face"),
        ({"name": "A", "shared": "world"}, "/shared"),
        ({"name": "A", "team": "x"}, "/team"),
        ({"name": "A", "pinned": 1}, "/pinned"),
        ({"name": "A", "colour": 1}, "/colour"),
    ],
)
def test_a_wrong_view_is_pointed_at_and_not_kept(ines, data, pointer):
    refused = ines("post", "people/views", data)
    assert refused.status_code == 422, refused.data
    assert pointer in [e["pointer"] for e in refused.data["errors"]]
    assert not [v for v in ines("get", "people/views").data["data"] if v["owner"]]
