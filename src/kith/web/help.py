"""Help inside the product: the user's guide of `docs/users`, and which page of it belongs to the page one is on.

The guide is written once, as Markdown that reads well in the repository; the wheel carries a copy beside this module.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from markdown_it import MarkdownIt
from markupsafe import Markup

from kith.kernel.records.registry import registry
from kith.process.versions import in_use
from kith.ui.render import page

CARRIED, WRITTEN = Path(__file__).parent / "help", Path(__file__).parents[3] / "docs" / "users"
CONTENTS = "README"
ABOUT = {  # names of addresses -> the page about them; record types name their own (`Record.help`)
    "list": "lists", "record": "records", "edit": "records", "new": "records", "record_history": "records",
    "history": "records", "merge": "records", "search": "search", "imports": "importing", "import-upload": "importing",
    "import-run": "importing", "import-columns": "importing", "roles": "access", "role": "access", "colleagues": "access",
    "colleague": "access", "teams": "access", "team": "access", "jobs": "background", "job": "background",
    "report": "reports", "reports": "reports", "custom-fields": "fields", "custom-field": "fields",
    "pipelines": "deals", "stage-rule": "deals", "reasons": "deals", "inbox": "activities",
    "api-reading": "programs", "home": "today", "process-settings": "process", "process-edit": "process",
    "process-stage": "process", "process-need": "process", "process-need-new": "process", "process-publish": "process",
    "process-guide": "process", "process-guides": "process", "process-changes": "process",
    "adoption": "process", "automation": "workflows", "automation-stage": "workflows",
    "form-builder": "forms", "incoming": "forms", "incoming-limits": "forms", "speed-to-lead": "forms",
    "configuration": "configuration", "configuration-review": "configuration", "chats": "chat", "chat": "chat", "chat-builder": "chat",
}  # fmt: skip


@require_GET
def guide(request: HttpRequest, name: str = CONTENTS) -> HttpResponse:
    """One page of the guide beside the list of all of them."""
    if name not in names():
        raise Http404
    title, body = read(name)
    pages = [(read(each)[0], f"/help/{each}/", each == name) for each in names() if each != CONTENTS]
    context = {"title": title, "body": body, "pages": pages, "first": name == CONTENTS, "ours": _ours()}
    return page(request, "web/help.html", context)


def _ours() -> list[tuple[str, str]]:
    """How one works here: the guide of each process in force, and of each team that owns steps of it."""
    out: list[tuple[str, str]] = []
    for one in sorted(in_use().values(), key=lambda each: (not each.process.is_default, each.process.name)):
        base = f"/process/guide/{one.process.key}/"
        teams = dict.fromkeys(stage.team for stage in one.definition.stages if stage.team)
        out += [(one.process.name, base), *((team, f"{base}?{urlencode({'team': team})}") for team in teams)]
    return out


@require_GET
def picture(request: HttpRequest, name: str) -> FileResponse:
    """A picture of the guide (`tools/pictures.py` makes them)."""
    file = _folder() / "pictures" / f"{name}.png"
    if not file.is_file():
        raise Http404
    answer = FileResponse(file.open("rb"), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def help_for(request: HttpRequest) -> str:
    """The address of the help that belongs to the page one is on; the contents when none does."""
    match = request.resolver_match
    about = ABOUT.get(match.url_name or "", "") if match else ""
    record = registry.by_slug(match.kwargs["slug"]) if match and about and "slug" in match.kwargs else None
    about = (record.help if record is not None and about in ("lists", "records") else "") or about
    return f"/help/{about}/" if about else "/help/"


def _folder() -> Path:
    return CARRIED if CARRIED.is_dir() else WRITTEN


@lru_cache
def names() -> list[str]:
    """The pages of the guide, in the order of its contents."""
    folder = _folder()
    if not folder.is_dir():
        return []
    text = (folder / f"{CONTENTS}.md").read_text("utf-8")
    return [CONTENTS, *dict.fromkeys(re.findall(r"\]\(([\w-]+)\.md", text))]


@lru_cache
def read(name: str) -> tuple[str, Markup]:
    """(title, the rest as markup) of a page. Links between pages become addresses here; raw HTML stays text."""
    text = (_folder() / f"{name}.md").read_text("utf-8")
    title, _sep, rest = text.removeprefix("# ").partition("\n")
    rest = re.sub(r"\]\(pictures/([\w-]+)\.png\)", r"](/help/pictures/\1.png)", rest)
    rest = re.sub(r"\]\((?!\w+:)([\w-]+)\.md(#[\w-]+)?\)", r"](/help/\1/\2)", rest)
    made = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"]).render(rest)
    return title.strip() or _("Help"), Markup(made)  # noqa: S704 - our own guide, rendered without raw HTML
