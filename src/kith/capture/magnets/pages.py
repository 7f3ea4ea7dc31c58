"""What a link opens: a page with a button, so that programs which look at links in mails use up no download.

Whatever is wrong with a link, the page says so kindly and offers a new one: by mail to the address that asked, where the
link is only too old, else by the form.
"""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kith.capture import guarding
from kith.capture.magnets import granting
from kith.capture.magnets.showing import leads_to
from kith.capture.public import for_strangers, show_page
from kith.capture.queries import Published
from kith.kernel.files.downloads import headers

NO_SUCH = {"expired": 410, "used": 410, "gone": 410, "waits": 403}


# No session is looked at: whoever has the link may fetch what it opens, and a forged request could do no more than that.
@csrf_exempt
@for_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def gift(request: HttpRequest, form: Published, token: str) -> HttpResponse:
    """GET shows what the link opens; POST fetches it, or asks for a new link."""
    if request.method != "POST":
        return _page(request, form, granting.opened(form.pk, token))
    if guarding.too_many(form, request.META.get("REMOTE_ADDR", "")):
        return show_page(request, "capture/refused.html", {"words": guarding.slower()}, form, 429)
    if request.POST.get("do") == "again":
        return _again(request, form, token)
    found, content = granting.fetch(form.pk, token)
    if found is None or found.state != "ready":
        return _page(request, form, found)
    if content is None or found.file is None:
        leads_to(request, [found])
        return HttpResponseRedirect(found.link, status=303)
    answer = FileResponse(content)
    for name, value in headers(found.file).items():
        answer[name] = value
    return answer


def _page(request: HttpRequest, form: Published, found: granting.Opened | None) -> HttpResponse:
    state = found.state if found is not None else "broken"
    if found is not None:
        leads_to(request, [found])
    return show_page(request, "capture/gift.html", {"found": found, "state": state, **_words(state)}, form, NO_SUCH.get(state, 200 if found else 404))  # fmt: skip


def _words(state: str) -> dict[str, Any]:
    told = {
        "ready": (_("It is ready for you"), ""),
        "expired": (_("This link has run out"), _("Links work for some days only. We gladly send you a new one, to the address you gave us.")),
        "used": (_("This link was used up"), _("It has been used for as many downloads as it allows. We gladly send you a new one, to the address you gave us.")),
        "waits": (_("One step is missing"), _("We sent you a mail with a link to confirm your address. Once you have used it, you get this by mail.")),
        "gone": (_("This is not there any more"), _("What this link led to was taken away. Write to us, and we will help you all the same.")),
        "broken": (_("This link does not work"), _("It is incomplete, or was changed on the way. Open it again from the mail, or ask for a new one with the form.")),
    }  # fmt: skip
    title, words = told[state]
    return {"heading": title, "words": words}


def _again(request: HttpRequest, form: Published, token: str) -> HttpResponse:
    told = {
        "sent": (_("A new link is on its way"), _("We sent it to the address you gave us. It may take a minute.")),
        "soon": (_("A link is on its way already"), _("Please look into your mail, and into what it takes for spam. You can ask again in ten minutes.")),
        "never": (_("Please send the form once more"), _("We cannot send this link again. Fill in the form, and you get a new one.")),
    }  # fmt: skip
    became = granting.renew(form.pk, token)
    if not became:
        return _page(request, form, None)
    title, words = told[became]
    state = "broken" if became == "never" else "told"
    return show_page(
        request, "capture/gift.html", {"found": None, "state": state, "heading": title, "words": words}, form
    )
