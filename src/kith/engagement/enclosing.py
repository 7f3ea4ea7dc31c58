"""What of the asset library goes with a mail: the current file of an asset, or a link where it is only an address.

Files are noted as the mail is written, so that what went stays what went. That it went is told by an event, which the
library hears; a mailing tells it with `mailing.reached`, once for each person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from django.utils.html import escape
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from kith.engagement.events import AssetEnclosed, AssetSent, AssetTakenOut
from kith.engagement.models import Dress, Enclosure, Template
from kith.kernel.access.actor import Actor
from kith.kernel.errors import Invalid
from kith.kernel.files.queries import files_of
from kith.kernel.kinds import Link
from kith.kernel.records.action import GIVEN, action
from kith.kernel.timeline.change import change
from kith.kernel.timeline.sides import Sides
from kith.kernel.timeline.write import Entry, write_events

MOST = 5  # assets of one template
SENT = "mail.sent"


@dataclass(frozen=True)
class Along:
    """What goes along: the assets as (id, name), the files of some of them, and (name, address) of the others."""

    assets: tuple[tuple[int, str], ...] = ()
    files: tuple[int, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"assets": self.assets, "files": self.files, "links": self.links}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Along:
        assets, links = (tuple((one, two) for one, two in kept.get(key, ())) for key in ("assets", "links"))
        return cls(assets, tuple(kept.get("files", ())), links)

    @property
    def words(self) -> str:
        """The links under the words of a plain mail."""
        return "".join(f"\n\n{name}: {href}" for name, href in self.links)

    @property
    def html(self) -> str:
        """The same for the HTML part; safe."""
        line = '<p style="margin:0 0 16px;"><a href="{}" style="color:#0b6b6b;">{}</a></p>'
        return "".join(line.format(escape(href), escape(name)) for name, href in self.links)


def along(assets: Iterable[Any]) -> Along:
    """These assets as they are now. Raises Invalid naming one that cannot go with a mail."""
    found, files, links = [], [], []
    for asset in assets:
        name, kept = " ".join(str(asset.name).split()), files_of("asset", asset.pk, limit=1)
        if asset.archived_at is not None:
            raise Invalid(__("The asset “%s” is put away; take it out, or bring it back first.") % name, "asset")
        if not kept and not asset.link:
            raise Invalid(__("The asset “%s” has no file yet, and no link; attach a file to it.") % name, "asset")
        found.append((asset.pk, name))
        files += [file.pk for file in kept]
        links += [] if kept else [(name, asset.link)]
    return Along(tuple(found), tuple(files), tuple(links))


def along_with(template: Template, *others: Any) -> Along:
    """What goes with every mail of this template, and others; each once. Raises Invalid."""
    rows = Enclosure.objects.filter(template=template).select_related("asset").order_by("pk")
    return along({asset.pk: asset for asset in (*(row.asset for row in rows), *others)}.values())


@action("template.enclose", needs="template.edit", label=_("Enclose an asset…"), icon="clip",
        applies=lambda t: t.archived_at is None and t.kind == "mail", done=_("It goes with every mail of {row}."))  # fmt: skip
def enclose(template: Template, *, asset: Annotated[Any, Link("asset"), _("Asset")], by: Actor) -> Template:
    """Its file as it is then goes with every mail of this template; a link, where it is only an address. Raises Invalid."""
    along([asset])
    with change(template, by=by) as c:
        rows = Enclosure.objects.filter(template=c.row)
        if rows.count() >= MOST:
            raise Invalid(__("At most %s assets go with a mail; take one out first.") % MOST, "asset")
        if not rows.filter(asset=asset).exists():
            side = Sides(rows)
            Enclosure.objects.create(template=c.row, asset=asset)
            c.says(AssetEnclosed(asset.name, sides=side.touched()))
            c.about("asset", asset.pk)
    row: Template = c.row
    return row


@action("template.take_out", needs="template.edit", label=_("Take an asset out"), icon="x",
        applies=lambda t: t.kind == "mail", done=_("Taken out."))  # fmt: skip
def take_out(template: Template, *, asset: Annotated[Any, Link("asset"), GIVEN, _("Asset")], by: Actor) -> Template:
    """It goes along no more. Raises Invalid where it never did."""
    with change(template, by=by) as c:
        rows = Enclosure.objects.filter(template=c.row)
        side = Sides(rows)
        if not rows.filter(asset=asset).delete()[0]:
            raise Invalid(__("“%s” does not go with this template.") % asset, "asset")
        c.says(AssetTakenOut(asset.name, sides=side.touched()))
        c.about("asset", asset.pk)
    row: Template = c.row
    return row


def handles(verb: str) -> bool:
    return verb == SENT


def hear(entries: list[Entry], by: Actor) -> None:
    """Mails that left: say of each asset that went along that it did. Two queries, however many."""
    told = {e.says.message: e for e in entries}  # type: ignore[attr-defined]
    dressed = Dress.objects.filter(message__in=told).exclude(assets=[])
    said = [
        Entry(entry.record, entry.record_id, AssetSent(name, asset, f"thread:{thread}"), about=[*entry.about, ("asset", asset)])
        for message, thread, assets in dressed.values_list("message", "message__thread", "assets")
        for asset, name in assets
        if (entry := told[message])
    ]  # fmt: skip
    write_events(said, by)
