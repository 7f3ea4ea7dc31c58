"""Refusals as `application/problem+json` (RFC 9457), with a JSON pointer to each field that is wrong."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

from kith.kernel.errors import Conflict, Invalid, InvalidMany, KithError, NeedsInput, NotAllowed, NotFound

TITLES = {
    400: "The request cannot be read",
    401: "Sign in with a token",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not take that method",
    409: "Somebody else changed it first",
    413: "The request is too large",
    415: "The body must be JSON",
    422: "Some values cannot be taken",
}


def pointer(key: str) -> str:
    """JSON pointer (RFC 6901) of a column key: "custom.size" -> "/custom/size"."""
    return "/" + "/".join(p.replace("~", "~0").replace("/", "~1") for p in key.split(".")) if key else ""


def problem(status: int, detail: str, errors: list[dict[str, Any]] | None = None, **more: Any) -> JsonResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    response = JsonResponse({**body, **more}, status=status, content_type="application/problem+json")
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Kith"'
    return response


def of_error(error: KithError) -> JsonResponse:
    """The answer a refusal of the kernel becomes."""
    match error:
        case InvalidMany():
            listed = [{"pointer": pointer(k), "detail": m} for k, messages in error.errors.items() for m in messages]
            return problem(422, str(error), listed)
        case NeedsInput():
            listed = [{"pointer": pointer(k), "detail": m} for k, messages in error.errors.items() for m in messages]
            listed += [{"pointer": pointer(k), "detail": error.message} for k in error.inputs if k not in error.errors]
            return problem(422, error.message, listed)
        case Conflict():
            return problem(409, error.message, [{"pointer": pointer(k), "detail": error.message} for k in error.values])
        case NotFound():
            return problem(404, error.message)
        case NotAllowed():
            return problem(403, error.message)
        case Invalid():
            return problem(
                422,
                error.message,
                [{"pointer": pointer(error.field), "detail": error.message}] if error.field else None,
            )
    return problem(400, error.message)
