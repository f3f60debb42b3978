"""Every chart is sound XML with a name, a description and its numbers as a table, whatever it is given."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import charts, svg
from eval.charts import Bar, Chart, Point
from eval.schema import Bin

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\" onload='alert(2)' & \ud800\u202e"


def bins(*counts):
    """Ten bins; of each with a count, half were supported."""
    return [
        Bin(
            lower=number / 10, upper=(number + 1) / 10, count=count,
            confidence=number / 10 + 0.05 if count else None, supported=0.5 if count else None,
        )
        for number, count in enumerate(counts)
    ]  # fmt: skip


def drawn(chart: Chart) -> ElementTree.Element:
    """Read a chart's drawing, and check what holds for all."""
    root = ElementTree.fromstring(chart.svg)
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert (title.text, description.text) == (chart.title, chart.description)
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == description.get("id")
    assert all(len(row) == len(chart.head) for row in chart.rows)
    width, height = map(float, root.get("viewBox").split()[2:])
    for name, most in (("x", width), ("y", height)):
        places = [float(place) for place in re.findall(rf' c?{name}[12]?="([^"]*)"', chart.svg)]
        assert all(-1 <= place <= most + 1 for place in places), "something is drawn off the page"
    return root


def shapes(root, tag, look):
    return [one for one in root.iter(f"{SVG}{tag}") if one.get("class") == look]


def widths(root, look):
    return [float(one.get("width")) for one in shapes(root, "rect", look)[1:]]  # the first is the legend's


def test_bars_are_as_long_as_their_values():
    bars = [Bar("a", 4, (1.0, 0.5)), Bar("b", 2, (0.25, None)), Bar("c", 1, (0.0, 1.0))]
    chart = charts.draw_bars("k", "Kinds", ["right", "recall@10"], bars)
    root = drawn(chart)
    whole, quarter = widths(root, "solid")  # c has none to draw
    assert quarter == pytest.approx(whole / 4, abs=0.1)
    assert widths(root, "hollow") == pytest.approx([whole / 2, whole], abs=0.1)
    assert chart.head == ("kind", "questions", "right", "recall@10")
    assert chart.rows == (("a", "4", "100%", "50%"), ("b", "2", "25%", "–"), ("c", "1", "0%", "100%"))
    assert "Lowest: c, 0%" in chart.description
    assert "does not apply" in chart.svg


def test_points_of_the_reliability_curve_stand_where_they_belong():
    root = drawn(charts.draw_reliability("r", bins(0, 0, 5, 0, 0, 0, 0, 0, 20, 0)))
    few, many = shapes(root, "circle", "dot")
    width = svg.WIDTH - svg.LEFT - svg.RIGHT
    assert [float(one.get("cx")) for one in (few, many)] == pytest.approx(
        [svg.LEFT + 0.25 * width, svg.LEFT + 0.85 * width], abs=0.1
    )
    assert few.get("cy") == many.get("cy")  # half of each was supported
    assert float(many.get("r")) - 3 == pytest.approx(2 * (float(few.get("r")) - 3))  # four times as many: area
    assert [one.text for one in shapes(root, "text", "value")] == ["5", "20"]


def test_reliability_says_how_many_were_too_sure():
    chart = charts.draw_reliability("r", bins(0, 0, 5, 0, 0, 0, 0, 0, 20, 0))
    assert "20 questions stood in bins that were too sure by more than 10 points, and 5 in bins" in chart.description
    assert chart.rows[8] == ("80% and 90%", "20", "85%", "50%")
    assert chart.rows[0] == ("0% and 10%", "0", "–", "–")


def test_confidence_is_counted_up_and_down_with_the_thresholds():
    chart = charts.draw_confidence("c", [0.15, 0.99, 1.0], [0.0, 0.15, 0.15], {"refused below": 0.5})
    root = drawn(chart)
    assert chart.rows == (("0% and 5%", "0", "1"), ("15% and 20%", "1", "2"), ("95% and 100%", "2", "0"))
    heights = {
        look: [float(one.get("height")) for one in shapes(root, "rect", look)[1:]] for look in ("solid", "hollow")
    }
    assert heights["solid"] == pytest.approx([47.5, 95.0], abs=0.1)
    assert heights["hollow"] == pytest.approx([47.5, 95.0], abs=0.1)
    [line] = shapes(root, "line", "guide")
    assert float(line.get("x1")) == pytest.approx((svg.LEFT + svg.WIDTH - svg.RIGHT) / 2)
    assert "refused below: 50%" in chart.description
    assert "does not say where its thresholds are" in charts.draw_confidence("c", [0.5], [], {}).description


def test_latency_counts_every_question_once_and_names_the_slow():
    values = [10.0] * 60 + [20.0] * 38 + [500.0, 900.0]
    chart = charts.draw_latency("l", values, {"p50": 10.0, "p95": 20.0, "p99": 504.0})
    root = drawn(chart)
    assert sum(int(count) for _, count in chart.rows) == 100
    assert chart.rows[-1] == ("38 and 40 or more", "2")
    assert "2 questions took longer than 40 ms" in chart.description
    assert len(shapes(root, "line", "guide")) == 2, "p99 lies beyond the last bar"
    assert "p99 504.0 ms" in chart.description


def test_only_points_that_none_beats_are_solid():
    points = [
        Point("small", 1, 0.8),
        Point("worse and slower", 2, 0.7),
        Point("good", 3, 0.9),
        Point("same as good", 3, 0.9),
    ]
    chart = charts.draw_points("p", "Quality against latency", "median latency (ms)", "recall@5", points)
    root = drawn(chart)
    assert len(shapes(root, "circle", "dot")) == 3
    assert len(shapes(root, "circle", "ring")) == 1
    assert [row[-1] for row in chart.rows] == ["no", "yes", "no", "no"]
    assert [one.text for one in shapes(root, "text", "value")] == ["1", "2", "3, 4"], "one label for one place"
    assert chart.head[2:4] == ("recall@5", "median latency (ms)")


@pytest.mark.parametrize(
    "chart",
    [
        charts.draw_bars("k", HOSTILE, [HOSTILE], [Bar(HOSTILE, 1, (0.5,))]),
        charts.draw_confidence("c", [0.5], [0.5], {HOSTILE: 0.5}),
        charts.draw_latency("l", [1.0], {HOSTILE: 1.0}),
        charts.draw_points("p", HOSTILE, HOSTILE, HOSTILE, [Point(HOSTILE, 1, 0.5)]),
    ],
    ids=lambda chart: chart.id,
)
def test_markup_in_names_stays_text(chart):
    root = ElementTree.fromstring(chart.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert all(not name.startswith("on") for one in root.iter() for name in one.attrib)
    assert "\u202e" not in chart.svg
    chart.svg.encode()


shares = st.floats(0, 1)
costs = st.floats(0, 1e9)
untimed = settings(deadline=None, max_examples=50)


@untimed
@given(st.lists(st.tuples(st.text(), st.integers(0, 9), shares | st.none()), max_size=5))
def test_bars_of_anything_are_sound(found):
    ElementTree.fromstring(charts.draw_bars("k", "t", ["right"], [Bar(a, b, (c,)) for a, b, c in found]).svg)


@untimed
@given(st.lists(shares, max_size=8), st.lists(shares, max_size=8), st.dictionaries(st.sampled_from("ab"), shares))
def test_confidence_of_anything_is_sound(answerable, unanswerable, thresholds):
    chart = charts.draw_confidence("c", answerable, unanswerable, thresholds)
    drawn(chart)
    assert sum(int(row[1]) for row in chart.rows) == len(answerable)
    assert sum(int(row[2]) for row in chart.rows) == len(unanswerable)


@untimed
@given(st.lists(costs, max_size=30), costs | st.none())
def test_latency_of_anything_is_sound(values, mark):
    chart = charts.draw_latency("l", values, {"p50": mark})
    drawn(chart)
    assert sum(int(count) for _, count in chart.rows) == len(values)


@untimed
@given(st.lists(st.tuples(costs, shares), max_size=8))
def test_points_of_anything_are_sound(found):
    drawn(charts.draw_points("p", "t", "cost", "quality", [Point("x", cost, quality) for cost, quality in found]))


@untimed
@given(st.lists(st.integers(0, 5), min_size=10, max_size=10))
def test_reliability_of_anything_is_sound(counts):
    drawn(charts.draw_reliability("r", bins(*counts)))


@untimed
@given(shares, shares)
def test_rungs_hold_what_they_are_for(one, other):
    low, high = sorted((one, other))
    rungs = svg.round_rungs(low, high)
    assert 0 <= rungs[0] <= low + 1e-6
    assert high - 1e-6 <= rungs[-1] <= 1
    assert 3 <= len(rungs) <= 7
    assert rungs == sorted(set(rungs))


@untimed
@given(st.floats(1e-3, 1e12))
def test_ticks_hold_what_they_are_for(most):
    ticks = svg.round_ticks(most, 5)
    assert ticks[0] == 0
    assert ticks[-1] >= most * 0.999
    assert 2 <= len(ticks) <= 7
