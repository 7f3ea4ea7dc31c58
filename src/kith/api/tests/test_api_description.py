"""The description says what the API does: every address it names is there, and answers have the shape it tells."""

import json
import re

import pytest
from django.test import Client
from django.urls import resolve

from kith.api.tests.programs import Program, new, upload
from kith.api.urls import urlpatterns
from kith.kernel.accounts import tokens
from kith.kernel.customfields.actions import define
from kith.kernel.records.registry import registry
from tests.cast import actor, policy

pytestmark = pytest.mark.django_db
METHODS = {"get", "post", "put", "patch", "delete"}
NOT_DESCRIBED = {"openapi.json"}


@pytest.fixture
def spec():
    return Program("astrid")("get", "openapi.json").data


def conforms(spec, schema, data, where=""):
    """What differs between an answer and its schema, as sentences."""
    if "$ref" in schema:
        return conforms(spec, spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]], data, where)
    if "allOf" in schema:  # only asks that every part's own properties are right
        return [w for part in schema["allOf"] for w in conforms(spec, part, data, where) if "unknown" not in w]
    kinds = schema.get("type", [])
    if data is None:
        return [] if "null" in kinds or not kinds else [f"{where} is null"]
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    if kinds and names[type(data)] not in (kinds if isinstance(kinds, list) else [kinds]):
        return [f"{where} is {names[type(data)]}, not {kinds}"]
    if "enum" in schema and data not in schema["enum"]:
        return [f"{where} is {data!r}, none of {schema['enum']}"]
    if isinstance(data, list):
        return [w for each in data for w in conforms(spec, schema.get("items", {}), each, f"{where}[]")]
    if not isinstance(data, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    wrong = [f"{where}.{k} is unknown" for k in data if k not in known and schema.get("additionalProperties") is False]
    wrong += [f"{where}.{k} is missing" for k in known if k not in data and k != "custom"]
    return wrong + [w for k in data if k in known for w in conforms(spec, known[k], data[k], f"{where}.{k}")]


def test_every_address_described_is_there_and_takes_the_method(spec):
    for path, ops in spec["paths"].items():
        match = resolve("/api/v1" + re.sub(r"{\w+}", "7", path))
        assert match.func.__module__.startswith("kith.api"), path
        for method in METHODS & set(ops):
            answer = getattr(Client(), method)("/api/v1" + re.sub(r"{\w+}", "7", path))
            assert answer.status_code == 401, f"{method} {path} is answered with {answer.status_code}"


def test_every_address_there_is_is_described(spec):
    generic = {re.sub(r"{\w+}", "{}", path.replace(f"/{r.slug}", "/{}", 1) if path.startswith(f"/{r.slug}") else path)
               for path in spec["paths"] for r in registry}  # fmt: skip
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if route in NOT_DESCRIBED:
            continue
        plain = "/" + re.sub(r"<(\w+:)?\w+>", "{}", route)
        told = any(re.fullmatch(re.escape(plain).replace(r"\{\}", r"[^/]+"), path) for path in generic)
        assert told, f"{route} is not described"


def test_operations_have_names_of_their_own_and_schemas_that_exist(spec):
    ids = [op["operationId"] for ops in spec["paths"].values() for method, op in ops.items() if method in METHODS]
    assert len(ids) == len(set(ids))
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(spec)):
        assert name in spec["components"]["schemas"]


def test_answers_have_the_shape_that_is_told(spec):
    astrid = Program("astrid")
    marta, double = new(astrid, given_name="Marta"), new(astrid, given_name="Marta", job_title="Director")
    upload(astrid, f"people/{marta}/files", ("offer.txt", b"Twelve sensors"))
    view = astrid("post", "people/views", {"name": "North", "filter": "tags.any:north", "shared": "all"})
    bulk = astrid("post", "people/bulk", {"ids": [marta], "add_tags": ["vip"]})
    field = astrid("post", "fields", {"type": "person", "label": "Tier", "kind": "text"})
    started = upload(astrid, "imports", ("a.csv", b"First name\nYusuf\n"), fields={"type": "people"})
    kept = astrid("post", f"imports/{started.data['id']}/keep", {"name": "Fair"})
    asked = [
        ("post", "/people/{id}/merge", f"people/{marta}/merge", {"others": [double], "dry_run": True}),
        ("post", "/people/bulk", "people/bulk", {"ids": [marta], "archive": True, "dry_run": True}),
        ("get", "/people/views", "people/views", None),
        ("get", "/people/views/{key}", f"people/views/{view.data['id']}", None),
        ("get", "/people/{id}/files", f"people/{marta}/files", None),
        ("get", "/imports", "imports", None),
        ("get", "/imports/{id}", f"imports/{started.data['id']}", None),
        ("get", "/imports/{id}/rows", f"imports/{started.data['id']}/rows", None),
        ("put", "/imports/{id}/mapping", f"imports/{started.data['id']}/mapping", started.data["mapping"]),
        ("get", "/mappings", "mappings", None),
        ("get", "/mappings/{id}", f"mappings/{kept.data['id']}", None),
        ("get", "/fields", "fields", None),
        ("get", "/operations", "operations", None),
        ("get", "/operations/{id}", f"operations/{bulk.data['operation']}", None),
        ("get", "/search", "search?q=marta", None),
        ("get", "/colleagues", "colleagues", None),
        ("get", "/teams", "teams", None),
        ("get", "/reports", "reports", None),
        ("get", "/", "", None),
    ]
    assert field.status_code == 201
    for method, path, address, body in asked:
        answer = astrid(method, address, body)
        assert answer.status_code == 200, (address, answer.data)
        told = spec["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
        wrong = conforms(spec, told, answer.data, path)
        assert not wrong, wrong
    assert not conforms(spec, {"$ref": "#/components/schemas/StartedImport"}, started.data, "started")


def test_what_a_role_may_not_do_is_not_described():
    policy("member", "person", rights=["create"])
    paths = Program("jonas")("get", "openapi.json").data["paths"]
    assert "/people/bulk" not in paths and "/people/export" not in paths and "/fields" not in paths
    assert "/companies/bulk" in paths
    every = Program("astrid")("get", "openapi.json").data["paths"]
    assert {"/people/bulk", "/people/export", "/fields"} <= set(every)


def test_a_token_that_only_reads_is_told_of_nothing_that_writes():
    paths = Program("astrid", scope=tokens.TokenScope.READ)("get", "openapi.json").data["paths"]
    assert "/people/bulk" not in paths and "/people/views" in paths
    assert {m for ops in paths.values() for m in METHODS & set(ops)} == {"get"}


def test_strangers_learn_nothing_of_fields_of_ones_own():
    define(record="person", label="Velvet tier", kind="text", by=actor("astrid"))
    assert "elvet" not in Client().get("/api/v1/openapi.json").content.decode()
    described = Program("astrid")("get", "openapi.json").data["components"]["schemas"]
    assert "velvet_tier" in described["person_set"]["properties"]["custom"]["properties"]


def test_the_page_for_readers_names_every_part(client):
    client.force_login(actor("astrid").user)
    shown = client.get("/settings/api/").content.decode()
    for address in ("POST /api/v1/people/bulk", "POST /api/v1/people/{id}/merge", "GET /api/v1/people/export", "POST /api/v1/imports"):  # fmt: skip
        assert address in shown
