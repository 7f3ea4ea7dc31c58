"""What a log tells: the published example to the second, any log against plain Python, and what is wrong in words."""

import datetime as dt
import gzip
import json
import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kith.kernel.errors import KithError
from kith.kernel.intake.readers.tests.shared import FOLDER, needs_shared_data
from kith.process.mining import Choice, mine, read_log
from kith.process.mining.shown import as_json, as_text

EXAMPLE = FOLDER / "running_example_log"
HOUR = 3600


def written(tmp_path, *rows, head="case,activity,time", name="log.csv"):
    file = tmp_path / name
    file.write_text("\n".join([head, *rows]) + "\n")
    return file


def found_in(file, **choice):
    skip = choice.pop("skip_broken", False)
    return mine(read_log(file, Choice(**choice), skip_broken=skip))


@needs_shared_data
@pytest.mark.parametrize("name", ["running-example.csv", "running-example.xes"])
def test_the_published_example_has_the_figures_its_publishers_give(name):
    got = as_json(found_in(EXAMPLE / name))
    assert (got["cases"], got["events"], len(got["activities"]), len(got["variants"])) == (6, 42, 8, 6)
    assert got["start_activities"] == {"register request": 6}
    assert got["end_activities"] == {"pay compensation": 3, "reject request": 3}
    assert got["activities"] == {
        "check ticket": 9, "decide": 9, "examine casually": 6, "register request": 6,
        "examine thoroughly": 3, "pay compensation": 3, "reinitiate request": 3, "reject request": 3,
    }  # fmt: skip
    follows = {(p["from"], p["to"]): p["count"] for p in got["directly_follows"]}
    assert follows == {
        ("check ticket", "decide"): 6, ("examine casually", "check ticket"): 4, ("decide", "reinitiate request"): 3,
        ("decide", "pay compensation"): 3, ("decide", "reject request"): 3, ("register request", "examine casually"): 3,
        ("register request", "check ticket"): 2, ("check ticket", "examine casually"): 2, ("examine casually", "decide"): 2,
        ("examine thoroughly", "check ticket"): 2, ("register request", "examine thoroughly"): 1,
        ("check ticket", "examine thoroughly"): 1, ("examine thoroughly", "decide"): 1,
        ("reinitiate request", "check ticket"): 1, ("reinitiate request", "examine casually"): 1,
        ("reinitiate request", "examine thoroughly"): 1,
    }  # fmt: skip
    assert got["rework"]["cases"] == 2
    assert all(v["count"] == 1 and v["share"] == pytest.approx(1 / 6) for v in got["variants"])


@needs_shared_data
def test_a_table_and_its_xes_plain_or_packed_say_the_same(tmp_path):
    packed = tmp_path / "log.xes.gz"
    packed.write_bytes(gzip.compress((EXAMPLE / "running-example.xes").read_bytes()))
    of_table, of_xes, of_packed = (
        as_json(found_in(f)) for f in (EXAMPLE / "running-example.csv", EXAMPLE / "running-example.xes", packed)
    )
    for one in (of_table, of_xes, of_packed):
        del one["log"]
    assert of_table == of_xes == of_packed


EVENTS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["ask", "check", "decide", "pay"]), st.integers(0, 50), st.integers(0, 9)),
    min_size=1, max_size=40,
)  # fmt: skip
BEGIN = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


@given(events=EVENTS)
def test_any_log_is_counted_as_plain_python_counts_it(tmp_path_factory, events):
    rows = [
        f"{case},{activity},{(BEGIN + dt.timedelta(hours=at)).isoformat()},{(BEGIN + dt.timedelta(hours=at + took)).isoformat()}"
        for case, activity, at, took in events
    ]
    got = found_in(written(tmp_path_factory.mktemp("log"), *rows, head="case,activity,time,until"), end="until")
    by_case = {}
    for case, activity, at, took in events:
        by_case.setdefault(case, []).append((at, activity, took))
    ways = {case: sorted(own, key=lambda e: e[0]) for case, own in by_case.items()}
    gaps = {}
    for way in ways.values():
        for (at, a, took), (then, b, _t) in zip(way, way[1:], strict=False):
            gaps.setdefault((a, b), []).append(max(0, then - at - took) * HOUR)
    assert got.activities == Counter(e[1] for e in events)
    assert got.start == Counter(way[0][1] for way in ways.values())
    assert got.end == Counter(way[-1][1] for way in ways.values())
    assert {(p.of, p.to): (p.count, p.time.median, p.time.mean) for p in got.pairs} == {
        pair: (len(g), statistics.median(g), pytest.approx(statistics.mean(g))) for pair, g in gaps.items()
    }
    names = Counter(tuple(a for _at, a, _t in way) for way in ways.values())
    assert {v.activities: v.count for v in got.variants} == names
    assert sum(v.share for v in got.variants) == pytest.approx(1)
    assert got.rework_cases == sum(len(set(way)) < len(way) for way in names.elements())
    assert {r.activity: r.again for r in got.rework} == Counter(
        a for way in names.elements() for a, n in Counter(way).items() for _again in range(n - 1)
    )
    took = [max(at + t for at, _a, t in way) - way[0][0] for way in ways.values()]
    assert got.duration.median == statistics.median(took) * HOUR
    assert sum(s.total for s in got.working.values()) == sum(e[3] for e in events) * HOUR


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (("2026-03-12T09:30:00+01:00", "2026-03-12T09:30:00Z"), HOUR),
        (("2026-03-12 09:30", "2026-03-12 10:00:30.5"), 1830.5),
        (("13.3.2026 09:30", "14.3.2026 09:30"), 24 * HOUR),
        (("03/13/2026 9:30 AM", "03/13/2026 1:30 PM"), 4 * HOUR),
        (("1767225600", "1767229200"), HOUR),
        (("1767225600000", "1767229200000"), HOUR),
        (("12 Mar 2026 09:30", "13 Mar 2026 09:30"), 24 * HOUR),
    ],
)
def test_times_are_read_as_systems_write_them(tmp_path, words, seconds):
    got = found_in(written(tmp_path, *(f"A,{step},{word}" for step, word in zip("ab", words, strict=True))))
    assert got.duration.total == seconds


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["A,ask,"], "line 2: there is no time in “time”"),
        (["A,ask,2026-03-12", "A,pay,soon"], "line 3: “soon” in “time” is no time"),
        (["A,,2026-03-12"], "line 2: there is no activity in “activity”"),
        ([",ask,2026-03-12"], "line 2: there is no case in “case”"),
        (["A,ask,2026-03-12T09:00", "A,pay,2026-03-12T10:00+01:00"], "line 3: “2026-03-12T10:00+01:00” in “time” names an offset from UTC, “2026-03-12T09:00” does not"),
        (["A,ask,3/4/2026"], "line 2: “3/4/2026” in “time” can be read with the day or the month first"),
        (["A,ask"], "line 2: "),
        ([f"A,ask,{'9' * 400}"], "line 2: "),
        ([], "holds no events"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line_and_field(tmp_path, rows, said):
    with pytest.raises(KithError) as refused:
        found_in(written(tmp_path, *rows))
    assert said in refused.value.message
    assert len(refused.value.message) < 500


def test_many_broken_rows_are_counted_and_can_be_left_out(tmp_path):
    file = written(tmp_path, "A,ask,2026-03-12", *["A,check,never"] * 40, "A,pay,2026-03-13")
    with pytest.raises(KithError, match=r"40 rows of “log.csv” cannot be used: line 3: .*; and 35 more\. Mend them"):
        found_in(file)
    got = found_in(file, skip_broken=True)
    assert got.events == 2
    assert got.notes == ["40 broken rows were left out."]


def test_times_of_two_clocks_are_never_mixed_whichever_of_them_came_first(tmp_path):
    plain = [f"A,check,2026-03-12T09:{n:02}" for n in range(10)]
    zoned = [f"B,check,2026-03-12T09:{n:02}+01:00" for n in range(20)]
    with pytest.raises(KithError, match="10 rows of “log.csv” cannot be used"):
        found_in(written(tmp_path, *plain, *zoned))
    got = found_in(written(tmp_path, *plain, *zoned), skip_broken=True)
    assert (got.cases, got.events) == (1, 20)


def test_begin_and_end_are_told_by_the_same_clock(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text("case,activity,time,end\nA,ask,2026-03-12T09:00,2026-03-12T09:30+01:00\n")
    with pytest.raises(KithError, match="Times in “end” name their offset from UTC and those in “time” do not"):
        found_in(file, end="end")


def test_events_out_of_order_and_with_equal_times_are_put_in_order_and_told(tmp_path):
    rows = [
        "A,pay,2026-03-12T11:00Z",
        "A,ask,2026-03-12T09:00Z",
        "A,check,2026-03-12T10:00Z",
        "A,decide,2026-03-12T10:00Z",
    ]
    got = found_in(written(tmp_path, *rows))
    assert got.variants[0].activities == ("ask", "check", "decide", "pay")
    assert "In 1 case events stood out of order" in got.notes[0]
    assert "1 event has the time of the one before it" in got.notes[1]


def test_columns_are_known_by_their_usual_names_or_named(tmp_path):
    file = written(tmp_path, "A,ask,2026-03-12", head="Ticket ID,Step,Timestamp")
    assert found_in(file).activities == {"ask": 1}
    odd = written(tmp_path, "A,ask,2026-03-12", head="x,y,z", name="odd.csv")
    assert found_in(odd, case="x", activity="y", time="z").activities == {"ask": 1}
    with pytest.raises(KithError, match=r"tell the case; name it with --case. It has: “x”, “y”, “z”"):
        found_in(odd)
    with pytest.raises(KithError, match="has no column “who”"):
        found_in(odd, case="who")


def test_a_column_of_names_or_numbers_is_no_activity(tmp_path):
    file = written(tmp_path, *(f"A,{n},2026-03-12" for n in range(10_001)))
    with pytest.raises(KithError, match="more than 10,000 different activities"):
        found_in(file)


def test_an_end_before_its_begin_is_refused(tmp_path):
    file = written(tmp_path, "A,ask,2026-03-12,2026-03-11", head="case,activity,time,until")
    with pytest.raises(KithError, match="line 2: it ends in “until” before it begins in “time”"):
        found_in(file, end="until")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<log><trace><event>", "is no sound XML"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "document type"),
        ("<log></log>", "holds no events"),
        ('<log><trace><string key="concept:name" value="1"/>\n<event><string key="concept:name" value="ask"/></event></trace></log>', "line 2: there is no time in “time:timestamp”"),
    ],
)  # fmt: skip
def test_a_broken_xes_is_refused_in_words(tmp_path, text, said):
    file = tmp_path / "log.xes"
    file.write_text(text)
    with pytest.raises(KithError) as refused:
        found_in(file)
    assert said in refused.value.message


def test_nested_attributes_of_xes_are_not_taken_for_the_events_own(tmp_path):
    file = tmp_path / "log.xes"
    file.write_text(
        '<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="1"/><event>'
        '<string key="concept:name" value="ask"><string key="concept:name" value="inner"/></string>'
        '<date key="time:timestamp" value="2026-03-12T09:00:00Z"/></event></trace></log>'
    )
    assert found_in(file).activities == {"ask": 1}


def test_the_text_counts_what_it_leaves_out_and_json_has_everything(tmp_path):
    rows = [f"A,step {n},2026-03-{n + 1:02}" for n in range(20)]
    got = found_in(written(tmp_path, *rows))
    assert "and 15 more" in as_text(got, top=5)
    assert len(json.loads(json.dumps(as_json(got)))["directly_follows"]) == 19
