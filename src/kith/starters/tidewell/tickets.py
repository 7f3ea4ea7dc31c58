"""What Tidewell's customers asked: tickets with their talks, and clocks kept and broken.

A known truth: of first replies to urgent tickets 60 % came in time, of high ones 80 %, of normal ones 90 %, of low ones 95 %.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from kith.kernel.access.actor import Actor, system
from kith.kernel.calendars.queries import calendar_of
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.support.telling import ToldLine, ToldTicket, first_reply_time, tell_tickets

KEPT = {"urgent": 60, "high": 80, "normal": 90, "low": 95}  # percent of first replies within their time
MIX = ("normal",) * 11 + ("low",) * 4 + ("high",) * 3 + ("urgent",) * 2
SHARE, MOST, DAYS = 0.45, 2_000, 180  # tickets for each person, at most; days back
OPEN = 14  # days within which a ticket may still be open
LEVELS = (
    {"name": "Urgent", "position": 10, "priorities": ["urgent"], "first": "1 business hour", "next": "2 business hours", "resolution": "8 business hours"},
    {"name": "Everybody", "position": 100, "first": "6 business hours", "next": "1 business day", "resolution": "5 business days"},
)  # fmt: skip
REPLIES = (
    ("Which sensor is it", 'Hello {{ person.given_name | "there" }},\n\nwhich sensor is it? Its number stands on the back.\n\n{{ me.name }}', "wait", []),
    ("Battery on its way", 'Hello {{ person.given_name | "there" }},\n\na new battery is on its way to you. It clicks in without tools.\n\n{{ me.name }}', "solve", ["battery"]),
    ("Moved to the night team", 'Done, {{ person.given_name | "all" }}: the account is on the night team as of now.', "solve", ["app"]),
)  # fmt: skip
ASKED = (  # subject, request, question of ours, their answer, what solved it, cause, kind, tag
    ("Night porter cannot see alerts", "Our night porter does not get the alerts. He has the app and is logged in.", "Shall I move his account to the night team?",
     "Yes please.", "Done: the account is on the night team as of now.", "Account in the wrong team", "problem", "app"),
    ("Sensor offline since Sunday", "One sensor in the cellar is offline since Sunday.", "Does its light blink when you press it?", "No, it stays dark.",
     "A new battery is on its way.", "Empty battery", "problem", "battery"),
    ("Invoice names the old company", "The invoice still names our old company.", "What is the name as it should stand there?", "With “Group” at the end.",
     "The invoice was written again.", "Wrong master data", "question", "invoice"),
    ("Can two flats share a valve?", "Can two flats share one valve, or does each need its own?", "Do both hang on the same riser?", "They do.",
     "Then one valve is enough; the drawing is attached.", "Planning", "question", "valves"),
    ("Log-in for our new caretaker", "We have a new caretaker who needs a log-in.", "What is the address of the new colleague?", "It is the caretaker’s address at our house.",
     "The invitation was sent.", "New user", "question", "app"),
    ("Export for the insurer", "Our insurer wants all alarms of the last year.", "Is a table enough?", "Yes.", "The export is attached.", "Report", "wish", "export"),
    ("Alarm text in our language", "Can the alarm text be in our own language?", "Which one?", "The one of this mail.", "It is switched on.", "Language", "wish", "app"),
    ("Battery at 11 % after 8 months", "The battery is at 11 % after only eight months.", "How cold is it where it hangs?", "Below zero in winter.",
     "A new battery for cold rooms is on its way.", "Cold room", "problem", "battery"),
    ("Water in the cellar, no alarm", "There was water in the cellar on Sunday and nobody was called. This cannot happen.", "May we call you at once?", "Please do.",
     "The numbers to call were put in order, and tested together.", "Numbers to call", "complaint", "alarm"),
)  # fmt: skip


def write_tickets(voices: list[Actor], users: list[Any], by: Actor, *, people: int, now: dt.datetime, seed: int) -> int:
    """The desk and its tickets, in the caller's transaction; returns how many."""
    _set_up(voices[0], users)
    dice = random.Random(seed)
    askers = list(_customers())
    if not askers:
        return 0
    wanted = min(MOST, max(20, int(people * SHARE)))
    told = [_told(n, dice, askers[n % len(askers)], voices, now) for n in range(wanted)]
    tell_tickets([one for one in told if one is not None], by=by)
    return len(told)


def _set_up(by: Actor, users: list[Any]) -> None:
    for values in LEVELS:
        _once("service_level", values, by)
    for name, body, then, tags in REPLIES:
        _once("reply", {"name": name, "body": body, "then": then, "tags": tags}, by)
    _once("way_in", {"name": "Help", "through": "mail", "place": "help@tidewell.example"}, by)
    agents = registry["agent"].model._default_manager
    for n, user in enumerate(users):
        if user.role == "member" and not agents.filter(user=user).exists():
            skills = [["app", "alarm"], ["battery", "valves"], ["invoice", "export"]][n % 3]
            actions.create(registry["agent"], {"user": user, "skills": skills}, by=by)


def _once(record: str, values: dict[str, Any], by: Actor) -> None:
    if not registry[record].model._default_manager.filter(name=values["name"], archived_at=None).exists():
        actions.create(registry[record], values, by=by)


def _customers() -> list[Any]:
    """Whom something was sold to, and their colleagues: those who may have a question."""
    won = registry["deal"].model._default_manager.filter(status="won", archived_at=None).values("company")
    rows = (
        registry["person"]
        .model._default_manager.filter(company__in=won, archived_at=None)
        .select_related("company", "owner")
    )
    return list(rows.order_by("pk"))


def _told(n: int, dice: random.Random, person: Any, voices: list[Actor], now: dt.datetime) -> ToldTicket:
    subject, request, question, reply, solution, cause, kind, tag = ASKED[dice.randrange(len(ASKED))]
    priority = MIX[n % len(MIX)]
    round_ = n // len(MIX)
    owner = voices[1 + dice.randrange(6)]
    opened = now - dt.timedelta(days=dice.random() ** 1.6 * DAYS, minutes=5 + dice.randrange(240))
    one = ToldTicket(person, owner, subject, dice.choice(["mail", "mail", "mail", "portal", "chat", "form", "phone"]), kind, priority,
                     opened, (), cause, solution, (tag,))  # fmt: skip
    time = first_reply_time(one)
    assert time is not None
    budget = time.limit(opened)
    kept = (round_ * 37 + n % len(MIX) * 11) % 100 < KEPT[priority]
    first = time.after(opened, budget * (0.1 + 0.8 * dice.random() if kept else 1.2 + dice.random()))
    lines = [ToldLine(opened, request)]
    hours = calendar_of()
    at1 = first + dt.timedelta(hours=1 + dice.random() * 20)
    back = [
        ToldLine(at1 + dt.timedelta(days=3), "It is back, the same as before."),
        ToldLine(hours.add(at1 + dt.timedelta(days=3), dt.timedelta(hours=2)), "I saw to it once more; it holds now.", owner, then="solve"),
    ]  # fmt: skip
    steps = [
        ToldLine(first, question, owner, then="wait"),
        ToldLine(at1, reply),
        *([ToldLine(at1 + dt.timedelta(minutes=9), "Careful: they had this last winter too.", voices[1], note=True)] if dice.random() < 0.2 else []),
        ToldLine(hours.add(at1, dt.timedelta(hours=1 + dice.random() * 9)), solution, owner, then="solve"),
        *(back if dice.random() < 0.08 else []),
    ]  # fmt: skip
    stop = len(steps) if now - opened > dt.timedelta(days=OPEN) else dice.randrange(len(steps) + 1)
    lines += [line for line in sorted(steps, key=lambda line: line.at)[:stop] if line.at < now]
    if len(lines) == 1 and dice.random() < 0.3:
        one.owner = None
    one.lines = lines
    return one


def by_itself(operation: int) -> Actor:
    """Who writes what comes by itself."""
    return system("mail").within(operation)
