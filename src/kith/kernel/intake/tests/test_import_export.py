"""What leaves Kith as a file comes in again as the same rows, whatever the format and whatever the values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from kith.kernel.lookups.exporting import chunks, prepare_export
from kith.kernel.lookups.look import look_with
from kith.kernel.lookups.state import ListState
from kith.kernel.records.bulk_create import New, bulk_create
from kith.kernel.records.registry import registry
from kith.kernel.text import clean_text
from tests.cast import actor

pytestmark = pytest.mark.django_db
companies, people = registry["company"], registry["person"]
LETTERS = st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u00a0\u3000")
WORDS = st.text(LETTERS, min_size=1, max_size=20).map(lambda t: clean_text(" ".join(t.split()))).filter(bool)
LABELS = st.sampled_from(["", "work", "private", "im Büro", "reception, ground floor", "a (b)"])
EMAILS = st.lists(st.builds(lambda n, label: {"value": f"m{n}@bellevue.example", "label": label},
                            st.integers(0, 99), LABELS), max_size=3, unique_by=lambda e: e["value"])  # fmt: skip
PHONES = st.lists(st.builds(lambda n, ext, label: {"value": f"+4858555{n:04}{ext}", "label": label},
                            st.integers(0, 9999), st.sampled_from(["", ";ext=102"]), LABELS), max_size=2, unique_by=lambda e: e["value"])  # fmt: skip
ADDRESSES = st.lists(st.fixed_dictionaries({"street": WORDS, "city": WORDS, "region": st.sampled_from(["", "Pomorze"]),
                                            "postcode": st.sampled_from(["80-001", "00123"]), "country": st.sampled_from(["PL", "DE", ""]),
                                            "label": LABELS}), max_size=2)  # fmt: skip
PERSON = st.fixed_dictionaries({
    "given_name": WORDS, "family_name": st.one_of(st.just(""), WORDS), "job_title": st.one_of(st.just(""), WORDS),
    "emails": EMAILS, "phones": PHONES, "addresses": ADDRESSES, "tags": st.lists(WORDS, max_size=3, unique_by=str.casefold),
    "about_text": st.one_of(st.just(""), st.tuples(WORDS, WORDS).map("\n".join)),
    "birthday": st.one_of(st.none(), st.dates(dt.date(1900, 3, 1), dt.date(2020, 1, 1))),
})  # fmt: skip
COMPANY = st.fixed_dictionaries({
    "name": WORDS, "employees": st.one_of(st.none(), st.integers(0, 2_000_000)), "founded": st.one_of(st.none(), st.integers(1000, 2026)),
    "revenue": st.one_of(st.none(), st.decimals(0, 10**12, places=2, allow_nan=False)), "industry": st.one_of(st.just(""), WORDS),
})  # fmt: skip


def there_and_back(bring, record, values, format):
    """(rows as they were, rows after export and import) as {column: value}."""
    by = actor("astrid")
    rows = bulk_create(record, [New(v) for v in values], by=by, refused=_unexpected)
    look = look_with(record, by, ListState())
    ours = record.model.objects.filter(pk__in=[r.pk for r in rows]).order_by("pk")
    body = b"".join(chunks(prepare_export(look, format, every=True, rows=ours)))
    run = bring.begin(record.name, body, by="astrid", name=f"export.{format}")
    document = {**run.mapping, "match": [], "duplicates": "merge", "source": f"{format}{run.pk}"}
    run = bring(record.name, body, by="astrid", name=f"export.{format}", mapping=document)
    assert run.state == "done" and not run.counts.get("reject"), list(run.rows.values_list("number", "reasons"))
    made = {r.pk: r for r in record.model.objects.filter(pk__gt=max(r.pk for r in rows))}
    order = run.rows.filter(verdict="create").order_by("number").values_list("record_id", flat=True)
    keys = values[0]
    columns = record.columns()
    ours = {r.pk: r for r in ours}
    exported = sorted(ours)  # the list's order is by a column that is blank for all
    took = [{k: columns[k].raw(made[pk]) for k in keys} for pk in order]
    gave = [{k: columns[k].raw(ours[pk]) for k in keys} for pk in exported]
    return sorted(gave, key=repr), sorted(took, key=repr)


def _unexpected(n, problem):
    raise AssertionError(f"row {n}: {problem}")


@pytest.fixture(params=["csv", "xlsx", "jsonl"])
def format(request):
    return request.param


CALM = settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],  # a failing table is small enough to be read as it is
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
FULL = {"given_name": "=Marta", "family_name": "Kowalczyk", "job_title": "", "about_text": "one\ntwo",
        "emails": [{"value": "m1@bellevue.example", "label": "work"}, {"value": "m2@bellevue.example", "label": ""}],
        "phones": [{"value": "+48585550142;ext=102", "label": "reception, ground floor"}], "tags": ["VIP", "fair; 2026"],
        "addresses": [{"street": "Długa 1", "city": "Gdańsk", "region": "", "postcode": "00123", "country": "PL", "label": "office"},
                      {"street": "Brink 2", "city": "Utrecht", "region": "", "postcode": "", "country": "NL", "label": ""}],
        "birthday": dt.date(1980, 2, 29)}  # fmt: skip


@CALM
@given(values=st.lists(PERSON, min_size=2, max_size=4))
@example(
    values=[
        FULL,
        {**FULL, "given_name": "'Oliver", "emails": [], "phones": [], "addresses": [], "tags": [], "birthday": None},
    ]
)
def test_people_come_back_as_they_left(bring, format, values):
    gave, took = there_and_back(bring, people, values, format)
    assert took == gave


@CALM
@given(values=st.lists(COMPANY, min_size=2, max_size=4))
@example(
    values=[{"name": "Bellevue", "employees": 0, "founded": 1999, "revenue": Decimal("1234.50"), "industry": "Hotels"}]
    * 2
)
def test_companies_come_back_as_they_left(bring, format, values):
    gave, took = there_and_back(bring, companies, values, format)
    assert took == gave
