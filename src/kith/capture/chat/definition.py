"""What a widget says and what its bot asks: a document (JSON) read into a plain value, with every fault in a sentence.

    {"languages": ["en"], "title": {"en": "Talk to us"}, "greeting": {…}, "away": {…}, "consents": ["newsletter"],
     "theme": {"accent": "teal", "mode": "auto"},
     "bot": {"on": true, "name": {"en": "Tidewell’s bot"}, "steps": [
        {"key": "topic", "kind": "choice", "say": {…}, "options": [{"value": "leak", "label": {…}, "goto": "human"}]},
        {"key": "email", "kind": "text", "column": "person.email", "say": {…}}]}}

Steps follow each other; "goto" leads on to another step, to a person ("human") or to the end ("end").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kith.capture.askable import askable
from kith.capture.definition import ACCENTS, KEY, Reader, Texts
from kith.kernel.errors import InvalidMany
from kith.kernel.kinds import Choice
from kith.kernel.kinds.translations import text_for

KINDS = ("say", "choice", "text")
HUMAN, END = "human", "end"
MOST_STEPS, MOST_OPTIONS = 40, 12


@dataclass(frozen=True)
class Option:
    """An answer to press. `goto`: where it leads, "" for the next step."""

    value: str
    label: Texts = field(default_factory=dict)
    goto: str = ""


@dataclass(frozen=True)
class Step:
    """One thing the bot says. `column` is what the answer fills in ("person.email"), "" for a question of its own."""

    key: str
    kind: str = "text"
    say: Texts = field(default_factory=dict)
    column: str = ""
    options: tuple[Option, ...] = ()
    goto: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Chat:
    """A whole widget."""

    languages: tuple[str, ...] = ("en",)
    title: Texts = field(default_factory=dict)
    greeting: Texts = field(default_factory=dict)
    away: Texts = field(default_factory=dict)
    foot: Texts = field(default_factory=dict)
    consents: tuple[str, ...] = ()
    accent: str = "ink"
    mode: str = "auto"
    logo: int = 0  # pages of strangers ask for one; a chat has none of its own
    bot: bool = False
    bot_name: Texts = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def text(self, texts: Texts, language: str, otherwise: str = "") -> str:
        """Words in that language, else in the widget's first, else `otherwise`."""
        return text_for(texts, language, texts.get(self.languages[0], ""))[0] or otherwise

    def step(self, key: str) -> Step | None:
        return next((one for one in self.steps if one.key == key), None)

    def after(self, step: Step, goto: str = "") -> str:
        """The key that follows a step: where the answer leads, else where the step does, else the next one."""
        wanted = goto or step.goto
        if wanted:
            return wanted
        keys = [one.key for one in self.steps]
        at = keys.index(step.key) + 1
        return keys[at] if at < len(keys) else HUMAN

    @property
    def asks(self) -> bool:
        return self.bot and bool(self.steps)

    @property
    def accent_colour(self) -> str:
        return ACCENTS.get(self.accent, self.accent)


def read(document: Any) -> Chat:
    """The widget that a document says. Raises InvalidMany with every fault."""
    faults: list[str] = []
    made = _ChatReader(faults).chat(document if isinstance(document, dict) else {})
    if faults:
        raise InvalidMany({"document": faults})
    return made


def read_kindly(document: Any) -> Chat:
    """The same for strangers: what was right once and is not any more (a field is gone) takes the bot's step with it."""
    try:
        return read(document)
    except InvalidMany:
        said = document if isinstance(document, dict) else {}
        bot = said.get("bot") if isinstance(said.get("bot"), dict) else {}
        faults: list[str] = []
        return _ChatReader(faults).chat({**said, "bot": {**bot, "on": False, "steps": []}})


class _ChatReader(Reader):
    """Reads a document part by part and notes what is wrong with it."""

    def chat(self, said: dict[str, Any]) -> Chat:
        theme, bot = self._object(said, "theme"), self._object(said, "bot")
        steps = tuple(self._steps(bot.get("steps")))
        self._ways(steps)
        return Chat(
            languages=self._languages(said.get("languages")), title=self._texts(said, "title"),
            greeting=self._texts(said, "greeting"), away=self._texts(said, "away"), foot=self._texts(said, "foot"),
            consents=self._consents(said.get("consents")), accent=self._accent(theme.get("accent")),
            mode=self._mode(theme.get("mode")), bot=bool(bot.get("on")), bot_name=self._texts(bot, "name"), steps=steps,
        )  # fmt: skip

    def _steps(self, said: Any) -> list[Step]:
        given = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
        if len(given) > MOST_STEPS:
            self.faults.append(_("A bot has at most %s steps.") % MOST_STEPS)
        known, seen, out = askable(), set(), []
        for one in given[:MOST_STEPS]:
            made = self._step(one, known)
            if made.key in seen:
                self.faults.append(_("Two steps have the key “%s”.") % made.key)
            seen.add(made.key)
            out.append(made)
        return out

    def _step(self, said: dict[str, Any], known: dict[str, Any]) -> Step:
        key, column, kind = (str(said.get(name) or "") for name in ("key", "column", "kind"))
        key = key or column.rpartition(".")[2]
        if not KEY.fullmatch(key) or key in (HUMAN, END):
            self.faults.append(_("“%s” cannot be the key of a step; use small letters, digits and _.") % key[:40])
        if kind not in KINDS:
            self.faults.append(
                _("“%(key)s” is of no known kind; there is: %(all)s.") % {"key": key[:40], "all": ", ".join(KINDS)}
            )
        if column and column not in known:
            self.faults.append(_("“%(key)s” asks for “%(column)s”, which is no field of people or companies.") % {
                "key": key[:40], "column": column[:80]})  # fmt: skip
        say = self._texts(said, "say")
        if not say:
            self.faults.append(_("Step “%s” says nothing; write its words.") % key[:40])
        options = self._answers(said.get("options"))
        if kind == "choice" and not options and not _lists(known.get(column)):
            self.faults.append(_("“%s” is one of a list; write its choices.") % key[:40])
        return Step(key, kind, say, column, options, str(said.get("goto") or ""), bool(said.get("optional")))

    def _answers(self, said: Any) -> tuple[Option, ...]:
        found = [one for one in said if isinstance(one, dict) and one.get("value")] if isinstance(said, list) else []
        if len(found) > MOST_OPTIONS:
            self.faults.append(_("A question has at most %s answers to press.") % MOST_OPTIONS)
        return tuple(
            Option(str(one["value"])[:200], self._texts(one, "label"), str(one.get("goto") or ""))
            for one in found[:MOST_OPTIONS]
        )

    def _ways(self, steps: tuple[Step, ...]) -> None:
        """Every way leads somewhere, and never back to itself: a branch goes forward."""
        keys = [one.key for one in steps]
        for at, one in enumerate(steps):
            for goto in {one.goto, *(option.goto for option in one.options)} - {"", HUMAN, END}:
                if goto not in keys:
                    self.faults.append(_("“%(key)s” leads to “%(goto)s”, which there is not.") % {
                        "key": one.key[:40], "goto": goto[:40]})  # fmt: skip
                elif keys.index(goto) <= at:
                    self.faults.append(_("“%(key)s” leads back to “%(goto)s”; a bot only goes on.") % {
                        "key": one.key[:40], "goto": goto[:40]})  # fmt: skip


def _lists(source: Any) -> bool:
    return source is not None and isinstance(source.kind, Choice)


def starting(name: str) -> dict[str, Any]:
    """The document that a new widget begins with: a greeting, and a bot that is off until somebody turns it on."""
    return {
        "languages": ["en"], "title": {"en": name},
        "greeting": {"en": "Hello. What can we do for you?"},
        "away": {"en": "Nobody is here right now. Leave your address, and we will answer you by mail."},
        "consents": [], "theme": {"accent": "ink", "mode": "auto"},
        "bot": {"on": False, "name": {"en": "Our bot"}, "steps": [
            {"key": "why", "kind": "text", "say": {"en": "What brings you here?"}},
            {"key": "name", "kind": "text", "column": "person.name", "say": {"en": "What is your name?"}},
            {"key": "email", "kind": "text", "column": "person.email", "optional": True,
             "say": {"en": "Where can we write to you, should the line break?"}},
        ]},
    }  # fmt: skip
