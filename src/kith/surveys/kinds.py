"""What the columns of a survey can hold: a moment it asks after, the purpose people must have agreed to."""

from __future__ import annotations

from kith.contacts.consent.queries import purposes
from kith.kernel.kinds import Choice
from kith.surveys.moments import moments


class Moments(Choice):
    name, customisable = "survey_moment", False

    def __init__(self) -> None:
        super().__init__(moments)


class PurposeOf(Choice):
    name, customisable = "survey_purpose", False

    def __init__(self) -> None:
        super().__init__(lambda: {key: purpose.name for key, purpose in purposes().items()})
