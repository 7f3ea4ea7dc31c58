"""How much of a mail colleagues see who have no part in it, in four steps."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """From all of it to next to nothing."""

    FULL = "full", _("All of it")
    SUBJECT = "subject", _("Who, when and the subject")
    METADATA = "metadata", _("Who and when")
    PRIVATE = "private", _("Only that there was a mail")


NARROWER = list(Level)


def widest(levels: Iterable[str]) -> str:
    """What is seen of a mail that came several ways; all of one that came none."""
    return min((Level(level) for level in levels), key=NARROWER.index, default=Level.FULL)


def tells_subject(level: str) -> bool:
    return level in (Level.FULL, Level.SUBJECT)
