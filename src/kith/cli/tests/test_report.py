"""`kith report promises|coverage` as somebody in a terminal gets it."""

import json

import pytest

from kith.cli import commands, parser
from kith.kernel.errors import Invalid
from kith.kernel.records.actions import create
from kith.kernel.records.registry import registry
from tests.cast import actor

pytestmark = pytest.mark.django_db


def report(capsys, *words):
    args = parser(commands()).parse_args(["report", *words])
    assert args.module.run(args) == 0
    return capsys.readouterr().out


def test_promises_and_coverage_are_printed_and_given_to_programs(capsys):
    create(registry["promise"], {"wording": "Ready by March"}, by=actor("ines"))
    lines = report(capsys, "promises").splitlines()
    assert (
        lines[0].startswith("owner") and lines[1].split()[:3] == ["Ines", "Okafor", "1"] and lines[2].startswith("all")
    )
    assert json.loads(report(capsys, "promises", "--by", "product", "--json"))["all"]["open"] == 1
    assert report(capsys, "promises", "--from", "2036-01-01").splitlines()[1].split() == ["all", *"00000", "–"]
    assert report(capsys, "coverage").startswith("tier")
    assert json.loads(report(capsys, "coverage", "--json"))["data"] == []
    with pytest.raises(Invalid, match="no day"):
        report(capsys, "promises", "--from", "soon")
