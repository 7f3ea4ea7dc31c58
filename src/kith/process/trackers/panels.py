"""Parts of pages: who waits for an issue, how a tracker calls us, and the issue beside a ticket or a promise."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.kernel.access.actor import Actor
from kith.kernel.accounts.links import site_address
from kith.kernel.records.registry import registry
from kith.process.trackers.keeping import waiting
from kith.process.trackers.models import Issue, Token, Tracker
from kith.process.trackers.providers import secret_of
from kith.ui.panels import Panel

MOST = 100


def who_waits(actor: Actor, issue: Issue) -> dict[str, Any]:
    """Promises and tickets within reach; of the others, that there are some."""
    promises = registry["promise"].rows(actor, archived=False).filter(issue_url=issue.url, state__in=("open", "broken"))
    tickets = registry["ticket"].rows(actor, archived=False).filter(issue_url=issue.url)
    with_names = ("company", "person", "owner")
    seen = [list(rows.select_related(*with_names).order_by("-pk")[:MOST]) for rows in (promises, tickets)]
    all_ = waiting(issue.url)
    hidden = all_.promises + all_.tickets - len(seen[0]) - len(seen[1])
    return {"promises": seen[0], "tickets": seen[1], "hidden": max(hidden, 0), "issue": issue, "count": issue.customers or None,
            "tracker": issue.tracker, "may": actor.can("settings.manage")}  # fmt: skip


def calls(actor: Actor, tracker: Tracker) -> dict[str, Any] | None:
    """Where the tracker calls us, with which secret; for whoever sets it up."""
    if not actor.can("settings.manage"):
        return None
    return {"address": f"{site_address()}/hooks/trackers/{tracker.pk}/", "secret": secret_of(tracker), "tracker": tracker,
            "token": Token.objects.filter(tracker=tracker).first(), "failed": tracker.issues.exclude(problem="").count()}  # fmt: skip


def beside(actor: Actor, row: Any) -> dict[str, Any] | None:
    """The issue that a ticket or a promise waits for."""
    if not row.issue_url:
        return None
    issue = registry["issue"].rows(actor, archived=False).filter(url=row.issue_url).first()
    return {"issue": issue, "url": row.issue_url}


WAITS = Panel("waits", _("Who waits for it"), "trackers/panel_waits.html", who_waits, depends_on=("promise", "ticket"), place="main", order=5,
              covers=("promise", "ticket"), verbs=("tell",))  # fmt: skip
CALLS = Panel(
    "calls",
    _("How it calls us"),
    "trackers/panel_calls.html",
    calls,
    place="main",
    order=5,
    verbs=("give_token", "renew_secret"),
)
BESIDE = Panel("issue", _("Issue"), "trackers/panel_issue.html", beside, depends_on=("issue",), order=18, lazy=True)
