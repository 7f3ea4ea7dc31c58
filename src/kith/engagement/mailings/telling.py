"""A mailing in words and figures, for the terminal and for programs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kith.engagement.mailings import results
from kith.engagement.models import OPEN, Held, Mailing, RecipientState
from kith.kernel.access.actor import Actor
from kith.kernel.errors import NotFound
from kith.kernel.records.registry import registry

MOST = 200


def every(by: Actor) -> list[Mailing]:
    """The mailings in use, the one changed last first."""
    return list(registry["mailing"].rows(by, archived=False).order_by("-updated_at")[:MOST])


def found(by: Actor, name: str) -> Mailing:
    """A mailing by its id or name, of several of that name the newest. Raises NotFound."""
    rows = registry["mailing"].rows(by, archived=False)
    wanted = (
        rows.filter(pk=int(name)) if name.isdecimal() and len(name) < 18 else rows.filter(name__iexact=name.strip())
    )
    row: Mailing | None = wanted.order_by("-pk").first()
    if row is None:
        raise NotFound(_("There is no mailing “%s”.") % name)
    return row


def as_json(row: Mailing, by: Actor) -> dict[str, Any]:
    """Its state, what the check found, and once it began what became of everybody."""
    out = {"id": row.pk, "name": row.name, "state": row.state, "audience": row.audience, "without": row.without,
           "send_at": row.send_at, "problem": row.problem, "checked": row.checked}  # fmt: skip
    if row.state not in OPEN:
        held = {key: n for key, _words, n in results.held(by, row)}
        out |= {"recipients": results.counts(by, row), "held": held}
        if row.track:
            n = results.total(by, row).n
            out["read"] = {
                "agreed": n["agreed"],
                "opened": n["opened"],
                "clicked": n["clicked"],
                "machine": n["machine"],
            }
    return out


def told(row: Mailing, by: Actor) -> str:
    """The same for people."""
    lines = [f"{row.name}: {row.get_state_display()}"]
    if row.problem:
        lines.append(f"  {row.problem}")
    if row.state in OPEN:
        seen = row.checked if "at" in row.checked else {}
        lines += (
            [_("  in the audience  %s") % seen["gathered"], _("  get it           %s") % seen["get"]] if seen else []
        )
        lines += [f"  {n:>8}  {Held(key).label}" for key, n in seen.get("held", {}).items() if n]
        lines += [f"  {caution['words']}" for caution in seen.get("cautions", ())]
    else:
        lines += [f"  {n:>8}  {RecipientState(key).label}" for key, n in results.counts(by, row).items()]
        lines += [f"  {n:>8}  {words}" for _key, words, n in results.held(by, row)]
        lines += [f"  {results.reading(results.total(by, row))}"] if row.track else []
    return "\n".join(lines)
