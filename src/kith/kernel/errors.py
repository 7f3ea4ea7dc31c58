"""The refusals that rules raise and every face shows.

One sentence each: what, where, how to mend. A face never invents its own wording and never swallows one.
"""

from __future__ import annotations


class KithError(Exception):
    """Base of everything a person is told in words. `message` is one finished sentence."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = str(message)


class Invalid(KithError):
    """A value cannot be taken. `field` is the column key it belongs to ("" for the whole record)."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


class InvalidMany(KithError):
    """Several values cannot be taken: `errors` maps column key ("" = whole record) to its sentences."""

    def __init__(self, errors: dict[str, list[str]]):
        self.errors = errors
        super().__init__(" ".join(m for messages in errors.values() for m in messages))


class NotAllowed(KithError):
    """The actor lacks the right (403). Rows out of scope are NotFound instead: no hint beyond the door."""


class NotFound(KithError):
    """No such row for this actor (404)."""


class NeedsInput(KithError):
    """An action cannot go on without more inputs (422): `inputs` names them, `errors` says what is wrong so far."""

    def __init__(self, message: str, inputs: tuple[str, ...] = (), errors: dict[str, list[str]] | None = None):
        super().__init__(message)
        self.inputs, self.errors = inputs, errors or {}


class Conflict(KithError):
    """Somebody else changed the same value first (409): `values` maps column key to (base, theirs, yours)."""

    def __init__(self, message: str, values: dict[str, tuple] | None = None):
        super().__init__(message)
        self.values = values or {}
