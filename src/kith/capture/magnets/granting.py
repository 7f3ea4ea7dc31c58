"""Handing over: the grants of a submission, their signed links, fetching, and asking for a new link.

A link names its grant and which link of it this is; how long it works and for how many downloads stands with the grant.
Only the newest link of a grant works, and only for as long as nobody has to confirm anything first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core import signing
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from kith.capture.events import AssetDownloaded
from kith.capture.magnets.models import Download, Grant, Magnet
from kith.capture.magnets.offering import ever_offered, offered
from kith.capture.models import Submission
from kith.contacts.consent.models import State
from kith.contacts.consent.queries import last_said, purposes
from kith.kernel.access.actor import Actor, system
from kith.kernel.accounts.links import site_address
from kith.kernel.errors import NotFound
from kith.kernel.files.models import StoredFile
from kith.kernel.files.queries import files_of
from kith.kernel.files.storage import open_file
from kith.kernel.jobs import enqueue
from kith.kernel.timeline.write import Entry, write_events

SALT, LONGEST = "kith.gift", 300  # characters of a token
NEW_LINKS, PAUSE = 10, dt.timedelta(minutes=10)  # new links of one grant, and the time between two


@dataclass(frozen=True)
class Opened:
    """What a link says. `state`: ready, expired, used (every download is), waits (for a confirmation), gone."""

    grant: Grant
    state: str
    file: StoredFile | None = None

    @property
    def left(self) -> int:
        return max(self.grant.magnet.most - self.grant.count, 0)

    @property
    def name(self) -> str:
        return str(self.grant.magnet.asset.name)

    @property
    def size(self) -> str:
        return filesizeformat(self.file.size) if self.file else ""

    @property
    def link(self) -> str:
        """Where the asset leads when it is no file."""
        return "" if self.file else str(self.grant.magnet.asset.link)

    @property
    def path(self) -> str:
        return path_of(self.grant)


# --- beginning -------------------------------------------------------------------------------------------------------


def begin(row: Submission) -> list[Grant]:
    """What a new submission is handed, in its transaction; nothing where its form hands nothing over."""
    found = offered(row.form_id)
    if not found:
        return []
    now, asked = timezone.now(), _is_asked(row)
    return Grant.objects.bulk_create([
        Grant(magnet_id=one.pk, submission=row, at=now, expires_at=now + dt.timedelta(days=one.days), waits=one.confirm and asked)
        for one in found
    ])  # fmt: skip


def _is_asked(row: Submission) -> bool:
    known = purposes()
    return any(one["purpose"] in known and known[one["purpose"]].double_opt_in for one in row.consents)


def at_once(row: Submission, grants: Sequence[Grant]) -> list[Grant]:
    """What its sender may fetch from the page that thanks; nothing where it looks as if no person had sent it."""
    return [] if row.suspect else [grant for grant in grants if not grant.waits]


def names_of(grants: Sequence[Grant]) -> list[tuple[str, str]]:
    """(name of the asset, token) of each, for programs; one query, and none for nothing."""
    if not grants:
        return []
    named = Magnet.objects.filter(pk__in=[grant.magnet_id for grant in grants]).values_list("pk", "asset__name")
    names = dict(named)
    return [(names[grant.magnet_id], token_of(grant)) for grant in grants if grant.magnet_id in names]


def become_known(pairs: Sequence[tuple[Submission, Any]], *, by: Actor) -> None:
    """These submissions are somebody's now: so are their grants, and what was fetched already is told. In the caller's
    transaction; costs nothing for forms that hand nothing over."""
    people = {row.pk: person for row, person in pairs if ever_offered(row.form_id)}
    if not people:
        return
    grants = list(Grant.objects.filter(submission__in=people).select_related("magnet__asset", "submission"))
    waiting = _who_waits([people[g.submission_id].pk for g in grants if g.waits])
    for grant in grants:
        grant.person = people[grant.submission_id]
        grant.waits = grant.waits and grant.person_id in waiting
    Grant.objects.bulk_update(grants, ["person", "waits"])
    fetched = list(Download.objects.filter(grant__in=grants, told=False).order_by("at", "pk"))
    by_id = {grant.pk: grant for grant in grants}
    write_events([_entry(by_id[one.grant_id], one.at) for one in fetched], by)
    Download.objects.filter(pk__in=[one.pk for one in fetched]).update(told=True)
    # What looked like spam is not answered by itself; a colleague took it in, so it gets what it asked for.
    if late := [g.pk for g in grants if g.submission.suspect and not g.waits]:
        enqueue("capture.hand_over", ids=late)


def _who_waits(people: Sequence[int]) -> set[int]:
    """Those who were asked to confirm something by mail and have not done so yet."""
    known = {purpose.pk: purpose for purpose in purposes().values()}
    lines = last_said(set(people)) if people else []
    return {line.person_id for line in lines if line.purpose_id in known and line.state == State.ASKED}


def confirmed(entries: list[Any], _by: Actor) -> None:
    """Who confirms by mail gets what waited for that: hears `person.consent_confirmed`."""
    people = {entry.record_id for entry in entries if entry.record == "person"}
    grants = Grant.objects.filter(person__in=people, waits=True)
    ids = list(grants.values_list("pk", flat=True))
    if ids:
        grants.update(waits=False)
        enqueue("capture.hand_over", ids=ids)


# --- links -----------------------------------------------------------------------------------------------------------


def token_of(grant: Grant) -> str:
    return signing.dumps({"g": grant.pk, "n": grant.renewals}, salt=SALT)


def path_of(grant: Grant) -> str:
    return f"/f/{grant.magnet.form.key}/get/{token_of(grant)}"


def link_of(grant: Grant) -> str:
    """For a mail: its page speaks the language the form was read in."""
    language = grant.submission.language
    return site_address() + path_of(grant) + (f"?lang={language}" if language else "")


def opened(form: int, token: str, *, lock: bool = False) -> Opened | None:
    """What a token of this form opens; None for one that was changed on the way."""
    try:
        told = signing.loads(token, salt=SALT) if len(token) <= LONGEST else {}
    except signing.BadSignature:
        return None
    rows = Grant.objects.select_related("magnet__asset", "magnet__form", "submission")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    grant = rows.filter(pk=told.get("g"), magnet__form=form).first()
    if grant is None:
        return None
    files = files_of("asset", grant.magnet.asset_id, limit=1)
    file = files[0] if files else None
    if told.get("n") != grant.renewals or grant.expires_at <= timezone.now():
        return Opened(grant, "expired", file)
    return Opened(grant, _state(grant, file), file)


def _state(grant: Grant, file: StoredFile | None) -> str:
    asset = grant.magnet.asset
    if asset.archived_at is not None or not (file or asset.link):
        return "gone"
    if grant.waits:
        return "waits"
    return "used" if grant.count >= grant.magnet.most else "ready"


# --- fetching --------------------------------------------------------------------------------------------------------


def fetch(form: int, token: str) -> tuple[Opened | None, BinaryIO | None]:
    """Count a download and tell it: (what it opens, the file's content). Where its state is not "ready" nothing was
    counted. Two at once are counted one after the other."""
    with transaction.atomic():
        found = opened(form, token, lock=True)
        if found is None or found.state != "ready":
            return found, None
        try:
            content = open_file(found.file) if found.file is not None else None
        except NotFound:
            return Opened(found.grant, "gone", found.file), None
        grant, now = found.grant, timezone.now()
        grant.count += 1
        grant.save(update_fields=["count"])
        Download.objects.create(grant=grant, at=now, told=grant.person_id is not None)
        if grant.person_id is not None:
            write_events([_entry(grant, now)], system("web"))
    return found, content


def _entry(grant: Grant, at: dt.datetime) -> Entry:
    asset, person = grant.magnet.asset, grant.person
    about = [("asset", asset.pk), ("magnet", grant.magnet_id)]
    about += [("company", person.company_id)] if person.company_id else []
    says = AssetDownloaded(asset=asset.name, asset_id=asset.pk, magnet=grant.magnet.name, magnet_id=grant.magnet_id)
    return Entry("person", person.pk, says, about=about, at=at, actor_name=str(person)[:200])


def renew(form: int, token: str) -> str:
    """A new link by mail, to the address that the form was sent with and to no other; says what became of it: sent, soon
    (one is on its way), never (no address, or too many were asked for), "" for a token that was changed."""
    with transaction.atomic():
        found = opened(form, token, lock=True)
        if found is None:
            return ""
        grant, now = found.grant, timezone.now()
        if (
            found.state in ("waits", "gone")
            or grant.person_id is None
            or not grant.submission.email
            or grant.renewals >= NEW_LINKS
        ):
            return "never"
        if grant.mailed_at is not None and grant.mailed_at > now - PAUSE:
            return "soon"
        grant.renewals, grant.count, grant.mailed_at = grant.renewals + 1, 0, now
        grant.expires_at = now + dt.timedelta(days=grant.magnet.days)
        grant.save(update_fields=["renewals", "count", "mailed_at", "expires_at"])
        enqueue("capture.hand_over", ids=[grant.pk])
    return "sent"
