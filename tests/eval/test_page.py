"""The page of a run: what it says, that nothing in a case can act in it, and that it stands alone."""

import base64
import hashlib
import html
import re
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.errors import CoproduceError, DataFolderError
from eval.judge import reasons_for_failure
from eval.measures import FAMILIES, MEASURES
from eval.page import OPEN_CASES, TEMPLATES, render_page, write_page
from eval.run import make_run, run_case
from eval.schema import Fingerprint, Started

HOSTILE = "\"'><script>pwned()</script><img src=x onerror=pwned()><svg onload=pwned()></svg>{{ 7 * 7 }}&amp;</style>"
VOID = {"meta", "input"}


def started(name="now", **fingerprint):
    kept = {"cases_sha256": "a" * 64, "corpus_sha256": "b" * 64, "config_sha256": "c" * 64}
    return Started(
        name=name, created="2026-11-23T00:00:00Z", version="1.0", source="mine.jsonl",
        fingerprint=Fingerprint(**{**kept, **fingerprint}),
        config={"model": "tiny", "refuse_below": 0.5, "sure_above": 0.8, "nothing": None},
    )  # fmt: skip


def run_of(*outcomes, **named):
    return make_run(outcomes, (), started(**named))


@pytest.fixture
def small(make):
    """Two questions that go right and three that go wrong, one of each sort."""
    return run_of(
        make.outcome(make.case([(10, 20)], id="right"), hits=(make.hit(0, 50),), citations=(make.citation(0, 50),)),
        make.outcome(make.case(id="refused", kind="unanswerable"), confidence=0.1),
        make.outcome(
            make.case([(10, 20)], id="lost", kind="follow_up", history=["What came first?"]),
            hits=(make.hit(60, 70), make.hit(5, 25, rank=2)),
            citations=(make.citation(60, 70, words="words of another place"),),
        ),
        make.outcome(make.case(id="answered", kind="unanswerable"), citations=(make.citation(0, 5),)),
        make.outcome(make.case([(10, 20)], id="broken"), error="there are no words in it"),
    )


class Elements(HTMLParser):
    """Every element of a page with its attributes; each must be closed."""

    def __init__(self, page):
        super().__init__()
        self.found, self.open, self.texts = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.texts.append(data)

    def all(self, tag):
        return [attributes for found, attributes in self.found if found == tag]

    @property
    def text(self):
        return " ".join("".join(self.texts).split())


def test_every_failing_case_is_told_whole(small):
    said = Elements(render_page(small)).text
    assert "2 of 5 questions went right, 3 went wrong (1 had an error)." in said
    lost = said[said.index("Question lost?") :]
    for words in (
        "Asked before it: What came first?",
        "Why it counts as wrong: 0 of 1 pieces of evidence shown.",
        "What came: answered, confidence 0.90.",
        "words 10 found as hit 2, but not shown",
        "score 1.000, B.1 words of a hit",
        "score 0.500, B.1, holds piece 1 words of a hit",
        "B.1 One, line 1 words of another place",
    ):
        assert words in lost, words
        lost = lost[lost.index(words) + len(words) :]  # and in this order
    assert "answered, though the documents do not say" in said
    assert "A refusal: the documents do not say." in said
    assert "What came: ended in an error. there are no words in it" in said
    assert "Question right?" not in said
    assert "Run now, begun 23 November 2026, 00:00 UTC, coproduce 1.0." in said


def test_every_measure_stands_once_and_which_recall_is_meant_is_said(small):
    named = [name for names in FAMILIES.values() for name in names]
    assert sorted(named) == sorted(MEASURES), "a measure has no part of the table, or two"
    page = render_page(small)
    labels = Counter(re.findall(r'<th scope="row" role="rowheader">(.*?)</th>', page))
    assert labels == Counter(html.escape(MEASURES[name].label) for name in small.summary.measures)
    assert "Which recall is meant" in page
    row = re.search(r">recall@5</th>\s*<td[^>]*>(.*?)</td>", page)
    assert row[1] == "66.7%"  # `right` found it first, `lost` second, `broken` not at all


def test_markup_in_cases_and_documents_stays_text(make):
    hit = make.hit(60, 70).model_copy(update={"text": HOSTILE, "section": HOSTILE})
    citation = make.citation(60, 70, words=HOSTILE).model_copy(update={"section": HOSTILE, "section_title": HOSTILE})
    case = make.case([(10, 20)], id=HOSTILE, kind=HOSTILE, question=HOSTILE, history=[HOSTILE], evidence=[[HOSTILE]])
    broken = make.case([(10, 20)], id="broken", speaker=HOSTILE)
    plain, run = (
        make_run(
            [make.outcome(first, hits=(hit,), citations=(citation,)), make.outcome(second, error=words)],
            (),
            started().model_copy(update={"name": words, "source": words, "version": words, "config": {words: words}}),
        )
        for first, second, words in (
            (make.case([(10, 20)]), make.case([(10, 20)], id="broken", speaker="Somebody"), "plain"),
            (case, broken, HOSTILE),
        )
    )
    page = Elements(render_page(run, run, [run.summary]))
    assert page.text.count("<script>pwned()</script>") >= 15
    assert {tag for tag, _ in page.found} <= {tag for tag, _ in Elements(render_page(plain, plain)).found} | {"ol"}
    assert len(page.all("script")) == 1
    assert len(page.all("style")) == 1
    assert not [name for _, attributes in page.found for name in attributes if name.startswith("on")]
    assert "{{ 7 * 7 }}" in page.text


@example(words="half \ud800, turned \u202e, nothing \x00")
@given(words=st.text(st.characters(exclude_categories=()), min_size=1).filter(str.strip))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
def test_any_text_can_be_written(make, words):
    whole = "x" + words.encode("utf-8", "replace").decode()  # a case with half a character is refused before
    case = make.case([(10, 20)], id="c", question=whole, kind=whole, history=[words])
    page = render_page(run_of(make.outcome(case, error=words), name=words))
    page.encode()
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00]", page)
    Elements(page)


def test_policy_names_the_one_style_and_the_one_script(small):
    page = render_page(small)
    [policy] = [html.unescape(found) for found in re.findall(r'Content-Security-Policy" content="(.*?)"', page)]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        [inside] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.findall(r'(?:src|href)="(?!#)', page), "the page points to something outside itself"
    assert " style=" not in page


def test_headings_tables_and_names_are_in_order(small):
    page = Elements(render_page(small, small, [small.summary.model_copy(update={"index_bytes": 2**20})]))
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) == 8  # nothing changed: no table of it
    assert all(cell.get("scope") for cell in page.all("th"))
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = [
        id
        for _, attributes in page.found
        for name in ("aria-labelledby", "aria-describedby", "for")
        for id in attributes.get(name, "").split()
    ] + [link["href"].removeprefix("#") for link in page.all("a")]
    assert set(wanted) <= set(ids)
    assert [tag for tag, _ in page.found if tag in ("header", "nav", "main", "footer")] == [
        "header", "nav", "main", "footer",
    ]  # fmt: skip
    assert page.all("html")[0]["lang"] == "en-GB"
    assert len(page.all("svg")) == 6
    assert all(one["role"] == "img" for one in page.all("svg"))


def test_a_better_and_a_worse_measure_are_told_in_words(make):
    def outcome(id, right):
        citations = (make.citation(0, 50),) if right else (make.citation(60, 70),)
        return make.outcome(make.case([(10, 20)], id=id), hits=(make.hit(0, 50),), citations=citations)

    before, now = (
        run_of(*(outcome(id, True) for id in "abcdefghi"), name="before"),
        run_of(*(outcome(id, id == "i") for id in "abcdefghi")),
    )
    page = render_page(now, before, by=MEASURES["evidence_shown"])
    said = Elements(page).text
    assert "By evidence shown, of 9 questions 8 were lost, 0 won and 1 level. Lost: a, b, c, d, e, f, g, h." in said
    assert re.search(r"evidence shown \(decided on before\) 11\.1% 100\.0% −88\.9% worse −\S+ to −\S+% 0\.008", said)
    assert re.search(r"recall@1 100\.0% 100\.0% same – –", said)
    assert page.count(" data-new") == 8
    for name in ("latency_p50", "words"):
        with pytest.raises(CoproduceError, match=f"{name} says what is more, not what is better"):
            render_page(now, before, by=MEASURES[name])
    other = run_of(outcome("a", True), name="before", cases_sha256="z" * 64, corpus_sha256="y" * 64)
    refused = Elements(render_page(now, other)).text
    assert "Not comparable with the baseline: the cases are not the same and the documents are not the same." in refused
    assert "Compared with the baseline" not in refused
    assert "Questions that changed" not in refused
    assert "worse" not in refused


def test_a_run_without_failures_latency_or_baseline_has_a_page(make):
    right = make.outcome(make.case([(10, 20)]), citations=(make.citation(0, 50),)).model_copy(
        update={"latency_ms": None}
    )
    page = Elements(render_page(run_of(right)))
    assert "1 of 1 questions went right, 0 went wrong." in page.text
    assert "Questions that went wrong None." in page.text
    assert "How long an answer takes" not in page.text
    nothing = Elements(render_page(run_of(make.outcome(make.case(id="x"), error="broken"))))
    assert "0 of 1 questions went right" in nothing.text


def test_a_ranking_without_answers_is_not_judged_by_what_it_shows(make):
    def ranked(case, *hits):
        outcome = make.outcome(case, hits=hits)
        return outcome.model_copy(update={"answer": outcome.answer.model_copy(update={"status": "answered"})})

    cases = (make.case([(10, 20)], id="a"), make.case([(10, 20)], id="b"), make.case(id="c", kind="unanswerable"))
    right, wrong, other = (ranked(case, make.hit(start, 50)) for case, start in zip(cases, (5, 40, 5), strict=True))
    ranking = run_of(right, wrong, other)
    said = Elements(render_page(ranking)).text
    assert "1 of 2 questions went right, 1 went wrong. This run holds rankings alone" in said
    for words in ("What came:", "Nothing was shown", "How sure, where", "Can the confidence", "unanswerable"):
        assert words not in said
    answered = run_of(*(make.outcome(one, citations=(make.citation(0, 50),)) for one in cases), name="answers")
    assert "went right before" not in Elements(render_page(answered, ranking)).text


def test_many_failing_cases_start_folded(make):
    def page(count):
        return render_page(run_of(*(make.outcome(make.case([(10, 20)], id=f"c{one}")) for one in range(count))))

    assert '<details class="kind" open>' in page(OPEN_CASES)
    assert '<details class="kind">' in page(OPEN_CASES + 1)


def test_writing_is_whole_or_not_at_all(small, tmp_path, monkeypatch):
    path = tmp_path / "new folder" / "report.html"
    write_page(small, path)
    first = path.read_bytes()
    write_page(small, path)
    assert path.read_bytes() == first, "the same run gave another page"
    assert b"\r" not in first
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o644

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(DataFolderError, match=r"report\.html cannot be written: No space left on device"):
        write_page(run_of(*small.outcomes[:1]), path)
    assert path.read_bytes() == first
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written_is_named(small, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataFolderError, match=r"file/report\.html cannot be written: .*Give a folder"):
        write_page(small, tmp_path / "file" / "report.html")


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_have_contrast_and_are_those_of_the_chat():
    """WCAG 2.2, 1.4.3: text has at least 4.5 to 1."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    themes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", theme)) for theme in re.findall(r":root \{(.*?)\}", style)[:2]
    ]
    assert len(themes) == 2
    chat = (TEMPLATES.parent.parent / "assistant/serving/web/static/looks.css").read_text(encoding="utf-8")
    for theme in themes:
        for name in ("ink", "quiet", "accent", "voice", "alert"):
            dark, light = sorted((luminance(theme[name]), luminance(theme["paper"])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, name
            assert f"--{name}: {theme[name]}" in chat


def test_page_of_a_real_run_shows_all_that_went_wrong(assistant_built, report):
    from eval.cases import load_cases, split_path
    from eval.fingerprint import start_run

    cases = [case for case in load_cases(split_path("dev")) if case.kind in ("both_sides", "unanswerable")]
    outcomes = [run_case(assistant_built, case) for case in cases]
    run = make_run(outcomes, (report,), start_run("x", "dev.jsonl", cases, (report,), assistant_built.settings))
    page = Elements(render_page(run))
    wrong = [one.case for one in outcomes if reasons_for_failure(one)]
    assert wrong, "nothing went wrong: this test would pass on an empty page"
    assert len(page.all("article")) == len(wrong)
    for case in wrong:
        assert " ".join(case.question.split()) in page.text
    assert "refused below" in page.text


@pytest.mark.parametrize("quality", ["recall@5", "recall@1"])
def test_a_sweep_is_drawn_by_the_measure_that_it_was_judged_by(small, quality):
    summary = small.summary.model_copy(update={"index_bytes": 2**20})
    drawn = render_page(small, None, [summary], quality).partition('id="against-size')[2].partition("</figure>")[0]
    assert quality in drawn
    assert {"recall@5": "recall@1", "recall@1": "recall@5"}[quality] not in drawn
