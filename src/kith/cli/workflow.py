"""`kith workflow`: what Kith does by itself, in sentences, and what a workflow would have done."""

from __future__ import annotations

import argparse
import json
from typing import Any

NAME = "workflow"
HELP = "list and show workflows in sentences; replay one over the last 90 days without writing anything; calls given up"
EXAMPLE = 'kith workflow calls --again\n  kith workflow calls --since 2026-03-01T08:00 --until 2026-03-01T09:30\n  kith workflow list\n  kith workflow show "Ask why we lost"\n  kith workflow replay "Ask why we lost" --json'


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="every workflow as a sentence, and how its runs went")
    show = verbs.add_parser("show", help="the draft step by step, and what keeps it from being published")
    tried = verbs.add_parser("replay", help="whom it would have touched and what it would have changed")
    for verb in (show, tried):
        verb.add_argument(
            "name", metavar="NAME", help="the workflow's name or id, or the key of one that comes with Kith"
        )
    tried.add_argument("--days", metavar="N", type=int, default=90, help="days to look back (default: %(default)s)")
    tried.add_argument("--rows", metavar="N", type=int, default=20, help="rows to name (default: %(default)s)")
    called = verbs.add_parser(
        "calls", help="calls to other systems that were given up; send them, or those of a time, again"
    )
    called.add_argument("--again", action="store_true", help="send all that were given up once more")
    called.add_argument("--since", metavar="TIME", default="", help="send again what was answered from then …")
    called.add_argument("--until", metavar="TIME", default="", help="… until then")
    called.add_argument("--workflow", metavar="NAME", default="", help="only calls of this workflow")
    for verb in (listed, show, tried, called):
        verb.add_argument("--json", action="store_true", help="print everything for programs")


def run(args: argparse.Namespace) -> int:
    from kith.kernel.organisation.models import refresh

    refresh()
    told = {"list": _list, "show": _show, "replay": _replay, "calls": _calls}[args.verb](args)
    if args.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def _as(workflow: Any) -> Any:
    """Whoever the workflow acts as, or an administrator where nobody published it yet."""
    from kith.automation.queries import author_of
    from kith.kernel.access.actor import actor_for, system
    from kith.kernel.accounts.queries import administrators

    first = administrators().order_by("pk").first()
    author = author_of(workflow) if workflow is not None else None
    return author or (actor_for(first, "cli") if first is not None else system("cli"))


def _named(name: str) -> Any:
    """The workflow of that name or id, or one that comes with Kith by its key. Raises NotFound."""
    from kith.automation.queries import get_named, workflow_named
    from kith.automation.shipped import shipped, standing
    from kith.kernel.access.actor import system

    if workflow_named(name) is None and name in {one.key for one in shipped(system("cli"))}:
        return standing(name, _as(None))
    return get_named(name)


def _list(args: argparse.Namespace) -> Any:
    from kith.automation.models import Workflow
    from kith.automation.queries import counts_of
    from kith.automation.saying import in_one

    rows = list(Workflow.objects.filter(archived_at=None).order_by("name"))
    counts = counts_of([row.pk for row in rows])
    told = [
        {"id": row.pk, "name": row.name, "on": row.active, "version": row.number, "problem": row.problem,
         "sentence": in_one(row.draft, _as(row)) if row.draft else "",
         **{key: counts.get(row.pk, {}).get(key, 0) for key in ("runs", "open", "failed")}}
        for row in rows
    ]  # fmt: skip
    if not args.json:
        for one in told:
            state = "on" if one["on"] else "off"
            print(f"{one['name']} ({state}; {one['runs']} runs, {one['failed']} failed)\n  {one['sentence']}")
        if not told:
            print("There is no workflow yet.")
    return told


def _show(args: argparse.Namespace) -> Any:
    from kith.automation.checking import faults_of
    from kith.automation.saying import sentences

    row = _named(args.name)
    by = _as(row)
    told = {
        "id": row.pk, "name": row.name, "on": row.active, "version": row.number, "draft": row.draft,
        "sentences": sentences(row.draft, by), "faults": faults_of(row.draft, by, row.name),
    }  # fmt: skip
    if not args.json:
        print("\n".join([row.name, *told["sentences"], *(f"! {fault}" for fault in told["faults"])]))
    return told


def _replay(args: argparse.Namespace) -> Any:
    from kith.automation.replay import as_json, replay

    row = _named(args.name)
    told = replay(row, by=_as(row), days=args.days, shown=args.rows)
    if not args.json:
        print(told.sentence)
        print(f"{told.count} rows would have been touched, {told.times} times, since {told.since:%Y-%m-%d}.")
        for one in told.rows:
            print(f"  {one.name} ({one.times}×)")
            for words in [*one.would, *([f"! {one.problem}"] if one.problem else [])]:
                print(f"    {words}")
        for words in [*told.conflicts, *told.notes]:
            print(words)
    return as_json(told)


def _calls(args: argparse.Namespace) -> Any:
    from kith.automation import deliveries
    from kith.automation.queries import get_named
    from kith.kernel.access.actor import system
    from kith.kernel.errors import Invalid
    from kith.kernel.kinds import Moment

    by, workflow = system("cli"), get_named(args.workflow).pk if args.workflow else None
    if args.since or args.until:
        if not (args.since and args.until):
            raise Invalid("Say both --since and --until.")
        n = deliveries.replay(by, Moment().parse(args.since, actor=by), Moment().parse(args.until, actor=by), workflow)
    elif args.again:
        n = deliveries.again(by, workflow=workflow)
    else:
        told = deliveries.as_json(by, deliveries.gave_up(by, workflow)[: deliveries.MOST])
        if not args.json:
            for one in told:
                print(
                    f"{one['id']}  {one['at'][:16]}  {one['workflow']}: {one['what']}  {one['name']}\n  {one['error']}"
                )
            print(f"{len(told)} calls were given up.")
        return told
    if not args.json:
        print(f"{n} calls are on their way again.")
    return {"sent": n}
