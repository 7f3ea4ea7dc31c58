"""Files that other programs wrote, through the whole pipeline: what a column can hold is there, what none holds is said."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from kith.kernel.intake.mapping import Entry, Mapping
from kith.kernel.intake.readers import open_table
from kith.kernel.intake.readers.tests.shared import FOLDER, files, needs_shared_data
from kith.kernel.intake.synonyms import label_of
from kith.kernel.records.registry import registry

pytestmark = pytest.mark.django_db
people = registry["person"]
RAGGED = {"structure-errors.csv": 1}  # rows that no reader can make sense of


def into_own_fields(path):
    """A mapping that gives every column of the file a long text field of its own."""
    headers = open_table(path).headers
    entries = tuple(
        Entry(header=h, to=f"custom.f{n}", new_field={"label": h[:100], "kind": "long_text"})
        for n, h in enumerate(headers)
    )
    return Mapping(type="person", entries=entries, constants={"given_name": "Row"}, match=()).dump(), headers


def brought(run, width):
    """The values of the rows made by a run, as text, in the order of the file."""
    made = {p.pk: p for p in people.model.objects.all()}
    rows = [made[pk] for pk in run.rows.filter(verdict="create").order_by("number").values_list("record_id", flat=True)]
    return [[row.custom.get(f"f{n}", "") for n in range(width)] for row in rows]


TABLES = [*files("csv_spectrum/csvs/*.csv"), *files("csv_basic/*.[ctx][sl]*")]


@pytest.mark.parametrize("path", TABLES)
def test_every_cell_of_every_table_is_in_a_field_after_the_import(bring, path):
    mapping, headers = into_own_fields(path)
    run = bring("person", path, by="astrid", mapping=mapping)
    rows = list(open_table(path).rows())
    expected = [[str(c).strip() for c in r.cells] for r in rows if not r.problem]
    assert run.state == "done" and run.counts.get("reject", 0) == RAGGED.get(path.name, 0)
    assert brought(run, len(headers)) == expected
    kept = {r.number: r.cells for r in run.rows.all()}
    assert kept == {r.number: r.cells for r in rows}  # refused ones too, as they stood


@needs_shared_data
@pytest.mark.parametrize("name", ["comma_in_quotes", "newlines", "quotes_and_newlines", "utf8", "json"])
def test_the_published_expectations_of_the_spectrum_hold_behind_the_import(bring, name):
    path = FOLDER / f"csv_spectrum/csvs/{name}.csv"
    mapping, headers = into_own_fields(path)
    run = bring("person", path, by="astrid", mapping=mapping)
    expected = json.loads((FOLDER / f"csv_spectrum/json/{name}.json").read_text("utf-8"))
    assert [dict(zip(headers, row, strict=True)) for row in brought(run, len(headers))] == expected


@needs_shared_data
def test_a_packed_table_comes_in_as_the_plain_one(bring):
    path = FOLDER / "csv_spectrum/csvs/utf8.csv"
    mapping, headers = into_own_fields(path)
    run = bring("person", gzip.compress(path.read_bytes()), by="astrid", mapping=mapping, name="utf8.csv.gz")
    assert brought(run, len(headers)) == [r.cells for r in open_table(path).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_encoding_and_delimiter_comes_in(bring, encoding, delimiter):
    rows = [("First name", "Last name", "City"), ("Žaneta", "Přikrylová", "Brno"), ("Łukasz", "Wójcik", "Łódź"),
            ("Luděk", "Šťastný", "Ústí nad Labem"), ("Řehoř", "Čáp", "Plzeň")]  # fmt: skip
    text = "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"
    bring("person", text.encode(encoding))
    found = people.model.objects.order_by("pk").values_list("given_name", "family_name", "city")
    assert list(found) == rows[1:]


def held_by(person):
    """Everything that can be read off a person, digits of phones and links included."""
    columns = people.columns()
    text = json.dumps({k: c.raw(person) for k, c in columns.items()}, ensure_ascii=False)
    return text, re.sub(r"\D", "", text)


CARDS = files("vcards/*.vcf")
IN_COLUMNS = re.compile(r"(E-mail|Phone|URL|Note)( \d)?|Job title|Organisation|Birthday|Given name|Family name|Address( 2)? (street|city|region|postal code)")  # fmt: skip


@pytest.mark.parametrize("path", CARDS)
def test_what_a_person_can_hold_of_a_card_is_there_and_what_not_is_said(bring, path):
    """Each cell is in a column, or in a note of its row; columns that go nowhere are named and stay beside the row."""
    proposed = bring.begin("person", path, by="astrid").mapping
    for header, entry in proposed["columns"].items():
        if isinstance(entry, dict) and entry["to"] == "phones":
            proposed["columns"][header] = {**entry, "region": "CA"}
    run = bring("person", path, by="astrid", mapping=proposed)
    assert run.state == "done" and not run.counts.get("reject"), dict(run.rows.values_list("number", "reasons"))
    table = open_table(path)
    rows = {r.number: dict(zip(table.headers, r.cells, strict=True)) for r in table.rows()}
    left_out = [h for h, entry in proposed["columns"].items() if entry is None]
    for kept in run.rows.all():
        text, digits = held_by(people.model.objects.get(pk=kept.record_id))
        said = " ".join(kept.reasons)
        for header, cell in rows[kept.number].items():
            if not isinstance(cell, str) or not cell.strip() or not IN_COLUMNS.fullmatch(header):
                continue
            assert header not in left_out, f"{header} ({cell}) goes nowhere"
            there = json.dumps(cell.strip(), ensure_ascii=False)[1:-1] in text
            phone = header.startswith("Phone") and re.sub(r"\D", "", cell).lstrip("0") in digits
            day = header == "Birthday" and re.sub(r"\D", "", cell)[:8] in digits
            address = header.startswith("URL") and re.sub(r"\W", "", cell.lower()) in re.sub(r"\W", "", text.lower())
            assert there or phone or day or address or header in said, (header, cell, text, said)
        assert len(kept.cells) == len(table.headers)


@needs_shared_data
def test_a_card_keeps_its_name_its_labels_and_both_addresses(bring):
    bring("person", FOLDER / "vcards/John_Doe_MS_OUTLOOK.vcf", by="astrid")
    person = people.model.objects.get()
    assert (person.given_name, person.family_name, person.company.name) == ("John", "Doe", "IBM")
    assert [a["label"] for a in person.addresses] == ["office", "home"]
    assert {a["country"] for a in person.addresses} == {"US"}
    assert person.about_text.startswith("THIS SOFTWARE IS PROVIDED BY GEORGE EL-HADDAD")


@needs_shared_data
def test_the_phones_of_a_card_are_told_apart(bring):
    proposed = bring.begin("person", FOLDER / "vcards/John_Doe_IPHONE.vcf", by="astrid").mapping
    for entry in proposed["columns"].values():
        if entry and entry["to"] == "phones":
            entry["region"] = "US"
    bring("person", FOLDER / "vcards/John_Doe_IPHONE.vcf", by="astrid", mapping=proposed)
    phones = {p["value"]: p["label"] for p in people.model.objects.get().phones}
    assert phones["+19057771234"] == "work" and phones["+19059991234"] == "fax" and len(phones) == 7


@pytest.mark.parametrize(
    ("words", "known", "label"),
    [
        ("work, fax", ("mobile", "work", "private", "fax"), "fax"),
        ("home, pref", ("mobile", "work", "private", "fax"), "private"),
        ("cell, voice", ("mobile", "work"), "mobile"),
        ("home", ("office", "billing", "home"), "home"),
        ("work", ("office", "billing", "home"), "office"),
        ("AssistantPhone", ("work",), "AssistantPhone"),
        ("pref 1", ("work",), ""),
    ],
)
def test_labels_of_other_systems_become_ours_where_they_mean_the_same(words, known, label):
    assert label_of(words, known) == label


def test_a_phone_book_with_numbered_pairs_of_value_and_label_comes_in_whole(bring):
    bring(
        "person",
        "Name,First Name,Last Name,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,"
        "Phone 1 - Label,Phone 1 - Value,Address 1 - Street,Address 1 - City,Address 1 - Country\n"
        "Marta Kowalczyk,Marta,Kowalczyk,* Work,marta@bellevue.example,Home,m@x.example,Mobile,+48 58 555 01 42,"
        "Długa 1,Gdańsk,Poland\n"
        "Oliver Brandt,,,Work,o@x.example,,,,,,,\n",
        name="contacts.csv",
    )
    marta, oliver = people.model.objects.order_by("pk")
    assert (marta.given_name, marta.family_name, oliver.given_name, oliver.family_name) == (
        "Marta", "Kowalczyk", "Oliver", "Brandt")  # fmt: skip
    assert marta.emails == [
        {"value": "marta@bellevue.example", "label": "work"},
        {"value": "m@x.example", "label": "private"},
    ]
    assert marta.phones == [{"value": "+48585550142", "label": "mobile"}]
    assert marta.addresses[0]["street"] == "Długa 1" and marta.country == "PL"
