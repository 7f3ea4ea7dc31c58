"""In which language Kith speaks to people outside: that of the person, else of the page, the browser, the organisation.

Catalogues of Kith's own words are in `kith/locale`; they cover what customers meet (`tools/words.py` says which files).
Colleagues read English.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

from babel.localedata import locale_identifiers
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

SPOKEN = frozenset(code for code, _name in settings.SPOKEN)
MOST_READ = 10  # languages of one browser that are looked at


def nearest(wishes: Iterable[str], offered: Collection[str]) -> str:
    """The first wish that is offered, exactly or by its beginning (de-AT is met by de); "" for none."""
    for wish in wishes:
        code = wish.strip().lower().replace("_", "-")
        for one in (code, code.partition("-")[0]):
            if one and one in offered:
                return one
    return ""


def accepted(request: HttpRequest) -> list[str]:
    """What a browser says it reads, the dearest first."""
    return read_by(request.headers.get("Accept-Language", ""))


def read_by(header: str) -> list[str]:
    """The languages of such a header."""
    parts = parse_accept_lang_header(header[:500])
    return [code for code, weight in parts[:MOST_READ] if weight > 0 and code != "*"]


def speaking_to(request: HttpRequest, *wishes: str) -> translation.override:
    """The same for who is looking at a page: after what is known of them comes what their browser reads. What was known last is
    kept with the request, so that a refusal on the way speaks as the page would have."""
    wishes = wishes or getattr(request, "wishes", ())
    request.wishes = wishes  # type: ignore[attr-defined]
    return speaking(*wishes, *accepted(request))


def written_in(*wishes: str) -> translation.override:
    """Days, times and figures as the first of these languages writes them that Babel knows, whether Kith speaks it or not; else as
    the organisation's does. For values that stand in somebody else's words."""
    return translation.override(nearest(wishes, written()) or nearest([_ours()], written()) or settings.LANGUAGE_CODE)


@cache
def written() -> frozenset[str]:
    """Languages whose formats are known, alone or with a country."""
    codes = (code.lower().split("_") for code in locale_identifiers())
    return frozenset("-".join(code) for code in codes if len(code) == 1 or (len(code) == 2 and len(code[1]) < 4))


def speaking(*wishes: str) -> translation.override:
    """Kith's own words in the first of these languages that Kith speaks, else in the organisation's."""
    return translation.override(nearest(wishes, SPOKEN) or nearest([_ours()], SPOKEN) or settings.LANGUAGE_CODE)


def _ours() -> str:
    from kith.kernel.organisation.models import current  # the server in front of the application has no models

    return current().language
