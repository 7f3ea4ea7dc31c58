"""Programs read whom nobody attends to, and the proofs."""

import pytest

from kith.process.forgotten.proving import prove
from kith.process.tests.cast import company, in_force, made
from tests.cast import actor

from .test_api import Program

pytestmark = pytest.mark.django_db


def test_a_program_reads_whom_nobody_attends_to_page_by_page():
    in_force()
    ines = actor("ines")
    one, two = company(ines, "One"), company(ines, "Two")
    made("deal", ines, name="Sensors")
    first = Program("ines")("get", "unattended?limit=1").data
    assert first["counts"] == {"lead": {"total": 2, "seen": 2}, "deal": {"total": 1, "seen": 1}, "customer": {"total": 0, "seen": 0}, "ticket": {"total": 0, "seen": 0}}  # fmt: skip
    [row] = first["data"]
    assert (row["type"], row["id"], row["why"], row["owner"]) == ("company", one.pk, "no_step", "Ines Okafor")
    [row] = Program("ines")("get", f"unattended?limit=1&after={first['next']}").data["data"]
    assert row["id"] == two.pk
    assert Program("ines")("get", "unattended?kind=wish").status_code == 422


def test_only_those_who_manage_settings_read_proofs():
    in_force()
    made("deal", actor("ines"), name="Sensors")
    prove()
    [told] = Program("astrid")("get", "proof").data["data"]
    assert told["violations"] == 0 and told["counts"]["deal"] == {"checked": 1, "attended": 0, "listed": 1}
    assert Program("ines")("get", "proof").status_code == 403
