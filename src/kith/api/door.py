"""The door of the API: token, body (JSON, or files of a form), method, idempotency, and refusals as problems.

Programs sign in with `Authorization: Bearer TOKEN` and nothing else: cookies are not looked at, so there is no
cross-site request to forge and no CSRF token to carry.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from kith.api.models import IdempotencyKey
from kith.api.problems import of_error, problem
from kith.kernel import jsontext
from kith.kernel.access.actor import Actor, actor_for
from kith.kernel.accounts import tokens
from kith.kernel.errors import Invalid, KithError
from kith.kernel.zones import zone

READS = ("GET", "HEAD")
MOST_BODY = 10 * 1024 * 1024  # bytes of JSON; files of a form have limits of their own
FORM = "multipart/form-data"


def endpoint(**handlers: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """A view from handlers by method (`get=…, post=…`); each is `handler(actor, request, **path) -> (status, data)`.

    Writes may use `body(request)`. Data is JSON; a handler may also return a ready HttpResponse.
    """

    @csrf_exempt
    @functools.wraps(next(iter(handlers.values())))
    def view(request: HttpRequest, **path: Any) -> HttpResponse:
        handler = handlers.get("get" if request.method == "HEAD" else (request.method or "").lower())
        if handler is None:
            response = problem(405, f"Use {', '.join(m.upper() for m in handlers)} here.")
            response["Allow"] = ", ".join(m.upper() for m in handlers)
            return response
        actor = _actor(request)
        if isinstance(actor, HttpResponse):
            return actor
        with timezone.override(zone(actor.user.time_zone)):
            try:
                if request.method in READS:
                    return _answer(*_pair(handler(actor, request, **path)))
                return _write(actor, request, handler, path)
            except KithError as refused:
                return of_error(refused)
            except (SuspiciousOperation, MultiPartParserError) as broken:
                return problem(400, f"The body cannot be read: {broken}")

    view.login_required = False  # type: ignore[attr-defined]
    return view


def _pair(result: Any) -> tuple[int, Any]:
    return result if isinstance(result, tuple) else (200, result)


def _answer(status: int, data: Any) -> Any:
    if isinstance(data, HttpResponseBase):
        return data
    if data is None:
        return HttpResponse(status=status)
    response = JsonResponse(data, status=status, safe=False)
    if isinstance(data, dict) and "version" in data:
        response["ETag"] = f'"{data["version"]}"'
    return response


def _actor(request: HttpRequest) -> Actor | HttpResponse:
    scheme, _sep, plain = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not plain.strip():
        return problem(401, "Send the header Authorization: Bearer TOKEN; “kith token EMAIL” prints a token.")
    token = tokens.check(plain.strip())
    if token is None:
        return problem(401, "This token is unknown, expired or revoked.")
    if token.scope != tokens.TokenScope.FULL and request.method not in READS:
        return problem(403, "This token may only read.")
    return actor_for(token.user, channel="api")


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object sent. Raises Invalid."""
    raw = _raw(request)
    if not raw:
        return {}
    try:
        data = jsontext.read(raw)
    except (ValueError, RecursionError, UnicodeDecodeError) as broken:
        raise Invalid(f"The body is not JSON: {str(broken)[:120]}.") from None
    if not isinstance(data, dict):
        raise Invalid("The body must be a JSON object, like {“name”: “Acme”}.")
    return data


def form(request: HttpRequest) -> tuple[Any, Any]:
    """(fields, files) of a form with files, by name. Raises Invalid."""
    if request.content_type != FORM:
        raise Invalid(f"Send {FORM} here, with the file in the part “file”: curl -F file=@offer.pdf.")
    return request.POST, request.FILES


def _raw(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > MOST_BODY:
        raise Invalid("The body is larger than 10 MB; send less at once, or import a file.")
    return request.body


def _fingerprint(request: HttpRequest) -> str:
    """What was asked, as a digest. Files are read in pieces, because they may be larger than memory."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != FORM:
        digest.update(_raw(request))
        return digest.hexdigest()
    digest.update(json.dumps(sorted(request.POST.lists())).encode())
    for name, sent in sorted(request.FILES.lists()):
        for file in sent:
            digest.update(json.dumps([name, file.name, file.size]).encode())
            for piece in file.chunks():
                digest.update(piece)
            file.seek(0)
    return digest.hexdigest()


def _write(actor: Actor, request: HttpRequest, handler: Callable[..., Any], path: dict[str, Any]) -> HttpResponse:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return _answer(*_pair(handler(actor, request, **path)))
    if len(key) > 200:
        raise Invalid("An Idempotency-Key has at most 200 characters.")
    asked = _fingerprint(request)
    try:
        with transaction.atomic():
            # A second request with the same key waits here until the first has committed or failed.
            kept = IdempotencyKey.objects.create(user_id=actor.user_id, key=key, request=asked)
            status, data = _pair(handler(actor, request, **path))
            kept.status, kept.body = status, json.loads(_answer(status, data).content or b"null")
            kept.save(update_fields=["status", "body"])
        return _answer(status, data)
    except IntegrityError:
        return _again(actor, key, asked)


def _again(actor: Actor, key: str, asked: str) -> HttpResponse:
    kept = IdempotencyKey.objects.filter(user_id=actor.user_id, key=key).first()
    if kept is None:
        raise IntegrityError("A constraint outside idempotency failed.")
    if kept.request != asked:
        return problem(422, "This Idempotency-Key was used for another request; choose a new one.")
    response = _answer(kept.status, kept.body)
    response["Idempotent-Replay"] = "true"
    return response
