"""A small Django site for the server tests: settings, addresses and views of what a server can get wrong."""

import hashlib
import time
from pathlib import Path

from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from kith.settings import *  # noqa: F403 - settings are made to be extended
from kith.settings import MEDIA_ROOT

ROOT_URLCONF = "kith.web.tests.site"
INSTALLED_APPS = []
AUTH_USER_MODEL = "auth.User"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ALLOWED_HOSTS = ["*"]
CLOSED = []


def said(request, name=""):
    interesting = ("HTTP_X_ONE", "HTTP_COOKIE", "REMOTE_ADDR", "CONTENT_TYPE", "HTTP_X_FORWARDED_FOR")
    return JsonResponse(
        {
            "method": request.method,
            "name": name,
            "query": request.META["QUERY_STRING"],
            "body": request.body.decode("utf-8", "replace"),
            **{key: request.META.get(key) for key in interesting},
        }
    )


def upload(request):
    digest = hashlib.sha256()
    for chunk in request.FILES["file"].chunks():
        digest.update(chunk)
    return HttpResponse(digest.hexdigest())


def numbers(request):
    from django.db import connection

    def rows():
        try:
            with connection.cursor() as cursor:
                for start in range(0, int(request.GET["n"]), 1000):
                    cursor.execute(
                        "SELECT string_agg(i::text, E'\n') FROM generate_series(%s, %s) i", [start, start + 999]
                    )
                    yield cursor.fetchone()[0] + "\n"
                    time.sleep(float(request.GET.get("pause", 0)))
        finally:
            CLOSED.append(1)

    return StreamingHttpResponse(rows(), content_type="text/plain")


def closed(request):
    return HttpResponse(str(len(CLOSED)))


def picture(request):
    file = Path(MEDIA_ROOT) / "picture"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(bytes(range(256)) * 4096)
    return FileResponse(file.open("rb"))


def slow(request):
    time.sleep(float(request.GET["s"]))
    return HttpResponse("slept")


def announce(request):
    from django.db import transaction

    from kith.kernel.database.notify import announce as tell

    with transaction.atomic():
        tell(request.GET.getlist("topic"), request.GET.get("event", ""))
        if request.GET.get("fail"):
            raise RuntimeError("rolled back on purpose")
    return HttpResponse("told")


urlpatterns = [
    path("said/", said),
    path("said/<str:name>", said),
    path("api/said/", said),
    path("upload/", upload),
    path("numbers/", numbers),
    path("closed/", closed),
    path("picture/", picture),
    path("slow/", slow),
    path("announce/", announce),
]
