#!/usr/bin/env python3
"""Kith's own words on the pages and in the mails that customers meet, gathered into catalogues and compiled.

FACES names what customers meet, and what is shipped to become an organisation's own words (workflows, processes); the rest of
the product speaks English. `make words` reads the marked strings of those
files, puts new ones into `src/kith/locale/<language>/LC_MESSAGES/django.po` with nothing beside them, takes out what is
gone, and compiles the catalogues. Babel does it all, so that no gettext is needed.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "kith"
LOCALE = SOURCE / "locale"
LANGUAGES = ("de", "sv")

# A file, or several by a pattern; after "::" the one function or call within which the words are customers' alone.
FACES = (
    "automation/shipped.py",
    "contacts/strangers.py",
    "contacts/consent/links.py",
    "contacts/consent/mails.py",
    "contacts/consent/models.py::State",
    "contacts/consent/models.py::Through",
    "contacts/consent/templates/consent/c*.html",
    "contacts/consent/templates/consent/dead.html",
    "contacts/consent/templates/consent/unsubscribe.html",
    "awareness/models/campaigns.py::Channel",
    "awareness/templates/awareness/own_trail.html",
    "awareness/touches/own.py",
    "advocacy/ideas.py",
    "advocacy/letters.py",
    "advocacy/listening.py::invite",
    "advocacy/models.py::IdeaState",
    "advocacy/public.py",
    "advocacy/referring.py::refer",
    "advocacy/reviews.py::request_for",
    "advocacy/templates/advocacy/board.html",
    "advocacy/templates/advocacy/c*.html",
    "advocacy/templates/advocacy/own.html",
    "capture/ack.py::_foot",
    "capture/ack.py::message_of",
    "capture/asking.py",
    "capture/elsewhere.py",
    "capture/guarding.py::slower",
    "capture/mailack.py",
    "capture/proofs.py::refusal",
    "capture/public.py",
    "capture/reading.py",
    "capture/templates/capture/closed.html",
    "capture/templates/capture/form.html",
    "capture/templates/capture/missing.html",
    "capture/templates/capture/public.html",
    "capture/templates/capture/refused.html",
    "capture/templates/capture/thanks.html",
    "capture/magnets/letters.py",
    "capture/magnets/pages.py",
    "capture/templates/capture/gift*.html",
    "capture/chat/bot.py::say",
    "capture/chat/bot.py::take",
    "capture/chat/bot.py::speak",
    "capture/chat/bot.py::__init__",
    "capture/chat/bot.py::about",
    "capture/chat/bot.py::ask_about",
    "capture/chat/knowing.py::Invalid",
    "capture/chat/mailing.py",
    "capture/chat/pages.py::_page",
    "capture/chat/public.py",
    "capture/chat/saying.py::Invalid",
    "capture/chat/turns.py",
    "capture/chat/templates/chat/letter.html",
    "deals/quotes/words.py",
    "engagement/mailings/printing.py::_foot",
    "engagement/tracking/public.py",
    "engagement/meetings/booking.py",
    "engagement/meetings/choosing.py",
    "engagement/meetings/letters.py",
    "engagement/meetings/links.py::NotFound",
    "engagement/meetings/models.py::State",
    "engagement/meetings/models.py::Way",
    "engagement/meetings/own.py",
    "engagement/meetings/public.py",
    "engagement/meetings/reading.py",
    "engagement/meetings/templates/meetings/ask.html",
    "engagement/meetings/templates/meetings/cancel.html",
    "engagement/meetings/templates/meetings/choose.html",
    "engagement/meetings/templates/meetings/closed.html",
    "engagement/meetings/templates/meetings/move.html",
    "engagement/meetings/templates/meetings/own.html",
    "onboarding/inviting.py::_words",
    "onboarding/asking.py::Invalid",
    "onboarding/links.py",
    "onboarding/public.py",
    "onboarding/telling.py::message",
    "onboarding/templates/onboarding/closed.html",
    "onboarding/templates/onboarding/own.html",
    "process/shipped/*.yaml",
    "portal/entering.py",
    "portal/tickets.py",
    "portal/views.py",
    "portal/templates/portal/a*.html",
    "portal/templates/portal/bare.html",
    "portal/templates/portal/come_in.html",
    "portal/templates/portal/enter.html",
    "portal/templates/portal/gone.html",
    "portal/templates/portal/home.html",
    "portal/templates/portal/suggested.html",
    "portal/templates/portal/ticket.html",
    "support/acknowledging.py",
    "support/merging.py",
    "support/articles/public.py",
    "support/articles/templates/articles/[ah]*.html",
    "support/articles/templates/articles/bare.html",
    "support/articles/templates/articles/closed.html",
    "support/articles/templates/articles/suggested.html",
    "surveys/answering.py::Invalid",
    "surveys/letters.py",
    "surveys/links.py",
    "surveys/public.py",
    "surveys/wording.py",
    "surveys/templates/surveys/ask.html",
    "surveys/templates/surveys/closed.html",
    "ui/dates.py",
    "ui/templates/ui/public.html",
    "web/bridge.py",
    "web/errors.py",
    "web/templates/4*.html",
    "web/templates/web/refusal.html",
    "kernel/files/sniffing.py",
    "kernel/files/storage.py",
    "kernel/kinds/base.py::Invalid",
    "kernel/kinds/choice.py::Invalid",
    "kernel/kinds/many.py::Invalid",
    "kernel/kinds/number.py::Invalid",
    "kernel/kinds/phones.py::Invalid",
    "kernel/kinds/text.py::Invalid",
    "kernel/kinds/time.py::Invalid",
)
MARKS = {"_", "__", "gettext", "gettext_lazy", "gettext_noop", "noop", "ngettext", "ngettext_lazy"}
PLURALS = {"ngettext", "ngettext_lazy"}
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\{.*?\}\}|(?<!\{)\{\w+\}(?!\})")
JINJA = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])  # noqa: S701 - reads, shows nothing
SAID = {"name", "about", "purpose", "prevents", "playbook", "says"}  # what is text in a process that is shipped
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # catalogues change where words do, not where days pass
Key = str | tuple[str, str]


def main() -> int:
    found = extracted()
    for language in LANGUAGES:
        catalogue = updated(language, found)
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
        path.with_suffix(".mo").write_bytes(compiled(read(language)))
        missing = [message.id for message in catalogue if message.id and not translated(message)]
        print(f"{language}: {len(found)} texts, {len(missing)} of them without words yet")
    return 0


def extracted() -> dict[Key, list[str]]:
    """Every marked text of the faces, with the files it stands in; one with a plural is a pair. Raises where a face is gone."""
    found: dict[Key, list[str]] = {}
    for face in FACES:
        pattern, _sep, within = face.partition("::")
        files = sorted(SOURCE.glob(pattern))
        marked = [(key, file) for file in files for key in texts_of(file, within)]
        if not files or (within and not marked):
            raise LookupError(f"tools/words.py names {face}, where there is nothing to translate any more.")
        for key, file in marked:
            where = found.setdefault(key, [])
            if (name := file.relative_to(ROOT).as_posix()) not in where:
                where.append(name)
    return found


def texts_of(file: Path, within: str) -> Iterator[Key]:
    if file.suffix == ".yaml":
        yield from told(yaml.safe_load(file.read_text(encoding="utf-8")))
        return
    if file.suffix == ".html":
        for _line, _mark, text in JINJA.extract_translations(file.read_text()):
            yield text if isinstance(text, str) else text[0] if text[1] is None else (text[0], text[1])
        return
    tree = ast.parse(file.read_text())
    for part in [tree] if not within else [node for node in ast.walk(tree) if named(node) == within]:
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and named(node) in MARKS:
                words = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
                if words:
                    yield (words[0], words[1]) if named(node) in PLURALS else words[0]


def told(document: Any) -> Iterator[str]:
    """The texts of a process that is shipped."""
    parts = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    for key, value in document.items() if isinstance(document, dict) else ():
        if key in SAID and isinstance(value, str):
            yield value
    for part in parts:
        yield from told(part)


def named(node: ast.AST) -> str:
    """What a call, a function or a class goes by."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") or getattr(node.func, "attr", "")
    return getattr(node, "name", "")


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """A language's catalogue as it is kept."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, found: dict[Key, list[str]]) -> Catalog:
    """The catalogue with exactly what was found, and the words that are known for it."""
    known = read(language) if path_of(language).exists() else Catalog(locale=language)
    made = Catalog(locale=language, project="Kith", fuzzy=False, creation_date=EPOCH, revision_date=EPOCH,
                   header_comment="# Kith's own words where customers meet them; `make words` gathers and compiles them.")  # fmt: skip
    for key, files in found.items():
        before = known.get(key if isinstance(key, str) else key[0])
        same = before is not None and before.id == key
        made.add(key, before.string if same and before is not None else None, [(name, 0) for name in files],
                 flags=before.flags - {"python-format"} if same and before is not None else ())  # fmt: skip
    return made


def compiled(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def translated(message: object) -> bool:
    words = message.string  # type: ignore[attr-defined]
    return bool(words) and (isinstance(words, str) or all(words))


def places(text: str) -> list[str]:
    """The placeholders of a text: %s, %(name)s, {name}, and {{ person.name | "words" }} without its words."""
    return sorted(re.sub(r"\|.*\}\}", "}}", place).replace(" ", "") for place in PLACE.findall(text))


def faults(language: str) -> list[str]:
    """What is wrong with a language's catalogue, a sentence for each; nothing where all is well."""
    found, catalogue, out = extracted(), read(language), []
    kept = {message.id: message for message in catalogue if message.id}
    out += [f"“{key}” is missing." for key in found if key not in kept]
    out += [f"“{key}” is not used any more." for key in kept if key not in found]
    for key, message in kept.items():
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = [places(each) for each in ([key] if isinstance(key, str) else key)]
        if message.fuzzy:
            out.append(f"“{key}” is fuzzy: somebody has to look at it.")
        if not translated(message):
            out.append(f"“{key}” has no words yet.")
        elif any(places(each) not in wanted for each in texts):
            out.append(f"“{key}” has other placeholders in its translation.")
    if path_of(language).with_suffix(".mo").read_bytes() != compiled(catalogue):
        out.append("The catalogue is not compiled as it stands.")
    return [f"{language}: {fault} Run `make words`, then edit {path_of(language).name}." for fault in out]


if __name__ == "__main__":
    sys.exit(main())
