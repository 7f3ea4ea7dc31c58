"""Letters of a mailing: its frozen wording set once in each language, and printed for many people at a time.

Values are read as far as whoever started the mailing may see them, with one query for a batch, not for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from kith.contacts.consent.links import centre_path, unsubscribe_path
from kith.contacts.consent.models import Purpose
from kith.engagement.enclosing import Along
from kith.engagement.letters import Forme, Letter, foot_mark, set_up
from kith.engagement.models import TemplateVersion
from kith.engagement.placeholders import Cast, Place, check, in_words, value_of
from kith.kernel.access.actor import Actor
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import Invalid
from kith.kernel.languages import speaking
from kith.kernel.organisation.models import current
from kith.kernel.records.reach import hides, seen_ids, unseen_links
from kith.kernel.records.registry import registry
from kith.kernel.zones import zone

LINKED = ("person", "company")


class Blank(Invalid):
    """A placeholder has no value for this person, and the template has no other words."""


class Press:
    """One wording, ready to print. `owner`: the colleague it is from; `by`: as whom values are read."""

    def __init__(self, version: TemplateVersion, purpose: Purpose, owner: Any, by: Actor, signature: str = "",
                 enclosed: Along | None = None) -> None:  # fmt: skip
        self.version, self.purpose, self.owner, self.by = version, purpose, owner, by
        self.enclosed = enclosed or Along()
        self.signature, self.site = signature, site_address()
        self.formes: dict[str, Forme] = {}
        self.fixed: dict[Place, str] = {}

    @property
    def languages(self) -> list[str]:
        """Those it is written in, its own first."""
        wording = self.version.wording
        return [wording["language"], *(each["language"] for each in wording["translations"])]

    def check(self) -> None:
        """Raises Invalid for what can never be printed: a placeholder that does not exist, no subject."""
        for language in self.languages:
            text = self.version.in_language(language)
            check(text["subject"], "template")
            check(text["body"], "template")
            self.forme(language)

    def forme(self, language: str) -> Forme:
        if language not in self.formes:
            text = self.version.in_language(language)
            with speaking(language):
                foot = _foot(self.purpose.name)
            self.formes[language] = set_up(
                text["subject"], text["body"], language=text["language"], signature=self.signature, foot=foot,
                also=(self.enclosed.words, self.enclosed.html),
            )  # fmt: skip
        return self.formes[language]

    @property
    def places(self) -> list[Place]:
        return list(dict.fromkeys(place for each in self.languages for place in self.forme(each).places))

    def may_be_blank(self) -> bool:
        """Is there a placeholder that somebody may lack, without other words for it?"""
        return any(place.fallback is None for place in self.places)

    def people(self, ids: Iterable[int]) -> dict[int, Any]:
        """The rows to print for, with all that showing their values needs: one query, and one for companies out of reach."""
        record = registry["person"]
        columns = [c for key in self._keys("person") if (c := record.columns().get(key)) is not None]
        rows = record.rows(self.by, archived=False).filter(pk__in=list(ids))
        if self._keys("company"):
            rows = rows.select_related("company")
            found = {row.pk: row for row in rows}
        else:
            found = {row.pk: row for row in record.listing(rows, [*columns, record.columns()["email"]])}
        self._look(found.values())
        return found

    def _keys(self, source: str) -> list[str]:
        return [place.key for place in self.places if place.source == source]

    def _look(self, people: Iterable[Any]) -> None:
        """What of these rows may not be shown."""
        people, named = list(people), self._keys("company")
        linked = {"person": people, "company": [p.company for p in people if named and p.company_id]}
        self.columns = {
            name: {key: c for key, c in registry[name].columns(self.by).items() if key in self._keys(name)} for name in LINKED
        }  # fmt: skip
        self.unseen = {name: unseen_links(self.by, self.columns[name].values(), linked[name]) for name in LINKED}
        self.companies = seen_ids(self.by, registry["company"], {row.pk for row in linked["company"]})

    def letter(self, person: Any, address: str, language: str, ref: str = "") -> Letter:
        """The letter to one of those looked up by `people` last. ref: what the links tell of where they stood. Raises
        Blank naming the placeholders without a value."""
        forme = self.forme(language)
        with timezone.override(zone(current().time_zone)):  # a worker has no clock of its own
            filled = {place: self._value(place, person, language) or place.fallback for place in forme.places}
        blank = [
            place.name for place, value in filled.items() if value is None or (not value and place.fallback is None)
        ]
        if blank:
            raise Blank(_("Not known: %s.") % ", ".join(blank))
        links = [
            self.site + unsubscribe_path(person.pk, address, self.purpose.key, ref), self.site + centre_path(person.pk, address, ref)
        ]  # fmt: skip
        return forme.fill({place: value or "" for place, value in filled.items()}, links)

    def lacks(self, person: Any, language: str) -> str:
        """What is not known of somebody and has no other words, in a sentence; "" for nothing."""
        blank = [
            p.name for p in self.forme(language).places if p.fallback is None and not self._value(p, person, language)
        ]
        return _("Not known: %s.") % ", ".join(blank) if blank else ""

    def _value(self, place: Place, person: Any, language: str) -> str:
        if place.source not in LINKED:
            if place not in self.fixed:
                self.fixed[place] = value_of(place, Cast({}, self.owner, self.by))
            return self.fixed[place]
        row = person if place.source == "person" else person.company
        column = self.columns[place.source].get(place.key)
        if row is None or column is None or (place.source == "company" and row.pk not in self.companies):
            return ""
        if hides(column, row, self.unseen[place.source]):
            return ""
        return in_words(column, row, language, self.version.in_language(language)["language"])


def _foot(purpose: str) -> tuple[str, str]:
    """Under every mail to many, in the reader's language: why they get it, and how to end it."""
    name = current().name or "Kith"
    why = _("%(organisation)s writes to you because you agreed to “%(purpose)s”.") % {
        "organisation": name, "purpose": purpose}  # fmt: skip
    stop, change = _("Unsubscribe"), _("What you agreed to")
    words = f"\n\n-- \n{why}\n{stop}: {foot_mark(0)}\n{change}: {foot_mark(1)}"
    link = '<a href="{}" style="color:#55585f;">{}</a>'
    html = (
        f'<p style="margin:32px 0 0;font-size:13px;color:#55585f;">{escape(why)}<br>'
        f"{link.format(foot_mark(0), escape(stop))} · {link.format(foot_mark(1), escape(change))}</p>"
    )
    return words, html
