"""`kith config`: the whole configuration as files; what they would change, applying them, and taking that back."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

NAME = "config"
HELP = "the configuration as files: export, what they would change (diff), apply, roll back"
EXAMPLE = "kith config export ours\n  kith config diff ours\n  kith config apply ours --as astrid@example.org\n  kith config rollback"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    export = verbs.add_parser("export", help="write a folder with a readable file for each thing that is configured")
    diff = verbs.add_parser("diff", help="what applying the files would add and change, column by column")
    bring = verbs.add_parser("apply", help="add and change what the files say, all of it or nothing")
    for one in (export, diff, bring):
        one.add_argument("folder", metavar="FOLDER", help="the folder, or a file that ends in .zip")
    bring.add_argument("--dry-run", action="store_true", help="only try it: say what would be refused, change nothing")
    bring.add_argument("--publish", action="store_true", help="let processes, workflows and other drafts count at once")
    bring.add_argument("--remove", action="store_true", help="put away what is here and not in the files")
    bring.add_argument(
        "--reviewed", metavar="MARK", default="", help="only if all is as `diff` saw it; it prints the mark"
    )
    back = verbs.add_parser("rollback", help="take back what was applied last")
    back.add_argument("operation", metavar="OPERATION", nargs="?", type=int, help="another one, by its number")
    for one in (export, diff, bring, back):
        one.add_argument("--json", action="store_true", help="print everything for programs")
        one.add_argument(
            "--as", dest="email", metavar="EMAIL", default="", help="as this colleague (default: the command line)"
        )


def run(args: argparse.Namespace) -> int:
    from kith.cli.report import reader
    from kith.configuration.actions import Refused
    from kith.kernel.organisation.models import refresh

    refresh()
    verbs = {"export": _export, "diff": _diff, "apply": _apply, "rollback": _rollback}
    try:
        return verbs[args.verb](args, reader(args.email))
    except Refused as problem:
        print("\n".join([*problem.sentences, "Nothing was applied."]), file=sys.stderr)
        return 1


def _files(folder: str) -> dict[str, str]:
    from kith.configuration.files import MOST_BYTES, read_folder, read_zip
    from kith.kernel.errors import Invalid

    path = Path(folder)
    if path.suffix != ".zip":
        return read_folder(path)
    if not path.is_file():
        raise Invalid(f"There is no file {path}.")
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(f"{path} is larger than {MOST_BYTES // 1_000_000} MB.")
    return read_zip(path.read_bytes())


def _export(args: argparse.Namespace, by: Any) -> int:
    from kith.configuration.exporting import drafts_left, files_of
    from kith.configuration.files import to_zip, write_folder

    files, drafts, path, gone = files_of(by=by), drafts_left(by=by), Path(args.folder), []
    if path.suffix == ".zip":
        path.write_bytes(to_zip(files))
    else:
        gone = write_folder(path, files)
    if args.json:
        print(json.dumps({"files": sorted(files), "gone": gone, "drafts": drafts}, ensure_ascii=False, indent=2))
        return 0
    print(f"{len(files):,} files are in {path}." + (f" {len(gone)} of an earlier export are gone." if gone else ""))
    if drafts:
        print(f"As they count at the moment; what is drafted is not in it until it is published: {'; '.join(drafts)}.")
    return 0


def _diff(args: argparse.Namespace, by: Any) -> int:
    from kith.configuration.actions import compare

    seen = compare(_files(args.folder), by=by)
    _say(seen, args.json)
    if not args.json and not seen.faults:
        print(f"Reviewed as {seen.fingerprint}: `kith config apply {args.folder} --reviewed {seen.fingerprint}`")
    return 1 if seen.faults else 0


def _say(seen: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps(seen.as_json(), ensure_ascii=False, indent=2))
        return
    words = {
        "added": "new",
        "changed": "changed",
        "waiting": "a draft here, to be published",
        "missing": "here, not in the files",
    }
    for state, said in words.items():
        for entry in seen.of(state):
            print(f"{entry.chapter.label}: {entry.name} ({said})")
            for change in entry.changes if state in ("changed", "waiting") else ():
                print("\n".join(_told(change)))
            for note in entry.notes:
                print(f"  {note}")
    for fault in seen.faults:
        print(f"! {fault}")
    counts = [f"{len(seen.of(state))} {said}" for state, said in words.items() if seen.of(state)]
    print(", ".join([*counts, f"{len(seen.of('same'))} the same"]) + ".")


def _told(change: Any) -> list[str]:
    """A column as it is and as it would be; of a long text, the lines that go and come."""
    if change.lines:
        return [f"  {change.label}:", *(f"    {sign} {line}" for sign, line in change.lines)]
    return [f"  {change.label}: {change.old or '–'} → {change.new or '–'}" if change.label else f"  {change.new}"]


def _apply(args: argparse.Namespace, by: Any) -> int:
    from kith.configuration.actions import apply

    done = apply(
        _files(args.folder),
        by=by,
        reviewed=args.reviewed,
        publish=args.publish,
        remove=args.remove,
        rehearse=args.dry_run,
    )
    number = done.operation.pk if done.operation is not None else None
    if args.json:
        print(
            json.dumps(
                {**done.review.as_json(), "operation": number, "removed": done.removed}, ensure_ascii=False, indent=2
            )
        )
        return 0
    _say(done.review, False)
    if args.dry_run:
        print("It can be applied as it is. Nothing was changed.")
    elif number is None:
        print("All of it is here already.")
    else:
        print(f"Applied. To take it back: `kith config rollback {number}`")
    return 0


def _rollback(args: argparse.Namespace, by: Any) -> int:
    from kith.configuration.actions import roll_back

    op, undone = roll_back(args.operation, by=by)
    if args.json:
        print(json.dumps({"operation": op.pk, "conflicts": undone.conflicts}, ensure_ascii=False, indent=2))
    else:
        print("\n".join([f"Taken back: {op.label}.", *undone.conflicts]))
    return 0
