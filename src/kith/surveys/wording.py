"""What a survey asks, in the language of whoever is asked: its own words, else ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kith.kernel.kinds.translations import text_for
from kith.kernel.languages import SPOKEN
from kith.kernel.organisation.models import current
from kith.surveys.models import Survey, SurveyKind


@dataclass(frozen=True)
class Words:
    """The question, what the ends of the scale mean, and the question for words. `language`: of the first, "" for ours."""

    question: str
    least: str
    most: str
    more: str
    language: str


def words_of(survey: Survey, language: str) -> Words:
    """Ask it inside `speaking(language)`, so that our own words are in it too."""
    own, found = text_for(survey.questions, language, survey.question)
    more, _of = text_for(survey.comment_questions, language, survey.comment_question)
    question, least, most = _ours(survey)
    return Words(
        own or question, least, most, more or _("What is the reason?"), found or (survey.language if own else "")
    )


def _ours(survey: Survey) -> tuple[str, str, str]:
    house = current().name or "Kith"
    if survey.kind == SurveyKind.NPS:
        return (
            _("How likely are you to recommend %s to a friend or colleague?") % house,
            _("not at all"),
            _("very likely"),
        )
    if survey.kind == SurveyKind.CES:
        return _("How easy was it to get this done?"), _("very hard"), _("very easy")
    return _("How satisfied are you with how we handled this?"), _("not at all"), _("completely")


def languages_of(survey: Survey) -> set[str]:
    """In which languages it can be asked: those of its own words, else all that we speak."""
    own = {survey.language or current().language, *survey.questions, *survey.comment_questions}
    return own if survey.question or survey.questions else own | SPOKEN


def about_of(row: Any) -> str:
    """What it is about, by name: "Sensor reads 0 %". "" where it is about nothing, or the row is gone."""
    from kith.kernel.records.registry import registry

    record = registry.get(row.record)
    if record is None or row.record_id is None:
        return ""
    found = record.model._default_manager.filter(pk=row.record_id).first()
    return record.name_of(found) if found is not None else ""
