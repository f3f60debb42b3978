"""The plain pages in real Chromium: axe-core's rules, narrow and zoomed, no JavaScript, keyboard, paper, the frame."""

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from assistant.serving.web.words import Words, render_words
from corpus.load import load_library
from corpus.schema import Document
from tests.web.axe import COLOURS, shorten, violations
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser

NO_SIDEWAYS = "() => document.documentElement.scrollWidth <= window.innerWidth"


PAGES = [
    "/read/involve-2017?from={start}&to={end}&q=involvement#cited",
    "/read/involve-2017?q=zebra&from=9&to=x",
    "/read/nothing",
    "/quotes?section=B.4.ix&speaker=Public+partner+A",
    "/quotes?view=cards",
    "/quotes?section=B.4.vi&role=public&length=tiny",
    "/principles",
    "/glossary",
    "/accessibility",
    "/privacy",
    "/api",
    "/basket",
    "/no-such-page",
]
CHOOSE = """([look, text]) => {
    sessionStorage.setItem("coproduce.look", look);
    sessionStorage.setItem("coproduce.text", text);
    dispatchEvent(new StorageEvent("storage"));
}"""


def look(page: Page, colours: str, width: int, height: int, text: str = "") -> None:
    """Choose the colours and the size of the text, as the page's own switch does, and the size of the window."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(CHOOSE, [colours, text])
    assert page.evaluate("() => document.documentElement.dataset.look") == colours


@pytest.mark.parametrize("path", PAGES)
def test_no_rule_is_broken_in_any_look(browser: Browser, server: str, report: Document, path: str) -> None:
    """In the first look the page is whole. In the others, three are left of whatever stands there many times."""
    page = browser.page
    listed = next(one for one in report.passages if one.is_list)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(server + path.format(start=listed.start, end=listed.end))
    assert page.evaluate(NO_SIDEWAYS)
    if "zebra" in path:  # the report again
        shorten(page)
    assert violations(page) == []
    look(page, "dark", 1280, 800)
    assert page.evaluate(NO_SIDEWAYS)
    shorten(page)
    assert violations(page, rules=COLOURS) == []

    # 320 by 256 is what a window of 1280 by 1024 comes to at 400% zoom.
    look(page, "dark", 320, 256, text="large")
    page.reload()  # a narrow page is opened, not a wide one made narrow
    assert page.evaluate("() => document.documentElement.dataset.text") == "large"
    assert page.evaluate(NO_SIDEWAYS)
    look(page, "contrast", 320, 800)
    assert page.evaluate(NO_SIDEWAYS)
    shorten(page)
    assert violations(page) == []
    look(page, "dark", 320, 256, text="large")
    assert violations(page) == []


def test_a_shortened_page_still_breaks_the_rules_that_it_broke(browser: Browser, server: str) -> None:
    """The control: each paragraph of the report is pale, and each of its links has lost its name."""
    page = browser.page
    page.goto(f"{server}/read/involve-2017?from=4262&to=4400#cited")
    page.evaluate(
        """() => {
            for (const one of document.querySelectorAll("p.block")) one.style.color = "#d8d4c8";
            for (const one of document.querySelectorAll("a.lines")) {
                one.replaceChildren();
                one.removeAttribute("title");
            }
        }"""
    )
    before = page.evaluate("() => document.querySelectorAll('*').length")
    assert shorten(page) < before / 2
    expect(page.locator("#cited")).to_be_attached()
    assert {one.split(":")[0] for one in violations(page)} >= {"color-contrast", "link-name"}


def test_planted_violation_is_found(browser: Browser, server: str) -> None:
    browser.page.goto(f"{server}/privacy")
    assert violations(browser.page) == []
    browser.page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    (found,) = violations(browser.page)
    assert found.startswith("button-name: ")
    browser.page.evaluate("() => { document.querySelector('main p').style.color = '#d8d4c8' }")
    assert {one.split(":")[0] for one in violations(browser.page)} == {"button-name", "color-contrast"}


def test_planted_sideways_scrolling_is_found(browser: Browser, server: str) -> None:
    browser.page.set_viewport_size({"width": 320, "height": 600})
    browser.page.goto(f"{server}/privacy")
    browser.page.evaluate("() => { document.querySelector('main p').style.width = '700px' }")
    assert not browser.page.evaluate(NO_SIDEWAYS)


def test_search_counts_and_goes_to_the_next_and_the_previous_place(browser: Browser, server: str) -> None:
    page = browser.page
    page.set_viewport_size({"width": 800, "height": 600})
    page.goto(f"{server}/read/involve-2017")
    page.get_by_label("Find words in this text").fill("reflexiv")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=reflexiv*")
    places = page.locator("mark.found")
    count = places.count()
    assert count == 3  # “reflexivity”
    following = page.get_by_role("button", name="Next", exact=True)
    expect(following).to_be_focused()
    for number in [*range(1, count + 1), 1]:  # round and round
        expect(page.locator("#find-at")).to_have_text(f"{number} of {count}")
        expect(page.locator("mark.current")).to_be_in_viewport()
        assert page.locator("mark.current").count() == 1
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Previous", exact=True).click()
    expect(page.locator("#find-at")).to_have_text(f"1 of {count}")


def test_search_and_filters_work_without_javascript(browsing: Chromium, server: str, report: Document) -> None:
    context = browsing.new_context(java_script_enabled=False, viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.goto(f"{server}/read/{report.id}")
    page.get_by_label("Find words in this text").fill("Reflexivity")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#found")).to_contain_text("Found in 3 paragraphs")
    page.get_by_role("link", name="Go to the first").click()
    first = page.locator("mark.found").first.bounding_box()
    assert first is not None and 0 <= first["y"] < 600
    page.get_by_role("link", name="Next place found").first.click()
    second = page.locator("mark.found").nth(1).bounding_box()
    assert second is not None and 0 <= second["y"] < 600
    expect(page.get_by_role("button", name="Keep").first).to_be_hidden()  # it could do nothing
    page.goto(f"{server}/quotes")
    page.get_by_label("Public partners (18)").check()
    page.get_by_text("Themes", exact=True).click()
    page.get_by_role("checkbox", name="B.4.ix Joint production").check()
    page.get_by_role("button", name="Show quotes").click()
    expect(page.locator("#found")).to_have_text("3 quotes: 3 by public partners")
    context.close()


def test_meaning_opens_and_closes_by_keyboard(browser: Browser, server: str) -> None:
    words = Words(load_library())
    browser.page.goto(f"{server}/privacy")
    rows = "".join(render_words(words.words_in(["PPI and reciprocity"]), prefix) for prefix in ("one", "two"))
    browser.page.evaluate("html => document.querySelector('main').insertAdjacentHTML('afterbegin', html)", rows)
    button = browser.page.locator("button.word", has_text="reciprocity").nth(1)
    box = browser.page.locator("#two-word-reciprocity")
    expect(box).to_be_hidden()
    button.focus()
    browser.page.keyboard.press("Enter")
    expect(box).to_be_visible()
    expect(box).to_contain_text("cooperative relationships based on two way transactions")
    expect(browser.page.locator("#one-word-reciprocity")).to_be_hidden()
    assert violations(browser.page) == []
    browser.page.keyboard.press("Tab")
    assert box.evaluate("box => box.contains(document.activeElement)")
    browser.page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(button).to_be_focused()


def test_reader_leads_back_to_the_answer_by_keyboard(browser: Browser, server: str) -> None:
    page = browser.page
    page.goto(server)
    page.get_by_label("Your question").fill("Is there a quote by Service User Researcher C?")
    page.keyboard.press("Enter")
    citation = page.locator("a.citation").first
    citation.focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("#reader")
    expect(frame.locator("#cited")).to_be_focused()
    expect(frame.locator(".site")).to_be_hidden()  # the chat has a header of its own
    back = frame.locator(".cited-actions a.back")
    expect(back).to_have_text("Back to the answer")
    for _ in range(6):
        if back.evaluate("link => link === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(citation).to_be_focused()
    expect(page.locator(".turn")).to_have_count(1)  # the conversation is still there


def test_reader_is_one_column_where_it_is_narrow_or_framed(browser: Browser, server: str) -> None:
    page = browser.page

    def columns() -> str:
        return str(page.locator(".reader").evaluate("one => getComputedStyle(one).display"))

    page.goto(f"{server}/read/involve-2017")
    assert columns() == "grid"
    expect(page.get_by_role("link", name="B.4.x Ways of working")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 600})
    assert columns() == "block"
    expect(page.get_by_role("link", name="B.4.x Ways of working")).to_be_hidden()
    page.get_by_text("Sections", exact=True).click()
    page.get_by_role("link", name="B.4.x Ways of working").click()
    expect(page.get_by_role("heading", name="B.4.x Ways of working")).to_be_in_viewport()
    page.set_viewport_size({"width": 1600, "height": 700})
    page.goto(f"{server}/privacy")
    page.evaluate(
        """() => { const frame = document.createElement('iframe'); frame.title = 'wide'; frame.id = 'wide';
        frame.width = 1400; frame.height = 500; frame.src = '/read/involve-2017'; document.body.prepend(frame); }"""
    )
    framed = page.frame_locator("#wide")
    expect(framed.get_by_role("heading", name="B.4.x Ways of working")).to_be_attached()
    assert framed.locator(".reader").evaluate("one => getComputedStyle(one).display") == "block"
    expect(framed.locator("a.back")).to_have_count(0)  # there is no answer to go back to


def test_paper_has_the_text_and_marks_the_cited_words_by_a_border(
    browser: Browser, server: str, report: Document
) -> None:
    quote = next(one for one in report.passages if one.speaker == "Public partner Z")
    browser.page.emulate_media(media="print")
    browser.page.goto(f"{server}/read/{report.id}?from={quote.start}&to={quote.end}#cited")
    for hidden in (".site", ".aside", ".foot", ".cited-actions", "button.keep >> nth=0"):
        expect(browser.page.locator(hidden)).to_be_hidden()
    mark = browser.page.locator("#cited")
    expect(mark).to_have_text(quote.text)
    assert (
        mark.evaluate("one => getComputedStyle(one).borderTopWidth + getComputedStyle(one).borderTopStyle")
        == "2pxsolid"
    )
    browser.page.goto(f"{server}/quotes?view=cards")
    card = browser.page.locator(".card").first.bounding_box()
    assert card is not None and 340 < card["width"] < 400 and 500 < card["height"] < 560  # A6, less a margin
    expect(browser.page.locator(".filters")).to_be_hidden()


def test_chat_sets_no_cookie_and_keeps_the_conversation_in_its_tab_only(browser: Browser, server: str) -> None:
    browser.page.goto(server)
    browser.page.get_by_label("Your question").fill("What is the gold standard?")
    browser.page.keyboard.press("Enter")
    browser.page.wait_for_function("() => sessionStorage.getItem('coproduce.turns')")
    for path in ("/quotes", "/read/involve-2017", "/privacy"):
        browser.page.goto(server + path)
    assert browser.page.context.cookies() == []
    kept = browser.page.evaluate(
        "async () => [localStorage.length, (await indexedDB.databases()).length, Object.keys(sessionStorage).sort()]"
    )
    assert kept == [0, 0, ["coproduce.open", "coproduce.turns"]]  # and which quotation is open in the report
    other = browser.page.context.new_page()  # another tab of the same browser
    other.goto(server)
    assert other.evaluate("() => sessionStorage.length") == 0


@pytest.mark.parametrize("path", ["/quotes", "/principles", "/read/involve-2017"])
def test_what_is_kept_on_a_page_is_in_the_basket(browser: Browser, server: str, path: str) -> None:
    page = browser.page
    page.goto(server + path)
    for number in (0, 1):
        button = page.locator("button.keep").nth(number)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    page.goto(f"{server}/basket")
    expect(page.locator("[data-basket] figure")).to_have_count(2)
