"""`kith mail`: take in a message from a mail server, check and compare mailboxes, send a mail to try the way out."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

NAME = "mail"
HELP = "take in a message from standard input; check mailboxes and how they fare; send a mail to try it"
EXAMPLE = "kith mail receive --mailbox Sales\n  kith mail check Sales\n  kith mail health --json\n  kith mail send-test anna@example.org"
NEEDS_DATABASE = False  # `receive` has its own words for a database that cannot be reached

# sysexits.h, by which mail servers know whether to try again.
USAGE_DATA, NO_INPUT, UNAVAILABLE, AGAIN = 65, 66, 69, 75


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    receive = verbs.add_parser("receive", help="take in one message from standard input; 75 means: try again later")
    receive.add_argument("--mailbox", metavar="NAME", help="whose rules for strangers hold (default: none’s)")
    check = verbs.add_parser("check", help="sign in to a mailbox and list its folders")
    check.add_argument("name", metavar="MAILBOX", help="its name, address or id")
    health = verbs.add_parser(
        "health", help="every mailbox: what is missing, how far it is behind; 1 where one is not well"
    )
    health.add_argument("--compare", action="store_true", help="count on the servers first")
    health.add_argument("--json", action="store_true", help="print everything for programs")
    sent = verbs.add_parser("send-test", help="send a mail to an address, to see that mail leaves")
    sent.add_argument("address", metavar="ADDRESS")


def run(args: argparse.Namespace) -> int:
    from kith.cli.session import database

    if args.verb == "receive":
        return _receive(args)
    with database():
        return {"check": _check, "health": _health, "send-test": _send_test}[args.verb](args)


def _receive(args: argparse.Namespace) -> int:
    """Nothing is lost: whatever keeps the message from being kept here is an answer that has it tried again."""
    from kith.cli import say
    from kith.cli.session import database

    try:
        with database():
            return _take_in(sys.stdin.buffer, args.mailbox)
    except KeyboardInterrupt:
        return AGAIN
    except Exception as problem:  # noqa: BLE001 - a message that is not kept goes back to the mail server, which has it still
        return say(f"The message was not taken, try again later: {problem}", AGAIN)


def _take_in(stream: Any, name: str | None) -> int:
    from kith.cli import say
    from kith.kernel.errors import Invalid, NotFound
    from kith.kernel.mail.arriving import LIMIT, take_in, too_large

    raw = stream.read(LIMIT + 1)
    if not raw.strip():
        return say("There is no message on standard input.", NO_INPUT)
    if len(raw) > LIMIT:
        return say(too_large(len(raw)), USAGE_DATA)
    try:
        mailbox = _mailbox(name) if name else None
    except (Invalid, NotFound) as problem:
        return say(problem, AGAIN)  # a name that was changed should not cost a message
    arrived = take_in(raw, mailbox=mailbox)
    print(arrived.pk)
    return 0


def _mailbox(name: str) -> Any:
    from kith.kernel.mail.queries import mailbox_named

    return mailbox_named(name)


def _check(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.kernel.mail.asking import check

    box = check(_mailbox(args.name), by=system("cli"))
    print("\n".join(f"{'* ' if name in box.all_folders else '  '}{name}" for name in box.offered))
    if box.problem:
        print(box.problem, file=sys.stderr)
    return 1 if box.problem else 0


def _health(args: argparse.Namespace) -> int:
    from kith.kernel.mail.comparing import compare
    from kith.kernel.mail.health import as_json, as_text, health_of
    from kith.kernel.mail.queries import mailboxes

    if args.compare:
        for box in mailboxes():
            compare(box.pk)
    found = [health_of(box) for box in mailboxes()]
    if args.json:
        print(json.dumps([as_json(one) for one in found], ensure_ascii=False, indent=2))
    else:
        print(
            "\n".join(as_text(one) for one in found) or "There is no mailbox yet; make one under Settings, Mailboxes."
        )
    return 0 if all(one.well for one in found if one.mailbox.active) else 1


def _send_test(args: argparse.Namespace) -> int:
    from smtplib import SMTPException

    from django.conf import settings
    from django.core.mail import EmailMessage

    from kith.cli import say
    from kith.kernel.accounts.mail import is_configured
    from kith.kernel.mail.leaving import INTERNAL, leave
    from kith.kernel.organisation.models import refresh

    name = refresh().name or "Kith"
    if not is_configured():
        return say("No mail server is set up; set KITH_EMAIL_URL, for example smtp://user:password@host:587?tls=1.", 1)
    text = f"This mail came from {name}. It was sent to see that mail leaves; nothing needs to be done.\n"
    try:
        leave(EmailMessage(f"A test from {name}", text, to=[args.address]), purpose=INTERNAL, automatic=True)
    except (OSError, SMTPException) as problem:
        where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        return say(f"The mail server {where} did not take it: {' '.join(str(problem).split())}", UNAVAILABLE)
    print(f"{settings.EMAIL_HOST} took a mail to {args.address}.")
    return 0
