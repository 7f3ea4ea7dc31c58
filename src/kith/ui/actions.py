"""What a person may change about how Kith looks to them, one thing at a time; the profile page saves all at once."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kith.kernel.errors import Invalid

CHOICES: dict[str, dict[str, object]] = {
    "theme": {"": "", "light": "light", "dark": "dark"},
    "density": {"compact": "compact", "normal": "normal", "roomy": "roomy"},
    "shortcuts": {"on": True, "off": False},
}


def chosen(given: dict[str, str]) -> dict[str, object]:
    """The preferences meant by form values. Raises Invalid for what is not offered."""
    for name, value in given.items():
        if value not in CHOICES.get(name, ()):
            raise Invalid(_("Choose one of the looks offered."), name)
    return {name: CHOICES[name][value] for name, value in given.items()}


def set_look(user, *, given: dict[str, str]) -> None:
    """Keep theme, density or single keys in the user's preferences; the others stay as they are."""
    user.preferences = {**(user.preferences or {}), **chosen(given)}
    user.save(update_fields=["preferences"])
