"""The bot: it says that it is one, asks what was set up, and lets people out to a colleague whenever they like.

What it asks stands in the widget's document; an answer is checked by the kind of the column that it fills in. Where it
goes is a function of the step and the answer, so a conversation goes on from its `step` whoever serves it.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.capture.askable import OWN, Askable, askable
from kith.capture.chat import matters, saying
from kith.capture.chat.definition import END, HUMAN, Chat, Step
from kith.capture.chat.models import Conversation, Line, Side, State
from kith.capture.chat.queries import shown_of
from kith.kernel.access.actor import system
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Choice
from kith.kernel.languages import speaking
from kith.kernel.text import fold
from kith.kernel.timeline.change import change

MATTER = "@matter:"  # the step at which it asked whether this is about what is open with them
YES, NO = "yes", "no"
PASSED = "-"  # what an answer is when somebody would rather not say


def choices_of(step: Step, chat: Chat, language: str) -> list[tuple[str, str]]:
    """Answers to press, as (value, words)."""
    if step.options:
        return [(one.value, chat.text(one.label, language, one.value)) for one in step.options]
    source = askable().get(step.column)
    if step.kind == "choice" and source is not None and isinstance(source.kind, Choice):
        return [(str(key), str(words)) for key, words in source.kind.options.items() if key != ""]
    return []


def go_on(row: Conversation) -> None:
    """Answer what was said last, if the bot is to. Runs again after a fault without saying anything twice."""
    widget = shown_of(row)
    with speaking(row.language), change(row, by=system("web"), verb="see") as c:
        held = c.row
        last = Line.objects.filter(conversation_id=held.pk).order_by("-number").first()
        if held.state != State.BOT or (last is not None and last.side != Side.VISITOR):
            return
        if widget is None or not widget.chat.asks:
            held.step = HUMAN
            return
        _Talk(held, widget.chat).hear(last.text if last is not None else "")


class _Talk:
    """One turn of the bot in a conversation that is held."""

    def __init__(self, row: Conversation, chat: Chat):
        self.row, self.chat, self.language = row, chat, row.language
        self.name = chat.text(chat.bot_name, row.language, _("Bot"))

    def hear(self, text: str) -> None:
        if self.row.step.startswith(MATTER):
            self.about(int(self.row.step.removeprefix(MATTER)), text)
            return
        step = self.chat.step(self.row.step)
        if step is None:
            self.first(text)
            return
        try:
            goto = self.take(step, text)
        except Invalid as problem:
            self.speak(f"{problem.message} {self.words(step)}", step)
            return
        self.walk(self.chat.after(step, goto))

    def first(self, text: str) -> None:
        """What they wrote by themselves is the reason they came; then the bot says what it is."""
        self.row.answers = [{"key": "reason", "label": _("First words"), "value": text[:2000], "column": ""}]
        self.say(_("I am a bot and ask a few questions first. You can talk to a person at any time."))
        if (matter := matters.open_with(self.row)) is not None:
            self.ask_about(matter)
            return
        self.walk(self.chat.steps[0].key)

    def ask_about(self, matter: matters.Matter) -> None:
        """Nobody answers a row of questions about what we are at already."""
        ask = {"choices": [(YES, _("Yes")), (NO, _("No, something else"))]}
        words = _("Is this about “%s”?") % matter.subject
        saying.put(self.row, Side.BOT, words, name=self.name, ask=ask)
        self.row.step = f"{MATTER}{matter.pk}"

    def about(self, pk: int, text: str) -> None:
        """They said whether it is; whatever else they write is for a colleague to read, and not held against them."""
        if fold(text) in (YES, fold(_("Yes"))) and matters.join(self.row, pk):
            self.say(_("Thank you. Whoever looks after it goes on with you here."))
            self.row.step = HUMAN
            return
        self.walk(self.chat.steps[0].key)

    def walk(self, key: str) -> None:
        """Say what follows, up to the next question."""
        while key not in (HUMAN, END):
            step = self.chat.step(key)
            if step is None:
                key = HUMAN
                break
            if step.kind != "say":
                if step.column in self.row.facts:  # known already: not asked twice
                    key = self.chat.after(step)
                    continue
                self.speak(self.words(step), step)
                self.row.step = step.key
                return
            self.say(self.words(step))
            key = self.chat.after(step)
        self.row.step = key

    def words(self, step: Step) -> str:
        return self.chat.text(step.say, self.language)

    def say(self, text: str) -> None:
        saying.put(self.row, Side.BOT, text, name=self.name)

    def speak(self, text: str, step: Step) -> None:
        """A question, with what can be pressed."""
        ask: dict[str, Any] = {"choices": choices_of(step, self.chat, self.language)}
        if step.optional:
            ask["pass"] = _("Rather not")
        source = askable().get(step.column)
        if source is not None:
            ask["type"], ask["fill"] = source.type if source.type in ("email", "tel", "url") else "text", source.fill
        saying.put(self.row, Side.BOT, text, name=self.name, ask=ask)

    def take(self, step: Step, text: str) -> str:
        """Keep an answer; returns where it leads. Raises Invalid."""
        if step.optional and fold(text) in (PASSED, fold(_("Rather not"))):
            return ""
        choices = choices_of(step, self.chat, self.language)
        value, words, goto = text, text, ""
        if choices:
            found = next((one for one in choices if fold(text) in (fold(one[0]), fold(one[1]))), None)
            if found is None:
                raise Invalid(_("Please choose one of these."))
            value, words = found
            goto = next((one.goto for one in step.options if one.value == value), "")
        self.keep(step, askable().get(step.column), value, words)
        return goto

    def keep(self, step: Step, source: Askable | None, value: str, words: str) -> None:
        kind = source.kind if source is not None else OWN["long"]
        typed = kind.parse(value)
        label = source.label if source is not None else self.words(step)[:200]
        self.row.answers = [*self.row.answers, {"key": step.key, "label": label, "value": words, "column": step.column}]
        if source is not None:
            self.row.facts = {**self.row.facts, step.column: kind.dump(typed)}
