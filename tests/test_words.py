"""Kith's own words where customers meet them are there in every language that Kith speaks."""

import pytest
from django.conf import settings

from tools import words


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_text_that_customers_meet_has_its_words_in(language):
    assert words.faults(language) == []


def test_the_languages_spoken_are_english_and_those_with_a_catalogue():
    spoken = {code for code, _name in settings.SPOKEN} - {code for code, _name in settings.LANGUAGES}
    assert spoken == set(words.LANGUAGES) == {path.name for path in words.LOCALE.iterdir()}


def test_what_is_missing_fuzzy_or_lost_a_placeholder_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "LOCALE", tmp_path)
    words.main()
    path = words.path_of("de")
    text = path.read_text()
    text = text.replace('msgid "Please confirm, %s"\nmsgstr ""', '#, fuzzy\nmsgid "Please confirm, %s"\nmsgstr "Bitte"')
    path.write_text(text.replace('msgid "Kept"\nmsgstr ""', 'msgid "Kept"\nmsgstr "Gespeichert"'))
    told = " ".join(words.faults("de"))
    assert "“Unsubscribe” has no words yet" in told
    assert "“Please confirm, %s” is fuzzy" in told
    assert "“Please confirm, %s” has other placeholders" in told
    assert "not compiled" in told


def test_a_placeholder_keeps_its_name_and_may_have_words_of_its_own():
    assert words.places('Hej {{ person.given_name | "där" }}, %(n)s %s {name}') == words.places(
        '{name} %s %(n)s {{person.given_name | "there"}}'
    )
    assert words.places("%(n)s") != words.places("%(m)s")


def test_texts_of_shipped_processes_are_those_that_are_put_into_the_language_of_whoever_brings_them_in():
    from kith.process.starters import SAID

    assert words.SAID == SAID
