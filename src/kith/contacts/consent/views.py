"""What a person sees and changes by themselves, without signing in: the signed link is the key.

Nothing happens by opening a link: mail scanners open them all. A wrong link gets one page that tells nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kith.contacts.consent import actions, links, queries
from kith.contacts.consent.models import Consent, State, Through
from kith.contacts.consent.sections import section_of, sections_of
from kith.kernel.access.actor import system
from kith.kernel.errors import NotFound
from kith.kernel.languages import speaking_to
from kith.ui.render import page


def behind_a_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open to everybody with a link; never kept by caches; a wrong link is one clear page."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except NotFound:
            with speaking_to(request):
                response = page(request, "consent/dead.html", {"message": links.dead().message}, status=404)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return login_not_required(guarded)


@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
def centre(request: HttpRequest, token: str) -> HttpResponse:
    """What we may do with their address, since when, in which words; to change or withdraw."""
    opened = links.open_person(token, links.CENTRE)
    with speaking_to(request, opened.person.language):
        if request.method == "POST" and "do" in request.POST:
            return _do(request, opened)
        if request.method == "POST":
            _keep(request, opened)
            return HttpResponseRedirect(f"{request.path}?kept=1", status=303)
        standing = [one for one in queries.standing_of(opened.person.pk) if one.purpose.archived_at is None or one.last]
        told = [{"one": one, "words": queries.words_of(one.purpose, opened.person.language)} for one in standing]
        said = queries.story_of(opened.person.pk)
        done = section_of(request.GET.get("done", ""))
        context = {
            "opened": opened, "told": told, "said": said, "kept": "kept" in request.GET, "done": done,
            "sections": sections_of(opened.person),
        }  # fmt: skip
        return page(request, "consent/centre.html", context)


def _do(request: HttpRequest, opened: links.Opened) -> HttpResponse:
    """What the button of a section does, in the name of the person."""
    section = section_of(request.POST["do"])
    if section is None:
        return HttpResponseRedirect(request.path, status=303)
    section.act(opened.person, by=system("web", name=str(opened.person)))
    return HttpResponseRedirect(f"{request.path}?done={section.key}", status=303)


def _keep(request: HttpRequest, opened: links.Opened) -> None:
    """Take each box as it was sent: a box ticked says yes, one left empty withdraws what held."""
    stops = "stop" in request.POST
    for one in queries.standing_of(opened.person.pk):
        if one.purpose.archived_at is not None and not stops:
            continue
        yes = not stops and one.purpose.key in request.POST.getlist("purpose")
        waits = one.last is not None and one.last.state == State.ASKED
        if yes == (one.holds or waits):
            continue
        _say(opened, one.purpose, yes, Through.CENTRE)


def _say(opened: links.Opened, purpose: Any, yes: bool, through: str) -> None:
    said = actions.Said(
        opened.person.pk, purpose, yes, through, address=opened.address, language=opened.person.language,
        proof={"ref": opened.ref} if opened.ref else {},
    )  # fmt: skip
    actions.say(opened.person, said, by=system("web", name=str(opened.person)))


@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is confirmed, POST confirms it."""
    ids = links.open_confirm(token)
    asked = list(Consent.objects.filter(pk__in=ids).select_related("purpose", "person"))
    if not asked:
        raise links.dead()
    person = asked[0].person
    with speaking_to(request, person.language, asked[0].language):
        if request.method == "POST":
            actions.confirm(ids, proof={"confirmed_from": network_of(request)})
        state = {line.purpose_id: line for line in queries.last_said([person.pk])}
        open_ = [line for line in asked if state[line.purpose_id].state == State.ASKED]
        withdrawn = [line for line in asked if state[line.purpose_id].state == State.WITHDRAWN]
        centre = links.centre_path(person.pk, asked[0].address)
        context = {"asked": asked, "open": open_, "withdrawn": withdrawn, "centre": centre}
        return page(request, "consent/confirm.html", context)


# Mail programs post here by themselves for a reader who pressed "unsubscribe" (RFC 8058): without cookies, and hence
# without our proof of origin. Nothing of a session is used; the signed token is the only key.
@csrf_exempt
@behind_a_link
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST withdraws. A second time it says that it is so already."""
    opened = links.open_person(token, links.UNSUBSCRIBE)
    purpose = queries.purposes().get(opened.purpose)
    if purpose is None:
        raise links.dead()
    with speaking_to(request, opened.person.language):
        if request.method == "POST":
            _say(opened, purpose, False, Through.UNSUBSCRIBE)
        holds = opened.person.pk in queries.may([opened.person.pk], purpose.key)
        last = queries.last_said([opened.person.pk], purpose)
        done = not holds and not (last and last[0].state == State.ASKED)
        centre = links.centre_path(opened.person.pk, opened.address)
        context = {"purpose": purpose, "done": done, "centre": centre}
        return page(request, "consent/unsubscribe.html", context)


def network_of(request: HttpRequest) -> str:
    """The network somebody came from, without what would name their machine: 192.0.2.0/24, 2001:db8:1::/48."""
    import ipaddress

    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
