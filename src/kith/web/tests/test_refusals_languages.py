"""What strangers are refused stands in their language: as the person of a link reads, else as their browser does."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client, RequestFactory

from kith.contacts.consent import links
from kith.contacts.strangers import for_strangers
from kith.kernel.errors import NotFound
from kith.kernel.languages import speaking_to
from kith.kernel.organisation.models import refresh
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from kith.web import errors
from tests.cast import actor, user

pytestmark = pytest.mark.django_db
FOUND_NOT = {"de": "Nicht gefunden", "sv": "Hittades inte", "en": "Not found", "fr": "Not found"}


@pytest.fixture(autouse=True)
def _configured_as_it_is():
    refresh()


def asked():
    request = RequestFactory().get("/", headers={"Accept-Language": "de"})
    request.user = AnonymousUser()
    return request


def page_of(response):
    return response.content.decode()


def got(path, language, **more):
    return Client(**more).get(path, headers={"Accept-Language": language})


@pytest.mark.parametrize("language", FOUND_NOT)
def test_an_address_where_nothing_is_says_so_as_the_browser_reads(language):
    response = got("/no/such/address/at/all", language)
    page = page_of(response)
    assert response.status_code == 404 and f"<h1>{FOUND_NOT[language]}</h1>" in page
    assert f'lang="{"en" if language == "fr" else language}"' in page and "Accept-Language" in response["Vary"]


def test_a_colleague_reads_refusals_in_their_own_language_whatever_the_browser_says():
    client = Client()
    actor("ines")
    client.force_login(user("ines"))
    page = page_of(client.get("/people/999999", headers={"Accept-Language": "de"}))
    assert "Not found" in page and "Nicht gefunden" not in page
    unknown = page_of(client.get("/no/such/address/at/all", headers={"Accept-Language": "de"}))
    assert "Not found" in unknown


def test_a_form_without_its_proof_is_refused_as_the_browser_reads():
    strict = Client(enforce_csrf_checks=True)
    for language, words in (("de", "Dieses Formular ist zu alt"), ("sv", "Det här formuläret är för gammalt")):
        response = strict.post("/portal/", {"address": "x@y.example"}, headers={"Accept-Language": language})
        assert response.status_code == 403 and words in page_of(response)


@pytest.mark.parametrize("path", [
    "/m/l/tampered", "/consent/tampered", "/consent/confirm/tampered", "/unsubscribe/tampered", "/q/tampered", "/q/tampered/quote.pdf",
    "/f/no-such-form", "/c/no-such-chat", "/f/no-such-form/get/tampered", "/book/nobody", "/book/own/tampered", "/s/tampered", "/o/tampered",
    "/r/nobody", "/r/own/tampered", "/i/tampered", "/portal/in/tampered",
])  # fmt: skip
def test_links_that_do_not_work_speak_the_browsers_language(path):
    told = {language: page_of(got(path, language)) for language in ("de", "sv", "en")}
    assert len(set(told.values())) == 3
    for language, page in told.items():
        assert f'lang="{language}"' in page, path
    assert not any(words in told["de"] + told["sv"] for words in ("This link", "Not found", "does not", "There is n"))


def test_what_is_refused_on_the_page_of_a_person_is_told_in_their_language():
    by = actor("ines")
    marta = create(registry["person"], {"given_name": "Marta", "language": "sv"}, by=by)

    def missing(problem):
        @for_strangers
        def view(request):
            with speaking_to(request, marta.language):
                raise problem

        return view

    request = asked()
    with pytest.raises(Http404):
        missing(Http404())(request)
    assert "<h1>Hittades inte</h1>" in page_of(errors.not_found(request, Http404()))
    request = asked()
    with pytest.raises(NotFound):
        missing(NotFound("Det finns inte."))(request)
    page = page_of(errors.refusal(request, NotFound("Det finns inte.")))
    assert "<h1>Hittades inte</h1>" in page and "Till startsidan" in page


def test_what_is_too_much_is_told_in_the_browsers_language(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    by = actor("ines")
    marta = create(registry["person"], {"given_name": "Marta", "emails": [{"value": "marta@bellevue.example"}]}, by=by)
    path = links.centre_path(marta.pk, "marta@bellevue.example")
    response = Client().post(path, {f"f{n}": n for n in range(9)}, headers={"Accept-Language": "sv"})
    assert response.status_code == 413 and "Det här är mer än" in page_of(response)
