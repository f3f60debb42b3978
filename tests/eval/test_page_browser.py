"""The page of a run as a person meets it, in real Chromium: from disk, by keyboard, narrow, printed, unscripted."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eval.page import write_page
from eval.run import make_run
from eval.schema import Fingerprint, Run, Started
from tests.web.axe import COLOURS, violations

pytestmark = pytest.mark.browser

HOSTILE = (
    "\"'><script>document.title='pwned'</script><img src=http://127.0.0.2:9/x.png onerror=\"document.title='pwned'\">"
)
LONG = "word" * 200
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


class Opened:
    """A page opened from disk, with all it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.set_default_timeout(20_000)


@pytest.fixture
def show(browsing, tmp_path: Path) -> Iterator:
    """Open the page of a run; named arguments are those of a Playwright context."""
    contexts = []

    def show(run: Run, baseline: Run | None = None, change=None, **options) -> Opened:
        path = tmp_path / "report.html"
        write_page(run, path, baseline, [run.summary.model_copy(update={"index_bytes": 2**20})])
        if change:
            path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
        contexts.append(browsing.new_context(**options))
        opened = Opened(contexts[-1].new_page())
        opened.page.goto(path.as_uri())
        return opened

    yield show
    for context in contexts:
        context.close()


def run_of(outcomes, name="now") -> Run:
    fingerprint = Fingerprint(cases_sha256="a" * 64, corpus_sha256="b" * 64, config_sha256="c" * 64)
    started = Started(
        name=name, created="2026-11-23T00:00:00Z", version="1", source="mine.jsonl", fingerprint=fingerprint,
        config={"refuse_below": 0.5, "sure_above": 0.8, "model": LONG},
    )  # fmt: skip
    return make_run(outcomes, (), started)


def wrong(make, count, **fields):
    """Questions that went wrong, each with hits and something shown."""
    return [
        make.outcome(
            make.case([(10, 20)], **{"id": f"w{number}", "kind": f"kind_{number % 4}", **fields}),
            hits=(make.hit(60, 70), make.hit(5, 25, rank=2)),
            citations=(make.citation(60, 70),),
        )
        for number in range(count)
    ]


@pytest.fixture
def run(make) -> Run:
    right = make.outcome(make.case([(10, 20)], id="right"), citations=(make.citation(0, 50),))
    return run_of([right, *wrong(make, 6)])


def test_nothing_leaves_and_nothing_in_a_case_acts(make, show):
    [outcome] = wrong(make, 1, question=HOSTILE, kind=HOSTILE, history=[HOSTILE])
    opened = show(run_of([outcome]))
    expect(opened.page.get_by_role("heading", level=4)).to_have_text(HOSTILE)
    opened.page.wait_for_timeout(200)
    assert [url.partition(":")[0] for url in opened.requests] == ["file"]
    assert "pwned" not in opened.page.title()
    assert opened.errors == []


def test_policy_stops_what_escaping_would_let_through(run, show):
    """With a script and an image planted in the file, as if nothing had been escaped, the policy alone must hold."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
        planted = (
            f"<script>document.title='pwned'</script><img src={address} onerror=\"document.title='pwned'\"><footer>"
        )
        opened = show(run, change=lambda page: page.replace("<footer>", planted))
        opened.page.wait_for_timeout(300)
        pwned = "pwned" in opened.page.title()
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()  # nobody came
        opened.page.goto("about:blank")
        opened.page.evaluate("address => { new Image().src = address }", address)
        opened.page.wait_for_timeout(300)
        listener.accept()[0].close()  # without the policy somebody does
    blocked = [error for error in opened.errors if "Content Security Policy" in error]
    assert len(blocked) >= 2, "the script and the image were both refused"
    assert not pwned


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("compared", [False, True])
def test_narrow_screen_has_no_sideways_scrolling(make, show, scheme, compared):
    outcomes = wrong(make, 3, question=LONG, history=[LONG], evidence=[[LONG]])
    before = run_of([make.outcome(one.case, citations=(make.citation(0, 50),)) for one in outcomes], "before")
    opened = show(
        run_of(outcomes), before if compared else None, viewport={"width": 320, "height": 700}, color_scheme=scheme
    )
    opened.page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    assert opened.page.evaluate(FITS)
    background = opened.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(255, 253, 248)", "dark": "rgb(29, 35, 35)"}[scheme]
    assert opened.page.get_by_role("columnheader", name="baseline").is_visible() is compared
    changed = opened.page.get_by_role("table", name="Every question that went better or worse")
    assert changed.get_by_role("row").count() == (4 if compared else 0)


def test_too_wide_a_page_would_be_seen(run, show):
    opened = show(run, viewport={"width": 320, "height": 700})
    opened.page.evaluate("() => { document.querySelector('main').style.width = '999px' }")
    assert not opened.page.evaluate(FITS)


def test_keyboard_reaches_everything_in_order_and_focus_is_seen(run, show):
    opened = show(run)
    page = opened.page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the measures")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                    return [e.tagName, (e.getAttribute('aria-label') || e.textContent || e.id).trim().slice(0, 24),
                            s.outlineStyle !== 'none', e.getBoundingClientRect().top + scrollY] }"""
            )
        )
        if reached[-1][0] == "BODY":
            break
    reached = [one for one in reached if one[0] != "BODY"]
    assert all(outlined for *_, outlined, _ in reached)
    tags = [tag for tag, *_ in reached]
    assert tags.count("SUMMARY") == 1 + 6 + 4  # which recall, the charts' numbers, the kinds
    assert tags.count("INPUT") == 1
    inside = [top for tag, *_, top in reached if tag in ("SUMMARY", "INPUT")]
    charts = inside[1:7]  # two columns: the eye may go down one first
    assert inside[:1] + inside[7:] == sorted(inside[:1] + inside[7:])
    assert min(charts) > inside[0]
    page.locator("summary", has_text="Which recall").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It calls half an answer whole.")).to_be_visible()


def test_screen_reader_gets_names_roles_and_descriptions(run, show):
    page = show(run, run).page
    for name in ("Which kinds of question go right", "Can the confidence be believed?", "Quality against latency"):
        expect(page.get_by_role("img", name=name)).to_have_count(1)
    image = page.get_by_role("img", name="Can the confidence be believed?")
    expect(image).to_have_accessible_description(re.compile("^On the dashed line"))
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 700})
        table = page.get_by_role("table", name="What the run is worth")
        row = table.get_by_role("row", name=re.compile("^recall@1 "))
        expect(row.get_by_role("rowheader")).to_have_text("recall@1")
        assert row.get_by_role("cell").count() == 6
    for landmark in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    expect(page.get_by_role("navigation", name="On this page")).to_have_count(1)


def test_page_is_whole_without_javascript(run, show):
    page = show(run, java_script_enabled=False).page
    expect(page.get_by_role("article")).to_have_count(6)
    expect(page.get_by_role("article").first).to_contain_text("Why it counts as wrong")
    expect(page.locator("form")).to_be_hidden()
    recall = page.locator("summary", has_text="Which recall")
    recall.click()
    expect(page.get_by_text("It calls half an answer whole.")).to_be_visible()


def test_words_narrow_what_is_shown(make, show):
    lost = wrong(make, 40)
    hits = (make.hit(60, 70), make.hit(5, 25, rank=2))  # as now: only what was shown got worse
    right = make.outcome(lost[39].case, hits=hits, citations=(make.citation(0, 50),))
    before = run_of([*wrong(make, 39), right], name="before")
    opened = show(run_of(lost), before)
    page = opened.page
    expect(page.get_by_role("article")).to_have_count(0)  # forty are too many to start open
    page.get_by_label("Show only questions with these words").fill("QUESTION w7?")
    expect(page.get_by_role("status")).to_have_text("1 of 40 questions shown")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_label("Show only questions with these words").fill("")
    expect(page.get_by_role("status")).to_have_text("")
    expect(page.get_by_role("article")).to_have_count(0)
    page.get_by_label("only those that were lost since the baseline").check()
    expect(page.get_by_role("status")).to_have_text("1 of 40 questions shown")
    expect(page.get_by_role("article")).to_contain_text("Question w39?")
    assert opened.errors == []


def test_number_of_a_kind_leads_to_its_first_case(make, show):
    page = show(run_of(wrong(make, 40))).page
    page.get_by_role("row", name="kind_2 ").get_by_role("link").click()
    expect(page.locator("article:target")).to_be_in_viewport()
    expect(page.locator("article:target")).to_contain_text("Question w2?")


@pytest.mark.parametrize("scripted", [True, False])
def test_print_is_light_and_unfolded(make, show, scripted):
    page = show(run_of(wrong(make, 40)), color_scheme="dark", java_script_enabled=scripted).page
    folded = page.locator("details:not([open]) .case").first
    page.emulate_media(media="print")
    expect(folded).to_be_visible()
    expect(page.locator("dd").first).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.locator("form")).to_be_hidden()
    body = page.locator("body")
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(body).to_have_css("color", "rgb(0, 0, 0)")
    pages = page.pdf(format="A4").count(b"/Type /Page\n")
    assert pages >= 8, "forty cases do not fit on fewer: something stayed folded"


def test_a_thousand_failing_cases_are_usable(make, show):
    opened = show(run_of(wrong(make, 1000)))
    page = opened.page
    expect(page.locator("article")).to_have_count(1000)
    page.get_by_label("Show only questions with these words").fill("question w123?")
    expect(page.get_by_role("status")).to_have_text("1 of 1000 questions shown")
    assert opened.errors == []


def test_the_page_breaks_no_rule_of_axe(show, make) -> None:
    page = show(run_of(wrong(make, 2)), run_of(wrong(make, 1), "before")).page
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(29, 35, 35)")
    assert violations(page, rules=COLOURS) == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    assert violations(page) == []


def test_a_rule_that_the_page_breaks_is_found(show, make) -> None:
    opened = show(run_of(wrong(make, 1)), change=lambda html: html.replace('<html lang="en-GB"', "<html", 1))
    assert any(one.startswith("html-has-lang") for one in violations(opened.page))
