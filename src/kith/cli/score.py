"""`kith score`: learn how likely leads become business, say what was learned, and try another scorecard."""

from __future__ import annotations

import argparse
import json

NAME = "score"
HELP = "learn from how leads ended what the next ones are worth (train), say what was learned (show), try a scorecard (try)"
EXAMPLE = "kith score train --field custom.converted --leave-out custom.staff_tags,custom.lead_quality\n  kith score show --json\n  kith score try --card wanted.json"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "verb",
        choices=["train", "show", "try"],
        help="train: learn now; show: what was learned last; try: who would move",
    )
    parser.add_argument(
        "--success", choices=["won", "qualified"], help="what to learn, from now on: deals won, or leads qualified"
    )
    parser.add_argument("--field", metavar="KEY", help="or a field of people that says it, such as custom.converted")
    parser.add_argument("--value", metavar="WORD", default="", help="the choice of that field that means success")
    parser.add_argument("--leave-out", metavar="KEYS", help="fields that give the outcome away, parted by commas")
    parser.add_argument(
        "--card", metavar="FILE", help="for try: rules and bands as wanted, as JSON; nothing is written"
    )
    parser.add_argument("--json", action="store_true", help="print everything for programs")


def run(args: argparse.Namespace) -> int:
    from kith.kernel.errors import NotFound
    from kith.kernel.organisation.models import refresh
    from kith.qualification.predicting.telling import as_json, as_text
    from kith.qualification.predicting.training import in_use, train

    refresh()
    if args.verb == "try":
        return try_card(args)
    if args.verb == "train":
        say_what_counts(args)
    prediction = in_use()
    made = train(prediction) if args.verb == "train" else prediction.versions.order_by("-number").first()
    if made is None:
        raise NotFound("Nothing was learned yet: run `kith score train`.")
    if args.verb == "train":
        from kith.qualification.predicting.everybody import apply_to_everybody

        apply_to_everybody()
    print(
        json.dumps(as_json(made), ensure_ascii=False, indent=2) if args.json else as_text(made),
        end="\n" if args.json else "",
    )
    return 0


def try_card(args: argparse.Namespace) -> int:
    """Print who would move by the card of a file."""
    from pathlib import Path

    from kith.kernel.access.actor import system
    from kith.kernel.errors import Invalid
    from kith.qualification.scoring.card import of_program
    from kith.qualification.scoring.simulating import as_json, as_text, simulate

    if not args.card:
        raise Invalid("Say which scorecard to try: kith score try --card FILE.")
    try:
        data = json.loads(Path(args.card).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Invalid(f"{args.card} cannot be read as JSON: {problem}") from problem
    if not isinstance(data, dict):
        raise Invalid(f"{args.card} is one object with rules and bands.")
    by = system("cli")
    groups = simulate(of_program(data, by=by), by)
    print(json.dumps(as_json(groups), ensure_ascii=False, indent=2) if args.json else as_text(groups))
    return 0


def say_what_counts(args: argparse.Namespace) -> None:
    """Keep what the command says counts as success; nothing where it says nothing."""
    from kith.kernel.access.actor import system
    from kith.kernel.records import actions
    from kith.kernel.records.registry import registry
    from kith.qualification.predicting.training import chosen

    values = {}
    if args.field:
        values = {"target": "field", "field": args.field, "value": args.value}
    elif args.success:
        values = {"target": args.success, "field": "", "value": ""}
    if args.leave_out is not None:
        values["leave_out"] = [key.strip() for key in args.leave_out.split(",") if key.strip()]
    if not values:
        return
    record, by, row = registry["prediction"], system("cli", name="Command line"), chosen()
    if row is None:
        actions.create(record, {"name": args.field or args.success or "won", **values}, by=by)
    else:
        actions.edit(record, row, values, by=by)
