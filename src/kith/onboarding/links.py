"""The signed address of a customer's page. It works until a new one is made, the page is shut, or the plan is gone.

No name stands in it. Whoever has the link sees the page, so it says nothing that the customer may not read.
"""

from __future__ import annotations

from django.core import signing
from django.utils.translation import gettext as _

from kith.kernel.accounts.links import site_address
from kith.kernel.errors import NotFound
from kith.onboarding.models import Plan

SALT, LONGEST = "kith.onboarding.page", 300


def page_path(plan: Plan) -> str:
    return f"/o/{signing.dumps([plan.pk, plan.link_number], salt=SALT)}"


def page_link(plan: Plan) -> str:
    return site_address() + page_path(plan)


def open_plan(token: str) -> Plan:
    """The plan of a link. Raises NotFound in words that tell nothing of anybody."""
    try:
        told = signing.loads(token, salt=SALT) if len(token) <= LONGEST else None
    except signing.BadSignature:
        told = None
    if isinstance(told, list) and len(told) == 2 and all(isinstance(one, int) for one in told):
        rows = Plan.objects.filter(archived_at=None, link_open=True).select_related("person", "company", "owner")
        plan = rows.filter(pk=told[0], link_number=told[1]).first()
        if plan is not None:
            return plan
    raise NotFound(
        _(
            "This link does not work: it is incomplete, was changed on the way, or was replaced by a new one. Write to us, and we send you the new one."
        )
    )
