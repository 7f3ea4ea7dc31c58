"""Run inside a tree that the recipes changed: makes and runs the migrations, then looks at every face.

Prints {recipe: "" or what was wrong} as JSON on the last line. A process of its own, because it is another Kith.
"""

from __future__ import annotations

import io
import json
import sys
import traceback
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  after the set-up
from django.test import Client  # noqa: E402

from kith.kernel.accounts import tokens  # noqa: E402
from kith.kernel.intake.targets import find_target  # noqa: E402
from kith.kernel.organisation.models import bump  # noqa: E402
from kith.kernel.records.registry import registry  # noqa: E402
from tests.cast import actor, user  # noqa: E402


class Reader:
    """Ines, with a browser and a token."""

    def __init__(self) -> None:
        self.actor = actor("ines")
        bump()
        self.browser = Client()
        self.browser.force_login(user("ines"))
        self.token = "Bearer " + tokens.issue(user("ines"), "recipes")[1]

    def page(self, address: str) -> str:
        answer = self.browser.get(address)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
        return answer.content.decode()

    def send(self, address: str, **values: Any) -> Any:
        answer = self.browser.post(address, values)
        assert answer.status_code in (200, 204, 302, 303), (
            f"{address} answered {answer.status_code}: {answer.content[:500]!r}"
        )
        return answer

    def api(self, method: str, address: str, data: Any = None) -> Any:
        body = {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
        answer = getattr(Client(), method)(f"/api/v1/{address}", HTTP_AUTHORIZATION=self.token, **body)
        assert answer.status_code < 300, f"{address} answered {answer.status_code}: {answer.content[:500]!r}"
        return json.loads(answer.content) if answer.content else None


def add_a_field(ines: Reader) -> None:
    company = ines.api("post", "companies", {"name": "Hotel Bellevue Group", "buildings": 12})
    pk = company["id"]
    assert company["buildings"] == 12
    listed = ines.page("/companies/?cols=buildings&filter=buildings.over:3")
    assert "Buildings" in listed and "Hotel Bellevue Group" in listed
    assert "Hotel Bellevue Group" not in ines.page("/companies/?filter=buildings.over:30")
    assert 'name="buildings"' in ines.page("/companies/new")
    assert "Buildings" in ines.page(f"/companies/{pk}")
    assert "buildings" in find_target("company").columns(ines.actor)
    schemas = ines.api("get", "openapi.json")["components"]["schemas"]
    assert "buildings" in schemas["company"]["properties"] and "buildings" in schemas["company_input"]["properties"]
    ines.api("patch", f"companies/{pk}", {"buildings": 14})
    newest = ines.api("get", f"companies/{pk}/events")["data"][0]
    assert newest["changes"] == {"buildings": [12, 14]}
    assert ines.api("get", "companies?filter=buildings.is:14")["data"][0]["id"] == pk
    exported = ines.browser.get("/companies/export?format=csv&cols=buildings")
    assert b"Buildings" in b"".join(exported) and exported.status_code == 200


def add_a_record_type(ines: Reader) -> None:
    company = ines.api("post", "companies", {"name": "Marina Klinik"})["id"]
    ines.send(
        "/visits/new", subject="Spring round", company=company, visited_on="2026-03-12", outcome="leak", minutes="45"
    )
    visit = ines.api("get", "visits?q=spring&count=exact")
    assert visit["count"] == 1 and visit["data"][0]["minutes"] == 45, visit
    pk = visit["data"][0]["id"]
    for address in (
        "/visits/",
        "/visits/?view=leaks",
        "/visits/?face=board",
        "/visits/?face=calendar",
        f"/visits/{pk}",
    ):
        assert "Visits" in ines.page(address), address
    assert "Spring round" in ines.page(f"/visits/{pk}")
    assert "Spring round" in ines.page(f"/companies/{company}"), "it is no related row of its company"
    assert "Spring round" in ines.page("/visits/?filter=minutes.over:30")
    assert "Spring round" not in ines.page("/visits/?filter=minutes.over:60")
    assert 'href="/visits/"' in ines.page("/people/"), "it has no place in the sidebar"
    assert set(find_target("visit").columns(ines.actor)) >= {"subject", "company", "outcome", "owner"}
    paths = ines.api("get", "openapi.json")["paths"]
    assert {"/visits", "/visits/{id}", "/visits/{id}/events"} <= set(paths)
    events = ines.api("get", f"companies/{company}/events")["data"]
    assert "visit.created" in {event["verb"] for event in events}
    assert registry["visit"].columns()["outcome"].kind.show("leak") == "Leak found"


def add_an_action(ines: Reader) -> None:
    company = ines.api("post", "companies", {"name": "Solheim Eiendom"})["id"]
    marta = ines.api("post", "people", {"given_name": "Marta", "company": company})["id"]
    assert "/do/agree_to_refer" in ines.page(f"/people/{marta}")
    assert 'name="topic"' in ines.page(f"/people/{marta}/do/agree_to_refer")
    ines.send(f"/people/{marta}/do/agree_to_refer", topic="night leaks")
    entry = ines.api("get", f"companies/{company}/events")["data"][0]
    assert entry["sentence"] == "noted that they will speak for us about night leaks"
    assert entry["channel"] == "web" and entry["operation"], "it can be undone"
    assert "/do/agree_to_refer" not in ines.page(f"/people/{marta}"), "it is offered though it no longer applies"
    operation = ines.api("post", f"operations/{entry['operation']}/undo")
    assert (operation["undone"], operation["conflicts"]) == (1, [])
    again = ines.api("post", f"people/{marta}/actions/agree_to_refer", {"topic": "dry cellars"})
    assert again["tags"] == ["reference"]
    described = ines.api("get", "openapi.json")["paths"]["/people/{id}/actions/agree_to_refer"]["post"]
    assert described["requestBody"]["content"]["application/json"]["schema"]["required"] == ["topic"]


def add_a_panel(ines: Reader) -> None:
    company = ines.api("post", "companies", {"name": "Aurelia Wohnbau"})["id"]
    marta = ines.api("post", "people", {"given_name": "Yusuf", "company": company})["id"]
    assert "Last leak" not in ines.page(f"/companies/{company}"), "an empty panel stands on the page"
    ines.api(
        "post",
        "visits",
        {"subject": "Cellar, north wing", "company": company, "outcome": "leak", "visited_on": "2026-02-03"},
    )
    shown = ines.page(f"/companies/{company}")
    assert "Last leak" in shown and "Cellar, north wing" in shown
    assert "Cellar, north wing" in ines.page(f"/companies/{company}/panel/last-leak")
    assert "Last leak" not in ines.page(f"/people/{marta}")


def start(ines: Reader) -> None:
    ines.api("post", "people", {"given_name": "Anders", "birthday": "1971-03-12"})
    shown = ines.page("/people/?cols=birth_month&filter=birth_month.is:3&sort=birth_month")
    assert "Birthday month" in shown and "Anders" in shown
    assert ines.api("get", "people?fields=name,birth_month&filter=birth_month.is:3")["data"][0]["birth_month"] == 3
    described = ines.api("get", "openapi.json")["components"]["schemas"]["person"]["properties"]["birth_month"]
    assert described["readOnly"]
    assert "birth_month" not in find_target("person").columns(ines.actor)
    assert 'name="birth_month"' not in ines.page("/people/new")


RECIPES = {
    "start": start,
    "add-a-field": add_a_field,
    "add-a-record-type": add_a_record_type,
    "add-an-action": add_an_action,
    "add-a-panel": add_a_panel,
}


def main() -> None:
    said = io.StringIO()
    call_command("makemigrations", "contacts", "visits", stdout=said, verbosity=1)
    call_command("migrate", stdout=said, verbosity=0)
    call_command("check", stdout=said)
    ines, found = Reader(), {}
    for name, look in RECIPES.items():
        try:
            look(ines)
            found[name] = ""
        except Exception:  # noqa: BLE001  whatever went wrong is the answer
            found[name] = traceback.format_exc()
    print(json.dumps(found))


if __name__ == "__main__":
    sys.exit(main())
