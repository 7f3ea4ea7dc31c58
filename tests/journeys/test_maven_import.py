"""A real company's sales come in through the browser, file after file, and the report says what the files say.

The accounts are mapped by hand, so that every trap of their spelling is met on the page; the other files take the
mappings that Kith offers for them. Deals come before the colleagues who own them.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from kith.insight.tests.maven_books import figures, sales
from kith.kernel.intake.readers.tests.shared import FOLDER
from tests.journeys.conftest import PASSWORD, served
from tests.journeys.eyes import Eyes

MAVEN = FOLDER / "maven_crm"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("maven-journey"),
    pytest.mark.skipif(not MAVEN.is_dir(), reason="the Maven files are not beside the checkout"),
]
START = f"""
from django.utils import timezone
from kith.kernel.accounts.models import User
from kith.kernel.organisation.models import Organisation, refresh
refresh()
Organisation.objects.update(set_up_at=timezone.now(), currency="USD")
User.objects.create_user("helena@tidewell.example", {PASSWORD!r}, name="Helena Brandt", role="administrator")
"""
COUNTS = """
from kith.kernel.intake.models import PendingLink
from kith.kernel.records.registry import registry
rows = {name: registry[name].model.objects.filter(archived_at=None).count() for name in ("company", "product", "deal")}
linked = registry["deal"].model.objects.filter(company__archived_at=None).exclude(company=None).count()
print(rows, linked, PendingLink.objects.filter(tied=None).count())
"""


@pytest.fixture(scope="module")
def maven():
    """A Kith with nothing in it but one administrator, who counts in dollars."""
    with served(fill=False) as site:
        site.run(START.strip())
        yield site


class Import:
    """The steps of one file, in the words of the pages."""

    def __init__(self, page, kind: str):
        self.page, self.kind = page, kind

    def choose(self, name: str) -> None:
        self.page.goto(f"/{self.kind}/import/")
        self.page.set_input_files("input[type=file][name=file]", MAVEN / f"{name}.csv")
        self.page.get_by_role("button", name="Read the file").click()
        expect(self.page.locator("h1")).to_have_text(f"{name}.csv")

    def take_offered(self, name: str) -> None:
        expect(self.page.locator(".notice", has_text=f"“{name}” fits this file.")).to_be_visible()
        self.page.get_by_role("button", name="Use it").first.click()
        expect(self.page.locator("main")).to_contain_text(f"Begun from “{name}”.")

    def line(self, column: str):
        return self.page.locator(".import-map tbody tr", has=self.page.locator("b", has_text=re.compile(f"^{column}$")))

    def goes_to(self, column: str) -> str:
        return self.line(column).locator("select").first.locator("option:checked").inner_text()

    def say(self, column: str, label: str, words: str) -> None:
        if not self.line(column).get_by_label(label).is_visible():
            self.line(column).locator("summary").click()
        control = self.line(column).get_by_label(label)
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(label=words)
        else:
            control.fill(words)

    def check(self, told: str) -> None:
        self.page.get_by_role("button", name="Check the file").click()
        self.found(told)

    def found(self, told: str) -> None:
        expect(self.page.locator(".notice").first).to_contain_text("Nothing is written yet", timeout=60_000)
        expect(self.page.locator(".notice").first).to_contain_text(told)

    def tab(self, name: str) -> None:
        self.page.locator("#rows").get_by_role("link", name=name).click()

    def take_as(self, **words: str) -> None:
        """Say what words of the file mean, by the proposals beside them, and check again."""
        self.tab("Words to look at")
        for theirs, ours in words.items():
            self.page.get_by_label(f"“{theirs}” means", exact=True).select_option(label=ours)
        self.page.get_by_role("button", name="Take these and check again").click()

    def run(self, told: str) -> None:
        self.page.get_by_role("button", name="Import now").click()
        expect(self.page.locator(".notice").first).to_contain_text("The file is in.", timeout=120_000)
        expect(self.page.locator(".notice").first).to_contain_text(told)

    def rejected(self) -> list[dict[str, str]]:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name="Rejected rows as CSV").click()
        return list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))))


def accounts_with_their_traps(page, look) -> None:
    """Proposed by names and values; what is misspelt is shown, refused or left, and never guessed."""
    accounts = Import(page, "companies")
    accounts.choose("accounts")
    proposed = {
        "account": "Name", "sector": "Industry", "year_established": "Founded", "revenue": "Annual revenue",
        "employees": "Employees", "office_location": "Country", "subsidiary_of": "Parent company",
    }  # fmt: skip
    assert {column: accounts.goes_to(column) for column in proposed} == proposed
    look("columns with a mapping that fits")
    map_accounts(accounts)
    accounts.check("83 new, 2 rejected")
    words = page.locator(".import-words tbody")
    for odd in ("technolgy", "Philipines", "Korea"):
        expect(words).to_contain_text(odd)
    expect(words).to_contain_text("perhaps North Korea, South Korea")
    look("words to look at")
    accounts.tab("New")
    look("the rows that would be new")

    accounts.run("83 new, 2 rejected")  # somebody in a hurry
    reasons = {row["account"]: row["Why it was rejected"] for row in accounts.rejected()}
    assert set(reasons) == {"Bioholding", "Hottechi"} and "perhaps “Philippines”" in reasons["Bioholding"]
    look("an import with rejected rows")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("main")).to_contain_text("This import was taken back.", timeout=60_000)
    look("an import that was taken back")

    accounts.choose("accounts")
    map_accounts(accounts)
    accounts.check("2 rejected")
    accounts.take_as(technolgy="technology", Philipines="Philippines", Korea="South Korea")
    accounts.found("2 new, 83 changed")  # those that were taken back are the same companies
    expect(page.locator("#rows")).not_to_contain_text("Words to look at")
    accounts.run("2 new, 83 changed")


def map_accounts(accounts: Import) -> None:
    accounts.say("revenue", "Times", "1000000")
    accounts.say("subsidiary_of", "When it is not there", "leave open until it comes")


def the_products(page) -> None:
    products = Import(page, "products")
    products.choose("products")
    products.take_offered("Maven products")
    products.check("7 new")
    products.run("7 new")


def deals_with_a_product_of_two_spellings(page, look) -> None:
    """The shipped mapping is offered; without its translation, one product's second spelling is refused until it is explained."""
    deals = Import(page, "deals")
    deals.choose("sales_pipeline")
    deals.take_offered("Maven sales pipeline")
    expect(deals.line("product")).to_contain_text("GTXPro → GTX Pro")
    look("the columns of a mapping in use")
    deals.say("product", "Their words = ours", "")
    deals.say("product", "When it is not there", "reject the row")
    deals.check("7,320 new, 1,480 rejected")
    expect(page.locator(".import-words tbody tr").first).to_contain_text("GTXPro")
    deals.tab("Rejected")
    expect(page.locator(".import-frequent")).to_contain_text("1,480")
    deals.take_as(GTXPro="GTX Pro")
    deals.found("8,800 new")
    deals.run("8,800 new")


def the_teams(page) -> None:
    teams = Import(page, "colleagues")
    teams.choose("sales_teams")
    teams.take_offered("Maven sales teams")
    teams.check("5 new, 30 changed")  # most agents came with their deals
    teams.run("5 new, 30 changed")


def headlines(page) -> dict[str, str]:
    page.goto("/reports/deals?period=all")
    return {
        " ".join(dt.split()): " ".join(dd.split())
        for dt, dd in page.evaluate("[...document.querySelectorAll('dl.figures > div')].map(d => [d.querySelector('dt').innerText, d.querySelector('dd').innerText])")
    }  # fmt: skip


def test_the_maven_files_come_in_through_the_browser_and_the_report_agrees_with_them(maven, visit):
    page = visit(maven, "helena")
    look = Eyes(page)
    accounts_with_their_traps(page, look)
    the_products(page)
    deals_with_a_product_of_two_spellings(page, look)
    the_teams(page)
    assert maven.run(COUNTS.strip()) == "{'company': 85, 'product': 7, 'deal': 8800} 7375 0"

    book = figures(sales(MAVEN), None, None, timezone.localdate())
    told = headlines(page)
    assert (
        told["Won"] == f"{book['won']:,}"
        and told["Lost"] == f"{book['lost']:,}"
        and told["Open"] == f"{book['open']:,}"
    )
    assert told["Won value"] == f"${book['won_value']:,.0f}"
    assert told["Win rate"] == f"{100 * book['win_rate']:.0f} % of {book['won'] + book['lost']:,} deals"
    assert told["Median days to win"].startswith(f"{book['cycle_median']:.0f}")
