"""The chat against axe-core's rules of WCAG 2.2 A and AA, in each of its states, looks and sizes."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.web.axe import COLOURS, LARGE_TEXT, shorten
from tests.web.chat_page import ask, axe_violations, box, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser


def empty(page: Page) -> None:
    expect(page.get_by_role("heading", name="Questions to try")).to_be_visible()


def whole(page: Page) -> None:
    ask(page, "What is co-production?")
    expect(page.locator("#newest .keep").first).to_be_visible()
    page.get_by_text("Save this conversation").click()


def refused(page: Page) -> None:
    ask(page, "What does the report say about payment rates in 2020?")
    expect(page.locator("#newest .not_in_corpus")).to_be_visible()


def greeted(page: Page) -> None:
    ask(page, "hello")
    expect(page.locator("#newest .ask-this").first).to_be_visible()


def citation_open(page: Page) -> None:
    ask(page, "What do public partners say about confidence?")
    page.locator("a.citation").first.focus()
    expect(page.locator("#card")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.frame_locator("#reader").locator("#cited")).to_be_focused()


def card_shown(page: Page) -> None:
    ask(page, "What do public partners say about confidence?")
    page.locator("a.citation").first.hover()
    expect(page.locator("#card")).to_be_visible()


def filters_open(page: Page) -> None:
    for name in ("Narrow it down", "Which section", "One speaker"):
        page.locator("#narrow summary", has_text=name).first.click()
    page.get_by_role("radio", name="Public partners only").check()
    expect(page.locator("#narrowed")).to_contain_text("Narrowed to: public partners only")


def kept(page: Page) -> None:
    page.locator("#newest .keep").first.click()
    expect(page.locator(".basket-says")).to_have_text("Kept in your basket")
    expect(page.locator("#newest .keep").first).to_have_attribute("aria-pressed", "true")


def told_helpful(page: Page) -> None:
    page.locator("#newest [data-helpful=true]").click()
    expect(page.locator("#newest .told")).to_have_text("Saved. Thank you.")


def saving(page: Page) -> None:
    page.locator("details.save").evaluate("fold => { fold.open = true; }")
    page.locator("details.save input").nth(1).check()


def asking(page: Page) -> None:
    page.route("**/gradio_api/queue/join*", lambda route: None)
    box(page).fill("and PROMISE?")
    page.keyboard.press("Enter")
    expect(page.locator("#asking")).to_be_visible()


def forgetting(page: Page) -> None:
    page.get_by_role("button", name="Forget everything on this computer").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def cleared(page: Page) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def error(page: Page) -> None:
    box(page).fill("word " * 500)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def looks_open(page: Page) -> None:
    page.get_by_text("Colours and text size").click()
    expect(page.get_by_role("radio", name="High contrast")).to_be_visible()


#: Each row is one page, which comes into these states one after the other.
STATES = [
    (empty, looks_open, error, filters_open),
    (greeted, refused, whole),
    (card_shown, citation_open, kept, told_helpful, saving),
    (whole, forgetting, cleared, asking),
]


#: Colours, text size, width and height. 320 by 256 is what a window of 1280 by 1024 comes to at 400% zoom.
#: And the rules to run, where they are not all.
LOOKS = [
    ("light", "", 1280, 900, ()),
    ("dark", "", 1280, 900, COLOURS),
    ("contrast", "large", 1280, 900, LARGE_TEXT),
    ("light", "large", 320, 700, ()),
    ("dark", "large", 320, 256, LARGE_TEXT),
]
CHOOSE = """([look, text]) => {
    sessionStorage.setItem("coproduce.look", look);
    sessionStorage.setItem("coproduce.text", text);
    dispatchEvent(new StorageEvent("storage"));
    return [document.documentElement.dataset.look, document.documentElement.dataset.text || ""];
}"""


@pytest.mark.parametrize("states", STATES, ids=lambda states: states[-1].__name__)
def test_no_state_breaks_a_rule_or_scrolls_sideways(
    browser: Browser, server: str, states: tuple[Callable[[Page], None], ...]
) -> None:
    page = browser.page
    page.emulate_media(reduced_motion="reduce")  # or colours would fade from one look to the next
    open_chat(page, server)
    broken = {}
    for state in states:
        state(page)
        expect(page.locator("#reader[data-quiet]")).to_have_count(0)  # the first quotation shows by itself
        if reader := page.frame("reader"):
            shorten(reader)  # in all looks, and whole, it is a page of its own in test_plain_pages_browser
        for look, text, width, height, rules in LOOKS:
            if state is card_shown and width < 1280:
                continue  # the pointer is no longer on it
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(CHOOSE, [look, text]) == [look, text]
            broken[state.__name__, look, text, width] = axe_violations(page, rules=rules, report=width == 320)
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
            if state is filters_open and state is states[-1]:
                shorten(page)  # every speaker's name was looked at once
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate(CHOOSE, ["", ""])
    assert {how: found for how, found in broken.items() if found} == {}


def test_the_statement_says_in_how_many_states(client: httpx.Client) -> None:
    assert len({state for states in STATES for state in states}) == 15
    assert "on the chat in fifteen states" in client.get("/accessibility").text


def test_a_narrow_page_opened_in_large_text_breaks_no_rule(browser: Browser, server: str) -> None:
    browser.page.set_viewport_size({"width": 320, "height": 256})
    open_chat(browser.page, server, text="large")
    for state in (empty, whole):
        state(browser.page)
        assert axe_violations(browser.page) == [], state.__name__
        assert browser.page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_a_page_that_breaks_rules_is_found_out(browser: Browser, server: str) -> None:
    open_chat(browser.page, server)
    browser.page.evaluate(
        """() => {
            document.querySelector("#question label").replaceWith(document.querySelector("#question textarea"));
            const pale = document.createElement("p");
            pale.textContent = "pale"; pale.style.color = "#ccc"; pale.style.background = "#fff";
            document.getElementById("talk").append(pale);
        }"""
    )
    browser.page.locator("#question textarea").evaluate("element => element.removeAttribute('placeholder')")
    assert {one.split(":")[0] for one in axe_violations(browser.page)} >= {"label", "color-contrast"}
