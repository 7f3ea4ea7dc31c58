"""`kith form`: forms as files, where they are met, and what came in through them."""

from __future__ import annotations

import argparse
import json

NAME = "form"
HELP = "list and show forms; take one out as a file and bring it in; what came in through one"
EXAMPLE = (
    "kith form list\n  kith form export leak-risk-checklist form.json\n  kith form import form.json --publish\n"
    "  kith form submissions leak-risk-checklist --state review --json"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="every form: its address, whether it is open, how much came in")
    show = verbs.add_parser("show", help="what a form asks, and what keeps its draft from being published")
    export = verbs.add_parser("export", help="write a form into a file, or to standard output")
    taken = verbs.add_parser("import", help="make the form of a file, or change the draft of the one at its address")
    sent = verbs.add_parser("submissions", help="what came in through a form, the newest first")
    for verb in (show, export, sent):
        verb.add_argument("name", metavar="NAME", help="the form's name, address or id")
    export.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to (default: standard output)")
    taken.add_argument("file", metavar="FILE", help="what `kith form export` wrote; - for standard input")
    taken.add_argument("--publish", action="store_true", help="publish it at once")
    sent.add_argument("--state", metavar="STATE", help="new, review, failed, done or discarded")
    sent.add_argument("--rows", metavar="N", type=int, default=20, help="how many (default: %(default)s)")
    for verb in (listed, show, taken, sent):
        verb.add_argument("--json", action="store_true", help="print everything for programs")


def run(args: argparse.Namespace) -> int:
    from kith.kernel.organisation.models import refresh

    refresh()
    from kith.capture import terminal

    verbs = {"list": terminal.listed, "show": terminal.shown, "export": terminal.exported, "import": terminal.imported,
             "submissions": terminal.sent}  # fmt: skip
    told = verbs[args.verb](args)
    if getattr(args, "json", False):
        print(json.dumps(told, ensure_ascii=False, indent=2, default=str))
    return 0
