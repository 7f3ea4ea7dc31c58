"""What every record's table has in common.

`derive()` computes the pure derived columns (search words, sort names, identifiers) from the row itself; the write
path calls it before every save, so no face can forget it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kith.kernel.text import search_text


class RecordModel(models.Model):
    """Base of record tables. `version` counts changes; `custom` holds custom fields by key; archived rows stay."""

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField(_("Created"), default=timezone.now)
    updated_at = models.DateTimeField(_("Changed"), default=timezone.now)
    archived_at = models.DateTimeField(_("Archived"), null=True, blank=True)
    version = models.IntegerField(default=1)
    custom = models.JSONField(default=dict, blank=True)
    search = models.TextField(default="", blank=True)
    tsv = models.GeneratedField(
        expression=SearchVector("search", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    # Columns the write path maintains itself: never in forms, diffs or imports.
    KEPT: ClassVar[frozenset[str]] = frozenset(
        {"id", "created_at", "updated_at", "archived_at", "version", "custom", "search", "tsv"}
    )
    # Further columns that `derive()` computes.
    DERIVED: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def derive(self) -> None:
        self.search = search_text(*self.search_parts())

    def search_parts(self) -> list[str | None]:
        """Texts whose words find this row; own columns only, so that deriving needs no query."""
        return []

    def verify(self) -> None:
        """Rules over several columns of this row; raise Invalid."""

    def about(self) -> list[tuple[str, int]]:
        """Other records whose timelines show this row's events, as (record name, id)."""
        return []


class Owned(models.Model):
    """Rows that someone looks after; access rules read owner and team."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner")
    )
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Team")
    )

    class Meta:
        abstract = True


class Followed(models.Model):
    """Rows that must never be forgotten: the earliest open dated activity, and the last two-way touch.

    Kept by `timeline.followup` in the transaction that changes an activity; nothing else writes them.
    """

    next_step = models.CharField(_("Next step"), max_length=300, default="", blank=True)
    next_step_at = models.DateTimeField(_("Due"), null=True, blank=True)
    last_touch_at = models.DateTimeField(_("Last touch"), null=True, blank=True)

    FOLLOWUP: ClassVar[frozenset[str]] = frozenset({"next_step", "next_step_at", "last_touch_at"})

    class Meta:
        abstract = True

    @property
    def awaits_step(self) -> bool:
        """Would it be an oversight if this row had no next step? Not once it is over."""
        return True


def list_indexes(table: str, *sorts: str) -> list[Any]:
    """Search index plus one (sort, id) index per sortable column, over rows that are not archived: what a list reads.

    Rows without a next step are not in its index, which most rows then do not pay for. The name's index holds archived
    rows too: lists of other types are sorted by the names of linked rows, whether archived or not.
    """
    live = models.Q(archived_at__isnull=True)
    only = {"next_step": live & models.Q(next_step__gt=""), "sort_name": None}
    return [
        GinIndex(fields=["tsv"], name=f"{table[:25]}_tsv"),
        *(models.Index(fields=[s, "id"], name=f"{table}_{s}"[:28] + "_i", condition=only.get(s, live)) for s in sorts),
    ]


class ExternalId(models.Model):
    """The id a row has in another system; imports and the API link files by it, in any order of files."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    record = models.CharField(max_length=40)
    value = models.CharField(max_length=200)
    record_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "source", "value"], name="external_id_once")]
        indexes = [models.Index(fields=["record", "record_id"], name="external_id_row")]


class Moved(models.Model):
    """An id that now means another row, after a merge; both ids keep resolving."""

    id = models.BigAutoField(primary_key=True)
    record = models.CharField(max_length=40)
    old_id = models.BigIntegerField()
    new_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "old_id"], name="moved_once")]
        indexes = [models.Index(fields=["record", "new_id"], name="moved_to")]
