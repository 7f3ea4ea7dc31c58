"""What a person may change about how Kith looks to them."""

from __future__ import annotations

from kith.kernel.errors import Invalid

CHOICES = {"theme": ("system", "light", "dark"), "density": ("compact", "normal", "roomy"), "keys": ("on", "off")}


def set_look(user, *, choices: dict[str, str]) -> dict[str, str]:
    """Keep theme, density and single keys in the user's preferences. Unknown names or values are refused."""
    for name, value in choices.items():
        if value not in CHOICES.get(name, ()):
            raise Invalid(f"{name} cannot be {value!r}.", name)
    user.preferences = {**(user.preferences or {}), **choices}
    user.save(update_fields=["preferences"])
    return choices
