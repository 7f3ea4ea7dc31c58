"""A file of colleagues' contacts goes in through the browser, and out again; every page of the way is looked at by axe."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.eyes import Eyes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]
ROWS = 3_000  # enough that one sees it at work


def contacts(folder: Path) -> Path:
    path = folder / "fair contacts.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(("Given name", "Surname", "Mail", "Met at", "Phone"))
        for n in range(ROWS):
            mail = "not an address" if n in (5, 17) else f"visitor{n}@fair.example"
            out.writerow((f"Visitor{n}", "Nowak", mail, "Leipzig fair", f"+49 341 55{n:05}"))
    return path


def people(site) -> int:
    return int(site.run(
        "from kith.kernel.records.registry import registry\n"
        "print(registry['person'].model.objects.filter(archived_at=None, family_name='Nowak', source='Leipzig fair').count())"
    ))  # fmt: skip


def test_a_file_of_contacts_is_mapped_checked_imported_and_taken_back(tidewell, visit, tmp_path):
    page = visit(tidewell, "helena")
    look = Eyes(page)
    page.goto("/people/")
    page.get_by_role("link", name="Import", exact=True).click()
    look("choosing a file")
    page.set_input_files("input[type=file][name=file]", contacts(tmp_path))
    page.get_by_role("button", name="Read the file").click()

    expect(page.locator("h1")).to_contain_text("fair contacts.csv")
    row = page.locator("tr", has_text="Met at").first
    row.locator("select").first.select_option("source")
    look("the columns")
    page.get_by_text("Keep this mapping, or use another").click()
    page.get_by_label("Keep as").fill("Fair list")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("body")).to_contain_text("The mapping “Fair list” is kept.")
    assert page.locator("tr", has_text="Met at").first.locator("select").first.input_value() == "source"

    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("main")).to_contain_text("Nothing is written yet", timeout=60_000)
    expect(page.locator("main")).to_contain_text("2,998 new")
    look("what a check found")
    page.get_by_role("link", name="Rejected").first.click()
    expect(page.locator("main")).to_contain_text("“not an address” is not an e-mail address")
    look("the rejected rows")
    assert people(tidewell) == 0

    page.get_by_role("button", name="Import now").click()
    expect(page.locator("#import-progress, main").first).to_be_visible()
    if page.locator("#import-progress").count():
        look("an import at work")
    expect(page.locator("main")).to_contain_text("The file is in.", timeout=60_000)
    look("what came in")
    assert people(tidewell) == ROWS - 2

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Rejected rows as CSV").click()
    rejected = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))))
    assert [r["Given name"] for r in rejected] == ["Visitor5", "Visitor17"]
    assert all("is not an e-mail address" in r["Why it was rejected"] for r in rejected)

    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("main")).to_contain_text("Taking the import back")
    look("an import being taken back")
    expect(page.locator("main")).to_contain_text("This import was taken back.", timeout=60_000)
    assert people(tidewell) == 0


def test_a_kept_mapping_is_offered_for_the_next_file_of_its_kind(tidewell, visit, tmp_path):
    page = visit(tidewell, "helena")
    tidewell.run(
        "from kith.kernel.intake.models import SavedMapping\n"
        "SavedMapping.objects.update_or_create(target='person', name='Another fair', defaults={'document': {'kith_mapping': 1, "
        "'type': 'person', 'columns': {'Given name': 'given_name', 'Surname': 'family_name', 'Met at': 'source', 'Mail': None}}})"
    )
    page.goto("/people/import/")
    page.set_input_files("input[type=file][name=file]", contacts(tmp_path))
    page.get_by_text("Use a kept mapping").click()
    page.get_by_label("Kept mapping").select_option(label="Another fair")
    page.get_by_role("button", name="Read the file").click()
    assert page.locator("tr", has_text="Met at").first.locator("select").first.input_value() == "source"


def test_the_standard_export_of_another_system_finds_its_mapping_among_those_that_are_offered(tidewell, visit):
    page = visit(tidewell, "helena")
    page.goto("/companies/import/")
    page.get_by_text("Use a kept mapping").click()
    expect(page.get_by_label("Kept mapping")).to_contain_text("Salesforce accounts")
