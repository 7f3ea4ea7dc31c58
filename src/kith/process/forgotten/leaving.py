"""What an administrator is told before a colleague goes: how many would stand without somebody from that moment."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kith.process.forgotten.looking import would_leave


def say_what_would_be_left(user: Any) -> str:
    """One sentence; "" when nothing open is theirs."""
    found = would_leave(user.pk)
    parts = [
        ngettext("%d lead", "%d leads", n) % n if kind == "lead" else
        ngettext("%d open deal", "%d open deals", n) % n if kind == "deal" else
        ngettext("%d ticket", "%d tickets", n) % n if kind == "ticket" else ngettext("%d customer", "%d customers", n) % n
        for kind in ("lead", "deal", "customer", "ticket") if (n := found.get(kind, 0))
    ]  # fmt: skip
    if not parts:
        return ""
    return _("%s wait for them. Whatever nobody else takes on stands on the list “Without a next step” at once.") % ", ".join(parts)  # fmt: skip
