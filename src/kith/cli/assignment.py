"""`kith assignment`: whom the rules would have given the leads of the last 90 days to, and giving out those who wait."""

from __future__ import annotations

import argparse
import json
from typing import Any

NAME = "assignment"
HELP = (
    "replay assignment rules over the last 90 days without writing anything; give out leads that nobody was found for"
)
EXAMPLE = (
    'kith assignment replay\n  kith assignment replay "Nordic countries" --days 30 --json\n  kith assignment deal-out'
)


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    tried = verbs.add_parser("replay", help="who would have got whom, against who took them")
    tried.add_argument(
        "rule", metavar="RULE", nargs="?", default="", help="one rule, by name or id, as if it were in use"
    )
    tried.add_argument("--days", metavar="N", type=int, default=90, help="days to look back (default: %(default)s)")
    tried.add_argument("--rows", metavar="N", type=int, default=20, help="leads to name (default: %(default)s)")
    tried.add_argument("--json", action="store_true", help="print everything for programs")
    given = verbs.add_parser("deal-out", help="ask the rules again about leads that nobody was found for")
    given.add_argument("--json", action="store_true", help="print the two numbers for programs")


def run(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.kernel.organisation.models import refresh
    from kith.qualification.assigning.replaying import as_json, replay

    refresh()
    if args.verb == "deal-out":
        return _deal_out(args.json)
    told = replay(_named(args.rule), by=system("cli"), days=args.days, shown=args.rows)
    print(json.dumps(as_json(told), ensure_ascii=False, indent=2) if args.json else "\n".join(_lines(told)))
    return 0


def _deal_out(as_json: bool) -> int:
    """Exit code 1 while somebody waits on."""
    from kith.qualification.assigning.unrouted import look_again

    given, waits = look_again()
    if as_json:
        print(json.dumps({"given": given, "waiting": waits}))
    else:
        print(f"{given} given to somebody; {waits} wait on, because no rule finds anybody.")
    return 1 if waits else 0


def _named(name: str) -> Any:
    """The rule of that name or id; None where none is named. Raises NotFound."""
    from kith.kernel.access.actor import system
    from kith.kernel.errors import NotFound
    from kith.kernel.records.registry import registry

    if not name:
        return None
    rows = registry["assignment_rule"].rows(system("cli"), archived=False)
    found = rows.filter(name=name).first() or (rows.filter(pk=int(name)).first() if name.isdecimal() else None)
    if found is None:
        known = ", ".join(rows.order_by("position", "pk").values_list("name", flat=True)) or "none"
        raise NotFound(f"There is no assignment rule “{name}”; there is: {known}.")
    return found


def _lines(told: Any) -> list[str]:
    lines = [
        told.sentence,
        f"{told.count} leads since {told.since:%Y-%m-%d}: {told.nobody} that nobody would have taken, {told.elsewhere} that "
        f"would have gone to somebody else; {told.kept} more had somebody already.",
    ]
    lines += [f"  {one.name}: would have got {one.would}, took {one.did}" for one in told.people]
    lines += [f"  rule {name}: {n}" for name, n in told.rules.items()]
    for row in told.rows:
        lines += [f"  {row.name}", *(f"    {words}" for words in row.would)]
    return [*lines, *told.notes]
