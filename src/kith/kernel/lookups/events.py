"""What reading leads to and the trail must keep: who took rows out of Kith."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kith.kernel.timeline.types import GENERIC, EventType


@dataclass(frozen=True)
class Exported(EventType):
    """Rows left as a file. It concerns the type as a whole, so it is kept under the record id 0."""

    sentence: ClassVar[object] = _("exported {count} rows as {format}")
    icon: ClassVar[str] = "download"
    count: int = 0
    format: str = ""
    filter: str = ""
    query: str = ""
    columns: str = ""

    def verb_for(self, record: str) -> str:
        return f"{record}.exported"


GENERIC["exported"] = Exported
