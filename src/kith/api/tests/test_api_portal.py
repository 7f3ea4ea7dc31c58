"""Programs set up the customers' portal; only whoever manages settings."""

import pytest

from kith.api.tests.programs import Program
from kith.portal.setup import door

pytestmark = pytest.mark.django_db


def test_programs_read_and_change_what_customers_may_do():
    astrid = Program("astrid")
    assert Program("ines")("get", "portal").status_code == 403
    assert Program("ines")("patch", "portal", {"open": True}).status_code == 403 and not door().open
    assert astrid("get", "portal").data["open"] is False
    told = astrid("patch", "portal", {"open": True, "welcome": "Good day"}).data
    assert told.pop("address").endswith("/portal/")
    assert told == {"open": True, "company_wide": False, "shows_orders": True, "welcome": "Good day"}
    assert door().open and door().shows_orders


@pytest.mark.parametrize("wrong", [{"opened": True}, {"company_wide": "perhaps"}, {"welcome": 7}])
def test_what_means_nothing_is_refused_and_changes_nothing(wrong):
    refused = Program("astrid")("patch", "portal", {"shows_orders": False, **wrong})
    assert refused.status_code == 422 and next(iter(wrong)) in str(refused.data)
    assert door().shows_orders
