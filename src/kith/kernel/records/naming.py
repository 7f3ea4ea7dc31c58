"""What a row is called where only its name is read: its title, or the beginning of its words where nobody gave it one."""

from __future__ import annotations

from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Coalesce, Left, NullIf

from kith.kernel.access.actor import Actor
from kith.kernel.kinds import LongText
from kith.kernel.text import BRIEF


def title_of(record: Any, actor: Actor) -> Any:
    """The name as text, one character longer than `kernel.text.brief` shows, so that it knows of more; "" for none. Words in a column
    that the actor may not see stay unsaid."""
    fields = {f.name for f in record.model._meta.concrete_fields}
    named = NullIf(Cast(F(record.title), TextField()), Value("")) if record.title in fields else None
    columns = record.columns(actor).values()
    long = next((c.path for c in columns if isinstance(c.kind, LongText) and c.field is not None), None)
    parts = [part for part in (named, Left(long, BRIEF + 1) if long else None) if part is not None]
    return Coalesce(*parts, Value(""), output_field=TextField()) if parts else Value("", output_field=TextField())
