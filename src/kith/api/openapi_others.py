"""The addresses beside records, described: reports, imports, mappings, files, fields, operations and their undo."""

from __future__ import annotations

from kith.api.describing import FLAG, FREE, INT, TEXT, Op, listed, many, maybe, page, ref, shape
from kith.api.figures import FIGURES
from kith.api.openapi_records import PAGED
from kith.insight.reports import REPORTS
from kith.kernel.intake.mapping import EXISTING
from kith.kernel.intake.models import Verdict

ATTRIBUTION_PARAMETERS = (
    ("period", "all, this_quarter, last_90_days, 2025, …; all when left out."),
    ("from", "First day, instead of a period."),
    ("to", "Last day, instead of a period."),
    ("model", "first, last, linear, position or decay; linear when left out."),
    ("by", "channel, campaign or source; channel when left out."),
    ("half_life", "Days after which a touch counts half, of the model decay; 30 when left out."),
)
REPORT_PARAMETERS = (
    ("period", "all, this_quarter, last_90_days, 2025, 2025-Q1, 2025-03, …; all when left out."),
    ("from", "First day, instead of a period."),
    ("to", "Last day, instead of a period."),
    ("filter", "Conditions on the rows counted, as for lists."),
    (
        "by",
        "What to compare by, parted by commas: owner, team, product, account, sector, source, pipeline, month, quarter.",
    ),
    ("sort", "A figure's key, or name; with - before it for descending."),
    ("limit", "Rows of each table, 1 to 1,000."),
    ("offset", "Rows of each table to pass over."),
)
ASKED = (
    ("kind", "nps, csat or ces; nps when left out."),
    ("since", "First day on which they were asked."),
    ("until", "The day after the last."),
)
ASKED_OF = {
    "surveys": ASKED,
    "promises": (
        ("by", "owner, product or team; owner when left out."),
        ("since", "First day on which they were made."),
    ),
    "order-export": (
        ("after", "The cursor of the last answer; from the beginning when left out."),
        ("format", "json or csv; json when left out."),
    ),
    "speed": REPORT_PARAMETERS[:3],
}
BINARY = {"type": "string", "format": "binary"}
NAMED = shape("name", name={"type": "string", "maxLength": 120})
DOCUMENT = {**FREE, "description": "a mapping, as the guide to importing explains it"}
SENT = shape(
    "file type", file=BINARY, type={**TEXT, "description": "person, company, deal, …"}, mapping=DOCUMENT,
    mapping_id={**TEXT, "description": "id of a kept mapping, or the name of one that Kith brings"},
    match={**TEXT, "description": "fields that rows are recognised by, parted by commas"},
    source={**TEXT, "description": "the system whose ids these are"}, existing={"enum": list(EXISTING)},
)  # fmt: skip
FIELD = {"label": TEXT, "help": TEXT, "section": TEXT, "required": FLAG, "indexed": FLAG, "choices": many(TEXT)}
RUN, MANAGE = "/imports/{id}", "settings.manage"
STEPS = (
    ("check", "Look first: say what would become of each row"), ("run", "Write it"), ("stop", "Stop it, or give it up"),
    ("continue", "Go on where it stopped"),
)  # fmt: skip
REPORTING = [
    Op("get", "/reports", "list_reports", "Reports", "Reports there are", listed(shape(name=TEXT, title=TEXT, url=TEXT))),
    Op("get", "/reports/attribution", "read_attribution", "Reports", "What brought the money: credits that add up to booked revenue", FREE,
       query=ATTRIBUTION_PARAMETERS),
    Op("get", "/reports/retention", "read_retention", "Reports", "Whether customers stay: movements by month that add up, net and gross retention, cohorts", FREE,
       query=(("until", "The last day; today when left out."), ("months", "How many; 12 when left out."), ("by", "Cohorts by month, quarter or year."))),
    Op("get", "/reports/lifetime", "read_lifetime", "Reports", "What customers are worth: fitted parameters, what is expected of each with a range", FREE,
       query=(("until", "Orders up to this day."), ("weeks", "How far ahead; 52 when left out."))),
    *(Op("get", f"/reports/{name}", f"read_{name.replace('-', '_')}_figures", "Reports", says, FREE, query=ASKED_OF.get(name, ()), needs=needs)
      for name, _title, says, needs in FIGURES),
    Op("get", "/reports/{name}", "read_report", "Reports", f"Figures with their definitions and rows: {', '.join(REPORTS)}", FREE,
       query=REPORT_PARAMETERS),
]  # fmt: skip
IMPORTS = [
    Op("get", "/imports", "list_imports", "Imports", "Imports, newest first", page(ref("Import")), query=PAGED),
    Op("post", "/imports", "start_import", "Imports", "Send a file; nothing is written yet", ref("StartedImport"), "201", SENT, form=True),
    Op("get", RUN, "read_import", "Imports", "One import, and how far it is", ref("WholeImport")),
    Op("put", f"{RUN}/mapping", "map_import", "Imports", "Say where its columns go", ref("StartedImport"), body=DOCUMENT),
    *(Op("post", f"{RUN}/{verb}", f"{verb}_import", "Imports", says, ref("WholeImport"), "202") for verb, says in STEPS),
    Op("post", f"{RUN}/undo", "undo_import", "Imports", "Take it back", ref("WholeImport"), "202", shape(everything=FLAG)),
    Op("post", f"{RUN}/keep", "keep_mapping", "Imports", "Keep its mapping under a name", ref("Mapping"), "201", NAMED),
    Op("get", f"{RUN}/rows", "list_import_rows", "Imports", "What became of each row", page(ref("ImportRow")),
       query=(("verdict", f"{', '.join(Verdict.values)}; reject when left out."), *PAGED)),
    Op("get", f"{RUN}/rejects.csv", "read_rejects", "Imports", "Rejected rows with the reason", BINARY, media="text/csv"),
    Op("get", "/mappings", "list_mappings", "Imports", "Kept mappings", listed(ref("Mapping"))),
    Op("get", "/mappings/{id}", "read_mapping", "Imports", "One mapping with its document", {"allOf": [ref("Mapping"), {"type": "object", "properties": {"document": DOCUMENT}}]}),
    Op("patch", "/mappings/{id}", "rename_mapping", "Imports", "Call it otherwise", {"allOf": [ref("Mapping"), {"type": "object", "properties": {"operation": {"type": ["integer", "null"]}}}]}, body=NAMED),
    Op("delete", "/mappings/{id}", "remove_mapping", "Imports", "Remove it", ref("OperationId")),
]  # fmt: skip
FILES = [
    Op("get", "/files/{id}", "read_file", "Files", "The content of a file", BINARY, media="application/octet-stream"),
    Op("delete", "/files/{id}", "remove_file", "Files", "Take a file off its row", ref("OperationId")),
]  # fmt: skip
UNDO = [
    Op("get", "/operations", "list_operations", "Undo", "Recent changes that can be taken back", listed(ref("Operation"))),
    Op("get", "/operations/{id}", "read_operation", "Undo", "One of them; how far it is, if it is of many rows", ref("OperationProgress")),
    Op("post", "/operations/{id}/undo", "undo_operation", "Undo", "Take one back", ref("Undone")),
]  # fmt: skip
FIELDS = [
    Op("get", "/fields", "list_fields", "Fields of your own", "Fields, those out of use included", listed(ref("Field")),
       query=(("type", "Only those of one type."),), needs=MANAGE),
    Op("post", "/fields", "create_field", "Fields of your own", "Add a field", ref("Field"), "201",
       shape("type label kind", type=TEXT, kind=TEXT, key=TEXT, target=TEXT, **FIELD), needs=MANAGE),
    Op("get", "/fields/{id}", "read_field", "Fields of your own", "One field", ref("Field"), needs=MANAGE),
    Op("patch", "/fields/{id}", "change_field", "Fields of your own", "Change it", ref("Field"), body=shape(**FIELD), needs=MANAGE),
    Op("delete", "/fields/{id}", "archive_field", "Fields of your own", "Take it out of use; values stay", ref("Field"), needs=MANAGE),
    Op("post", "/fields/{id}/restore", "restore_field", "Fields of your own", "Bring it back", ref("Field"), needs=MANAGE),
]  # fmt: skip
WORKFLOW, WORKFLOWS = "/workflows/{id}", "Workflows"
REPLAYED = shape(
    sentence=TEXT, since=TEXT, count=INT, times=INT, tried=INT, problems=INT, changes=FREE, conflicts=many(TEXT),
    notes=many(TEXT),
    rows=many(shape(id=INT, name=TEXT, url=TEXT, times=INT, last={"type": ["string", "null"]}, would=many(TEXT), problem=TEXT)),
)  # fmt: skip
STEP = shape(
    number=TEXT, state=TEXT, what=TEXT, result=TEXT, error=TEXT, operation={"type": ["integer", "null"]}, attempts=INT,
    started_at=TEXT, ended_at={"type": ["string", "null"]},
)  # fmt: skip
RESTS = shape(paused=FLAG)
CALLED = shape(
    id=INT, run=INT, workflow=TEXT, what=TEXT, error=TEXT, attempts=INT, at=TEXT, name=TEXT, url=TEXT,
    delivery={**TEXT, "description": "as in the header Kith-Delivery"},
)  # fmt: skip
SENT_AGAIN = shape(sent={**INT, "description": "calls that are on their way again"})
AUTOMATION = [
    Op("post", f"{WORKFLOW}/replay", "replay_workflow", WORKFLOWS, "What the draft would have done; nothing is written", REPLAYED,
       body=shape(days=INT, rows=INT, about={**INT, "description": "the id of one row: what it would do with this one"}), needs=MANAGE),
    Op("get", f"{WORKFLOW}/sentences", "say_workflow", WORKFLOWS, "The draft in sentences, and its faults",
       shape(sentence=TEXT, sentences=many(TEXT), faults=many(TEXT))),
    Op("get", "/workflows/calls", "list_calls", WORKFLOWS, "Calls to other systems that were given up, the latest first",
       shape(data=many(CALLED), next=maybe(INT)), query=(("cursor", "The `next` of the page before."),), needs=MANAGE),
    Op("post", "/workflows/calls/again", "send_calls", WORKFLOWS, "Send those that were given up once more", SENT_AGAIN,
       body=shape(ids=many(INT), all=FLAG), needs=MANAGE),
    Op("post", "/workflows/calls/replay", "replay_calls", WORKFLOWS, "Send once more what was answered in a stretch of time", SENT_AGAIN,
       body=shape("since until", since=TEXT, until=TEXT, workflow=INT), needs=MANAGE),
    Op("get", "/runs/{id}/steps", "list_run_steps", WORKFLOWS, "What became of each step of a run", listed(STEP)),
    Op("get", "/workflows/pause", "read_pause", WORKFLOWS, "Whether all automation rests", RESTS),
    Op("post", "/workflows/pause", "pause_workflows", WORKFLOWS, "Let all automation rest, or go on", RESTS, body=shape("paused", paused=FLAG), needs=MANAGE),
]  # fmt: skip
CONFIGURATION = "Configuration"
CONFIGURED = {**FREE, "description": "the text of each file under its path, as “kith config export” writes them"}
THING = shape(
    chapter=TEXT,
    name=TEXT,
    file=TEXT,
    state=TEXT,
    notes=many(TEXT),
    changes=many(shape(column=TEXT, label=TEXT, old=TEXT, new=TEXT)),
)
COMPARED = {
    "fingerprint": {**TEXT, "description": "of all that this rests on; send it as “reviewed” when you apply it"},
    "added": many(THING), "changed": many(THING), "waiting": {**many(THING), "description": "drafts here by now, to be published"},
    "missing": {**many(THING), "description": "here and not in the files"}, "same": INT, "faults": many(TEXT),
}  # fmt: skip
CONFIGURING = [
    Op("get", "/configuration", "read_configuration", CONFIGURATION, "All that is set up, as files", shape(files=CONFIGURED, drafts={**many(TEXT), "description": "what is drafted and not in the files until it is published"}), needs=MANAGE),
    Op("post", "/configuration/compare", "compare_configuration", CONFIGURATION, "What applying these files would do; nothing is written",
       shape(**COMPARED), body=shape("files", files=CONFIGURED), needs=MANAGE),
    Op("post", "/configuration/apply", "apply_configuration", CONFIGURATION, "Add and change what the files say, all of it or nothing, as one operation",
       shape(**COMPARED, operation=maybe(INT), removed=INT),
       body=shape("files", files=CONFIGURED, reviewed=TEXT, publish=FLAG, remove=FLAG, dry_run=FLAG), needs=MANAGE),
]  # fmt: skip
PROCESSES = "Processes"
DRAFT = shape(
    id=INT, key=TEXT, draft={**FLAG, "description": "whether anything differs from what is in force"},
    in_force={"type": ["integer", "null"]}, faults=many(TEXT), document=FREE,
)  # fmt: skip
PROCESS = [
    Op("get", "/processes/{key}/draft", "read_process_draft", PROCESSES, "The draft, or what is in force, as a document; with Accept: application/yaml as a file", DRAFT, needs=MANAGE),
    Op("put", "/processes/{key}/draft", "put_process_draft", PROCESSES, "A document (JSON, or application/yaml) as the draft; publish it with the action publish", DRAFT,
       body={**FREE, "description": "a process, as “kith process export” writes it"}, needs=MANAGE),
    Op("get", "/processes/{key}/preview", "preview_process", PROCESSES, "What publishing the draft would do",
       shape(changes=many(TEXT), running=INT, gone=FREE, sooner=INT, later=INT, capped={**FLAG, "description": "at least that many get more or less time"},
             branch={**INT, "description": "how many go the way of another segment"}, draft=FLAG), needs=MANAGE),
    Op("get", "/processes/{key}/map", "read_process_map", PROCESSES, "How relationships went, of those within reach: figures of the steps, and the ways between them",
       shape(process=TEXT, name=TEXT, version=INT, since=maybe(TEXT), until=maybe(TEXT), filter=TEXT, working_time=FLAG, counted_at=maybe(TEXT),
             counting={**FLAG, "description": "the figures are being counted; ask again in a while"}, stages=many(FREE), ways=many(FREE)),
       query=(("period", "Such as last_90_days, this_year, all."), ("from", "Instead of a period: the first day."), ("to", "The last day."),
              ("filter", "As in the list of journeys."), ("time", "“working” for times in working hours.")), needs="journey.see"),
    Op("get", "/processes/{key}/audit", "audit_process", PROCESSES, "Every relationship judged by the version that held; for roles that see all of them",
       shape(process=TEXT, name=TEXT, since=maybe(TEXT), journeys=INT, conforming=INT, stages=many(FREE), bottlenecks=many(FREE), costs=maybe(FREE)),
       query=(("since", "A day such as 2026-01-31: those opened from then on."),), needs="journey.see"),
    Op("get", "/processes/{key}/advice", "read_process_advice", PROCESSES, "What those had who bring most on from each stage, against everybody else; for roles that see all relationships",
       listed(shape(stage=TEXT, colleagues=INT, best={**INT, "description": "how many of them are the best third"}, best_on=many(INT),
                    others_on={**many(INT), "description": "how many went on, of how many"}, needs=many(FREE))), needs="journey.see"),
]  # fmt: skip
KINDS = ("lead", "deal", "customer", "ticket")
LISTED = shape(
    type=TEXT, id=INT, name=TEXT, url=TEXT, kind={"enum": list(KINDS)}, why={"enum": ["no_owner", "owner_left", "no_step", "nobodys_step"]},
    since=TEXT, owner=TEXT,
)  # fmt: skip
SUMS = shape(**{kind: shape(checked=INT, attended=INT, listed=INT) for kind in KINDS})
PROOF = shape(
    at=TEXT, seconds={"type": "number"}, violations=INT, counts=SUMS,
    found=many(shape(what=TEXT, kind=TEXT, type=TEXT, id=INT)),
)  # fmt: skip
FORGOTTEN = [
    Op("get", "/unattended", "list_unattended", "This Kith", "Open leads, deals and customers that nobody attends to, longest first",
       shape(counts=shape(**{kind: shape(total=INT, seen=INT) for kind in KINDS}), data=many(LISTED), next=maybe(INT)),
       query=(("kind", "lead, deal or customer; lead when left out."), ("after", "The `next` of the page before."), ("limit", "1 to 200; 50 when left out."))),
    Op("get", "/proof", "list_proofs", "This Kith", "The last thirty proofs that nobody is forgotten, newest first", listed(PROOF), needs=MANAGE),
]  # fmt: skip
GATE = {
    "open": {**FLAG, "description": "customers can sign in"},
    "company_wide": {**FLAG, "description": "they see what their colleagues asked"},
    "shows_orders": {**FLAG, "description": "they see their orders"},
    "welcome": {**TEXT, "description": "words on the first page"},
}
PORTAL = [
    Op("get", "/portal", "read_portal", "This Kith", "What customers may do in their portal", shape(**GATE, address=TEXT), needs=MANAGE),
    Op("patch", "/portal", "change_portal", "This Kith", "Change what customers may do in their portal", shape(**GATE, address=TEXT),
       body=shape(**GATE), needs=MANAGE),
]  # fmt: skip
ENDED = shape(people=INT, won=INT, not_a_fit=INT)
TRIED = shape(groups=many(shape(
    key={"enum": ["now", "recent"]}, people={**INT, "description": "how many were looked at"}, of=INT, moved=INT,
    bands=many(shape(name=TEXT, now=ENDED, then=ENDED)),
    classes=many(shape(**{"from": INT, "below": INT, "now": INT, "then": INT})),
    moves=many(shape(before=TEXT, after=TEXT, people=INT, won=INT, not_a_fit=INT, some=many(shape(id=INT, name=TEXT)))),
)))  # fmt: skip
CARD = shape(
    "", rules={**many(FREE), "description": "score rules by id with the values to try, or new ones without an id"},
    bands=many(shape(name=TEXT, **{"from": INT})),
)  # fmt: skip
DEALT = shape(
    sentence=TEXT, since=TEXT, count={**INT, "description": "leads whom nobody looked after when they came"}, touched=INT,
    nobody={**INT, "description": "whom no rule would have given to anybody"}, elsewhere={**INT, "description": "to somebody else than who took them"},
    kept={**INT, "description": "who had an owner when they came"}, rules=FREE, notes=many(TEXT),
    people=many(shape(name=TEXT, would=INT, did=INT)),
    rows=many(shape(id=INT, name=TEXT, url=TEXT, at=TEXT, to=TEXT, did=TEXT, would=many(TEXT))),
)  # fmt: skip
ASSIGNMENT = [
    Op("post", "/assignment-rules/replay", "replay_rules", "This Kith", "Whom the rules in use would have given the leads of 90 days to, and who took them; nothing is written",
       DEALT, body=shape(days=INT, rows=INT), needs=MANAGE),
    Op("post", "/assignment-rules/{id}/replay", "replay_rule", "This Kith", "The same, as if that rule were in use", DEALT,
       body=shape(days=INT, rows=INT), needs=MANAGE),
]  # fmt: skip
SCORES = [
    Op("post", "/scores/try", "try_scorecard", "This Kith", "Who would move under another scorecard, and how they turned out; nothing is written",
       TRIED, body=CARD, needs=MANAGE),
]  # fmt: skip
WHY = shape(
    segment=INT, row=INT, member=FLAG, should={**FLAG, "description": "whether the conditions say so now"}, came=TEXT, left=TEXT,
    reasons=many(shape(words=TEXT, value=TEXT, depth=INT, state={"enum": ["met", "unmet", "unknown", "broken", "head"]},
                       met={"type": ["boolean", "null"], "description": "of a group (head)"})),
)  # fmt: skip
SEGMENTS = [
    Op("get", "/segments/{id}/why/{row}", "segment_why", "Segments", "Why a row is in a segment or not, condition by condition", WHY),
]  # fmt: skip
ME = shape(name=TEXT, version=TEXT, openapi=TEXT, me=shape(id=INT, name=TEXT, role=TEXT), resources=FREE)
COLLEAGUE = shape(id=INT, name=TEXT, email=TEXT, active=FLAG, teams=many(INT))
FOUND = shape(
    type=TEXT, id=INT, name=TEXT, beside={**TEXT, "description": "quieter words beside the name"},
    near={**FLAG, "description": "found by a word that is nearly the one asked"}, url=TEXT,
)  # fmt: skip
DAY_ROW = shape(
    type=TEXT, id=INT, name=TEXT, under=TEXT, what=TEXT, small=TEXT, mark=TEXT, when=TEXT, url=TEXT,
    tone={**TEXT, "description": "late, warn, good or nothing"}, about=maybe(shape(type=TEXT, id=INT)),
)  # fmt: skip
LINKED = shape(label=TEXT, url=TEXT)
DAY = shape(
    of=TEXT, date=TEXT, sentence=TEXT,
    sections=many(shape(
        key=TEXT, title=TEXT, count=INT, rows=many(DAY_ROW), more=many(LINKED),
        exact={**FLAG, "description": "false where counting stopped at `count`"},
    )),
    aside=shape(
        day=many(shape(kind={"enum": ["past", "booked", "free", "now"]}, at=TEXT, minutes=INT, title=TEXT, **{"with": TEXT})),
        words=many(shape(type=TEXT, id=INT, name=TEXT, on=TEXT, why=TEXT, note={"type": ["string", "null"]})),
        done=many(shape(id=INT, what=TEXT, at=TEXT, **{"with": TEXT})),
    ),
)  # fmt: skip
OTHERS = [
    Op("get", "/", "index", "This Kith", "What this is, and who the token stands for", ME),
    Op("get", "/search", "search", "This Kith", "Rows of every type by words", listed(FOUND),
       query=(("q", "Words, parts of addresses and numbers."), ("limit", "Rows of each type, 1 to 50; 6 when left out."))),
    Op("get", "/today", "read_today", "This Kith", "Whom to turn to now: the sections of the page Today", DAY,
       query=(("of", "me (when left out) or team."),), needs="activity.see"),
    *FORGOTTEN,
    *PORTAL,
    *SCORES,
    *SEGMENTS,
    *ASSIGNMENT,
    Op("get", "/colleagues", "list_colleagues", "This Kith", "Who works here, and who did", listed(COLLEAGUE)),
    Op("get", "/teams", "list_teams", "This Kith", "Teams and who is in them", listed(shape(id=INT, name=TEXT, members=many(INT)))),
    *REPORTING, *IMPORTS, *FILES, *FIELDS, *AUTOMATION, *CONFIGURING, *PROCESS, *UNDO,
]  # fmt: skip
