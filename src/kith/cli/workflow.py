"""`kith workflow`: what Kith does by itself, in sentences, what a workflow would have done, and letting them run or rest."""

from __future__ import annotations

import argparse
import json
from typing import Any

NAME = "workflow"
HELP = "list and show workflows in sentences; replay, publish, switch on and off; runs and calls that failed; pause all"
EXAMPLE = 'kith workflow publish "Ask why we lost" --as astrid@example.org\n  kith workflow runs --failed --retry\n  kith workflow calls --again\n  kith workflow calls --since 2026-03-01T08:00 --until 2026-03-01T09:30\n  kith workflow list\n  kith workflow show "Ask why we lost"\n  kith workflow replay "Ask why we lost" --json'


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
    tried.add_argument("--about", metavar="ID", type=int, help="only this row, whatever starts the workflow")
    called = verbs.add_parser(
        "calls", help="calls to other systems that were given up; send them, or those of a time, again"
    )
    called.add_argument("--again", action="store_true", help="send all that were given up once more")
    called.add_argument("--since", metavar="TIME", default="", help="send again what was answered from then …")
    called.add_argument("--until", metavar="TIME", default="", help="… until then")
    called.add_argument("--workflow", metavar="NAME", default="", help="only calls of this workflow")
    told = [listed, show, tried, called, *_doing(verbs)]
    for verb in told:
        verb.add_argument("--json", action="store_true", help="print everything for programs")


def _doing(verbs: Any) -> list[argparse.ArgumentParser]:
    """The verbs that change something, and the runs they change."""
    publish = verbs.add_parser("publish", help="the draft becomes the version that counts")
    publish.add_argument(
        "--as", dest="email", metavar="EMAIL", default="", help="whose rights it has (default: whose it has by now)"
    )
    on = verbs.add_parser("on", help="from now on it starts runs")
    off = verbs.add_parser("off", help="it starts nothing any more")
    off.add_argument("--cancel", action="store_true", help="cancel the runs that have begun, too")
    for verb in (publish, on, off):
        verb.add_argument("name", metavar="NAME", help="the workflow's name or id")
    pause = verbs.add_parser("pause", help="nothing starts and nothing goes on until it is resumed")
    resume = verbs.add_parser("resume", help="go on; what happened meanwhile starts nothing")
    runs = verbs.add_parser("runs", help="what ran, the latest first")
    runs.add_argument("--failed", action="store_true", help="only runs that failed")
    runs.add_argument("--retry", action="store_true", help="try all of them that failed again, from where they stand")
    runs.add_argument("--workflow", metavar="NAME", default="", help="only runs of this workflow")
    runs.add_argument("--rows", metavar="N", type=int, default=50, help="runs to name (default: %(default)s)")
    return [publish, on, off, pause, resume, runs]


def run(args: argparse.Namespace) -> int:
    from kith.kernel.organisation.models import refresh

    refresh()
    told = {
        "list": _list, "show": _show, "replay": _replay, "calls": _calls, "publish": _publish, "on": _switch,
        "off": _switch, "pause": _rest, "resume": _rest, "runs": _runs,
    }[args.verb](args)  # fmt: skip
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
    told = replay(row, by=_as(row), days=args.days, shown=args.rows, about=args.about)
    if not args.json:
        print(told.sentence)
        if args.about is None:
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


def _publish(args: argparse.Namespace) -> Any:
    from kith.automation.queries import get_named
    from kith.cli.report import reader
    from kith.kernel.access.actor import actor_for
    from kith.kernel.errors import Invalid
    from kith.kernel.records.action import ACTIONS, perform

    row = get_named(args.name)
    if not args.email and row.author is None:
        raise Invalid(f"Nobody published “{row.name}” yet; say whose rights it has, with --as EMAIL.")
    by = reader(args.email) if args.email else actor_for(row.author, "cli")
    row = perform(ACTIONS["workflow.publish"], row, {}, by=by).result
    if not args.json:
        print(f"“{row.name}” is published as version {row.number}, and is {'on' if row.active else 'off'}.")
    return {"id": row.pk, "name": row.name, "version": row.number, "on": row.active}


def _switch(args: argparse.Namespace) -> Any:
    from kith.automation.queries import get_named
    from kith.kernel.access.actor import system
    from kith.kernel.records.action import ACTIONS, perform

    on = args.verb == "on"
    raw = {} if on else {"cancel": args.cancel}
    act = ACTIONS["workflow.switch_on" if on else "workflow.switch_off"]
    row = perform(act, get_named(args.name), raw, by=system("cli"), json=True).result
    if not args.json:
        print(f"“{row.name}” is {'on. What happened before starts nothing.' if on else 'off.'}")
    return {"id": row.pk, "name": row.name, "on": row.active}


def _rest(args: argparse.Namespace) -> Any:
    from kith.automation.actions import pause_all, resume_all
    from kith.kernel.access.actor import system

    rests = args.verb == "pause"
    (pause_all if rests else resume_all)(by=system("cli", name="Command line"))
    if not args.json:
        print("All automation rests. What happens meanwhile starts nothing." if rests else "Automation goes on.")
    return {"paused": rests}


def _runs(args: argparse.Namespace) -> Any:
    from kith.automation.queries import get_named
    from kith.kernel.access.actor import system
    from kith.kernel.records.action import ACTIONS
    from kith.kernel.records.bulk import bulk_perform
    from kith.kernel.records.registry import registry

    record, by = registry["run"], system("cli", name="Command line")
    rows = record.rows(by, archived=False).order_by("-pk")
    if args.workflow:
        rows = rows.filter(workflow=get_named(args.workflow))
    if args.retry:
        n = bulk_perform(record, ACTIONS["run.retry"], rows.filter(state="failed"), {}, by=by, refused=lambda *_: None)
        if not args.json:
            print(f"{n} runs are tried again.")
        return {"retried": n}
    rows = rows.filter(state="failed") if args.failed else rows
    told = [
        {"id": row.pk, "name": row.name, "state": row.state, "why": row.why, "record": row.record,
         "record_id": row.record_id, "at": row.created_at.isoformat()}
        for row in rows[: args.rows]
    ]  # fmt: skip
    if not args.json:
        for one in told:
            about = f", about {one['record']} {one['record_id']}" if one["record"] else ""
            print(f"{one['id']}  {one['at'][:16]}  {one['state']}: {one['name']}{about}  {one['why']}".rstrip())
        print(f"{rows.count()} runs.")
    return told
