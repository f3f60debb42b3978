"""Starting again takes the conversation and nothing else, and can be undone; forgetting everything says what goes."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.chat_page import answered, ask, box, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser
STORED = "() => Object.keys(sessionStorage).concat(Object.keys(localStorage)).sort()"


def start_again(page: Page) -> None:
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(box(page)).to_be_focused()


def prepared(page: Page, server: str) -> None:
    """A conversation of two questions, one quotation kept, dark colours, narrowed to one side."""
    open_chat(page, server)
    page.get_by_text("Colours and text size").click()
    page.get_by_role("radio", name="Dark").check()
    page.get_by_text("Narrow it down").click()
    page.get_by_role("radio", name="Public partners only").check()
    expect(page.locator("#narrowed")).to_contain_text("Narrowed to: public partners only")
    box(page).focus()
    ask(page, "What is said about trust?")
    ask(page, "and about power?")
    page.locator("#newest .keep").first.click()
    expect(page.get_by_role("link", name="Basket (1)")).to_be_visible()


def test_start_again_leaves_basket_looks_and_narrowing_and_can_be_undone(browser: Browser, server: str) -> None:
    page = browser.page
    prepared(page, server)
    words = page.locator(".turn .answer blockquote").all_inner_texts()
    start_again(page)
    assert page.evaluate(STORED) == ["coproduce.basket", "coproduce.look"]
    expect(page.get_by_role("link", name="Basket (1)")).to_be_visible()
    expect(page.locator("#narrowed")).to_contain_text("Narrowed to: public partners only")
    assert page.evaluate("() => document.documentElement.dataset.look") == "dark"
    expect(page.locator("#spoken")).to_contain_text("Undo")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    answered(page, 2)
    assert page.locator(".turn .answer blockquote").all_inner_texts() == words
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    third = ask(page, "and about confidence?")
    assert third.get_attribute("data-history") == '["What is said about trust?", "and about power?"]'


def test_undo_brings_back_what_was_under_way(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "Who funded the DRINK trial?")
    page.route("**/gradio_api/queue/join*", lambda route: None, times=1)  # it never arrives
    page.keyboard.type("and PROMISE?")
    page.keyboard.press("Enter")
    expect(page.locator("#asking")).to_be_visible()
    start_again(page)
    expect(page.locator("#asking")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(answered(page, 2)).to_contain_text("PROactive")


def test_there_is_no_undo_once_something_else_was_asked_or_nothing_was(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    start_again(page)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    ask(page, "Who funded the DRINK trial?")
    start_again(page)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    ask(page, "What is co-production?")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    expect(page.locator(".turn")).to_have_count(1)


def test_forget_everything_names_what_goes_and_forgets_it_in_every_tab(browser: Browser, server: str) -> None:
    page = browser.page
    prepared(page, server)
    other = page.context.new_page()
    other.goto(f"{server}/basket")
    other.evaluate("item => sessionStorage.setItem('coproduce.basket', item)", page.evaluate(
        "() => sessionStorage.getItem('coproduce.basket')"
    ))  # fmt: skip
    other.reload()
    expect(other.locator(".kept > li")).to_have_count(1)
    page.bring_to_front()
    forget = page.get_by_role("button", name="Forget everything on this computer")
    forget.click()
    dialog = page.get_by_role("dialog", name="Forget everything on this computer?")
    for named in ("conversation", "narrowed", "basket (1 quotation)", "colours", "text size"):
        expect(dialog).to_contain_text(named)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".turn")).to_have_count(2)
    forget.click()
    expect(dialog.get_by_role("button", name="Keep everything")).to_be_focused()
    dialog.get_by_role("button", name="Forget everything").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    expect(page.locator("#narrowed")).not_to_contain_text("Narrowed")
    expect(page.get_by_role("link", name="Basket", exact=True)).to_be_visible()
    expect(other.get_by_text("Your basket is empty.")).to_be_visible()
    for tab in (page, other):
        assert tab.evaluate(STORED) == []
    assert page.evaluate("() => document.documentElement.dataset.look || ''") == ""
    expect(box(page)).to_be_focused()
