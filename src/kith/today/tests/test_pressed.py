"""The small buttons of a row: what they ask, where they lead back to, and that no name becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

from kith.today.pressed import button
from kith.today.sections import Do


def read(markup: str) -> tuple[list[str], dict[str, str | None]]:
    """(tags, attributes of the link) as a browser reads them."""
    tags, link = [], {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append(tag)
            if tag == "a":
                link.update(attrs)

    Reader().feed(markup)
    return tags, link


def test_a_question_is_asked_over_the_page_and_leads_back_to_it():
    _tags, link = read(button(Do("Log a call", "phone", "/people/4/say/call", key="l"), "next=%2F%3Fof%3Dteam"))
    assert link["hx-get"] == "/people/4/say/call" and link["href"] == "/people/4/say/call?next=%2F%3Fof%3Dteam"
    assert link["data-hotkey"] == "l" and link["aria-label"] == link["title"] == "Log a call"
    _tags, link = read(button(Do("Not a fit", "x", "/journeys/4/do/close?outcome=lost"), "next=%2F"))
    assert link["href"] == "/journeys/4/do/close?outcome=lost&next=%2F"


def test_what_is_followed_is_not_asked():
    _tags, link = read(button(Do("Call", "phone", "tel:+46", asks=False, words=True), "next=%2F"))
    assert link["href"] == "tel:+46" and "hx-get" not in link and "aria-label" not in link


def test_a_name_is_never_markup():
    name = '"><script>alert(1)</script>'
    for words in (True, False):
        made = button(Do(f"Write: {name}", "mail", "/people/4/say/mail", key='"', words=words), 'next="')
        tags, link = read(made)
        assert tags == ["a", "svg", "use"] and link["href"] == '/people/4/say/mail?next="'
        assert name in (link.get("title") or "") or words
