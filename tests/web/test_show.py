"""The projector view: one quotation at a time, whose words it is beside it, by links and by the arrow keys."""

import html

import httpx
import pytest
from playwright.sync_api import Browser, expect

from assistant.pipeline import Assistant
from assistant.quoting.framing import says_on
from assistant.schema import HeadingBlock, Query, QuotationBlock
from assistant.serving.web.projector import size_of
from corpus.filters import Filters
from tests.web.axe import violations
from tests.web.embedding import CONFIDENCE, PARTS, SEVERAL, Tags, in_both_looks, opened, scrolls_sideways

STATES = [
    "/show",
    f"/show?q={CONFIDENCE}",
    f"/show?q={SEVERAL}&n=2&lang=ur",
    f"/show?q={CONFIDENCE}&lang=cy",
    "/show?q=What is the capital of France?",
    "/show?q=?!&role=nurse",
]


def shown(page: str) -> list[str]:
    return [html.unescape(part.split("</p>")[0]) for part in page.split("<blockquote><p>")[1:]]


@pytest.mark.parametrize("question", [SEVERAL, PARTS])
def test_each_quotation_of_an_answer_has_a_page_with_its_attribution(
    client: httpx.Client, assistant_built: Assistant, question: str
) -> None:
    answer = assistant_built.ask(Query(question=question))
    blocks = [one for one in answer.blocks if isinstance(one, QuotationBlock)]
    assert len(blocks) > 2
    for number, block in enumerate(blocks, start=1):
        page = client.get("/show", params={"q": question, "n": number}).text
        assert shown(page) == [block.words]
        assert block.attribution in html.unescape(page)
        assert "from={}&amp;to={}#cited".format(*block.citation.answer_span) in page
        assert f'<h1 class="question"><bdi>{question}</bdi></h1>' in page
        rels = {one["rel"] for one in Tags(page).all("a") if "rel" in one}
        assert rels == {"next", "prev"} - ({"prev"} if number == 1 else set()) - (
            {"next"} if number == len(blocks) else set()
        )


@pytest.mark.parametrize("question", [PARTS, "is PPI a kind of co-production or is co-production a kind of PPI"])
def test_headings_stand_with_each_quotation_that_they_are_over(
    client: httpx.Client, assistant_built: Assistant, question: str
) -> None:
    expected: list[list[str]] = []
    over, on = "", []
    for block in assistant_built.ask(Query(question=question)).blocks:
        if isinstance(block, QuotationBlock):
            expected.append([over, *on])
            on = []
        elif isinstance(block, HeadingBlock):
            over, on = (over, [block.text]) if says_on(block.text) else (block.text, [])
    assert all(over for over, *_ in expected) and len(expected) > 2
    for number, headings in enumerate(expected, start=1):
        page = client.get("/show", params={"q": question, "n": number}).text
        assert [html.unescape(part.split("</h2>")[0]) for part in page.split("<h2>")[1:]] == headings


def test_number_beyond_the_last_shows_the_last(client: httpx.Client, assistant_built: Assistant) -> None:
    count = len(assistant_built.ask(Query(question=SEVERAL)).citations)
    assert count > 1
    assert f"Quotation {count} of {count}" in client.get("/show", params={"q": SEVERAL, "n": 50}).text
    answer = client.get("/show", params={"q": SEVERAL, "n": "x"}).text
    assert "There is no" in answer and f"Quotation 1 of {count}" in answer


def test_filters_narrow_what_is_shown_and_are_told(client: httpx.Client, assistant_built: Assistant) -> None:
    question = "What did Public partner B and Academic Researcher 5 say about power?"
    both = assistant_built.ask(Query(question=question))
    assert any(one.role != "public" for one in both.citations)  # so the filter has something to leave out
    page = client.get("/show", params={"q": question, "role": "public", "section": "B.4.iii"}).text
    only = assistant_built.ask(Query(question=question, filters=Filters(role="public", section="B.4.iii")))
    assert shown(page) == [only.citations[0].answer_words]
    assert only.citations[0].role == "public"
    assert "Only words of public partners are shown." in page
    assert "B.4.iii Equal Power Relations" in page
    speaker = client.get("/show", params={"q": "What is said about power?", "speaker": "public partner b"}).text
    assert "— Public partner B," in html.unescape(speaker)
    assert 'one person are shown: <bdi lang="en-GB">Public partner B</bdi>' in speaker


def test_question_that_the_report_does_not_answer_is_told(client: httpx.Client) -> None:
    page = client.get("/show", params={"q": "What is the capital of France?"}).text
    assert "The report does not say." in page and not shown(page)


def test_refused_question_is_told(client: httpx.Client) -> None:
    answer = client.get("/show", params={"q": "?!"})
    assert answer.status_code == 422
    assert "There are no words in “?!”" in answer.text


def test_without_a_question_there_is_a_box_for_one(client: httpx.Client) -> None:
    tags = Tags(client.get("/show?role=public").text)
    assert [one["name"] for one in tags.all("input")] == ["role", "q"]


def test_markup_in_the_question_is_shown_as_text(client: httpx.Client) -> None:
    page = client.get("/show", params={"q": "<script>a()</script><img src=x onerror=a()> power"}).text
    tags = Tags(page)
    assert not tags.all("img") and all("src" in one for one in tags.all("script"))
    assert "&lt;script&gt;a()" in page


def test_longer_quotations_get_smaller_type() -> None:
    assert [size_of("x" * length) for length in (110, 111, 240, 480, 481)] == [
        "brief",
        "short",
        "short",
        "middling",
        "long",
    ]


@pytest.mark.browser
def test_arrow_keys_go_through_the_quotations(started: Browser, server: str) -> None:
    page = opened(started, 1280, 720)
    for lang, onwards, back in (("en", "ArrowRight", "ArrowLeft"), ("ur", "ArrowLeft", "ArrowRight")):
        page.goto(f"{server}/show?q={SEVERAL}&lang={lang}")
        seen = [page.locator("blockquote").inner_text()]
        while page.locator("a[rel=next]").count():
            page.keyboard.press(onwards)
            expect(page.locator("blockquote")).not_to_have_text(seen[-1])
            page.wait_for_load_state()
            seen.append(page.locator("blockquote").inner_text())
        assert len(seen) > 2
        page.keyboard.press(onwards)  # there is no next one: nothing happens
        page.keyboard.press(back)
        expect(page.locator("blockquote")).to_have_text(seen[-2])


@pytest.mark.browser
def test_next_stays_where_it_is(started: Browser, server: str) -> None:
    page = opened(started, 1024, 700)
    page.goto(f"{server}/show?q={SEVERAL}")
    step = page.locator("[data-step=next]")
    before = step.bounding_box()
    while step.count():
        assert step.bounding_box() == before
        step.click()
        page.wait_for_load_state()
    back = page.locator("[data-step=prev]").bounding_box()
    assert before and back and back["y"] == before["y"] and back["x"] < before["x"]


@pytest.mark.browser
def test_basket_is_shown_large(started: Browser, server: str) -> None:
    page = opened(started, 1280, 720)
    page.goto(f"{server}/quotes?role=public")
    for number in range(3):
        page.locator("button.keep").nth(number).click()
    page.goto(f"{server}/basket")
    kept = page.locator("[data-basket] blockquote").all_inner_texts()
    page.get_by_role("button", name="Show large").click()
    for number, words in enumerate(kept, start=1):
        expect(page.locator("blockquote")).to_have_text(words, use_inner_text=True)
        expect(page.get_by_text(f"Quotation {number} of 3")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("ArrowRight")
        page.wait_for_load_state()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("blockquote")).to_have_text(kept[1], use_inner_text=True)
    page.get_by_role("link", name="Back to your basket").click()
    expect(page.locator("[data-basket] blockquote")).to_have_count(3)


@pytest.mark.parametrize("items", ["", "[]", '[{"document_id": "x"}]', "{"])
def test_basket_that_cannot_be_shown_is_told(client: httpx.Client, items: str) -> None:
    answer = client.post("/show", data={"items": items})
    assert answer.status_code == 400 and 'class="error"' in answer.text


@pytest.mark.browser
def test_type_is_large_and_attribution_is_in_view(started: Browser, server: str) -> None:
    page = opened(started, 1280, 720)
    for number in range(1, 6):
        page.goto(f"{server}/show?q={SEVERAL}&n={number}")
        size = page.locator("blockquote p").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert size >= 30  # a screen of 720 lines: under 24 lines of text
        box = page.locator("figcaption").bounding_box()
        assert box is not None and box["y"] > 0 and box["y"] + box["height"] <= 720


@pytest.mark.browser
@pytest.mark.parametrize("path", STATES)
def test_projector_view_is_accessible(started: Browser, server: str, path: str) -> None:
    for page in in_both_looks(started, server + path, 1280, 720):
        assert violations(page) == []
        assert not scrolls_sideways(page)
