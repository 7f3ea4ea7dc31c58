"""The letters that Tidewell wrote to many, and what came of them: as what people agreed to says, and told, never sent.

Who had asked for the letter when it left got it, everybody else of the audience was held back; who withdrew after one
unsubscribed by it. Few wrote back or could not be reached: of those in no sequence and not yet customers, so that neither what
stops a sequence nor how well a customer is hangs on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from uuid import UUID

from kith.activities.telling import ToldMail, ToldThread, tell_mails
from kith.contacts.consent.models import Consent
from kith.engagement.enclosing import along_with, enclose
from kith.engagement.events import MailingAnswered, MailingBegan, MailingBounced, MailingEnded, MailingReached
from kith.engagement.mailings.mails import from_line
from kith.engagement.telling import ToldRecipient, tell_recipients
from kith.engagement.wording import current_version
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.segments.evaluating import rebuild
from kith.kernel.timeline.followup import refresh
from kith.kernel.timeline.types import Created
from kith.kernel.timeline.write import Entry, write_events
from kith.starters.tidewell import early_words as e
from kith.starters.tidewell import outreach_words as w
from kith.starters.tidewell.firststeps import Cast
from kith.starters.tidewell.writing import write_told

MOST = 20_000  # people written to at most; a larger sample says no more with more of them
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
Yes = Mapping[int, list[tuple[dt.datetime, bool]]]


class Letters:
    """The mailings of one company, to those who `came` by themselves. The same seed tells the same."""

    def __init__(self, cast: Cast, came: Sequence[int], seed: int):
        self.came = sorted(came)[:MOST]
        self.cast, self.house, self.random = cast, cast.house, Random(f"{seed}:mailings")
        self.due = dict.fromkeys(w.CAME_BACK, 0.5)
        self.by, self.owner = cast.voices[0], cast.voices[0].user_id

    def write(self) -> None:
        """The segment of readers, every letter with its recipients, and the draft of the next one."""
        self._segment()
        people = registry["person"].model._default_manager.filter(pk__in=self.came).exclude(email="")
        everybody = list(people.select_related("company", "owner").order_by("pk"))
        said = self._said([row.pk for row in everybody])
        busy = set(registry["enrolment"].model._default_manager.values_list("person_id", flat=True))
        for words in w.MAILINGS:
            mailing = self._mailing(words)
            told = [self._recipient(mailing, row, said) for row in everybody if row.created_at < mailing.began_at]
            got = [one for one in told if one.agreed]
            free = [one for one in got if one.person.pk not in busy and one.person.company.customer_since is None]
            back = self._came_back(mailing, free)
            tell_recipients(mailing, told)
            self._reached(mailing, len(told) - len(got), got)
            tell_mails(back, voices={}, by=self.cast.kith)
            refresh([ref for one in back for ref in (("person", one.person.pk), ("company", one.company.pk))])
        self._draft()

    def _segment(self) -> None:
        name, about = w.READERS
        where = "source.is:" + "|".join(f'"{way.source}"' for way in e.WAYS)
        values = {"name": name, "subject": "person", "how": "dynamic", "conditions": where, "about_text": about}
        self.segment = actions.create(registry["segment"], values, by=self.by)
        rebuild(self.segment.pk)

    def _said(self, people: list[int]) -> Yes:
        """{person: [(when, whether they agreed to the letter)]}, oldest first."""
        out: dict[int, list[tuple[dt.datetime, bool]]] = {}
        lines = Consent.objects.filter(purpose=self.house.purposes["newsletter"], person__in=people).order_by(
            "at", "pk"
        )
        for line in lines:
            out.setdefault(line.person_id, []).append((line.at, line.said_yes))
        return out

    def _template(self, name: str, subject: str, body: str, asset: str, at: dt.datetime) -> Any:
        values = {"kind": "mail", "name": name, "subject": subject, "body": body, "language": "en"}
        row = actions.create(registry["template"], values, by=self.by, at=at)
        return enclose.run(row, asset=next(one for one in self.house.assets if one.name == asset), by=self.by)

    def _mailing(self, words: tuple[Any, ...]) -> Any:
        name, days, subject, body, asset = words
        began = (self.cast.now - days * DAY).replace(hour=9, minute=30, second=0, microsecond=0)
        row = self._row(name, self._template(name, subject, body, asset, began - 2 * DAY), began - 2 * DAY)
        along = along_with(row.template)
        row.state, row.began_at, row.ended_at, row.laid_at = "sent", began, began + HOUR / 3, began
        row.number, row.started_by_id = current_version(row.template).number, self.owner
        row.frozen, row.updated_at = (
            {**along.as_json(), "from": from_line(row), "files": list(along.files)},
            row.ended_at,
        )
        write_told(
            "mailing", [row], by=self.by, story=[[(Created(), row.created_at), (MailingBegan(name, row.number), began)]]
        )
        return row

    def _row(self, name: str, template: Any, at: dt.datetime) -> Any:
        return registry["mailing"].model(
            name=name, template=template, purpose=self.house.purposes["newsletter"], audience=[self.segment.key],
            campaign=self.house.campaigns["tide-letter"], sender_name="Tidewell", owner_id=self.owner, created_at=at, updated_at=at,
        )  # fmt: skip

    def _recipient(self, mailing: Any, person: Any, said: Yes) -> ToldRecipient:
        """As what they had said until then says; who withdrew before the next letter did so by this one."""
        before = [yes for at, yes in said.get(person.pk, ()) if at < mailing.began_at]
        token = UUID(int=self.random.getrandbits(128), version=4)
        one = ToldRecipient(person, bool(before) and before[-1], [self.segment.key], token, mailing.ended_at)
        later = [at for at, yes in said.get(person.pk, ()) if at >= mailing.began_at and not yes]
        following = [mailing.began_at + days * DAY for days in self._following(mailing)]
        if one.agreed and later and later[0] < min(following, default=self.cast.now + DAY):
            one.unsubscribed_at = later[0]
        return one

    def _following(self, mailing: Any) -> list[int]:
        """Days from this letter to those after it: who withdrew later did so by one of them."""
        ago = next(days for name, days, *_words in w.MAILINGS if name == mailing.name)
        return [ago - days for _name, days, *_words in w.MAILINGS if days < ago]

    def _came_back(self, mailing: Any, some: list[ToldRecipient]) -> list[ToldThread]:
        """Note who of these could not be reached and who wrote back; returns what they wrote."""
        threads = []
        for one in self.random.sample(some, len(some)):
            later = mailing.ended_at + self.random.uniform(0.5, 60) * HOUR
            if one.unsubscribed_at is not None or later > self.cast.now:
                continue
            fate = self._fate()
            if fate == "bounced":
                one.bounced_at = mailing.ended_at + HOUR / 30
            elif fate == "replied":
                one.replied_at = later
                back = ToldMail(later, True, f"Re: {mailing.template.subject}", self.random.choice(w.ANSWERS))
                threads.append(ToldThread(one.person, one.person.company, [back]))
        return threads

    def _reached(self, mailing: Any, held: int, got: list[ToldRecipient]) -> None:
        """What the letter is on each story, and on its own."""
        about = (mailing.pk, mailing.name, mailing.campaign_id)
        reached = MailingReached(*about, tuple(pk for pk, _name in mailing.frozen["assets"]))
        entries = [Entry("person", one.person.pk, reached, {}, (), mailing.ended_at) for one in got]
        for one in got:
            if one.bounced_at is not None:
                says = MailingBounced(*about, why=w.FULL, hard=False)
                entries.append(Entry("person", one.person.pk, says, {}, (), one.bounced_at))
            if one.replied_at is not None:
                entries.append(Entry("person", one.person.pk, MailingAnswered(*about), {}, (), one.replied_at))
        ended = MailingEnded(mailing.name, len(got), held)
        entries.append(Entry("mailing", mailing.pk, ended, {}, (), mailing.ended_at))
        write_events(entries, self.cast.kith)

    def _fate(self) -> str:
        """What becomes of the next one, so that the shares are met however few they are."""
        for fate, share in w.CAME_BACK.items():
            self.due[fate] += share
        fate = next((fate for fate, due in self.due.items() if due >= 1), "")
        if fate:
            self.due[fate] -= 1
        return fate

    def _draft(self) -> None:
        _name, _days, _subject, body, asset = w.MAILINGS[-1]
        at = self.cast.now - DAY
        row = self._row(w.DRAFT, self._template(w.DRAFT, "After the frost", body, asset, at), at)
        write_told("mailing", [row], by=self.by)
