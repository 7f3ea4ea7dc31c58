"""Real leads: imported with the mapping that Kith brings, they are told apart as well as was published."""

import gzip

import pytest

from kith.kernel.intake.readers.tests.shared import FOLDER
from kith.kernel.intake.shipped import shipped
from kith.kernel.intake.tests.conftest import Bring
from kith.kernel.records.registry import registry
from kith.qualification.models import Lead
from kith.qualification.predicting.everybody import apply_to_everybody
from kith.qualification.predicting.training import train
from kith.qualification.tests.cast import make

LEADS = FOLDER / "lead_scoring_half" / "leads_a.csv.gz"
# Written by sales staff or a scoring tool after the lead was worked, as the data's own note says.
LATER = (
    "staff_tags", "lead_quality", "lead_profile", "last_notable_activity", "activity_index", "profile_index", "activity_score",
    "profile_score",
)  # fmt: skip
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not LEADS.is_file(), reason="the leads are not beside the checkout"),
]


def test_leads_of_a_course_seller_are_told_apart_without_the_columns_that_came_later(tmp_path):
    run = Bring(tmp_path)(
        "person",
        gzip.decompress(LEADS.read_bytes()),
        by="astrid",
        name="leads.csv",
        mapping=shipped()["xeducation/leads"].dump(),
    )
    assert (run.state, run.counts.get("reject", 0)) == ("done", 0), run.problem
    assert registry["person"].model.objects.count() == 4644
    prediction = make(
        "prediction",
        name="Converts",
        target="field",
        field="custom.converted",
        leave_out=[f"custom.{key}" for key in LATER],
    )
    model = train(prediction)
    report = model.report
    assert model.silent == ""
    assert (report["leads"], report["success"]) == (4644, 1775)
    assert 0.85 <= report["auc"] <= 0.92, report["auc"]
    assert report["auc_high"] - report["auc_low"] < 0.03
    assert not {f"custom.{key}" for key in LATER} & {c["key"] for c in model.document["columns"]}
    assert max(abs(part["predicted"] - part["happened"]) for part in report["curve"]) < 0.06
    assert apply_to_everybody() == 4644
    assert Lead.objects.filter(chance__gt=0.8).count() > 500
