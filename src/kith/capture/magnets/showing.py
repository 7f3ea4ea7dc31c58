"""What the page that thanks offers, and where its buttons may lead."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.http import HttpRequest

from kith.capture.magnets.granting import Opened, opened
from kith.capture.queries import Published


def gifts_of(request: HttpRequest, form: Published, tokens: list[str]) -> list[Opened]:
    """What these tokens of one submission open now."""
    found = [one for token in tokens[:10] if (one := opened(form.pk, token)) and one.state == "ready"]
    leads_to(request, found)
    return found


def leads_to(request: HttpRequest, found: Iterable[Opened]) -> None:
    """Browsers hold a form to its policy on the way to where it leads, too; `public.for_strangers` adds these hosts."""
    parts = [urlsplit(one.link) for one in found if one.link]
    request.leads_to = [f"{part.scheme}://{part.netloc}" for part in parts if part.hostname]  # type: ignore[attr-defined]
