"""The audit says of all journeys what single judgements say of each."""

import datetime as dt
import json

import pytest

from kith.cli import commands, parser
from kith.kernel.errors import Invalid, NotFound
from kith.process.evidence.auditing import audit
from kith.process.evidence.conformance import conformance
from kith.process.evidence.counting import rebuild
from kith.process.evidence.report import audited
from kith.process.evidence.tests.lives import SECOND_VERSION, held, some_walks, stored
from kith.process.evidence.tests.stories import NOW, START

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(4))
def test_all_journeys_are_judged_as_each_of_them_would_be(process, seed):
    walks = some_walks(seed, 60)
    stored(process, walks)
    found = audit(process, now=NOW).found
    assert found == conformance(held(process), walks, NOW)


def test_since_a_day_only_journeys_opened_from_then_on_are_judged(process):
    walks = some_walks(8, 60)
    stored(process, walks)
    since = START + dt.timedelta(days=150)
    late = [one for one in walks if one.opened >= since]
    assert 0 < len(late) < len(walks)
    assert audit(process, since, NOW).found == conformance(held(process), late, NOW)


def test_bottlenecks_stand_with_most_broken_promises_first(process):
    walks = some_walks(8, 60)
    stored(process, walks)
    rebuild(NOW)
    found = audit(process, now=NOW).bottlenecks
    assert [b.late for b in found] == sorted((b.late for b in found), reverse=True)
    assert found[0].late > 0 and found[0].broken == found[0].late / found[0].due


def test_alike_journeys_are_judged_once(process):
    [one] = some_walks(8, 1) or some_walks(9, 1)
    stored(process, [one] * 7)
    found = audit(process, now=NOW)
    assert (found.sorts, found.found.journeys) == (1, 7)


@pytest.fixture
def printed(capsys):
    """Run the audit as the command line does; what it printed."""

    def run(*words):
        args = parser(commands()).parse_args(["process", "audit", *words])
        assert audited(args) == 0
        return capsys.readouterr().out

    return run


def test_the_command_prints_every_figure_for_people_and_for_programs(process, printed):
    walks = some_walks(3, 60)
    stored(process, walks)
    text, data = printed(), json.loads(printed("--json", "--process", "tidewell"))
    assert f"{len(walks)} journeys checked" in text
    [one] = data["processes"]
    counts = conformance(held(process), walks, NOW).stages
    assert one["journeys"] == len(walks)
    assert [s["stage"] for s in one["stages"]] == [*SECOND_VERSION, "engage"], "stages that are gone stand at the end"
    assert {s["stage"]: s["skipped"] for s in one["stages"]} == {key: c.skipped for key, c in counts.items()}
    assert sum(b["broken"] for b in one["bottlenecks"]) > 0
    assert "Never forgotten" in text and data["never_forgotten"].keys() >= {
        "checked",
        "attended",
        "listed",
        "violations",
    }


def test_since_a_day_the_command_says_whom_the_lost_time_is_counted_of(process, printed):
    stored(process, some_walks(3, 60))
    assert "Where time is lost, most broken promises first:" in printed()
    since = printed("--since", f"{START:%Y-%m-%d}")
    assert f"of those who came to the stage since {START:%Y-%m-%d}, whenever they began;" in since


def test_the_audit_ends_with_whom_nobody_attends_to(printed):
    from kith.process.tests.cast import company, in_force
    from tests.cast import actor

    in_force()
    company(actor("ines"))
    told = json.loads(printed("--json"))["never_forgotten"]
    assert (told["checked"], told["attended"], told["listed"], told["violations"]) == (1, 0, 1, 0)
    assert "Violations: 0" in printed()


def test_a_day_that_is_none_and_a_process_that_is_none_are_said(process, printed):
    with pytest.raises(Invalid, match="--since"):
        printed("--since", "someday")
    with pytest.raises(NotFound, match="“nothing”; there is tidewell"):
        printed("--process", "nothing")
