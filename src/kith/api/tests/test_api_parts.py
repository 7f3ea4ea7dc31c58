"""What panels show of rows without a page of their own, programs read and change too."""

import pytest

from kith.api.tests.programs import Program
from kith.contacts.models import NotDuplicate
from tests.cast import actor, policy
from tests.conformance.samples import every, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines():
    return Program("ines")


def new(program, slug, **values):
    made = program("post", slug, values)
    assert made.status_code == 201, made.data
    return made.data["id"]


def test_roles_are_read_and_ended_by_a_program(ines):
    hotel, board = new(ines, "companies", name="Hotel Bellevue"), new(ines, "companies", name="Harbour Board")
    marta = new(ines, "people", given_name="Marta", company=hotel, job_title="Director")
    ines("post", f"people/{marta}/actions/add_position", {"company": board, "title": "Member", "since": "2024-02-01"})
    main = {
        "company": {"id": hotel, "name": "Hotel Bellevue"},
        "title": "Director",
        "since": None,
        "until": None,
        "main": True,
    }
    other = {
        "company": {"id": board, "name": "Harbour Board"},
        "title": "Member",
        "since": "2024-02-01",
        "until": None,
        "main": False,
    }
    assert ines("get", f"people/{marta}/positions").data == {"data": [main, other]}
    ended = ines("post", f"people/{marta}/actions/end_position", {"company": board, "until": "2025-01-31"})
    assert ended.status_code == 200, ended.data
    assert ines("get", f"people/{marta}/positions").data["data"][1] == {**other, "until": "2025-01-31"}
    assert [p["person"]["name"] for p in ines("get", f"companies/{board}/people").data["data"]] == ["Marta"]
    ines("post", f"operations/{ended.data['operation']}/undo", {})
    assert ines("get", f"people/{marta}/positions").data["data"][1] == other


def test_one_of_several_connections_is_removed_by_its_kind(ines):
    marta, oliver = new(ines, "people", given_name="Marta"), new(ines, "people", given_name="Oliver")
    for kind in ("reports to", "is married to"):
        ines("post", f"people/{marta}/actions/relate", {"other": oliver, "kind": kind})
    gone = ines("post", f"people/{marta}/actions/unrelate", {"other": oliver, "kind": "reports to"})
    assert gone.status_code == 200, gone.data
    left = {"other": {"id": marta, "name": "Marta"}, "kind": "is married to", "towards": True}
    assert ines("get", f"people/{oliver}/relations").data == {"data": [left]}
    refused = ines("post", f"people/{marta}/actions/unrelate", {"other": oliver, "kind": "reports to"})
    assert refused.status_code == 422 and "no connection" in refused.data["detail"]


def test_two_look_alikes_are_told_apart(ines):
    one, two = (new(ines, "people", given_name="Jan", family_name="Novák") for _n in range(2))
    told = ines("post", f"people/{one}/actions/tell_apart", {"other": two})
    assert NotDuplicate.objects.count() == 1
    ines("post", f"operations/{told.data['operation']}/undo", {})
    assert NotDuplicate.objects.count() == 0


def test_a_part_names_nobody_out_of_reach(ines):
    helena, jonas = Program("helena"), Program("jonas")
    theirs = new(helena, "people", given_name="Marta")
    mine = new(jonas, "people", given_name="Oliver", company=new(helena, "companies", name="Hotel"))
    helena("post", f"people/{theirs}/actions/relate", {"other": mine, "kind": "knows"})
    for record in ("person", "company"):
        policy("member", record, see="own", edit="own")
    assert jonas("get", f"people/{mine}/relations").data["data"] == [{"other": None, "kind": "knows", "towards": True}]
    assert jonas("get", f"people/{mine}/positions").data["data"][0]["company"] is None
    assert jonas("get", f"people/{theirs}/relations").status_code == 404


def test_a_part_that_is_not_there_is_refused_with_those_that_are(ines):
    marta = new(ines, "people", given_name="Marta")
    refused = ines("get", f"people/{marta}/pets")
    assert refused.status_code == 404 and "positions, relations" in refused.data["detail"]


@pytest.mark.parametrize("record", [r for r in every() if r.parts], ids=lambda r: r.name)
def test_every_part_is_described_and_reads_as_described(record):
    from kith.deals.actions import install_defaults
    from kith.kernel.access.actor import system

    install_defaults(by=system("cli"))
    program, row = Program("astrid"), row_of(record, actor("astrid"))
    paths = program("get", "openapi.json").data["paths"]
    for part in record.parts:
        shape = paths[f"/{record.slug}/{{id}}/{part.key}"]["get"]["responses"]["200"]["content"]["application/json"][
            "schema"
        ]
        assert set(shape["properties"]["data"]["items"]["properties"]) == set(part.fields)
        assert program("get", f"{record.slug}/{row.pk}/{part.key}").status_code == 200


def test_a_line_of_a_deal_is_found_and_changed():
    from kith.deals.actions import install_defaults
    from kith.kernel.access.actor import system

    install_defaults(by=system("cli"))
    astrid = Program("astrid")
    deal, product = new(astrid, "deals", name="Sensors"), new(astrid, "products", name="Sensor")
    person = new(astrid, "people", given_name="Marta")
    astrid("post", f"deals/{deal}/actions/add_line", {"product": product, "quantity": 3, "unit_price": 40})
    (line,) = astrid("get", f"deals/{deal}/lines").data["data"]
    changed = astrid("post", f"deals/{deal}/actions/change_line", {"line": line["id"], "quantity": 5})
    assert changed.status_code == 200, changed.data
    assert float(astrid("get", f"deals/{deal}/lines").data["data"][0]["total"]) == 200
    astrid("post", f"deals/{deal}/actions/add_member", {"person": person, "role": "champion"})
    assert astrid("get", f"deals/{deal}/committee").data["data"][0]["person"] == {"id": person, "name": "Marta"}
