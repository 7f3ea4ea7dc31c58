"""What pages take from a form: its look, its logo, and for pages elsewhere its script, its parts and plain HTML to paste."""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kith.capture import asking, guarding, logos, proofs
from kith.capture.magnets import offering
from kith.capture.public import for_strangers, language_asked
from kith.capture.queries import Published
from kith.capture.reading import UTM, VISITOR
from kith.kernel.accounts.links import site_address
from kith.kernel.files.storage import open_file
from kith.kernel.text import clean_text
from kith.ui.render import render_block

SCRIPT = Path(__file__).parent / "embed.js"


@for_strangers
@require_http_methods(["GET", "HEAD"])
def style(request: HttpRequest, form: Published) -> HttpResponse:
    """The form's own colour, which was checked when it was chosen."""
    response = HttpResponse(colours(form.definition.accent_colour), content_type="text/css")
    response["Cache-Control"] = "public, max-age=3600"
    return response


def colours(accent: str) -> str:
    """Custom properties for an accent: itself, and what is legible on it; lighter where the page is dark."""
    red, green, blue = (int(accent[n : n + 2], 16) for n in (1, 3, 5))
    bright = 0.299 * red + 0.587 * green + 0.114 * blue > 150
    on = "#101522" if bright else "#ffffff"
    return (
        f":root,:host{{--form-accent:light-dark({accent},color-mix(in oklab,{accent},white 55%));"
        f"--form-on:light-dark({on},#101522)}}\n"
    )


@for_strangers
@require_http_methods(["GET", "HEAD"])
def logo(request: HttpRequest, form: Published) -> HttpResponse:
    """The picture above the form: one that was put there for it, and no other file there is."""
    stored = logos.logo_of(form.pk, form.definition.logo)
    if stored is None:
        return HttpResponse(status=404)
    with open_file(stored) as content:
        response = HttpResponse(content.read(), content_type=stored.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@for_strangers
@require_http_methods(["GET", "HEAD"])
def script(request: HttpRequest, form: Published) -> HttpResponse:
    """What a page elsewhere names in one line; it asks for the form and draws it there."""
    response = HttpResponse(SCRIPT.read_text("utf-8"), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@for_strangers
@require_http_methods(["GET", "HEAD"])
def proof(request: HttpRequest, form: Published) -> HttpResponse:
    """A challenge for one post."""
    return JsonResponse({"challenge": proofs.challenge(form), "most": proofs.MOST})


@for_strangers
@require_http_methods(["GET", "HEAD"])
def parts(request: HttpRequest, form: Published) -> HttpResponse:
    """The form's markup and colours for the script."""
    if not form.open:
        return _closed_parts(request, form)
    language = language_asked(request, form)
    offering.seen(request, form.pk)
    made = asking.shown(form, language, person=asking.person_of(clean_text(request.GET.get("k", ""))[:600]))
    made.stamp, made.known = guarding.stamp(form), clean_text(request.GET.get("k", ""))[:600]
    made.hidden = [(key, clean_text(request.GET[key])[:300]) for key in UTM if request.GET.get(key)]
    context = {
        "shown": made,
        "form": form,
        "what": form.definition,
        "language": language,
        "to": f"{site_address()}/f/{form.key}",
    }
    markup = render_block("capture/form.html", "form", context)
    data = {"html": markup, "css": colours(form.definition.accent_colour), "mode": form.definition.mode,
            "sheet": site_address() + "/f/form.css", "lang": language}  # fmt: skip
    return JsonResponse(data)


def _closed_parts(request: HttpRequest, form: Published) -> HttpResponse:
    words = form.definition.text(form.definition.closed, language_asked(request, form)) or _("This form is closed.")
    return JsonResponse({"closed": words, "css": colours(form.definition.accent_colour), "mode": form.definition.mode})


@login_not_required
@require_http_methods(["GET", "HEAD"])
def sheet(request: HttpRequest) -> HttpResponse:
    """The look of every form, here and elsewhere."""
    return _for_every_page("form.css", "text/css")


@login_not_required
@require_http_methods(["GET", "HEAD"])
def prover(request: HttpRequest) -> HttpResponse:
    """What finds the proof of work of a form that asks for one, here and elsewhere."""
    return _for_every_page("proof.js", "text/javascript")


def _for_every_page(name: str, content_type: str) -> HttpResponse:
    text = (Path(__file__).parent / name).read_text("utf-8")
    response = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def snippet(form: Published) -> str:
    """The form as plain HTML to paste into a page elsewhere: works without any script. Where the site has ours, that one fills
    in the visitor's key once they agreed."""
    language = form.definition.languages[0]
    made = asking.shown(form, language)
    made.hidden = [(VISITOR, "")]
    context = {
        "shown": made,
        "form": form,
        "what": form.definition,
        "language": language,
        "to": f"{site_address()}/f/{form.key}",
    }
    return "\n".join(
        line.strip() for line in render_block("capture/form.html", "form", context).splitlines() if line.strip()
    )


def embed_line(form: Published) -> str:
    return f'<script src="{site_address()}/f/{form.key}.js" async></script>'
