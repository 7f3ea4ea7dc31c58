"""Words: one line, many lines, a web address, one e-mail address, one phone number."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.kernel.errors import Invalid
from kith.kernel.kinds.base import Kind, Operator
from kith.kernel.text import clean_text


def text_ops() -> tuple[Operator, ...]:
    return (
        Operator("has", _("contains"), "one", lambda p, v: Q(**{f"{p}__icontains": v})),
        Operator("is", _("is"), "many", lambda p, v: Q(**{f"{p}__in": v})),
        Operator("is_not", _("is not"), "many", lambda p, v: ~Q(**{f"{p}__in": v}) | Q(**{f"{p}__isnull": True})),
        Operator("starts", _("starts with"), "one", lambda p, v: Q(**{f"{p}__istartswith": v})),
        Operator("empty", _("is empty"), "none", lambda p, v: Q(**{f"{p}__isnull": True}) | Q(**{p: ""})),
        Operator("filled", _("is known"), "none", lambda p, v: Q(**{f"{p}__isnull": False}) & ~Q(**{p: ""})),
    )


class Text(Kind):
    name, label, customisable, blank = "text", _("Text"), True, ""

    def __init__(self, max_length: int = 255):
        self.max_length = max_length

    def parse(self, raw: Any, *, actor: Any = None) -> Any:
        return self.clean("" if raw is None else raw)

    def clean(self, value: Any) -> str:
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise Invalid(__("This must be text."))
        text = clean_text(str(value)).strip()
        if self.max_length and len(text) > self.max_length:
            raise Invalid(
                __("This text has %(n)s characters; the most that fit here are %(max)s.")
                % {"n": len(text), "max": self.max_length}
            )
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", **({"maxLength": self.max_length} if self.max_length else {})}

    def ops(self) -> tuple[Operator, ...]:
        return text_ops()


class LongText(Text):
    name, widget, label, sortable = "long_text", "textarea", _("Long text"), False

    def __init__(self, max_length: int = 1_000_000):
        super().__init__(max_length)


class Url(Text):
    name, widget, label = "url", "url", _("Web address")
    _valid = URLValidator(schemes=["http", "https"])

    def __init__(self, max_length: int = 500):
        super().__init__(max_length)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        if "://" not in text:
            text = "https://" + text
        try:
            self._valid(text)
        except ValidationError:
            raise Invalid(__("“%s” is not a web address; it should look like https://example.com.") % text) from None
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uri"}


# Ordinary addresses, all of which Django's validator takes too, at a tenth of its price (files bring them by the thousand).
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]{1,63}\.)+[a-z]{2,63}\Z", re.IGNORECASE | re.ASCII
)


class Email(Text):
    name, widget, label = "email", "email", _("E-mail")

    def __init__(self, max_length: int = 254):
        super().__init__(max_length)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text or _PLAIN_EMAIL.match(text):
            return text
        try:
            validate_email(text)
        except ValidationError:
            raise Invalid(__("“%s” is not an e-mail address; it should look like name@example.com.") % text) from None
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "email"}


class Phone(Text):
    """A phone number, kept in E.164 where it can be read as one, otherwise as written; shown nationally."""

    name, widget, label = "phone", "tel", _("Phone")

    def __init__(self, max_length: int = 40, region: str = ""):
        super().__init__(max_length)
        self.region = region

    def clean(self, value: Any) -> str:
        from kith.kernel.kinds.phones import normalise

        text = super().clean(value)
        return normalise(text, self.region) if text else ""

    def show(self, value: Any) -> str:
        from kith.kernel.kinds.phones import national

        return national(value) if value else ""
