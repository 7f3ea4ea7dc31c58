"""How each kind of tracker is told and heard. A provider is two functions; another kind is one more entry.

`tell` sends a comment and raises CallFailed or Invalid; `hear` checks who called and reads what they say, None where it is
about nothing that we want to know. Raises Refused where the signature is not in order.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from kith.contacts.callers import line, read_object
from kith.kernel import jsontext, outgoing
from kith.kernel.errors import Invalid
from kith.kernel.mail.secrets import unseal
from kith.kernel.text import plain_address
from kith.process.trackers.models import Delivery, Issue, Provider, Token, Tracker

GITHUB_ISSUE = re.compile(r"^/([\w.-]+)/([\w.-]+)/(?:issues|pull)/(\d+)$")
GITLAB_ISSUE = re.compile(r"^/((?:[\w.-]+/)+[\w.-]+)/-/(?:issues|work_items)/(\d+)$")


class Refused(Exception):
    """The call is not signed as it should be."""


@dataclass(frozen=True)
class Said:
    """What a tracker says of one of its issues. `delivery`: "" where it does not say."""

    url: str
    title: str
    delivery: str


@dataclass(frozen=True)
class Word:
    """What a tracker is told: the sentence, the part of it that names nobody, and for programs what it is made of."""

    text: str
    plain: str
    customers: int
    names: tuple[str, ...]
    promises: int
    tickets: int

    @property
    def mark(self) -> str:
        """The same for the same sentence."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def secret_of(tracker: Tracker) -> str:
    """By which calls from this tracker are known, and ours to it signed."""
    return outgoing.derived_secret("trk_", f"kith.tracker:{tracker.pk}:{tracker.secret_round}")


def token_of(tracker: Tracker) -> str:
    """Raises Invalid where nobody gave one, or for another address than the one it would go to now."""
    row = Token.objects.filter(tracker=tracker).first()
    if row is None:
        raise Invalid(_("%s has no token yet; give it one under Settings.") % tracker.name)
    kept = unseal(row.sealed)
    if kept["at"] != tracker.api_at:
        raise Invalid(_("The token of %s was given for another address; give it again.") % tracker.name)
    return str(kept["token"])


# --- telling


def _tell_webhook(tracker: Tracker, issue: Issue, word: Word) -> None:
    body = jsontext.encode({
        "issue": issue.url, "title": issue.title, "delivery": issue.delivery, "text": word.text, "customers": word.customers,
        "names": list(word.names), "promises": word.promises, "tickets": word.tickets,
    }).encode()  # fmt: skip
    delivery = hashlib.sha256(f"{issue.pk}:{issue.told_at}:{word.text}".encode()).hexdigest()[:32]
    headers = {
        "Content-Type": "application/json",
        "Kith-Delivery": delivery,
        "Kith-Signature": outgoing.signed(secret_of(tracker), body),
    }
    outgoing.post(tracker.api_at, body, headers)


def _tell_github(tracker: Tracker, issue: Issue, word: Word) -> None:
    found = GITHUB_ISSUE.match(urlsplit(issue.url).path)
    if found is None:
        raise Invalid(_("“%s” is not the address of an issue on GitHub.") % issue.url)
    owner, name, number = found.groups()
    headers = {
        "Authorization": f"Bearer {token_of(tracker)}",
        "Accept": "application/vnd.github+json",
        "Content-Type": "application/json",
    }
    _comment(f"{tracker.api_at}/repos/{owner}/{name}/issues/{number}/comments", word, headers)


def _tell_gitlab(tracker: Tracker, issue: Issue, word: Word) -> None:
    found = GITLAB_ISSUE.match(urlsplit(issue.url).path)
    if found is None:
        raise Invalid(_("“%s” is not the address of an issue on GitLab.") % issue.url)
    project, number = found.groups()
    headers = {"PRIVATE-TOKEN": token_of(tracker), "Content-Type": "application/json"}
    _comment(f"{tracker.api_at}/projects/{quote(project, safe='')}/issues/{number}/notes", word, headers)


def _comment(address: str, word: Word, headers: dict[str, str]) -> None:
    outgoing.post(address, jsontext.encode({"body": word.text}).encode(), headers)


# --- hearing


def _hear_webhook(tracker: Tracker, headers: Mapping[str, str], body: bytes) -> Said | None:
    if not outgoing.is_signed(headers.get("Kith-Signature", ""), secret_of(tracker), body):
        raise Refused
    told = read_object(body)
    return Said(line(told, "issue", 500), line(told, "title", 300), line(told, "delivery", 20))


def _hear_github(tracker: Tracker, headers: Mapping[str, str], body: bytes) -> Said | None:
    right = "sha256=" + hmac.new(secret_of(tracker).encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), headers.get("X-Hub-Signature-256", "").encode()):
        raise Refused
    issue = read_object(body).get("issue")
    if headers.get("X-GitHub-Event") != "issues" or not isinstance(issue, dict):
        return None
    if issue.get("state") == "closed":
        delivery = Delivery.DROPPED if issue.get("state_reason") in ("not_planned", "duplicate") else Delivery.DONE
    else:
        delivery = Delivery.DOING if issue.get("assignees") else Delivery.PLANNED
    return Said(line(issue, "html_url", 500), line(issue, "title", 300), delivery)


def _hear_gitlab(tracker: Tracker, headers: Mapping[str, str], body: bytes) -> Said | None:
    if not hmac.compare_digest(secret_of(tracker).encode(), headers.get("X-Gitlab-Token", "").encode()):
        raise Refused
    told = read_object(body)
    issue = told.get("object_attributes")
    if told.get("object_kind") != "issue" or not isinstance(issue, dict):
        return None
    delivery = (
        Delivery.DONE
        if issue.get("state") == "closed"
        else Delivery.DOING
        if told.get("assignees")
        else Delivery.PLANNED
    )
    return Said(line(issue, "url", 500), line(issue, "title", 300), delivery)


TELL: dict[str, Callable[[Tracker, Issue, Word], None]] = {
    Provider.WEBHOOK: _tell_webhook, Provider.GITHUB: _tell_github, Provider.GITLAB: _tell_gitlab,
}  # fmt: skip
HEAR: dict[str, Callable[[Tracker, Mapping[str, str], bytes], Said | None]] = {
    Provider.WEBHOOK: _hear_webhook, Provider.GITHUB: _hear_github, Provider.GITLAB: _hear_gitlab,
}  # fmt: skip


def hear(tracker: Tracker, headers: Mapping[str, str], body: bytes) -> Said | None:
    """What a call says, once it is known to be the tracker's. Raises Refused, Invalid."""
    said = HEAR[tracker.provider](tracker, headers, body)
    if said is None or not said.url:
        return None
    if said.delivery and said.delivery not in Delivery.values:
        raise Invalid(_("delivery is one of %s.") % ", ".join(Delivery.values), "delivery")
    return Said(plain_address(said.url), said.title, said.delivery)
