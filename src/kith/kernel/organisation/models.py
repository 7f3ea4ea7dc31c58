"""The one organisation this Kith serves, and the version of everything configurable.

Its `config` stamp changes whenever the row, roles, custom fields, pipelines, rates, views or colleagues change. A request
reads the stamp with its user (`accounts/backends.py`); the row, and what every process caches by the stamp, is read again
only when that is another one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(_("Name"), max_length=200, default="")
    currency = models.CharField(_("Currency"), max_length=3, default="EUR")
    country = models.CharField(_("Country"), max_length=2, default="", blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    language = models.CharField(_("Language"), max_length=12, default="en")  # for people outside whose own nobody knows
    week_start = models.SmallIntegerField(_("First day of the week"), default=0)
    set_up_at = models.DateTimeField(null=True, blank=True)
    sample = models.JSONField(default=dict, blank=True)  # what the sample company put in, so that it can go again
    config = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = _("organisation")

    def __str__(self) -> str:
        return self.name or "Kith"


_current: Organisation | None = None
_cache: dict[str, Any] = {}
_read_of: dict[str, frozenset[str]] = {}  # by key of the cache: the types it was read from, where its reader says so


def refresh() -> Organisation:
    """Read the organisation row (one query) and drop caches made under another configuration stamp."""
    return _take(Organisation.objects.order_by("pk").first() or Organisation.objects.create())


def _take(row: Organisation) -> Organisation:
    global _current
    if _current is None or row.config != _current.config:
        _cache.clear()
    _current = row
    return row


def refresh_unless(stamp: uuid.UUID | None) -> Organisation:
    """`refresh`, without its query when `stamp`, just read from the organisation's row, says that nothing changed."""
    return _current if _current is not None and stamp is not None and stamp == _current.config else refresh()


def forget() -> None:
    """Keep nothing of the organisation in this process any more: its row was put back to what stood there before."""
    global _current
    _current = None
    _cache.clear()


def current() -> Organisation:
    """The organisation as last read in this process (read now when never read)."""
    return _current or refresh()


def bump(of: str = "") -> None:
    """Say that configuration changed: every process drops its caches at its next request. Call inside the change.

    Where only rows of one type changed, `of` names it: this process then keeps what was read from others alone, so that a
    dozen settings written together are not followed by a dozen readings of everything.
    """
    with transaction.atomic():
        row = _take(Organisation.objects.select_for_update().order_by("pk").first() or Organisation.objects.create())
        row.config = uuid.uuid4()  # what `_current` is now: the cache goes on, without what is dropped here
        row.save(update_fields=["config"])
        _drop(of)
        # Another thread may have filled it with what stood before this was committed.
        transaction.on_commit(partial(_drop, of))


def _drop(of: str) -> None:
    for key in [key for key in _cache if not of or key not in _read_of or of in _read_of[key]]:
        _cache.pop(key, None)


def cached(key: str, load: Callable[[], Any], of: tuple[str, ...] | None = None) -> Any:
    """`load()` once per configuration stamp and process. `of`: the types whose rows it reads, beside what says with a plain
    `bump()` that it changed; None where it may read anything."""
    if _current is None:
        refresh()
    if key not in _cache:
        if of is not None:
            _read_of[key] = frozenset(of)
        _cache[key] = load()
    return _cache[key]
