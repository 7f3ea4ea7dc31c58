"""The document of a quote, well set by Typst, in the customer's language with the organisation's logo and terms.

The same quote gives the same page everywhere: only fonts that come with Typst are used, nothing is fetched, and values go in
as JSON, never as markup. What is sent is kept as a file of the version, with its fingerprint.
"""

from __future__ import annotations

import io
import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kith.deals.quotes.models import Paper, Quote
from kith.deals.quotes.words import Words
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid, NotFound
from kith.kernel.files.models import StoredFile
from kith.kernel.files.storage import open_file, store
from kith.kernel.money.steps import steps_of
from kith.kernel.organisation.models import current

LOGOS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg", "image/webp": "webp"}
PDF = "application/pdf"
SHOWN = 70  # characters of the link that are printed


def paper() -> Paper:
    """What stands on every document."""
    return Paper.objects.first() or Paper()


def terms_in(language: str) -> str:
    found = paper()
    return str(found.terms_in.get(language.partition("-")[0]) or found.terms)


def receiver(quote: Quote) -> str:
    """To whom it is addressed, each part on a line of its own."""
    deal = quote.deal
    address = (getattr(deal.company, "addresses", None) or [{}])[0]
    place = " ".join(str(address.get(key, "")) for key in ("postcode", "city")).strip()
    parts = [deal.company, deal.contact, address.get("street", ""), place]
    return "\n".join(str(part) for part in parts if part)


def data(quote: Quote, link: str = "", logo: str | None = None) -> dict[str, Any]:
    """Everything on the page, in words; see `document.typ`."""
    w, page = Words(quote.language), paper()
    lines = list(quote.lines.all())
    brand = current().name or "Kith"
    day = timezone.localdate(quote.sent_at) if quote.sent_at else timezone.localdate()
    return {
        "lang": w.code, "title": f"{w('quote')} {quote.number}", "brand": brand, "logo": logo, "letterhead": page.letterhead,
        "foot": page.foot or brand, "page": w("page", n="{n}", all="{all}"), "draft": w("draft") if quote.state == "draft" else "",
        "heading": f"{w('quote')}: {quote.deal.name}", "receiver": receiver(quote), "note": quote.note,
        "facts": [[w("number"), quote.number], [w("date"), w.day(day)], [w("valid"), w.day(quote.valid_until)]],
        "head": [w("what"), w("quantity"), w("price"), w("discount"), w("total")],
        "lines": [_line(line, quote, w) for line in lines], "sums": _sums(lines, quote, w), "total": w.money(quote.total, quote.currency),
        "promises": [_promise(one, w) for one in quote.promises], "terms": quote.terms, "link": link,
        "link_shown": link if len(link) <= SHOWN else f"{link[:SHOWN]}…",
        "words": {key: w(key) for key in ("for", "together", "promises", "terms", "online")},
    }  # fmt: skip


def _line(line: Any, quote: Quote, w: Words) -> dict[str, str]:
    every = f" {w(line.recurring)}" if line.recurring else ""
    return {
        "name": line.name, "why": "; ".join(part for part in (line.discount_reason if line.discount else "", _steps(line, quote, w)) if part), "quantity": w.number(line.quantity),
        "price": w.money(line.unit_price, quote.currency) + every,
        "discount": f"{w.number(line.discount)} %" if line.discount else "",
        "total": w.money(line.total, quote.currency) + every if line.total else w("free"),
    }  # fmt: skip


def _steps(line: Any, quote: Quote, w: Words) -> str:
    """ "€52.00 from year 2, €55.00 from year 3", nothing where the price holds."""
    steps = enumerate(steps_of(line.ramp), 2)
    return ", ".join(w("from_year", price=w.money(price, quote.currency), n=str(n)) for n, price in steps)


def _sums(lines: list[Any], quote: Quote, w: Words) -> list[list[str]]:
    """What is paid once, each month and each year, where a quote has more than one of them."""
    found = []
    for recurring, word in (("", "once"), ("month", "monthly"), ("year", "yearly")):
        some = [line.total for line in lines if line.recurring == recurring]
        if some:
            found.append([w(word), w.money(sum(some), quote.currency)])  # type: ignore[arg-type]
    return found if len(found) > 1 else []


def _promise(one: dict[str, str], w: Words) -> dict[str, str]:
    import datetime as dt

    due = one.get("due") or ""
    return {"wording": one["wording"], "due": w("by", day=w.day(dt.date.fromisoformat(due))) if due else ""}


def render(quote: Quote, link: str = "") -> bytes:
    """The PDF. Raises Invalid where it cannot be set."""
    import typst  # heavy, and only documents ask for it

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "document.typ").write_bytes(resources.files("kith.deals.quotes").joinpath("document.typ").read_bytes())
        given = json.dumps(data(quote, link, _logo_into(place)))
        try:
            return bytes(typst.compile(
                str(place / "document.typ"), root=folder, ignore_system_fonts=True, sys_inputs={"data": given}
            ))  # fmt: skip
        except typst.TypstError as problem:
            raise Invalid(_("The document could not be set: %s") % problem) from problem


def _logo_into(place: Path) -> str | None:
    """The logo's name in that folder, None where there is none."""
    stored = StoredFile.objects.filter(pk=paper().logo or 0).first()
    if stored is None or stored.content_type not in LOGOS:
        return None
    name = f"logo.{LOGOS[stored.content_type]}"
    try:
        with open_file(stored) as file:
            (place / name).write_bytes(file.read())
    except NotFound:
        return None
    return name


def keep(quote: Quote, content: bytes, *, by: Actor) -> StoredFile:
    """Keep the document as a file of this version."""
    upload = io.BytesIO(content)
    upload.name = f"{quote.number}.pdf"
    return store(upload, record_type="quote", record_id=quote.pk, by=by, kind=PDF)


def kept(quote: Quote) -> bytes:
    """The document as it was sent. Raises NotFound."""
    stored = StoredFile.objects.filter(pk=quote.document or 0).first()
    if stored is None:
        raise NotFound(_("This quote has no document yet."))
    with open_file(stored) as file:
        return file.read()
