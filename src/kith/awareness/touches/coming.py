"""Reading where somebody came from: the words of an address (UTM), the page and the referrer; and the channel they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kith.awareness.models import Channel
from kith.kernel.text import clean_text

WORDS = ("source", "medium", "campaign", "content", "term")
LONGEST, LONGEST_PAGE = 200, 500
SEARCH = (
    "google.",
    "bing.",
    "duckduckgo.",
    "ecosia.",
    "qwant.",
    "yahoo.",
    "startpage.",
    "seznam.",
    "yandex.",
    "baidu.",
)
SOCIAL = ("linkedin.", "facebook.", "instagram.", "xing.", "youtube.", "mastodon.", "reddit.", "twitter.", "x.com", "t.co", "lnkd.in")  # fmt: skip
PAID = ("cpc", "ppc", "paid", "display", "banner", "cpm", "retargeting")
MEDIA = {
    "email": Channel.EMAIL, "e-mail": Channel.EMAIL, "newsletter": Channel.EMAIL, "mail": Channel.EMAIL,
    "social": Channel.SOCIAL, "organic": Channel.SEARCH, "search": Channel.SEARCH, "event": Channel.EVENT,
    "fair": Channel.FAIR, "tradeshow": Channel.FAIR, "webinar": Channel.WEBINAR, "partner": Channel.PARTNER,
    "affiliate": Channel.PARTNER, "referral": Channel.REFERRAL, "post": Channel.POST, "print": Channel.POST,
    "press": Channel.PRESS, "pr": Channel.PRESS, "chat": Channel.CHAT,
}  # fmt: skip
THROUGH = {"mail": Channel.EMAIL, "chat": Channel.CHAT, "event": Channel.EVENT, "referral": Channel.REFERRAL}


@dataclass(frozen=True)
class Origin:
    """Where somebody came from, as a touch keeps it."""

    channel: str
    source: str = ""
    medium: str = ""
    word: str = ""
    content: str = ""
    term: str = ""
    landing: str = ""
    referrer: str = ""

    def values(self) -> dict[str, str]:
        return asdict(self)


def read(utm: Mapping[str, Any] | None = None, page: Any = "", referrer: Any = "", through: str = "") -> Origin:
    """What was said in words of any length and sort, made safe to keep. Words of the page's own address count where `utm`
    has none; everything else behind “?” is dropped, since it may name people."""
    said = _words(utm or {})
    for key, value in _words(_query(page)).items():
        said.setdefault(key, value)
    landing, came = bare(page), bare(referrer)
    if came and _host(came) == _host(landing):
        came = ""  # from one page of the site to another
    channel = channel_of(said.get("medium", ""), said.get("source", ""), came, through)
    source = said.get("source", "") or _host(came)
    return Origin(
        channel, source, said.get("medium", ""), said.get("campaign", ""), said.get("content", ""), said.get("term", ""),
        landing, came,
    )  # fmt: skip


def _query(page: Any) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(_text(page, 4000)).query))
    except ValueError:  # no address at all
        return {}


def _words(given: Mapping[str, Any]) -> dict[str, str]:
    out = {}
    for key in WORDS:
        value = given.get(key) or given.get(f"utm_{key}")
        if isinstance(value, str) and value.strip():
            out[key] = _text(value, LONGEST)
    return out


def _text(value: Any, most: int) -> str:
    return " ".join(clean_text(value[: most * 2]).split())[:most] if isinstance(value, str) else ""


def bare(address: Any) -> str:
    """An address without user, query and fragment; "" for what is no web address."""
    try:
        parts = urlsplit(_text(address, 4000))
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    return f"{parts.scheme}://{host}{parts.path}"[:LONGEST_PAGE]


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.") if address else ""


def channel_of(medium: str, source: str, referrer: str, through: str = "") -> str:
    """The channel that these words mean: what the address says of itself first, then where the visit came from."""
    medium, host = medium.casefold(), _host(referrer)
    if any(medium.startswith(word) for word in PAID):
        return Channel.ADS
    if medium in MEDIA:
        return MEDIA[medium]
    for where in (source.casefold(), host):
        if _one_of(where, SOCIAL):
            return Channel.SOCIAL
        if _one_of(where, SEARCH):
            return Channel.SEARCH
    if through in THROUGH:
        return THROUGH[through]
    if medium or source:
        return Channel.OTHER
    return Channel.REFERRAL if host else Channel.DIRECT


def _one_of(where: str, names: tuple[str, ...]) -> bool:
    """Is this one of these sites, by its name ("google") or by its host ("www.google.de")? A name ends in a dot where it has
    many endings."""
    parts = f".{where}."
    return bool(where) and any(
        f".{name}" in parts if name.endswith(".") else parts.endswith(f".{name}.") for name in names
    )
