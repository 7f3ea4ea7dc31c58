"""Declarations are made once and read in every language: labels follow whoever asks, not whoever asked first."""

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.utils import translation

from kith.deals.actions import lose
from kith.kernel.customfields.actions import define
from kith.kernel.kinds import KINDS
from kith.kernel.records import actions
from kith.kernel.records.action import ACTIONS
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
WORDS = {
    "Job title": "Stanowisko", "job title": "stanowisko", "Weighted": "Ważone", "Industry": "Branża", "industry": "branża",
    "Competitor": "Konkurent", "Lost": "Przegrana", "Text": "Tekst", "is": "jest", "Preferred channel": "Kanał",
    "Only me": "Tylko ja", "E-mail": "E-mail PL", "Phone": "Telefon", "Person": "Osoba", "Name": "Nazwa",
}  # fmt: skip


@pytest.fixture
def polish(tmp_path, settings):
    """A catalogue of a few words beside our own, for the tests alone."""
    catalogue = Catalog(locale="pl")
    for said, words in WORDS.items():
        catalogue.add(said, words)
    folder = tmp_path / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [str(tmp_path)]
    settings.LANGUAGES = [("en", "English"), ("pl", "Polski")]


def test_own_related_and_computed_columns_are_called_as_the_reader_says(polish):
    people, deals = registry["person"].columns(), registry["deal"].columns()
    shown = [people["job_title"], people["industry"], deals["weighted"]]
    with translation.override("en"):
        assert [c.label for c in shown] == ["Job title", "Industry", "Weighted"]
    with translation.override("pl"):
        assert [c.label for c in shown] == ["Stanowisko", "Branża", "Ważone"]
    with translation.override("en"):
        assert [c.label for c in shown] == ["Job title", "Industry", "Weighted"]


def test_actions_and_their_inputs_are_called_as_the_reader_says(polish):
    competitor = next(i for i in lose.inputs if i.key == "competitor")
    with translation.override("en"):
        assert (str(lose.label), competitor.label) == ("Lost", "Competitor")
    with translation.override("pl"):
        assert (str(lose.label), competitor.label) == ("Przegrana", "Konkurent")


def test_kinds_and_comparisons_are_called_as_the_reader_says(polish):
    operator = KINDS["text"]().operators()["is"]
    with translation.override("pl"):
        assert (str(KINDS["text"].label), str(operator.label)) == ("Tekst", "jest")
    with translation.override("en"):
        assert (str(KINDS["text"].label), str(operator.label)) == ("Text", "is")


def test_a_field_of_ones_own_is_called_as_it_was_named(polish):
    define(record="person", label="eBay name", kind="text", by=actor("astrid"))
    assert [c.label for c in registry["person"].columns().values() if c.custom] == ["eBay name"]


def test_no_declared_label_is_fixed_in_one_language(polish):
    """Whatever is translatable at all was made with gettext_lazy: nothing but strings of our own keys stays plain."""
    with translation.override("en"):
        plain = [
            f"{act.name}.{i.key}" for act in ACTIONS.values() for i in act.inputs
            if type(i.words) is str and i.words != i.key.replace("_", " ").capitalize()
        ]  # fmt: skip
        assert plain == []


@pytest.mark.parametrize("first", ["en", "pl"])
def test_pages_in_two_languages_do_not_borrow_each_others_words(client, polish, first):
    reader, seen = user("ines"), {}
    actions.create(registry["person"], {"given_name": "Marta"}, by=actor("ines"))
    for language in (first, "pl" if first == "en" else "en"):
        type(reader).objects.filter(pk=reader.pk).update(language=language)
        client.force_login(reader)
        body = client.get("/people/?cols=job_title,industry").content.decode()
        seen[language] = ("Stanowisko" in body, "Job title" in body)
    assert seen == {"pl": (True, False), "en": (False, True)}
