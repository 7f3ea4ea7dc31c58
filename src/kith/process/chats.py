"""Where chats and deals meet: whoever looks after somebody's open deal is asked first when they write in the chat."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kith.capture.chat.routing import register_owner
from kith.kernel.access.actor import system
from kith.kernel.records.registry import registry


def owner_of_deal(person: int) -> int | None:
    """Who looks after the open deal that was changed last: the person's own, else the one of their company's."""
    company = registry["person"].rows(system()).filter(pk=person).values("company_id")
    rows = registry["deal"].rows(system(), archived=False).filter(status="open", owner__isnull=False)
    for found in (rows.filter(contact_id=person), rows.filter(company_id__in=company)):
        owner = found.order_by(F("updated_at").desc(), "-pk").values_list("owner_id", flat=True).first()
        if owner is not None:
            return int(owner)
    return None


def join() -> None:
    """Called once at start-up."""
    register_owner(_("they look after the open deal"), owner_of_deal)
