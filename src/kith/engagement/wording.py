"""What people do with templates: every change of words is a new version, other languages are written beside the first."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.engagement.models import Template, TemplateVersion
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Language, LongText, Text
from kith.kernel.records.action import action
from kith.kernel.timeline.change import change


def keep_versions(pairs: list[tuple[Template | None, Template]], by: Actor) -> None:
    """A wording that differs from the last one kept becomes the next version, however it was written."""
    last = {
        version.template_id: version
        for version in TemplateVersion.objects.filter(template__in=[row.pk for _old, row in pairs]).order_by("number")
    }
    fresh = []
    for _old, row in pairs:
        before = last.get(row.pk)
        if before is None or before.wording != row.wording():
            number = before.number + 1 if before else 1
            fresh.append(TemplateVersion(template=row, number=number, wording=row.wording(), author_name=by.name))
    TemplateVersion.objects.bulk_create(fresh)


def current_version(template: Template) -> TemplateVersion:
    """The wording that counts now."""
    return TemplateVersion.objects.filter(template=template).latest("number")


@action("template.translate", needs="template.edit", label=_("Write in another language"), icon="globe",
        applies=lambda t: t.archived_at is None, done=_("Kept. It is a new version of {row}."))  # fmt: skip
def translate(
    template: Template, *, language: Annotated[str, Language(), _("Language")],
    subject: Annotated[str, Text(300), _("Subject, if it is another one")] = "", body: Annotated[str, LongText(), _("Text")], by: Actor,
) -> Template:  # fmt: skip
    """The same in another language, in place of what stood there in that language before."""
    with change(template, by=by) as c:
        if language == c.row.language:
            raise Invalid(__("That is the language of the template itself; edit its text."), "language")
        rest = [each for each in c.row.translations if each["language"] != language]
        c.row.translations = [*rest, {"language": language, "subject": subject.strip() or c.row.subject, "body": body}]
    return c.row


@action("template.drop_language", needs="template.edit", label=_("Take a language out"), icon="x",
        applies=lambda t: bool(t.translations), done=_("Taken out."))  # fmt: skip
def drop_language(template: Template, *, language: Annotated[str, Language(), _("Language")], by: Actor) -> Template:
    """People of that language are written to in the template's own one from now on."""
    with change(template, by=by) as c:
        rest: list[Any] = [each for each in c.row.translations if each["language"] != language]
        if len(rest) == len(c.row.translations):
            raise Invalid(__("It is not written in that language."), "language")
        c.row.translations = rest
    return c.row
