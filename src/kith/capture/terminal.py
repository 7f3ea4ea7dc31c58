"""What `kith form` does: forms as files, where they are met, and what came in through them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.db.models import Count, Q

from kith.capture.definition import faults_of
from kith.capture.models import WAITING, Form, State, Submission
from kith.kernel.access.actor import system
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.records import actions as records
from kith.kernel.records.action import ACTIONS, perform
from kith.kernel.records.registry import registry

RULES = ("name", "key", "about_text", "target_minutes", "per_network", "proof")  # beside the document


def _named(name: str) -> Any:
    """The form of that address, name or id. Raises NotFound."""
    rows = Form.objects.filter(archived_at=None)
    found = rows.filter(key=name).first() or rows.filter(name__iexact=name).first()
    if found is None and name.isascii() and name.isdecimal() and len(name) < 19:
        found = rows.filter(pk=int(name)).first()
    if found is None:
        raise NotFound(f"There is no form called “{name}”; `kith form list` names those there are.")
    return found


def listed(args: argparse.Namespace) -> Any:
    rows = Form.objects.filter(archived_at=None).order_by("name")
    rows = rows.annotate(
        came=Count("submissions"), waiting=Count("submissions", filter=Q(submissions__state__in=WAITING))
    )
    told = [
        {"id": row.pk, "name": row.name, "address": f"{site_address()}/f/{row.key}", "open": row.open, "version": row.number,
         "submissions": row.came, "waiting": row.waiting}
        for row in rows
    ]  # fmt: skip
    if not args.json:
        for one in told:
            state = (
                f"version {one['version']}, {'open' if one['open'] else 'closed'}"
                if one["version"]
                else "not published"
            )
            print(f"{one['name']} ({state}): {one['submissions']} came in, {one['waiting']} wait\n  {one['address']}")
        if not told:
            print("There is no form yet.")
    return told


def shown(args: argparse.Namespace) -> Any:
    row = _named(args.name)
    fields = row.draft.get("fields") or []
    magnets = [(one.name, one.asset.name) for one in row.magnets.filter(archived_at=None).select_related("asset")]
    told = {**_document(row), "open": row.open, "version": row.number, "faults": faults_of(row.draft),
            "hands_over": [asset for _name, asset in magnets]}  # fmt: skip
    if not args.json:
        print(row.name)
        for one in fields:
            label = next(iter((one.get("label") or {}).values()), one.get("key"))
            needed = ", needed" if one.get("required") else ""
            print(f"  {label} ({one.get('column') or one.get('kind')}{needed})")
        for name, asset in magnets:
            print(f"  hands over {asset} ({name})")
        for fault in told["faults"]:
            print(f"! {fault}")
    return told


def _document(row: Any) -> dict[str, Any]:
    return {**{key: getattr(row, key) for key in RULES}, "draft": row.draft}


def exported(args: argparse.Namespace) -> Any:
    text = json.dumps(_document(_named(args.name)), ensure_ascii=False, indent=2) + "\n"
    if args.file == "-":
        sys.stdout.write(text)
    else:
        Path(args.file).write_text(text, encoding="utf-8")
    return None


def imported(args: argparse.Namespace) -> Any:
    """The form at the file's address gets its draft; there is a new one where there is none. Raises Invalid."""
    said, by, record = _read(args.file), system("cli"), registry["form"]
    values = records.parse_values(record, {key: said[key] for key in (*RULES, "draft") if key in said}, by=by)
    row = Form.objects.filter(key=values.get("key") or "", archived_at=None).first()
    made = row is None
    row = records.create(record, values, by=by) if row is None else records.edit(record, row, values, by=by)
    if args.publish:
        row = perform(ACTIONS["form.publish"], row, {}, by=by).result
    if not args.json:
        print(
            f"{row.name}: {'made' if made else 'draft changed'}{', published' if args.publish else ''}. /forms/{row.pk}"
        )
    return {"id": row.pk, "key": row.key, "made": made, "version": row.number}


def _read(file: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        said = json.loads(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{file} could not be read: {problem}.") from problem
    except (ValueError, RecursionError) as problem:
        raise Invalid(f"{file} is not JSON: {problem}. Write it with `kith form export`.") from problem
    if not isinstance(said, dict) or not said.get("name"):
        raise Invalid(f"{file} is no form: it has no name. Write it with `kith form export`.")
    return said


def sent(args: argparse.Namespace) -> Any:
    rows = Submission.objects.filter(form=_named(args.name), archived_at=None).select_related("person").order_by("-pk")
    if args.state:
        if args.state not in State.values:
            raise Invalid(f"There is no state “{args.state}”; there are: {', '.join(State.values)}.")
        rows = rows.filter(state=args.state)
    told = [
        {"id": row.pk, "at": row.created_at.isoformat(), "from": row.name, "email": row.email, "state": row.state, "why": row.why,
         "person": row.person_id, "reason": row.reason, "page": row.page, "utm": row.utm,
         "answers": {one["key"]: one["value"] for one in row.answers}}
        for row in rows.defer("raw", "tsv", "search")[: max(args.rows, 0)]
    ]  # fmt: skip
    if not args.json:
        for one in told:
            print(
                f"{one['at'][:16]}  {one['state']:<9}  {one['from']} <{one['email']}>{'  ' + one['why'] if one['why'] else ''}"
            )
        if not told:
            print("Nothing came in.")
    return told
