"""The chat against axe-core's rules of WCAG 2.2 A and AA, in each of its states, looks and sizes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

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
    expect(page.locator(".not_in_corpus")).to_be_visible()


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
        page.get_by_role("button", name=name).click()
    page.get_by_role("radio", name="Public partners only").check()
    expect(page.locator("#narrowed")).to_contain_text("Only: public partners only")


def error(page: Page) -> None:
    box(page).fill("word " * 500)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def looks_open(page: Page) -> None:
    page.get_by_text("Colours and text size").click()
    expect(page.get_by_role("radio", name="High contrast")).to_be_visible()


STATES = [empty, whole, refused, greeted, citation_open, card_shown, filters_open, error, looks_open]


@pytest.mark.parametrize("state", STATES)
def test_every_state_breaks_no_rule(browser: Browser, server: str, state: Callable[[Page], None]) -> None:
    open_chat(browser.page, server)
    state(browser.page)
    assert axe_violations(browser.page) == []


@pytest.mark.parametrize("session", [{"look": "dark"}, {"look": "contrast"}, {"look": "contrast", "text": "large"}])
@pytest.mark.parametrize("state", [whole, filters_open, error])
def test_every_look_breaks_no_rule(
    browser: Browser, server: str, session: dict[str, str], state: Callable[[Page], None]
) -> None:
    open_chat(browser.page, server, **session)
    state(browser.page)
    assert axe_violations(browser.page) == []


@pytest.mark.parametrize("size", [(320, 700), (320, 256)])
@pytest.mark.parametrize("state", [empty, whole, citation_open, filters_open, error])
def test_every_size_breaks_no_rule_and_scrolls_only_downwards(
    browser: Browser, server: str, size: tuple[int, int], state: Callable[[Page], None]
) -> None:
    browser.page.set_viewport_size({"width": size[0], "height": size[1]})
    open_chat(browser.page, server, text="large")
    state(browser.page)
    assert axe_violations(browser.page) == []
    assert browser.page.evaluate("() => document.documentElement.scrollWidth") <= size[0]


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
    assert {name for name, _ in axe_violations(browser.page)} >= {"label", "color-contrast"}
