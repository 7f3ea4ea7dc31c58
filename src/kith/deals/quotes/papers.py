"""What stands on every document, and who may offer how much of a discount: checked in words, then kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.deals.quotes.document import LOGOS
from kith.deals.quotes.models import Limit, Paper
from kith.deals.quotes.words import spoken
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.files.storage import store
from kith.kernel.kinds import Integer, Number
from kith.kernel.organisation.models import bump

ROLES = {"member": _("Members"), "manager": _("Managers"), "administrator": _("Administrators")}
MOST = 512 * 1024  # bytes of a logo
LONGEST = {"letterhead": 1000, "terms": 20_000, "foot": 300}


@transaction.atomic
def set_paper(given: dict[str, Any], *, logo: Any = None, drop_logo: bool = False, by: Actor) -> Paper:
    """Keep texts, days, limits and the logo, all or none. Raises Invalid with its field, NotAllowed."""
    by.require("settings.manage")
    paper = Paper.objects.select_for_update().first() or Paper()
    for key, most in LONGEST.items():
        setattr(paper, key, _text(key, str(given.get(key, "")), most))
    paper.terms_in = {
        c: t for c in spoken() if (t := _text(f"terms_{c}", str(given.get(f"terms_{c}", "")), LONGEST["terms"]))
    }
    paper.valid_days = _checked(Integer(1, 365), given.get("valid_days"), "valid_days", 30)
    if logo is not None:
        paper.logo = _logo(logo, by)
    elif drop_logo:
        paper.logo = None
    paper.save()
    for role in ROLES:
        percent = _checked(
            Number(5, 2, Decimal(0), Decimal(100)), given.get(f"limit_{role}"), f"limit_{role}", Decimal(0)
        )
        Limit.objects.update_or_create(role=role, defaults={"percent": percent})
    bump()
    return paper


def _text(key: str, text: str, most: int) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise Invalid(__("At most %s characters fit here.") % most, key)
    return text


def _checked(kind: Any, raw: Any, key: str, otherwise: Any) -> Any:
    try:
        value = kind.parse(raw)
    except Invalid as problem:
        raise Invalid(problem.message, key) from None
    return otherwise if value is None else value


def _logo(upload: Any, by: Actor) -> int:
    try:
        stored = store(upload, record_type="paper", record_id=1, by=by, limit=MOST)
    except Invalid as problem:
        raise Invalid(problem.message, "logo") from None
    if stored.content_type not in LOGOS:
        raise Invalid(__("A logo is a PNG, JPEG, WebP or SVG file."), "logo")
    return int(stored.pk)
