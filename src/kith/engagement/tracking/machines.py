"""Whether a machine asked, as far as that can be told: servers that look for viruses open every link as mail arrives, and
Apple's mail program fetches every image whether anybody reads or not. What is perhaps theirs counts for nobody.

The image servers of Google and Yahoo fetch when somebody opens a mail, so they are taken for that somebody.
"""

from __future__ import annotations

import datetime as dt
import re

from django.http import HttpRequest

AT_ONCE = dt.timedelta(seconds=15)  # after a mail left, in which nobody has read it
BARE = {"", "mozilla/5.0"}  # what Apple's privacy proxy calls itself, and what calls itself nothing
ROBOTS = re.compile(
    r"bot\b|bot/|crawl|spider|scan|preview|prefetch|monitor|safelinks|barracuda|mimecast|proofpoint|symantec|fireeye|trendmicro"
    r"|sophos|forcepoint|cloudmark|ironport|messagelabs|virus|python|curl/|wget/|go-http-client|java/|okhttp|libwww|headless"
    r"|facebookexternalhit|whatsapp|slack|skypeuri|microsoft office|ms-office|outlook-ios-android-link",
    re.IGNORECASE,
)
AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")  # by which browsers say that nobody looks yet


def perhaps(request: HttpRequest, left: dt.datetime, now: dt.datetime) -> bool:
    """left: when the mail was made ready to leave."""
    agent = request.headers.get("User-Agent", "").strip()
    ahead = " ".join(request.headers.get(name, "") for name in AHEAD).lower()
    return (
        request.method == "HEAD"
        or now - left < AT_ONCE
        or agent.lower() in BARE
        or ROBOTS.search(agent) is not None
        or "prefetch" in ahead
        or "preview" in ahead
    )
