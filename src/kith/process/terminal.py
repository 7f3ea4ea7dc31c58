"""Definitions on the command line: list, show, export, import, publish."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid, NeedsInput, NotFound
from kith.kernel.records.action import ACTIONS, perform
from kith.process.definition.checks import faults
from kith.process.definition.document import Faults, write
from kith.process.definition.files import from_yaml, to_yaml
from kith.process.definition.shape import Definition, Stage
from kith.process.editor.words import say_rule
from kith.process.models import Process
from kith.process.publishing import bring, current_of, preview, say_begins
from kith.process.starters import NAMES, own_starter, own_starters, starter
from kith.process.versions import definition_of, draft_of

BY = system("cli")


def listed(args: argparse.Namespace) -> int:
    rows = [_row(p) for p in Process.objects.filter(archived_at__isnull=True).order_by("name")]
    rows += [{"key": d.key, "name": d.name, "stages": len(d.stages), "starter": True}
             for d in own_starters() if d.key not in {row["key"] for row in rows}]  # fmt: skip
    if args.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        state = (
            "starter" if row.get("starter") else f"version {row['version']}" if row["version"] else "never published"
        )
        more = [word for word in ("draft", "default") if row.get(word)]
        print(f"{row['key']:<20} {row['name']:<26} {row['stages']:>2} stages  {', '.join([state, *more])}")
    return 0


def _row(process: Process) -> dict[str, Any]:
    definition = current_of(process)
    return {
        "key": process.key, "name": process.name, "version": process.in_force, "default": process.is_default,
        "draft": draft_of(process) is not None, "stages": len(definition.stages) if definition else 0,
    }  # fmt: skip


def find(name: str) -> Process | None:
    rows = Process.objects.filter(archived_at__isnull=True)
    return rows.filter(key=name).first() or rows.filter(name__iexact=name).first()


def definition(name: str, *, draft: bool = False) -> Definition:
    """The definition of a process by key or name: in force, or its draft; else the starter of that name. Raises NotFound."""
    process = find(name)
    if process is None:
        if name in NAMES:
            return starter(name)
        known = [*Process.objects.filter(archived_at__isnull=True).values_list("key", flat=True), *NAMES]
        raise NotFound(f"There is no process “{name}”; there are: {', '.join(dict.fromkeys(known))}.")
    if draft and draft_of(process) is None:
        raise NotFound(f"{process.name} has no draft; leave out --draft for the version in force.")
    if draft or process.in_force is None:
        found = current_of(process)
        if found is None:
            raise NotFound(f"{process.name} has no stages yet.")
        return found
    return definition_of(process.pk, process.in_force)


def shown(args: argparse.Namespace) -> int:
    found = definition(args.name, draft=args.draft)
    if args.json:
        print(json.dumps(write(found), ensure_ascii=False, indent=2))
        return 0
    print(f"{found.name}: {found.about}" if found.about else found.name)
    if found.whom:
        print(f"For: {say_rule(found.whom, BY)}")
    for n, stage in enumerate(found.stages, 1):
        print("\n".join(_lines(n, stage)))
    return 0


def _lines(n: int, stage: Stage) -> list[str]:
    facts = [" or ".join(team for team in (stage.team, *stage.team_for.values()) if team), f"within {stage.within}" if stage.within else "", f"silence at most {stage.silence}" if stage.silence else "",
             "strict gate" if stage.gate == "strict" else "", "handed over" if stage.handover else ""]  # fmt: skip
    out = [f"{n:>2}  {stage.name}  ({', '.join(fact for fact in facts if fact)})".replace("  ()", "")]
    out += [f"      {stage.purpose}"] if stage.purpose else []
    out += [f"      needs: {need.says}" for need in stage.needs]
    return out


def exported(args: argparse.Namespace) -> int:
    text = to_yaml(definition(args.name, draft=args.draft))
    if args.file == "-":
        sys.stdout.write(text)
        return 0
    Path(args.file).write_text(text, encoding="utf-8")
    print(f"Written to {args.file}.")
    return 0


def read_file(name: str) -> Definition:
    if name in NAMES and not Path(name).exists():
        return own_starter(name)
    try:
        return from_yaml(Path(name).read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Invalid(f"{name} is no text in UTF-8.") from None
    except OSError as problem:
        raise NotFound(f"{name} cannot be read: {problem.strerror}.") from None


def imported(args: argparse.Namespace) -> int:
    found = read_file(args.file)
    if args.check:
        if wrong := faults(found):
            raise Faults(wrong)
        print(f"{found.name}: {len(found.stages)} stages, can be used as it is.")
        return 0
    process = bring(found, by=BY)
    if draft_of(process) is None:
        print(f"{process.name} is in force as this file says it; nothing changed.")
    elif args.publish:
        _publish(process, args)
    else:
        print(f"{process.name} is a draft; put it in force with: kith process publish {process.key}")
    return 0


def published(args: argparse.Namespace) -> int:
    process = find(args.name)
    if process is None:
        raise NotFound(
            f"There is no process “{args.name}” here; bring a starter in first: kith process import {args.name}"
        )
    if args.preview:
        found = current_of(process)
        assert found is not None
        told = preview(process, found, args.default or None)
        print("\n".join(told.changes) or "Nothing changes.")
        print(told.begins)
        print(f"{told.running} relationships on their way; {told.later} get more time, {told.sooner} less.")
        if told.branch:
            print(f"{told.branch} go the way of another segment.")
        for key, n in told.gone.items():
            print(f"{n} stand in “{key}”, which is gone: say where they go with --moves {key}=STAGE.")
        return 0
    _publish(process, args)
    return 0


def _publish(process: Process, args: argparse.Namespace) -> None:
    raw = {"note": args.note, "moves": args.moves} | ({"default": "on"} if args.default else {})
    try:
        perform(ACTIONS["process.publish"], process, raw, by=BY)
    except NeedsInput as asked:
        raise Invalid(f"{asked.message} Say so with --moves old=new.") from None
    process.refresh_from_db()
    found = definition_of(process.pk, process.in_force or 0)
    print(f"{process.name}: version {process.in_force} is in force. {say_begins(process, found)}")
