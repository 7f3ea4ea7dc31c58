"""The set the process is measured on: a company told by the product, then multiplied inside the database to size.

    python -m benchmarks.journeys tell 1000000         then multiply 1000000: fills the database of KITH_DATA

What is told are customers, people, deals, steps and their ways through the process in force, with steps back, so that eight
stages a way come about. What is multiplied stands on other days for each copy, so promises are kept and broken anew; every
second copy is looked after by a colleague of its own. Sums and lists then come from the product's own rebuilds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.copies import COPIES, DESKS, EVENTS, FILLED, LAST, SEEDS

TOLD = 10_000  # people of the company that is told, about a fifth as many journeys
Say = Callable[[str], None]


def tell(journeys: int, say: Say) -> None:
    """Tell the company in an empty database that is migrated; Django is set up."""
    from benchmarks.wandering import Wandering
    from kith.kernel.access.actor import system
    from kith.starters.actions import install_sample

    install_sample(by=system("cli"), people=max(100, min(TOLD, journeys)), guide=Wandering)
    say("told")


def multiply(journeys: int, say: Say) -> None:
    """Make so many journeys of what is told, and what follows from them."""
    from kith.process.evidence import counting
    from kith.process.evidence.study import study_all
    from kith.process.forgotten import looking
    from kith.process.journeys import summing

    copy(journeys, say)
    summing.rebuild()
    for name, make in (("counted", counting.rebuild), ("nobody forgotten", looking.rebuild), ("studied", study_all)):
        make()
        say(name)


def copy(journeys: int, say: Say) -> None:
    """Copies of what is told, until there are so many journeys. Set-based; every copy commits by itself."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in SEEDS:
            cursor.execute(statement)
        with _without_indexes(cursor, say):
            _copies(cursor, journeys)
        for statement in LAST:
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    say("multiplied")


def _copies(cursor: Any, journeys: int) -> None:
    from django.utils import timezone

    cursor.execute("SET session_replication_role = replica")  # the copies keep to the rules of what they copy
    told = _one(cursor, "SELECT count(*) FROM seed_journey")
    copies = -(-(journeys - told) // told) if journeys > told else 0
    desks = _desks(cursor, (copies + 1) // 2)
    strides = {f"{table}_step": _one(cursor, f"SELECT max(id) FROM {table}") for table in FILLED[:5]}
    statements, now = [*EVENTS, *(_copy(cursor, *one) for one in COPIES)], timezone.now().isoformat()
    for n in range(1, copies + 1):
        owner, team = desks[n // 2] if n % 2 else ("t.owner_id", "t.team_id")
        known = {**strides, "n": n, "most": journeys - told * n, "owner": owner, "team": team, "now": now}
        for statement in statements:
            cursor.execute(statement.format(**known))
    cursor.execute("SET session_replication_role = DEFAULT")


def _one(cursor: Any, sql: str) -> Any:
    cursor.execute(sql)
    return cursor.fetchone()[0]


def _copy(cursor: Any, table: str, source: str, changes: dict[str, str]) -> str:
    """The statement that copies rows of a table: every column as it is, but for some."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    )
    values = {name: f't."{name}"' for (name,) in cursor.fetchall()} | changes
    names = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} {source}"


def _desks(cursor: Any, number: int) -> list[tuple[int, int]]:
    """(colleague, team) of so many new colleagues, who are in the two teams by turns."""
    cursor.execute(DESKS, [number])
    return list(cursor.fetchall())


@contextmanager
def _without_indexes(cursor: Any, say: Say) -> Iterator[None]:
    """Indexes that keep no rule are made again at the end, which takes a third of the time of keeping them."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = ANY(%s::text[]::regclass[]) AND NOT indisunique", [list(FILLED)],
    )  # fmt: skip
    found = cursor.fetchall()
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may wait for the end of a transaction meanwhile
    for name, _made_by in found:
        cursor.execute(f"DROP INDEX {name}")
    yield
    say("copied")
    for _name, made_by in found:
        cursor.execute(made_by)


def main(what: str, journeys: int) -> int:
    from kith.cli.session import database

    began = time.monotonic()
    with database():
        make = {"tell": tell, "multiply": multiply}[what]
        make(journeys, lambda words: print(f"{time.monotonic() - began:7.0f} s  {words}", flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
