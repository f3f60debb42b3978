"""Asking: at once the page says that it looks, before anything is sent; and what is pressed twice is asked once."""

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.web.chat_page import answered, ask, box, held_back, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser
QUESTION = "Who funded the DRINK trial?"
LOOKING = "Looking in the report …"
# What is said and shown when a press has been dealt with, before the browser does anything else.
PRESS = """selector => {
    document.querySelector(selector).click();
    const shown = document.getElementById("asking");
    return [document.getElementById("spoken").textContent, shown && shown.innerText, !!shown.getClientRects().length];
}"""


def counted(page: Page) -> list[str]:
    """Notes each question that is sent."""
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if "queue/join" in one.url else None)
    return sent


def test_at_once_it_is_said_and_shown_that_it_looks(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    box(page).fill(QUESTION)
    said, shown, visible = page.evaluate(PRESS, "#ask")
    assert said == LOOKING and visible
    assert QUESTION in shown and LOOKING in shown
    answered(page, 1)
    expect(page.locator("#asking")).to_have_count(0)
    expect(page.locator("#spoken")).not_to_contain_text(LOOKING)


def test_the_first_question_too_while_the_page_still_loads(browser: Browser, server: str) -> None:
    page = browser.page
    with held_back(page, "**/assets/*.js"):
        page.goto(server, wait_until="commit")
        page.wait_for_function("() => window.coproduce && document.getElementById('question-box')")
        box(page).fill(QUESTION)
        said, shown, visible = page.evaluate(PRESS, "#ask")
        assert said == LOOKING and visible
        assert QUESTION in shown and LOOKING in shown
    expect(answered(page, 1)).to_contain_text("British Kidney")
    expect(page.locator("#asking")).to_have_count(0)


def test_scripts_that_say_so_wait_for_no_style(browser: Browser, server: str) -> None:
    page = browser.page
    page.route("**/*.css", lambda route: None)  # none ever comes, so nothing is painted
    page.goto(server, wait_until="commit")
    page.wait_for_function("() => window.coproduce && document.getElementById('question-box')", polling=50)


def test_on_a_slow_line_enter_is_answered_as_soon_as_the_box_can_be_seen(browser: Browser, server: str) -> None:
    page = browser.page
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"latency": 200, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit a second
    line.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    page.goto(server, wait_until="commit")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    box(page).focus()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    said = page.evaluate("() => [document.getElementById('spoken').textContent, !!document.querySelector('#newest')]")
    assert said == [LOOKING, False], "it is said before Gradio is there"
    expect(page.locator("#asking")).to_contain_text(QUESTION)
    expect(page.locator("#turn-1[data-complete]")).to_contain_text("British Kidney", timeout=60_000)


def test_on_a_touch_screen_the_answer_has_the_focus_and_no_key_is_spoken_of(browsing: Chromium, server: str) -> None:
    context = browsing.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server)
    expect(page.locator("#newest")).to_be_attached()
    box(page).fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).tap()
    turn = page.locator("#turn-1[data-complete]")
    expect(turn.locator("h2")).to_be_focused()  # the box would open the keyboard, which would cover it
    assert box(page).get_attribute("aria-describedby") is None
    assert "Escape" not in page.locator("body").inner_text()
    context.close()


@pytest.mark.parametrize("gap", [0, 120, 500])
def test_a_double_enter_asks_once(browser: Browser, server: str, gap: int) -> None:
    page = browser.page
    open_chat(page, server)
    sent = counted(page)
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_timeout(gap)
    page.keyboard.press("Enter")
    answered(page, 1)
    page.wait_for_timeout(700)
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(sent) == 1


def test_a_double_click_asks_once(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    sent = counted(page)
    page.get_by_role("button", name=QUESTION).dblclick()
    answered(page, 1)
    box(page).fill("and PROMISE?")
    page.get_by_role("button", name="Ask", exact=True).dblclick()
    answered(page, 2)
    page.locator("#newest .go-on").first.dblclick()
    answered(page, 3)
    page.wait_for_timeout(700)
    expect(page.locator(".turn")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(sent) == 3


def test_what_is_typed_while_it_looks_stays_in_the_box(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    with held_back(page, "**/gradio_api/queue/join*"):
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        expect(box(page)).to_have_value("")
        page.keyboard.type("and PROMISE?")
    answered(page, 1)
    expect(box(page)).to_have_value("and PROMISE?")
    page.keyboard.press("Enter")
    expect(answered(page, 2)).to_contain_text("PROactive")


def test_an_empty_box_is_told_of_when_nothing_was_asked(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("empty")
    ask(page, QUESTION)
