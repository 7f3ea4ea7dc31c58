"""The gate every request passes: who gets in, what the others are told, in which time and language."""

import json

import pytest
from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from django.utils import timezone, translation

from kith.kernel import errors
from kith.kernel.accounts.models import User

REFUSALS = {
    "missing": errors.NotFound("There is no such deal."),
    "forbidden": errors.NotAllowed("Your role does not include this."),
    "wrong": errors.Invalid("<b>31 April</b> is not a day.", "closes_on"),
    "both": errors.InvalidMany({"name": ["Give a name."]}),
    "more": errors.NeedsInput("Say why."),
    "late": errors.Conflict("Jonas changed the amount."),
}


def here(request):
    return JsonResponse({
        "zone": timezone.get_current_timezone_name(), "language": translation.get_language(),
        "actor": request.actor.name, "channel": request.actor.channel, "rights": request.actor.can("settings.people"),
    })  # fmt: skip


def refuse(request, kind):
    raise REFUSALS[kind]


urlpatterns = [
    path("", lambda request: HttpResponse("start")),
    path("here/", here),
    path("refuse/<str:kind>/", refuse),
    path("api/v1/here/", here),
    path("accounts/", include("kith.kernel.accounts.urls")),
]


@pytest.fixture(autouse=True)
def _these_urls(settings):
    settings.ROOT_URLCONF = __name__


def test_a_page_sends_the_signed_out_to_sign_in_and_back(client, db):
    answer = client.get("/here/?q=a&b=1")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/here/%3Fq%3Da%26b%3D1")
    assert answer["Cache-Control"] == "no-store"


def test_a_fragment_is_answered_with_the_way_to_sign_in_not_with_its_page(client, db):
    answer = client.get("/here/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?q=a"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"] == "/accounts/login/?next=/people/%3Fq%3Da"


def test_a_script_that_wants_json_gets_a_sentence(client, db):
    answer = client.get("/here/", headers={"Accept": "application/json"})
    assert answer.status_code == 401 and answer["Content-Type"] == "application/problem+json"
    assert "signed out" in json.loads(answer.content)["title"]


@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin"])
def test_what_a_page_fetches_by_itself_is_not_answered_with_the_sign_in_page(client, db, mode):
    answer = client.get("/here/", headers={"Sec-Fetch-Mode": mode, "Accept": "*/*"})
    assert (answer.status_code, answer.content) == (401, b"") and not answer.cookies


def test_a_person_who_goes_there_is_sent_to_sign_in(client, db):
    assert client.get("/here/", headers={"Sec-Fetch-Mode": "navigate"}).status_code == 302


def test_a_form_sent_after_the_session_ended_comes_back_to_its_page(client, db):
    answer = client.post("/refuse/late/", headers={"Referer": "http://testserver/people/7/"})
    assert answer["Location"] == "/accounts/login/?next=/people/7/"


def test_a_foreign_page_is_never_where_one_comes_back_to(client, db):
    answer = client.post("/refuse/late/", headers={"Referer": "https://evil.example/x"})
    assert answer["Location"] == "/accounts/login/?next=/"


def test_faces_with_a_door_of_their_own_are_let_through_without_rights(client, db):
    answer = client.get("/api/v1/here/")
    assert answer.status_code == 200
    assert answer.json()["actor"] == "" and answer.json()["rights"] is False


@pytest.mark.parametrize("address", ["/API/v1/here/", "//api/v1/here/", "/here/../api/v1/here/", "/api"])
def test_an_address_that_only_looks_open_is_not(client, db, address):
    assert client.get(address).status_code in (301, 302, 404)


def test_an_address_that_does_not_exist_is_not_found_for_the_signed_out_too(client, db):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404 and "Not found" in answer.content.decode()


def test_everybody_gets_the_own_time_zone_and_language(client, jonas, marta):
    User.objects.filter(pk=jonas.pk).update(time_zone="Asia/Tokyo", language="en-us")
    client.force_login(jonas)
    assert client.get("/here/").json()["zone"] == "Asia/Tokyo"
    assert client.get("/here/").json()["language"] == "en-us"
    client.force_login(marta)
    seen = client.get("/here/").json()
    assert seen == {"zone": "UTC", "language": "en", "actor": "Marta Lind", "channel": "web", "rights": True}
    assert timezone.get_current_timezone_name() == "UTC"


def test_an_unknown_time_zone_reads_as_utc(client, jonas):
    User.objects.filter(pk=jonas.pk).update(time_zone="Mars/Olympus")
    client.force_login(jonas)
    assert client.get("/here/").json()["zone"] == "UTC"


@pytest.mark.parametrize(
    "kind, status", [("missing", 404), ("forbidden", 403), ("wrong", 400), ("both", 400), ("more", 422), ("late", 409)]
)
def test_a_refusal_is_a_page_with_its_sentence(client, jonas, kind, status):
    client.force_login(jonas)
    answer = client.get(f"/refuse/{kind}/")
    page = answer.content.decode()
    assert answer.status_code == status and 'class="refusal"' in page
    assert "<b>31 April" not in page
    if kind != "wrong":
        assert REFUSALS[kind].message in page


def test_a_refusal_to_a_fragment_is_a_notice_and_to_a_script_a_problem(client, jonas):
    client.force_login(jonas)
    notice = client.get("/refuse/late/", headers={"HX-Request": "true"})
    assert notice.status_code == 409
    assert "<html" not in notice.content.decode() and 'role="alert"' in notice.content.decode()
    problem = client.get("/refuse/late/", headers={"Accept": "application/json"})
    assert problem.json() == {"title": "Jonas changed the amount.", "status": 409}


def test_a_page_tells_caches_that_it_depends_on_who_asks(client, jonas):
    client.force_login(jonas)
    assert "Cookie" in client.get("/accounts/profile/")["Vary"]


def test_the_pages_carry_a_policy_without_inline_scripts_and_have_none(client, jonas, marta):
    client.force_login(marta)
    for address in ("/accounts/profile/", "/accounts/tokens/", "/accounts/people/", f"/accounts/people/{jonas.pk}/"):
        answer = client.get(address)
        policy, page = answer["Content-Security-Policy"], answer.content.decode()
        assert "'unsafe-inline'" not in policy and "script-src 'self'" in policy
        assert " style=" not in page and "<style" not in page and " onclick=" not in page and "<script>" not in page
