"""The map's geometry holds for few stages and many, for nothing at all and for giants; words lie on no node and no words."""

from collections import Counter
from itertools import combinations

import pytest

from kith.process.evidence.drawing import CHARACTER, RADIUS, WIDEST, draw
from kith.process.evidence.flow import Cell, flow, tally
from kith.process.evidence.tests.stories import NOW, definition, walk, wanderings
from kith.process.evidence.walks import BACK


def say(arc, skipped, end):
    return f"{arc.count:,} back to {end}" if arc.kind == BACK else f"{arc.count:,} skipped {', '.join(skipped)}"


def of_keys(count):
    return tuple(f"stage{n}" for n in range(count))


def drawn(count, seed=5, journeys=600, names=None):
    keys = of_keys(count)
    way = definition(keys, names=names)
    return draw(way, flow(tally(way, wanderings(seed, journeys, keys), NOW)), say)


def boxes(found):
    out = []
    for curve in found.curves:
        half = len(curve.text) * CHARACTER / 2
        out.append((curve.mid - half, curve.text_y - 12, curve.mid + half, curve.text_y + 3))
    return out


def meet(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize("count", range(3, 16))
def test_words_lie_on_no_node_on_no_other_words_and_inside_the_drawing(count):
    found = drawn(count)
    nodes = [(n.x - RADIUS, found.y - RADIUS, n.x + RADIUS, found.y + RADIUS) for n in found.nodes]
    assert found.curves
    for box in boxes(found):
        assert not any(meet(box, node) for node in nodes)
        assert box[0] >= -0.1 and box[2] <= found.width + 0.1
        assert box[1] >= 0 and box[3] <= found.height
    assert not any(meet(a, b) for a, b in combinations(boxes(found), 2))


@pytest.mark.parametrize("count", [3, 9, 15])
def test_long_names_keep_their_room(count):
    names = {key: f"Convert and hand over to the people of {key}" for key in of_keys(count)}
    found = drawn(count, names=names)
    assert not any(meet(a, b) for a, b in combinations(boxes(found), 2))
    assert all(box[0] >= -0.1 for box in boxes(found))


def test_an_empty_process_is_a_line_of_nodes():
    found = draw(definition(), flow(Counter()), say)
    assert [n.step for n in found.nodes] == [1, 2, 3, 4, 5, 6]
    assert [r.width for r in found.ribbons] == [0] * 5
    assert found.curves == ()


def test_one_giant_leaves_room_for_the_rest():
    counted = tally(definition(), [walk("capture qualify deal"), walk("capture qualify engage")], NOW)
    counted[Cell("move", "capture", "qualify", "flow")] = 1_000_000
    found = draw(definition(), flow(counted), say)
    assert found.ribbons[0].width == WIDEST
    assert 0 < found.ribbons[1].width < 3
    assert found.height < 400


def test_ribbons_are_as_wide_as_the_root_of_their_count():
    found = drawn(6)
    wide, other = sorted(found.ribbons, key=lambda r: -r.count)[:2]
    assert abs((wide.width / other.width) ** 2 - wide.count / other.count) < 0.1


def test_rare_ways_are_counted_in_words():
    found = drawn(12, journeys=4_000)
    assert found.ways > 0
    way = definition(of_keys(12))
    arcs = flow(tally(way, wanderings(5, 4_000, of_keys(12)), NOW)).arcs
    beside = {(r.of.key, r.to.key) for r in found.ribbons}
    whole = sum(a.count for a in arcs if a.of and not (a.kind == "flow" and (a.of, a.to) in beside))
    assert found.left_out + sum(c.count for c in found.curves) == whole


def test_those_who_began_later_on_the_way_are_counted_apart():
    way = definition()
    found = draw(way, flow(tally(way, [walk("capture"), walk("engage"), walk("engage deal")], NOW)), say)
    assert [(a.to, a.count) for a in found.began] == [("engage", 2)]


def test_stages_that_are_gone_are_named():
    way = definition()
    found = draw(way, flow(tally(definition(("capture", "call", "deal")), [walk("capture call deal")], NOW)), say)
    assert found.gone == ("call",)
