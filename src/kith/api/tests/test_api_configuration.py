"""Programs read the configuration as files, compare files with it, and apply them."""

import pytest

from kith.api.tests.programs import Program
from kith.kernel.customfields.actions import define
from kith.kernel.customfields.models import CustomField
from tests.cast import actor

pytestmark = pytest.mark.django_db
FIELD = "fields/deal-renewal_month.yaml"


@pytest.fixture
def astrid():
    define(record="deal", label="Renewal month", kind="text", by=actor("astrid"))
    return Program("astrid")


def test_files_are_read_compared_applied_and_taken_back(astrid):
    files = astrid("get", "configuration").data["files"]
    files[FIELD] = files[FIELD].replace("label: Renewal month", "label: Month")
    told = astrid("post", "configuration/compare", {"files": files}).data
    assert [(one["file"], one["changes"]) for one in told["changed"]] == [
        (FIELD, [{"column": "label", "label": "label", "old": "Renewal month", "new": "Month"}])
    ]
    dry = astrid("post", "configuration/apply", {"files": files, "dry_run": True}).data
    assert dry["operation"] is None and CustomField.objects.get().label == "Renewal month"
    done = astrid("post", "configuration/apply", {"files": files, "reviewed": told["fingerprint"]}).data
    assert CustomField.objects.get().label == "Month"
    again = astrid("post", "configuration/apply", {"files": files, "reviewed": told["fingerprint"]})
    assert again.status_code == 409
    assert astrid("post", f"operations/{done['operation']}/undo").status_code == 200
    assert CustomField.objects.get().label == "Renewal month"


def test_what_cannot_be_applied_is_refused_with_its_file(astrid):
    refused = astrid("post", "configuration/apply", {"files": {"workflows/a.yaml": "name: A\ncolour: red"}})
    assert refused.status_code == 422 and "workflows/a.yaml, colour" in refused.data["detail"]
    for files in ({"../a.yaml": "name: A"}, ["a"], {"a/b.yaml": 3}):
        assert astrid("post", "configuration/compare", {"files": files}).status_code == 422


def test_only_who_manages_the_settings_may(astrid):
    ines = Program("ines")
    assert ines("get", "configuration").status_code == 403
    assert ines("post", "configuration/compare", {"files": {}}).status_code == 403
    assert ines("post", "configuration/apply", {"files": {}}).status_code == 403
