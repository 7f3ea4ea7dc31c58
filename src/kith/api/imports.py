"""Imports over the API: send a file, say where its columns go, check, run, read what became of each row, take it back.

Checking and running go on in the background, as in the browser; an import says how far it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from kith.api import inputs
from kith.api.door import body, endpoint, form
from kith.api.importshape import row_shapes, run_shape, whole_shape
from kith.api.mappings import shape as mapping_shape
from kith.api.resources import limit_of
from kith.kernel import jsontext
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, KithError, NotFound
from kith.kernel.intake import actions, keeping, queries, storage, undoing
from kith.kernel.intake.mapping import EXISTING, Mapping, load, read_mapping
from kith.kernel.intake.models import ImportRun, Verdict
from kith.kernel.intake.rejects import reject_chunks
from kith.kernel.intake.targets import Target, find_target
from kith.kernel.intake.uploads import fits_type, take_upload

FIELDS = ("type", "mapping", "mapping_id", "match", "source", "existing")
MOST_MAPPING = 2_000_000  # bytes


def list_imports(actor: Actor, request: HttpRequest) -> Any:
    """One's own, newest first (all for administrators); `?limit=&cursor=`."""
    limit, before = limit_of(request), inputs.cursor_of(request)
    found = queries.runs(actor, limit=limit + 1, before=before or None)
    more = str(found[limit - 1].pk) if len(found) > limit else ""
    return {"data": [run_shape(run) for run in found[:limit]], "next": more}


def start_import(actor: Actor, request: HttpRequest) -> Any:
    """A form: file, type, and perhaps mapping (a document) or mapping_id, match, source, existing. Nothing is written."""
    fields, files = form(request)
    inputs.only(fields.dict(), FIELDS)
    sent = files.get("file")
    if sent is None:
        raise Invalid("Send the file in the part “file”.", "file")
    target = find_target(fields.get("type", ""))
    given = _given(target, fields, files, actor)
    run = take_upload(target, sent, given, by=actor)
    try:
        found = actions.set_mapping(run, _told(load(run.mapping), fields), by=actor)
    except KithError:
        storage.drop(run)
        run.delete()
        raise
    return 201, {**whole_shape(actor, target, run), "doubts": found.doubts}


def _given(target: Target, fields: Any, files: Any, actor: Actor) -> Mapping | None:
    """The mapping that came along: as text or file, the id of a kept one, or the name of one that Kith brings."""
    document = files["mapping"].read(MOST_MAPPING) if "mapping" in files else fields.get("mapping", "")
    wanted = fields.get("mapping_id", "")
    if document and wanted:
        raise Invalid("Send a “mapping” or a “mapping_id”, not both.", "mapping_id")
    if document:
        return fits_type(read_mapping(document), target)
    if not wanted:
        return None
    kept = wanted.isdecimal()
    if kept:
        fits_type(load({**keeping.get(actor, int(wanted)).document}), target)
    mapping = keeping.use(target, f"{keeping.SAVED if kept else keeping.SHIPPED}{wanted}")
    if mapping is None:
        raise Invalid(
            f"There is no mapping “{wanted}” for {target.name}; /api/v1/mappings lists those kept.", "mapping_id"
        )
    return mapping


def _told(mapping: Mapping, fields: Any) -> Mapping:
    """The mapping with what the form says of it besides."""
    changes: dict[str, Any] = {}
    if match := [key for key in fields.get("match", "").split(",") if key]:
        changes["match"] = tuple(match)
    if fields.get("source"):
        changes["source"] = fields["source"]
    if existing := fields.get("existing", ""):
        if existing not in EXISTING:
            raise Invalid(f"“existing” is one of: {', '.join(EXISTING)}.", "existing")
        changes["existing"] = existing
    return load(replace(mapping, **changes).dump())


def read_import(actor: Actor, request: HttpRequest, pk: int) -> Any:
    target, run = _run(actor, pk)
    return whole_shape(actor, target, run)


def change_mapping(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """Where the columns go, as a whole document. The file is read again when the document says to read it otherwise."""
    target, run = _run(actor, pk)
    mapping = fits_type(load(jsontext.clean(body(request))), target)
    if dict(mapping.read) != dict(load(run.mapping).read):
        actions.read_again(run, dict(mapping.read), by=actor)
    found = actions.set_mapping(run, mapping, by=actor)
    return {**whole_shape(actor, target, run), "doubts": found.doubts}


def carry_on(actor: Actor, request: HttpRequest, pk: int, verb: str) -> Any:
    """check, run, stop, continue; undo, with `{"everything": true}` also the rows that were worked on since."""
    target, run = _run(actor, pk)
    data = body(request)
    inputs.only(data, ("everything",) if verb == "undo" else ())
    verbs = {
        "check": lambda: actions.ask_for_check(run, by=actor),
        "run": lambda: actions.ask_for_run(run, by=actor),
        "stop": lambda: actions.give_up(run, by=actor),
        "continue": lambda: actions.go_on(run, by=actor),
        "undo": lambda: undoing.take_back(run, by=actor, everything=inputs.yes(data, "everything")),
    }
    if verb not in verbs:
        raise NotFound(f"An import has no “{verb}”; known: {', '.join(verbs)}.")
    verbs[verb]()
    run.refresh_from_db()
    return 202, whole_shape(actor, target, run)


def keep_mapping(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """Keep its mapping under a name, for the next file of this shape."""
    _target, run = _run(actor, pk)
    data = body(request)
    inputs.only(data, ("name",))
    return 201, mapping_shape(keeping.keep(run, inputs.text(data, "name"), by=actor))


def list_rows(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """What became of each row: `?verdict=create|update|unchanged|reject&limit=&cursor=`."""
    target, run = _run(actor, pk)
    verdict = request.GET.get("verdict", Verdict.REJECT)
    if verdict not in Verdict.values:
        raise Invalid(f"“verdict” is one of: {', '.join(Verdict.values)}.", "verdict")
    found, more = queries.rows(run, verdict, inputs.cursor_of(request), limit_of(request))
    return {"data": row_shapes(actor, target, run, found), "next": str(more) if more else ""}


def read_rejects(actor: Actor, request: HttpRequest, pk: int) -> Any:
    """The rejected rows as CSV, with the reason in a column: mend it and send it again."""
    _target, run = _run(actor, pk)
    response = StreamingHttpResponse(reject_chunks(run), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}.rejects.csv"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _run(actor: Actor, pk: int) -> tuple[Target, ImportRun]:
    run = queries.get_run(actor, pk)
    target = find_target(run.target)
    target.allow(actor)
    return target, run


collection = endpoint(get=list_imports, post=start_import)
item = endpoint(get=read_import)
mapping = endpoint(put=change_mapping)
keep = endpoint(post=keep_mapping)
rows = endpoint(get=list_rows)
rejects = endpoint(get=read_rejects)
verb = endpoint(post=carry_on)
