"""What Tidewell has set up for its first four steps: campaigns, forms, letters, questions, rules. Made through the same
actions as anybody would, under the sample's operation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from kith.awareness.assets.actions import used
from kith.awareness.campaigns.telling import tell_costs
from kith.awareness.profiles import actions as profiling
from kith.capture.actions import publish as publish_form
from kith.capture.definition import starting
from kith.contacts.consent.models import Purpose
from kith.engagement.actions import publish as publish_sequence
from kith.engagement.asking import answer
from kith.kernel.access.actor import Actor
from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from kith.kernel.segments.evaluating import rebuild
from kith.kernel.timeline.change import change
from kith.qualification.checklist.shipped import bring, bring_reasons
from kith.starters.tidewell import early_words as e
from kith.starters.tidewell.words import PLACES

BEGAN = dt.timedelta(days=548)


class House:
    """Rows by the keys that the story uses. Made before the story is written; what listens to it is made afterwards."""

    def __init__(self, by: Actor, now: dt.datetime, teams: Sequence[Any]):
        self.by, self.now = by, now
        bring_reasons(by)
        self.purposes = {key: self._purpose(key, *words) for key, *words in e.PURPOSES}
        self.campaigns = {c.key: self._campaign(c) for c in e.CAMPAIGNS}
        self.forms = {key: self._form(key, *words) for key, words in e.FORMS.items()}
        self.assets = [self._asset(*words) for words in e.ASSETS]
        self.templates = [self._template("mail", *words) for words in e.LETTERS]
        for name, text in e.SNIPPETS:
            self._template("snippet", name, "", text)
        self.sequence = self._sequence()
        themes = {name: self._theme(name, n * 10) for n, name in enumerate(e.THEMES, 1)}
        self.objections = [
            self._objection(question, text, themes[theme]) for question, text, _words, theme in e.QUESTIONS
        ]
        self.rules = {team.pk: self._rule(n, team) for n, team in enumerate(teams)}

    def _make(self, record: str, **values: Any) -> Any:
        return actions.create(registry[record], values, by=self.by, at=self.now - BEGAN)

    def _ago(self, days: float) -> dt.datetime:
        return self.now - dt.timedelta(days=days)

    def _purpose(self, key: str, name: str, what_for: str, wording: str) -> Purpose:
        found = Purpose.objects.filter(key=key).first()
        return found or self._make("purpose", key=key, name=name, what_for=what_for, wording=wording)

    def _campaign(self, c: e.Told) -> Any:
        from_, until = self._ago(c.began).date(), self._ago(c.ends).date()
        phase = "running" if until >= self.now.date() else "done"
        row = self._make(
            "campaign", name=c.name, channel=c.channel, phase=phase, starts_on=from_, ends_on=until, words=[c.key],
            budget=Decimal(c.budget), currency="EUR",
        )  # fmt: skip
        step = (min(until, self.now.date()) - from_) / c.costs
        lines = [(from_ + n * step, Decimal(c.budget * (8 + n % 3) // (10 * c.costs)), c.cost) for n in range(c.costs)]
        tell_costs(row, lines)
        return row

    def _form(self, key: str, name: str, title: str, why: str) -> Any:
        draft = starting(title)
        draft["consents"] = ["newsletter"]
        draft["fields"][-1]["label"] = {"en": why}
        row = self._make("form", name=name, key=key, draft=draft, about_text=title)
        return publish_form.run(row, by=self.by)

    def _asset(self, name: str, sort: str, about: str, stages: list[str]) -> Any:
        slug = name.lower().replace(" ", "-")
        return self._make("asset", name=name, sort=sort, about_text=about, stages=stages, link=f"{e.SITE}/{slug}.pdf")

    def _template(self, kind: str, name: str, subject: str, body: str) -> Any:
        return self._make("template", kind=kind, name=name, subject=subject, body=body, language="en")

    def _sequence(self) -> Any:
        row = self._make(
            "sequence", name=e.SEQUENCE, description="Two letters and a call, in a fortnight.", draft={"steps": e.STEPS}
        )
        return publish_sequence.run(row, by=self.by)

    def _rule(self, n: int, team: Any) -> Any:
        where = "language.is:" + "|".join(sorted({p.language for p in PLACES if p.team == team.name}))
        name = f"Countries of the {team.name.lower()}"
        return self._make("assignment_rule", name=name, where=where, team=team, answer_within=e.WITHIN, position=n)

    def _theme(self, name: str, position: int) -> Any:
        found = registry["question_theme"].model.objects.filter(name=name, archived_at=None).first()
        return found or self._make("question_theme", name=name, position=position)

    def _objection(self, question: str, text: str, theme: Any) -> Any:
        row = self._make("objection", question=question, theme=theme)
        answer.run(row, text=text, best=True, by=self.by)
        return row

    # --- what listens: made when the story is written -----------------------------------------------------------------

    def listen(self) -> None:
        """Questions, scores, profiles and segments, and who is in them now."""
        bring(self.by)
        for name, starts_at in e.BANDS:
            self._make("score_band", name=name, starts_at=starts_at)
        for n, (name, part, points, where, verb, most, half_life) in enumerate(e.RULES):
            self._make("score_rule", name=name, part=part, points=points, where=where, verb=verb, most=most,
                       half_life=half_life, position=n * 10)  # fmt: skip
        for words in e.PROFILES:
            self._profile(*words)

    def segments(self, *, look: bool) -> None:
        """Segments, whose conditions ask for scores; and what was found out about their people. look: who is in them, now."""
        made = [
            self._make("segment", name=name, subject="person", how="dynamic", conditions=where, about_text=about)
            for name, where, about in e.SEGMENTS
        ]
        for segment in made if look else ():
            rebuild(segment.pk)
        for (name, days, months, evidence, values), segment in zip(e.RESEARCH, made, strict=True):
            self._make(
                "research",
                name=name,
                segment=segment,
                found_on=self._ago(days).date(),
                months=months,
                evidence=evidence,
                values_text=values,
            )
        for segment, asset in e.FITTING:
            with change(self.assets[asset], by=self.by) as c:
                c.row.segments = [made[segment].key]
        with change(self.campaigns["leak-ads"], by=self.by) as c:
            c.row.segment = made[0]
        for campaign, asset in zip(("leak-ads", "tide-letter", "nordsure"), self.assets, strict=False):
            used(asset, campaign=self.campaigns[campaign], through="campaign", by=self.by)

    def _profile(self, name: str, sort: str, subject: str, about: str, criteria: tuple[Any, ...]) -> None:
        row = self._make("profile", name=name, sort=sort, subject=subject, about_text=about)
        for label, where, weight, note in criteria:
            profiling.add_criterion.run(row, label=label, conditions=where, weight=weight, note=note, by=self.by)
        profiling.publish.run(row, note="As we know them today", by=self.by)
