"""The composer for mail with templates, snippets and a signature: the action of activities, with something around it.

A template fills subject and words, which stay the writer's to change. A placeholder that was blank then is asked for again
as the mail is written down, and keeps it from leaving.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from kith.engagement.dressing import dress_up, signature_of
from kith.engagement.letters import filled_words, marked_document, unmarked
from kith.engagement.models import Template
from kith.engagement.placeholders import cast_of
from kith.engagement.wording import current_version
from kith.kernel.access.actor import Actor
from kith.kernel.kinds import Link
from kith.kernel.records.action import Input
from kith.ui.panels import composers


def with_template(written: Any) -> Any:
    """The composer's action with one more input: which template the words come from."""

    def write(row: Any, *, template: Template | None = None, by: Actor, **inputs: Any) -> Any:
        html, signature = "", signature_of(by.user_id).strip()
        add = bool(signature) and signature not in inputs["body"]
        if template is not None:
            cast = cast_of(row, owner_of(by), by)
            inputs |= {key: filled_words(inputs[key], cast) for key in ("subject", "body")}
            html = marked_document(f"{inputs['body']}\n\n{signature}" if add else inputs["body"])
            inputs["body"] = unmarked(inputs["body"])
        if add:
            inputs["body"] = f"{inputs['body'].rstrip()}\n\n-- \n{signature}"
        message = written.run(row, **inputs, by=by)
        if template is not None:
            dress_up(message, current_version(template), html, template)
        return message

    chosen = Input("template", _("Template"), Link("template"), False)
    return replace(written, run=write, inputs=(*written.inputs, chosen))


def owner_of(by: Actor) -> Any:
    """The colleague who writes."""
    return by.user or get_user_model().objects.filter(pk=by.user_id).first()


_mail = composers()["mail"]
composers()["mail"] = replace(_mail, action=with_template(_mail.action), template="engagement/composer_mail.html")
