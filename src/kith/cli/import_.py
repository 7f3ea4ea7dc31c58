"""`kith import`: a file into Kith, by the same steps as in the browser, in this process and without a worker."""

from __future__ import annotations

import argparse
import sys
from typing import Any

NAME = "import"
HELP = "bring a table (CSV, XLSX, JSON lines, vCard; plain or gzip) in as people, companies, deals, colleagues, …"
EXAMPLE = "kith import company accounts.csv --map maven/accounts --dry-run"
SHOWN = 20  # rejected rows and odd words printed; all rejects go into a file


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "type", metavar="TYPE", nargs="?", default="", help="person, company, deal, product, activity, colleague, …"
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="the file (not needed with --continue and --undo)")
    parser.add_argument(
        "--map",
        metavar="FILE",
        help="a mapping file, or the name of one that is kept or that Kith brings (maven/accounts)",
    )
    parser.add_argument("--mappings", action="store_true", help="list the mappings that are kept or that Kith brings")
    parser.add_argument(
        "--match", metavar="COLUMN", action="append", help="recognise rows that are there by this column of Kith"
    )
    parser.add_argument(
        "--source", metavar="NAME", default="", help="the system the file comes from; keeps its ids apart"
    )
    parser.add_argument(
        "--existing", choices=("fill", "overwrite", "skip", "reject"), help="what to do with rows that are there"
    )
    parser.add_argument(
        "--as", dest="email", metavar="EMAIL", help="import as this colleague, with their rights (default: as Kith)"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, row by row, and write nothing")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    parser.add_argument(
        "--write-map", metavar="FILE", help="also write the mapping that was used to FILE, to edit and reuse"
    )
    parser.add_argument("--continue", dest="again", type=int, metavar="RUN", help="go on with an import that stopped")
    parser.add_argument("--undo", type=int, metavar="RUN", help="take an import back")


def run(args: argparse.Namespace) -> int:
    """0: every row came in (or would); 1: rows were rejected, or it could not be done."""
    from kith.cli.import_mappings import list_mappings
    from kith.cli.user import find
    from kith.kernel.access.actor import actor_for, system
    from kith.kernel.accounts.models import User
    from kith.kernel.errors import Invalid, InvalidMany

    user: User | None = find(args.email) if args.email else None
    by = actor_for(user, "cli") if user is not None else system("cli")
    try:
        if args.mappings:
            return list_mappings(args, by)
        if args.undo:
            return _undo(args.undo, by)
        if not args.file and not args.again:
            raise Invalid("Say which file: kith import TYPE FILE.")
        imported = _continued(args, by) if args.again else _prepared(args, by)
        done = _walk(imported, args.dry_run)
    except InvalidMany as error:
        print("\n".join(s for sentences in error.errors.values() for s in sentences), file=sys.stderr)
        return 1
    outcome = _outcome(done, args)
    _print(outcome, args.json)
    return 0 if outcome["state"] in ("done", "checked") and not outcome["rejected"] else 1


def _prepared(args: argparse.Namespace, by: Any) -> Any:
    """The run with its file and mapping."""
    from dataclasses import replace
    from pathlib import Path

    from kith.cli.import_mappings import read_mapping, write_mapping
    from kith.kernel.errors import Invalid
    from kith.kernel.intake import actions
    from kith.kernel.intake.mapping import load
    from kith.kernel.intake.targets import find_target

    path = Path(args.file).expanduser().resolve()
    if not path.is_file():
        raise Invalid(f"There is no file {args.file}.")
    target = find_target(args.type)
    given = read_mapping(args.map, target) if args.map else None
    imported = actions.take_file(target, path, path.name, by=by, read=dict(given.read) if given else None)
    mapping = given or load(imported.mapping)
    changes: dict[str, Any] = {}
    if args.match:
        changes["match"] = tuple(args.match)
    if args.source:
        changes["source"] = args.source
    if args.existing:
        changes["existing"] = args.existing
    mapping = replace(mapping, **changes)
    try:
        doubts = actions.set_mapping(imported, mapping, by=by).doubts
    except Exception:
        imported.delete()
        raise
    for sentence in [*imported.notes, *doubts]:
        print(sentence, file=sys.stderr)
    if left := mapping.fitted(imported.headers).left_out:
        print(f"Not mapped, kept beside the rows: {', '.join(left)}.", file=sys.stderr)
    if args.write_map:
        write_mapping(args.write_map, imported.mapping)
    return imported


def _continued(args: argparse.Namespace, by: Any) -> Any:
    from kith.kernel.errors import Conflict
    from kith.kernel.intake.models import State
    from kith.kernel.intake.queries import get_run

    imported = get_run(by, args.again)
    if imported.state not in (State.FAILED, State.RUNNING):
        raise Conflict(f"Import {imported.pk} has not stopped half-way; it is: {imported.get_state_display().lower()}.")
    imported.state, imported.problem = State.RUNNING, ""
    imported.save(update_fields=["state", "problem"])
    return imported


def _walk(imported: Any, dry: bool) -> Any:
    """The dry run or the run itself, with a bar."""
    from kith.cli.progress import progress
    from kith.kernel.intake import actions
    from kith.kernel.intake.engine import begin
    from kith.kernel.intake.models import State

    if imported.position == 0:
        begin(imported, State.CHECKING if dry else State.RUNNING)
    work = actions.check if dry else actions.carry_out
    with progress("Checking" if dry else "Importing", unit="rows") as bar:
        done = work(imported, lambda _line, total: bar.set(imported_rows(imported.pk), total))
        bar.set(done.counts.get("rows", 0), done.counts.get("rows", 0))
    return done


def imported_rows(pk: int) -> int:
    from kith.kernel.jobs.progress import read_progress

    how = read_progress(f"import:{pk}")
    return how.done if how else 0


def _outcome(done: Any, args: argparse.Namespace) -> dict[str, Any]:
    from kith.kernel.intake import queries

    counts = done.counts
    rejected = counts.get("reject", 0)
    rejects, _more = queries.rows(done, "reject", limit=SHOWN)
    return {
        "import": done.pk, "type": done.target, "file": done.file_name, "state": done.state, "problem": done.problem,
        "rows": counts.get("rows", 0), "created": counts.get("create", 0), "updated": counts.get("update", 0),
        "unchanged": counts.get("unchanged", 0), "rejected": rejected, "waiting": counts.get("waiting", 0),
        "seconds": round(done.seconds, 2), "rejects": [{done.unit: r.number, "reasons": r.reasons} for r in rejects],
        "rejects_file": _rejects_file(done, args) if rejected else "",
        "unresolved": [{"column": u.column, "value": u.value, "rows": u.rows, "why": u.why, "suggestions": u.suggestions}
                       for u in queries.unresolved(done, SHOWN)],
        "notes": done.notes,
    }  # fmt: skip


def _rejects_file(done: Any, args: argparse.Namespace) -> str:
    """Written beside the file, or here when its folder cannot be written to."""
    from pathlib import Path

    from kith.kernel.intake.rejects import reject_chunks

    stem = Path(done.file_name).name.split(".")[0] or "import"
    beside = Path(args.file).expanduser().resolve().parent if args.file else Path.cwd()
    for folder in (beside, Path.cwd()):
        target = folder / f"{stem}.rejects.csv"
        try:
            with open(target, "wb") as out:
                out.writelines(reject_chunks(done))
        except OSError:
            continue
        return str(target)
    return ""


WHY = {
    "missing": "is not there", "several": "means more than one", "choice": "is none of the choices",
    "spelling": "looks misspelt", "create": "is made from its name",
}  # fmt: skip


def _print(outcome: dict[str, Any], as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps(outcome, ensure_ascii=False, indent=2))
        return
    word = "would be " if outcome["state"] == "checked" else ""
    print(
        f"Import {outcome['import']}, {outcome['rows']:,} rows: {outcome['created']:,} {word}new, {outcome['updated']:,} {word}changed, "
        f"{outcome['unchanged']:,} as they were, {outcome['rejected']:,} rejected."
    )
    if outcome["problem"]:
        print(
            f"It stopped: {outcome['problem']} Go on with: kith import {outcome['type']} --continue {outcome['import']}"
        )
    if outcome["waiting"]:
        print(f"{outcome['waiting']:,} links wait for rows that have not come yet.")
    for odd in outcome["unresolved"]:
        near = f" Perhaps: {', '.join(odd['suggestions'])}." if odd["suggestions"] else ""
        print(f"  {odd['column']}: “{odd['value']}” {WHY[odd['why']]} ({odd['rows']:,} rows).{near}")
    for row in outcome["rejects"]:
        place = next(key for key in row if key != "reasons")
        print(f"  {place} {row[place]}: {' '.join(row['reasons'])}")
    if outcome["rejected"] > len(outcome["rejects"]):
        print(f"  … and {outcome['rejected'] - len(outcome['rejects']):,} more.")
    if outcome["rejects_file"]:
        print(f"All rejected rows with their reasons: {outcome['rejects_file']}")


def _undo(pk: int, by: Any) -> int:
    from kith.kernel.intake import queries, undoing
    from kith.kernel.jobs.inline import run_waiting_jobs

    imported = queries.get_run(by, pk)
    undoing.take_back(imported, by=by)
    run_waiting_jobs(names=["import.undo"])
    imported.refresh_from_db()
    op = queries.operation_of(imported)
    print(f"Import {pk}: {imported.get_state_display().lower()}.")
    for sentence in op.conflicts if op else []:
        print(f"  {sentence}")
    return 0 if imported.state == "undone" else 1
