"""Addresses for the browser tests: the gallery, and a workbench page whose endpoints answer like real ones."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from kith.ui import gallery, render

POSTED: list[tuple[str, dict]] = []  # what the browser sent, for the test to look at


def _page(request, name):
    env = next(engine.env for engine in engines.all() if hasattr(engine, "env"))
    folder = str(__file__).replace("urls.py", "templates")
    if folder not in env.loader.searchpath:
        env.loader.searchpath.append(folder)
    return render.page(request, f"workbench/{name}.html", gallery.specimens(request))


def workbench(request, name="page"):
    return _page(request, name)


def cell(request, key):
    env = render._environment()
    if request.method == "POST":
        POSTED.append((key, request.POST.dict()))
        if request.POST["value"] == "wrong":
            text = '{{ ui.editing(url, "value", "Value", value="wrong", error="That cannot be.") }}'
            return HttpResponse(env.from_string(text).render(url=request.path), status=422)
        return HttpResponse(env.from_string("{{ value }}").render(value=request.POST["value"]))
    return HttpResponse(
        env.from_string('{{ ui.editing(url, "value", "Value", value="old", cell=True) }}').render(url=request.path)
    )


def echo(request, key=""):
    POSTED.append((key, request.POST.dict()))
    if request.POST.get("stage") == "3":
        body = '<kith-dialog open><dialog class="dialog" id="why" aria-label="Why"><h2>Why?</h2><button data-close>Keep</button></dialog></kith-dialog>'
        return HttpResponse(body, status=422)
    if key == "broken":
        return HttpResponse("<h1>Broken</h1>", status=500)
    return render.toast(HttpResponse(""), "Moved", undo="/echo/undo/")


def part(request):
    return HttpResponse(
        '<section id="part" data-live="deal" data-live-src="/part/"><p>fresh</p><input aria-label="Words" value=""></section>'
    )


def find(request):
    env = render._environment()
    text = '{% call ui.palette_group("People") %}{{ ui.palette_item("o1", "Marta " ~ q, "/workbench/?found=1", query=q) }}{{ ui.palette_item("o2", "Eva", "/workbench/?found=2") }}{% endcall %}'
    return HttpResponse(env.from_string(text).render(q=request.GET["q"]))


urlpatterns = [
    path("ui/", include("kith.ui.urls")),
    path("workbench/", login_not_required(workbench)),
    path("cell/<str:key>/", login_not_required(cell)),
    path("echo/<str:key>/", login_not_required(echo)),
    path("part/", login_not_required(part)),
    path("find/", login_not_required(find)),
]
