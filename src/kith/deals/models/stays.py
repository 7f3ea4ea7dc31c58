"""How long deals stood in which stage: the story of their moves, kept as rows because events are too many to ask each time."""

from __future__ import annotations

from django.db import models

from kith.deals.models.deals import Deal


class Stay(models.Model):
    """A deal in a stage from `entered_at` to `left_at` (None: it has neither moved nor closed since).

    Rewritten from the deal's events by `kith.deals.stays` in the transaction that writes or takes back a move; nothing
    else writes it. `stage_id` is a plain number, because a stay outlives its stage; the relation to the deal is hidden,
    because a merge leaves every story where it happened.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="+", db_index=False)
    stage_id = models.BigIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["deal", "entered_at"], name="stay_deal", include=["stage_id", "left_at"]),
            models.Index(fields=["stage_id", "deal"], name="stay_stage"),
        ]
