"""What is printed says when and of what, and has no heading, fold or lead-in whose contents are not on paper."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assistant.serving.web.quoted import references_of
from corpus.schema import Document
from tests.documents import make_document
from tests.web.chat_page import ask, open_chat
from tests.web.conftest import Browser

#: What nothing that is seen stands under: headings, up to the next of their rank; folds; words that end with a colon.
EMPTY = """() => {
    const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".unseen, .skip");
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const inside = walker.currentNode.parentElement;
        if (walker.currentNode.data.trim() && seen(inside) && !inside.closest("script, style, noscript, .on-paper")) {
            texts.push(inside);
        }
    }
    const rank = (one) => Number(one.tagName[1]);
    const after = (one) => texts.slice(texts.findLastIndex((inside) => one.contains(inside)) + 1);
    const under = (heading) => {
        for (const inside of after(heading)) {
            const next = inside.closest("h1, h2, h3, h4, h5, h6");
            if (!next) return true;
            if (rank(next) <= rank(heading)) return false;
        }
        return false;
    };
    const holds = (one) => texts.some((inside) => one.contains(inside));
    const all = (kind) => [...document.querySelectorAll(kind)].filter((one) => seen(one) && holds(one));
    const leads = all("p").filter((one) => one.innerText.trim().endsWith(":") && !one.closest("figure"));
    return [
        // A sub-heading of the report is its own words: "Figure 1" has lost its figure.
        ...all("h1, h2, h3, h4, h5, h6").filter((one) => !under(one) && !one.matches(".text .sub-heading")),
        ...all("summary").filter((one) => !one.parentElement.open),
        ...leads.filter((one) => !after(one).length || after(one)[0].closest("h1, h2, h3, h4, h5, h6")),
    ].map((one) => one.innerText);
}"""


def assert_fit_for_paper(page: Page, report: Document, *, references: bool = True) -> None:
    page.emulate_media(media="print")
    assert page.evaluate(EMPTY) == []
    today = date.today()
    paper = page.locator(".on-paper")
    expect(paper).to_contain_text(f"Printed from coproduce on {today.day} {today:%B %Y}.")
    expect(paper.locator("time")).to_have_attribute("datetime", today.isoformat())
    if references:
        expect(page.get_by_text(report.reference)).to_be_visible()
    for hidden in page.locator("button, form, header nav, .foot").all():
        expect(hidden).to_be_hidden()
    page.emulate_media(media="screen")
    expect(paper).to_be_hidden()


PAGES = {
    "/read/involve-2017": True,
    "/quotes": True,
    "/principles": True,
    "/glossary": True,
    "/basket": True,
    "/embed": True,
    "/show?q=What+did+public+partners+say+about+power%3F": True,
    "/show?q=How+do+I+bake+bread%3F": True,
    "/embed/how": False,
    "/accessibility": False,
    "/privacy": False,
    "/api": False,
    "/nothing-here": False,
}


@pytest.mark.parametrize(("path", "references"), PAGES.items())
def test_each_page_is_fit_for_paper(
    browser: Browser, server: str, report: Document, path: str, references: bool
) -> None:
    browser.page.goto(server + path)
    assert_fit_for_paper(browser.page, report, references=references)


def test_answers_are_fit_for_paper(browser: Browser, server: str, report: Document) -> None:
    page = browser.page
    open_chat(page, server)
    # A whole paragraph and words explained are folded; a refusal and a greeting offer questions, which are buttons.
    for question in ("What is co-production?", "What do they disagree on?", "How do I bake bread?", "Hello"):
        ask(page, question)
    for offered in ("details.about-answer", ".words-label", ".suggestions button"):
        expect(page.locator(offered).first).to_be_visible()
    assert_fit_for_paper(page, report)
    # What somebody opened is printed.
    page.locator("details.about-answer summary").first.click()
    page.emulate_media(media="print")
    expect(page.locator("details.about-answer .notice").first).to_be_visible()
    assert page.evaluate(EMPTY) == []


def test_basket_with_a_quotation_is_fit_for_paper(browser: Browser, server: str, report: Document) -> None:
    page = browser.page
    page.goto(f"{server}/quotes")
    page.locator("button.keep").first.click()
    page.goto(f"{server}/basket")
    expect(page.get_by_role("heading", name="Take them with you")).to_be_visible()
    assert_fit_for_paper(page, report)


def test_frame_with_an_answer_is_fit_for_paper(browser: Browser, server: str, report: Document) -> None:
    browser.page.goto(f"{server}/embed?lang=cy&question=What+is+the+gold+standard%3F&ask=1")
    expect(browser.page.locator("figure.quotation").first).to_be_visible()
    assert_fit_for_paper(browser.page, report)


def test_day_on_paper_is_the_day_of_printing(browser: Browser, server: str) -> None:
    page = browser.page
    page.clock.install(time="2031-02-01T12:00:00")
    page.goto(f"{server}/quotes")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".on-paper")).to_contain_text("Printed from coproduce on 1 February 2031.")
    expect(page.locator(".on-paper time")).to_have_attribute("datetime", "2031-02-01")


@pytest.mark.parametrize(
    "broken",
    ["<h2>Left alone</h2>", "<h2>One</h2><h2>Two</h2><p>x</p>", "<details><summary>Closed</summary>x</details>"],
)
def test_an_empty_heading_would_be_noticed(browser: Browser, broken: str) -> None:
    browser.page.set_content(f"<p>Before.</p><h2>Whole</h2><p>Words.</p>{broken}")
    assert len(browser.page.evaluate(EMPTY)) == 1


def test_document_without_a_reference_of_its_own_gets_one(report: Document) -> None:
    made: list[Any] = references_of([report, make_document()])
    assert made == [report.reference, "Okoro A. Minutes. Our Group; 2020."]
