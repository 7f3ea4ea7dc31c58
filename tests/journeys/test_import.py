"""A file of colleagues' contacts goes in through the browser, and out again; every page of the way is looked at by axe."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.eyes import Eyes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("import-journeys")]
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


def test_a_kept_mapping_is_renamed_removed_and_brought_back(tidewell, visit):
    page = visit(tidewell, "helena")
    look = Eyes(page)
    tidewell.run(
        "from kith.kernel.accounts.models import User\n"
        "from kith.kernel.intake.models import SavedMapping\n"
        "SavedMapping.objects.filter(name__startswith='Autumn').delete()\n"
        "SavedMapping.objects.create(target='person', name='Autumn fair', user=User.objects.get(email='helena@tidewell.example'), "
        "document={'kith_mapping': 1, 'type': 'person', 'columns': {'Mail': {'to': 'emails'}, 'City': {'to': 'addresses.city'}}})"
    )
    page.goto("/import/")
    look("imports and mappings")
    page.get_by_role("link", name="Autumn fair").click()
    expect(page.locator("main")).to_contain_text("Addresses: city")
    look("a kept mapping")
    page.get_by_label("Name").fill("Autumn fair, Leipzig")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#mappings")).to_contain_text("Autumn fair, Leipzig")
    page.get_by_role("link", name="Autumn fair, Leipzig").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#mappings")).not_to_contain_text("Autumn fair")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#mappings")).to_contain_text("Autumn fair, Leipzig")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "“empty.csv” is empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "is a picture (PNG), not a table"),
        ("names only.csv", b"First name,Mail\n", "no rows under them"),
        ("cut.csv.gz", b"\x1f\x8b\x08\0\0\0", "is a damaged gzip file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_where_it_was_chosen(tidewell, visit, tmp_path, name, content, said):
    page = visit(tidewell, "helena")
    (tmp_path / name).write_bytes(content)
    page.goto("/people/import/")
    page.set_input_files("input[type=file][name=file]", tmp_path / name)
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator(".field .error")).to_contain_text(said)
    Eyes(page)(f"a refusal of {name}")


FOCUSED = "(document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || document.activeElement.name || '').trim()"


def reach(page, what: str) -> None:
    """Press Tab until the control of that name has the focus, and see that one sees it."""
    for _n in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == what:
            shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert shown != "none", f"{what} has the focus and does not show it"
            return
    raise AssertionError(f"{what} cannot be reached by Tab")


def test_a_file_goes_in_and_out_again_by_the_keyboard_alone(tidewell, visit, tmp_path):
    page = visit(tidewell, "helena")
    path = tmp_path / "few.csv"
    path.write_text(
        "First name,Last name,Mail,City\nNora,Lund,nora.lund@fair.example,Bergen\nOla,Lund,no address,Bergen\n"
    )
    page.goto("/people/import/")
    reach(page, "file")
    page.set_input_files("input[type=file][name=file]", path)  # the system's own dialog opens with Enter
    reach(page, "Read the file")
    page.keyboard.press("Enter")
    page.wait_for_url("**/columns")
    reach(page, "City goes to")
    with page.expect_response(lambda answer: "line=3" in answer.url):  # its line comes anew
        page.keyboard.press("Home")  # "Nowhere, keep beside the row"
    expect(page.get_by_label("City goes to")).to_have_value("")
    expect(page.get_by_label("City goes to")).to_be_focused()
    reach(page, "Check the file")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("1 new, 1 rejected", timeout=60_000)
    reach(page, "Import now")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("The file is in.", timeout=60_000)
    reach(page, "Take it back")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("This import was taken back.", timeout=60_000)
