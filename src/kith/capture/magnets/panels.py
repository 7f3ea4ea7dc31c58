"""Lead magnets on pages: what came of one, and which there are for an asset or a form."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.capture.magnets.figures import DOWNLOADED, SEEN, SENT_FORM, Step, became, counts, last
from kith.capture.models import Magnet
from kith.kernel.access.actor import Actor
from kith.kernel.files.queries import files_of
from kith.kernel.records.registry import registry
from kith.ui.panels import Panel


def conversion(actor: Actor, magnet: Magnet) -> dict[str, Any]:
    """The way from looking at the form to being a customer, and what keeps it from working."""
    seen, sent, downloaded = counts(magnet)
    after = became(actor, magnet)
    numbers = [(__("Form shown"), seen), (__("Sent it"), sent), (__("Downloaded"), downloaded)]
    names = {"qualified": __("Qualified"), "won": __("Customers")}
    numbers += [(names[key], n) for key, n in after.items() if n is not None]
    steps, before = [], 0
    for label, n in numbers:
        steps.append(Step(label, n, min(n / before, 1.0) if before else None))
        before = n if label != names["qualified"] else before
    return {"magnet": magnet, "steps": steps, "faults": faults_of(magnet), "last": last(magnet, actor)}


def faults_of(magnet: Magnet) -> list[str]:
    """Why nothing is handed over, in sentences."""
    out = []
    if magnet.archived_at is not None:
        return out
    if magnet.asset.archived_at is not None:
        out.append(__("Its asset is archived."))
    elif not magnet.asset.link and not files_of("asset", magnet.asset_id, limit=1):
        out.append(__("Its asset has no file yet, and no link; attach a file to the asset."))
    if not magnet.form.open:
        out.append(__("Its form is not open."))
    return out


def _list(actor: Actor, **which: Any) -> dict[str, Any] | None:
    if not actor.can("magnet.see"):
        return None
    rows = registry["magnet"].rows(actor, archived=False).filter(**which).select_related("form", "asset")
    rows = rows.annotate(n_seen=SEEN, n_sent=SENT_FORM, n_downloaded=DOWNLOADED).order_by("name")
    return {"magnets": list(rows[:20]), "may": actor.can("magnet.create")}


def of_asset(actor: Actor, asset: Any) -> dict[str, Any] | None:
    """By which forms it is handed over, and how many came that way."""
    found = _list(actor, asset_id=asset.pk)
    return None if found is None else {**found, "new": f"/magnets/new?asset={asset.pk}", "by": "form"}


def of_form(actor: Actor, form: Any) -> dict[str, Any] | None:
    """What the form hands over."""
    found = _list(actor, form_id=form.pk)
    return None if found is None else {**found, "new": f"/magnets/new?form={form.pk}", "by": "asset"}


CONVERSION = Panel(
    "conversion", _("What came of it"), "capture/panel_conversion.html", conversion, depends_on=("submission", "person"),
    place="main", order=5,
)  # fmt: skip
OF_ASSET = Panel(
    "asset-magnets",
    _("Lead magnets"),
    "capture/panel_magnets.html",
    of_asset,
    depends_on=("magnet",),
    order=12,
    lazy=True,
)
OF_FORM = Panel(
    "form-magnets",
    _("What it hands over"),
    "capture/panel_magnets.html",
    of_form,
    depends_on=("magnet",),
    order=12,
    lazy=True,
)
