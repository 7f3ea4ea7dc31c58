"""When somebody last opened a mail of ours and followed a link in one, as columns of people: for lists, segments and programs."""

from __future__ import annotations

from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from kith.engagement.models import TrackedMail
from kith.kernel.kinds import Moment
from kith.kernel.records.columns import Facts
from kith.kernel.records.registry import registry

SHOWN = frozenset({"list", "filter", "export", "api"})


def _last(field: str, label: str) -> Facts:
    theirs = TrackedMail.objects.filter(person=OuterRef("pk")).order_by().values("person")
    return Facts(
        kind=Moment(), label=label, faces=SHOWN, expr=Subquery(theirs.annotate(last=Max(field)).values("last"))
    )


registry.lend("person", "mail_opened_at", _last("opened_at", _("Last opened a mail")))
registry.lend("person", "mail_clicked_at", _last("clicked_at", _("Last followed a link in a mail")))
