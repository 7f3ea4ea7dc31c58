"""Placeholders of the mail that says "we have it" are written as everywhere else: `{first_name|there}` becomes
`{{ person.given_name | "there" }}`, in drafts and in published versions. Each stands for the same, so that what was
published goes on saying what it said.
"""

import re

from django.db import migrations

OLD = re.compile(r"(?<!\{)\{\s*([a-z_]+)\s*(?:\|\s*([^{}|]*?)\s*)?\}(?!\})")
NEW = re.compile(r"\{\{ ([a-z_.]+)(?: \| \"([^\"]*)\")? \}\}")
NAMES = {
    "first_name": "person.given_name", "name": "person.name", "company": "company.name", "form": "form.name",
    "reason": "form.reason", "organisation": "organisation.name",
}  # fmt: skip
BACK = {new: old for old, new in NAMES.items()}


def newer(text):
    def written(found):
        if found[1] not in NAMES:  # it stood for its other word
            return found[2] or ""
        other = re.sub("[\"'“”\n]", "", found[2] or "")
        return "{{ " + NAMES[found[1]] + (f' | "{other}"' if other else "") + " }}"

    return OLD.sub(written, text)


def older(text):
    return NEW.sub(lambda found: "{" + BACK.get(found[1], found[1]) + (f"|{found[2]}" if found[2] else "") + "}", text)


def rewritten(document, how):
    """The document with its mail's texts written that way; None where nothing changes."""
    ack = document.get("ack") if isinstance(document, dict) else None
    if not isinstance(ack, dict):
        return None
    made = dict(ack)
    for key in ("subject", "text"):
        said = ack.get(key)
        if isinstance(said, dict):
            made[key] = {code: how(words) if isinstance(words, str) else words for code, words in said.items()}
        elif isinstance(said, str):
            made[key] = how(said)
    return {**document, "ack": made} if made != ack else None


def each(apps, how):
    for name, field in (("Form", "draft"), ("FormVersion", "document")):
        model = apps.get_model("capture", name)
        for row in model.objects.only("pk", field).iterator():
            made = rewritten(getattr(row, field), how)
            if made is not None:
                model.objects.filter(pk=row.pk).update(**{field: made})


def forward(apps, schema):
    each(apps, newer)


def backward(apps, schema):
    each(apps, older)


class Migration(migrations.Migration):
    dependencies = [("capture", "0004_lead_magnets")]
    operations = [migrations.RunPython(forward, backward, elidable=True)]
