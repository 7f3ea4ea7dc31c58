"""What every page says about one's activities."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kith.kernel.records import actions
from kith.kernel.records.registry import registry
from tests.cast import actor, user

pytestmark = pytest.mark.django_db


def waiting(client):
    page = client.get("/people/").content.decode()
    entry = re.search(r'<a href="/inbox/"[^>]*>.*?</a>', page, re.DOTALL)[0]
    return re.findall(r'<span class="n"[^>]*>(\d+)</span>', entry)


def test_the_sidebar_counts_unread_lines_without_a_query_of_its_own(client):
    client.force_login(user("priya"))
    assert waiting(client) == []
    by = actor("ines")
    for n in range(2):
        actions.create(registry["activity"], {"kind": "note", "body": f"@Priya Nair, see {n}"}, by=by)
    with CaptureQueriesContext(connection) as asked:
        assert waiting(client) == ["2"]
    counting = [q["sql"] for q in asked.captured_queries if "activities_mention" in q["sql"]]
    assert len(counting) == 1
    assert "accounts_user" in counting[0]
    client.post("/inbox/read")
    assert waiting(client) == []
