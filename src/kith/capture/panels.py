"""Parts of the pages of forms and submissions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kith.capture.definition import faults_of
from kith.capture.models import Form, FormVersion, Submission
from kith.capture.queries import published
from kith.capture.taking import differences
from kith.kernel.access.actor import Actor
from kith.kernel.files.queries import files_of
from kith.kernel.kinds import LongText, Text
from kith.kernel.records.parts import Part
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel


def sent(actor: Actor, row: Submission) -> dict[str, Any]:
    """What was sent, in order; what the person has otherwise; the files; how the post came."""
    files = files_of("submission", row.pk, limit=20) if any(not one["column"] for one in row.answers) else []
    seen = row.person_id is None or registry["person"].rows(actor).filter(pk=row.person_id).exists()
    return {"row": row, "differs": differences(row) if seen else [], "files": files, "seen": seen,
            "raw": sorted(row.raw.items())}  # fmt: skip


def published_at(actor: Actor, form: Form) -> dict[str, Any]:
    """Where the form is met, how to put it into a page, its versions, and what keeps the draft from being published."""
    from kith.capture.elsewhere import embed_line, snippet
    from kith.kernel.accounts.links import site_address

    live = published(form.key)
    versions = list(FormVersion.objects.filter(form=form).select_related("author").order_by("-number")[:10])
    last = versions[0] if versions else None
    return {
        "form": form, "live": live, "versions": versions, "faults": faults_of(form.draft) if form.draft else [],
        "changed": last is not None and last.document != form.draft, "address": f"{site_address()}/f/{form.key}",
        "line": embed_line(live) if live else "", "snippet": snippet(live) if live else "",
    }  # fmt: skip


class _Answer:
    def __init__(self, said: dict[str, str]):
        self.label, self.value, self.column = said["label"], said["value"], said["column"]


ANSWERS = Part(
    "answers", _("Answers"), {"label": Text(500), "value": LongText(), "column": Text(120)},
    lambda actor, row: [_Answer(one) for one in row.answers],
)  # fmt: skip
SENT = Panel("sent", _("What was sent"), "capture/panel_sent.html", sent, depends_on=("person",), place="main", order=5)
PUBLISHED = Panel(
    "published", _("Where people meet it"), "capture/panel_published.html", published_at, place="main", order=5
)
