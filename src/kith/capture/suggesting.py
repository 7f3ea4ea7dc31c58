"""Who is best asked about something that waits: whoever looks after them already, else whom a rule of another room would choose.

suggests(owner_for)      at start-up; owner_for(submission) -> id of a colleague, or None
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kith.capture.companies import known_company
from kith.capture.models import Submission
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.models import User

Suggest = Callable[[Submission], "int | None"]
_rules: list[Suggest] = []


def suggests(rule: Suggest) -> Suggest:
    """Ask this rule where nobody looks after them yet."""
    _rules.append(rule)
    return rule


def suggested(row: Submission, by: Actor) -> Any:
    """The colleague to be asked; None where nobody is suggested, or only whoever asks, or who has it already."""
    people = (row.proposed, row.proposed.company if row.proposed else None, known_company(row))
    wished = [one.owner_id for one in people if one is not None]
    asked = (pk for pk in [*wished, *(rule(row) for rule in _rules)] if pk not in (None, by.user_id, row.owner_id))
    return User.objects.filter(pk=next(asked, None), is_active=True).first()
