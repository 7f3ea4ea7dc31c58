"""The composer for mail with templates, snippets and a signature: the action of activities, with something around it.

A template fills subject and words, which stay the writer's to change; whoever gives none gets them in the receiver's
language. A placeholder that was blank then is asked for again
as the mail is written down, and keeps it from leaving.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kith.engagement.dressing import dress_up, signature_of
from kith.engagement.enclosing import along, along_with
from kith.engagement.letters import filled_words, marked_document, unmarked
from kith.engagement.models import Template
from kith.engagement.placeholders import cast_of
from kith.engagement.wording import current_version
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.kinds import Link
from kith.kernel.mail.leaving import Receiver, withheld
from kith.kernel.records.action import Input
from kith.ui.panels import composers


def with_template(written: Any) -> Any:
    """The composer's action with two more inputs: which template the words come from, and an asset that goes along."""

    @transaction.atomic
    def write(row: Any, *, template: Template | None = None, asset: Any = None, by: Actor, **inputs: Any) -> Any:
        html, signature = "", signature_of(by.user_id).strip()
        given = [asset] if asset is not None else []
        enclosed = along_with(template, *given) if template is not None else along(given)
        if template is not None:
            cast = cast_of(row, owner_of(by), by)
            text = current_version(template).in_language(cast.language)
            cast = cast.reads(text["language"])
            inputs |= {key: filled_words(inputs.get(key) or text[key], cast) for key in ("subject", "body")}
        add = bool(signature) and signature not in inputs["body"]
        if template is not None:
            html = marked_document(inputs["body"], also=enclosed.html, under=signature if add else "")
            inputs["body"] = unmarked(inputs["body"])
        inputs["body"] = f"{inputs['body'].rstrip()}{enclosed.words}" if inputs["body"].strip() else inputs["body"]
        if add:
            inputs["body"] = f"{inputs['body'].rstrip()}\n\n-- \n{signature}"
        message = written.run(row, **inputs, by=by)
        if template is not None:
            _agreed(message, template)
        if template is not None or enclosed.assets:
            version = current_version(template) if template is not None else None
            dress_up(message, version, html, template, enclosed)
        return message

    chosen = Input("template", _("Template"), Link("template"), False)
    asset = Input("asset", _("Enclose from the asset library"), Link("asset"), False)
    inputs = (replace(one, unless="template") if one.key in ("subject", "body") else one for one in written.inputs)
    return replace(written, run=write, inputs=(*inputs, chosen, asset))


def _agreed(message: Any, template: Template) -> None:
    """Raises Invalid where whom it is written to did not agree to what the template is for; asked again as it leaves."""
    receivers = [Receiver(each.lower(), message.thread.person_id) for each in (*message.to, *message.cc)]
    if refused := withheld(receivers, template.purpose):
        raise Invalid(" ".join(refused.values()), "template")


def owner_of(by: Actor) -> Any:
    """The colleague who writes."""
    return by.user or get_user_model().objects.filter(pk=by.user_id).first()


_mail = composers()["mail"]
composers()["mail"] = replace(_mail, action=with_template(_mail.action), template="engagement/composer_mail.html")
