"""The figures of a real company's sales, computed a second time from the files alone, and equal to the unit.

The four files come in once, through the import with the shipped mappings. The page's own figures, the API and the
command line are held against the same books.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from decimal import Decimal
from statistics import median
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from kith.insight.period import read_period
from kith.insight.reports import Ask, as_json, make
from kith.insight.tests.maven_books import FIGURES, figures, groups, month_ends, sales
from kith.kernel.intake.readers.tests.shared import FOLDER, needs_shared_data
from kith.kernel.lookups.look import look_at
from kith.kernel.lookups.tree import parse
from kith.kernel.records.registry import registry
from tests.cast import actor, user

MAVEN = FOLDER / "maven_crm"
pytestmark = [
    pytest.mark.skipif(not MAVEN.is_dir(), reason="the Maven files are not beside the checkout"),
    needs_shared_data,
    pytest.mark.xdist_group("maven"),  # one process takes the files in, once
]
FILES = {"colleague": ("colleagues", "sales_teams"), "product": ("products", "products"),
         "company": ("accounts", "accounts"), "deal": ("pipeline", "sales_pipeline")}  # fmt: skip
NAMES = {
    "owner": lambda s: s.owner, "team": lambda s: s.team, "product": lambda s: s.product,
    "account": lambda s: s.account or "No company", "sector": lambda s: s.sector or "Not known",
}  # fmt: skip
PERIODS = {
    "all": (None, None),
    "2017": (dt.date(2017, 1, 1), dt.date(2017, 12, 31)),
    "2017-Q2": (dt.date(2017, 4, 1), dt.date(2017, 6, 30)),
    "2017-03": (dt.date(2017, 3, 1), dt.date(2017, 3, 31)),
    "2016": (dt.date(2016, 1, 1), dt.date(2016, 12, 31)),
    "2017-05-17/2017-08-09": (dt.date(2017, 5, 17), dt.date(2017, 8, 9)),
    "2017-06-15/": (dt.date(2017, 6, 15), None),
    "/2017-06-14": (None, dt.date(2017, 6, 14)),
}


@pytest.fixture(scope="module")
def books():
    return sales(MAVEN)


@pytest.fixture(scope="module")
def maven(django_db_setup, django_db_blocker, tmp_path_factory):
    """A database of its own with the four files in it, as the import leaves them. Yields its address."""
    from django.db import connection

    from kith.kernel.database.testing import another_database, database_address, use
    from kith.kernel.intake.shipped import shipped
    from kith.kernel.intake.tests.conftest import Bring

    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), another_database("maven") as name:
        use(name)
        try:
            bring = Bring(tmp_path_factory.mktemp("maven"))
            for kind, (mapping, file) in FILES.items():
                plan = shipped()[f"maven/{mapping}"].dump()
                run = bring(kind, MAVEN / f"{file}.csv", by="astrid", mapping=plan)
                assert run.state == "done" and not run.counts.get("reject"), (kind, run.counts, run.problem)
            yield database_address(name)
        finally:
            connection.close()
            use(before)


@pytest.fixture
def astrid(maven, db):
    return actor("astrid")


@pytest.fixture(scope="module")
def printed(maven, tmp_path_factory):
    """What `kith report deals --json` prints, in a process of its own: printed("--period", "2017")."""
    kept = {}
    surroundings = {
        **os.environ, "DATABASE_URL": maven, "KITH_DATA": str(tmp_path_factory.mktemp("data")),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }  # fmt: skip

    def ask(*arguments):
        if arguments not in kept:
            done = subprocess.run(
                [sys.executable, "-m", "kith", "report", "deals", "--json", *arguments],
                env=surroundings, capture_output=True, text=True, timeout=120,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            kept[arguments] = json.loads(done.stdout)
        return kept[arguments]

    return ask


def asked(word):
    """The parameters that ask for a period of PERIODS."""
    first, sep, last = word.partition("/")
    return {"from": first, "to": last} if sep else {"period": word}


def report(by, word="all", dimensions=(), **more):
    return make("deals", by, Ask(read_period(asked(word)), by=dimensions, limit=1000, **more))


def plain(told):
    """Figures as values, from a report's own or from JSON."""
    values = {k: told[k]["value"] if isinstance(told[k], dict) else told[k].value for k in FIGURES}
    return {**values, "won_value": Decimal(values["won_value"])}


def expected(book, first, last):
    return {k: same(v) for k, v in figures(book, first, last, timezone.localdate()).items()}


def same(value):
    """Days and shares are floats on both sides and may differ in the last digit that a float holds."""
    return pytest.approx(value, rel=1e-12, abs=0) if isinstance(value, float) else value


def test_the_books_themselves_are_those_of_the_file(books):
    """So that the second computation cannot be empty or have lost a line."""
    whole = figures(books, None, None, timezone.localdate())
    assert (len(books), whole["won"], whole["lost"], whole["open"]) == (8800, 4238, 2473, 2089)
    assert whole["won_value"] == 10_005_534
    assert {s.product for s in books} == {
        "GTX Basic",
        "GTX Pro",
        "MG Special",
        "MG Advanced",
        "GTX Plus Pro",
        "GTX Plus Basic",
        "GTK 500",
    }
    assert "technology" in {s.sector for s in books} and "technolgy" not in {s.sector for s in books}


@pytest.mark.parametrize("word", PERIODS, ids=lambda w: w.replace("/", " to "))
def test_the_figures_of_any_period_are_those_of_the_books(astrid, books, word):
    assert plain(report(astrid, word).figures) == expected(books, *PERIODS[word])


@pytest.mark.parametrize(
    "word", ["2017", "2017-Q2", "2017-03", "2017-05-17/2017-08-09"], ids=lambda w: w.replace("/", " to ")
)
def test_the_period_before_is_as_long_and_has_its_own_figures(astrid, books, word):
    first, last = PERIODS[word]
    before = {
        "2017": (dt.date(2016, 1, 1), dt.date(2016, 12, 31)),
        "2017-Q2": (dt.date(2017, 1, 1), dt.date(2017, 3, 31)),
        "2017-03": (dt.date(2017, 2, 1), dt.date(2017, 2, 28)),
        "2017-05-17/2017-08-09": (first - (last - first) - dt.timedelta(1), first - dt.timedelta(1)),
    }[word]
    assert plain(report(astrid, word).before) == expected(books, *before)


@pytest.mark.parametrize("word", ["all", "2017-Q2", "2017-06-15/"], ids=lambda w: w.replace("/", " to "))
@pytest.mark.parametrize("dimension", NAMES)
def test_every_group_has_the_figures_of_its_own_lines(astrid, books, dimension, word):
    table = report(astrid, word, (dimension,)).tables[dimension]
    first, last = PERIODS[word]
    wanted = {name: expected(book, first, last) for name, book in groups(books, NAMES[dimension]).items()}
    # Somebody for whom nothing happened in the period is not in its table.
    wanted = {name: w for name, w in wanted.items() if any(w[k] for k in ("won", "lost", "open", "opened"))}
    found = {row.label: plain(row.figures) for row in table.rows}
    assert len(found) == len(table.rows) == table.total
    assert found == wanted


def test_the_managers_of_an_office_have_together_what_the_office_has(astrid, books):
    """A team is called after its manager, the regional office is kept with each colleague."""
    team_of = {s.team: s.office for s in books}
    table = report(astrid, "2017", ("team",)).tables["team"]
    for office, book in groups(books, lambda s: s.office).items():
        rows = [row.figures for row in table.rows if team_of[row.label] == office]
        wanted = figures(book, *PERIODS["2017"], timezone.localdate())
        assert len(rows) == 2
        for key in ("won", "lost", "open", "opened", "won_value"):
            assert sum(f[key].value for f in rows) == wanted[key], (office, key)


@pytest.mark.parametrize(("dimension", "months"), [("month", 1), ("quarter", 3)])
@pytest.mark.parametrize("word", ["all", "2017-05-17/2017-08-09"], ids=lambda w: w.replace("/", " to "))
def test_months_and_quarters_have_the_figures_of_their_days(astrid, books, dimension, months, word):
    table = report(astrid, word, (dimension,)).tables[dimension]
    first, last = PERIODS[word]
    known = [day for s in books for day in (s.opened, s.closed) if day]
    spans = month_ends(first or min(known), last or max(known), months)
    assert [row.key for row in table.rows] == [start.isoformat() for start, _end in spans]
    for row, (start, end) in zip(table.rows, spans, strict=True):
        wanted = expected(books, max(start, first or start), min(end, last or end))
        assert plain(row.figures) == wanted, row.label


def test_a_filter_narrows_the_report_to_its_rows(astrid, books):
    found = report(astrid, "2017-Q2", ("owner",), tree=parse("industry.is:retail,amount.over:1000"))
    book = [s for s in books if s.sector == "retail" and s.value > 1000]
    assert plain(found.figures) == expected(book, *PERIODS["2017-Q2"])
    for row in found.tables["owner"].rows:
        mine = [s for s in book if s.owner == row.label]
        assert plain(row.figures) == expected(mine, *PERIODS["2017-Q2"])


# --- each figure opens its rows -------------------------------------------------------------------------------------


def behind(by, address, seen):
    """How many rows the list at an address shows, as the list reads its own address."""
    if address not in seen:
        where = urlsplit(address)
        assert where.path == "/deals/"
        look = look_at(registry["deal"], by, dict(parse_qsl(where.query)))
        assert look.sound and not look.problems, (address, look.problems)
        seen[address] = look.matched.count()
    return seen[address]


@pytest.mark.parametrize("word", ["all", "2017-Q2"])
def test_the_address_of_each_figure_opens_as_many_rows_as_the_figure_counts(astrid, word):
    dimensions = (*NAMES, "month", "quarter")
    found, seen = report(astrid, word, dimensions), {}
    tables = [found.tables[key].rows for key in dimensions]
    rows = [row for table in tables for row in table[:: max(1, len(table) // 4)]]  # four of each suffice
    every = [("whole", found.figures), *((row.label, row.figures) for row in rows)]
    every += [("before", found.before), *((r.stage.name, r.figures) for r in found.stages)]
    for name, told in every:
        for key, figure in told.items():
            assert behind(astrid, figure.rows, seen) == figure.count, (name, key, figure.rows)
    assert len(seen) > 80


def test_the_list_behind_a_figure_is_a_page_of_those_rows(astrid, client):
    client.force_login(user("astrid"))
    row = next(r for r in report(astrid, "2017-03", ("owner",)).tables["owner"].rows if r.label == "Moses Frase")
    figure = row.figures["won"]
    body = client.get(figure.rows).content.decode()
    assert 0 < figure.count < 50
    assert body.count('<a class="name"') == figure.count


# --- the same everywhere --------------------------------------------------------------------------------------------


def test_the_api_gives_the_same_figures(astrid, books, client):
    from kith.kernel.accounts import tokens

    header = {"HTTP_AUTHORIZATION": "Bearer " + tokens.issue(user("astrid"), "figures")[1]}
    data = client.get("/api/v1/reports/deals?period=2017-Q2&by=owner,sector,month", **header).json()
    first, last = PERIODS["2017-Q2"]
    assert plain(data["figures"]) == expected(books, first, last)
    assert plain({k: v["before"] for k, v in data["figures"].items()}) == expected(books, dt.date(2017, 1, 1), dt.date(2017, 3, 31))  # fmt: skip
    for dimension in ("owner", "sector"):
        wanted = {name: expected(book, first, last) for name, book in groups(books, NAMES[dimension]).items()}
        assert {r["label"]: plain(r["figures"]) for r in data["tables"][dimension]["rows"]} == {
            name: w for name, w in wanted.items() if w["won"] or w["lost"] or w["open"] or w["opened"]
        }
    assert [r["key"] for r in data["tables"]["month"]["rows"]] == ["2017-04-01", "2017-05-01", "2017-06-01"]
    assert data == json.loads(json.dumps(as_json(report(astrid, "2017-Q2", ("owner", "sector", "month")))))


def test_the_command_line_prints_the_same_figures(printed, books):
    data = printed()
    assert plain(data["figures"]) == expected(books, None, None)
    for dimension, name in NAMES.items():
        wanted = {label: expected(book, None, None) for label, book in groups(books, name).items()}
        assert {r["label"]: plain(r["figures"]) for r in data["tables"][dimension]["rows"]} == wanted
    for dimension, months in (("month", 1), ("quarter", 3)):
        rows = data["tables"][dimension]["rows"]
        spans = {start.isoformat(): (start, end) for start, end in month_ends(dt.date(2016, 10, 1), dt.date(2017, 12, 31), months)}  # fmt: skip
        assert {r["key"]: plain(r["figures"]) for r in rows} == {k: expected(books, *ends) for k, ends in spans.items()}
    part = printed("--from", "2017-05-17", "--to", "2017-08-09", "--by", "product")
    first, last = PERIODS["2017-05-17/2017-08-09"]
    assert plain(part["figures"]) == expected(books, first, last)
    assert {r["label"]: plain(r["figures"]) for r in part["tables"]["product"]["rows"]} == {
        label: expected(book, first, last) for label, book in groups(books, NAMES["product"]).items()
    }


def test_the_page_says_the_same_figures_in_words(astrid, client):
    client.force_login(user("astrid"))
    body = client.get("/reports/deals/?period=all&by=team").content.decode()
    for words in ("4,238", "2,473", "2,089", "$10,005,534"):
        assert f">{words}<" in body, words
    assert "63<" in body.replace(" ", "") and "Melvin Marxen" in body


def test_imported_deals_stand_in_their_own_stages(astrid, books):
    """The file kept no story of stages: closed deals ended in Engaging, and what was won came everywhere."""
    stages = {r.stage.name: r.figures for r in report(astrid).stages}
    open_now = {"Prospecting": 500, "Engaging": 1589}
    assert {name: stages[name]["open_now"].value for name in open_now} == open_now
    assert stages["Engaging"]["reached"].value == 8300
    assert (stages["Engaging"]["went_on"].value, stages["Engaging"]["lost_here"].value) == (4238, 2473)
    stays = [s.days for s in books if s.days is not None]
    assert stages["Engaging"]["stage_median"].value == pytest.approx(
        median(stays), abs=1 / 24
    )  # clocks may have changed
