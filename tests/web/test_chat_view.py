"""What is in view: the newest question and its first quotation, at every size, and after the page is opened again."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.chat_page import answered, ask, box, held_back, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser
QUESTIONS = (
    "Who funded the DRINK trial?",
    "and PROMISE?",
    "How is trust built?",
    "What do public partners say about confidence?",
)
#: A laptop, what its browser leaves of that, a phone, and what a window of 1280 by 1024 comes to at 400% zoom.
SIZES = [(1366, 768), (1366, 620), (360, 640), (320, 256)]
# Where the newest question and the first line of its quotation are, and where what covers the page begins.
PLACES = """() => {
    const top = selector => document.querySelector(selector).getBoundingClientRect().top;
    const composer = document.getElementById("composer");
    const covers = getComputedStyle(composer).position === "sticky";
    const line = parseFloat(getComputedStyle(document.querySelector("#newest blockquote")).lineHeight);
    return [
        top("#newest .asked"), top("#newest blockquote") + line,
        covers ? composer.getBoundingClientRect().top : innerHeight,
    ];
}"""


def in_view(page: Page) -> bool:
    page.wait_for_timeout(300)
    asked, quoted, end = page.evaluate(PLACES)
    return bool(asked >= 0 and quoted <= end)


@pytest.mark.parametrize("size", SIZES)
def test_the_newest_question_and_its_first_quotation_are_in_view(
    browser: Browser, server: str, size: tuple[int, int]
) -> None:
    page = browser.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_chat(page, server)
    for question in QUESTIONS:
        ask(page, question)
        assert in_view(page), question
    page.locator("#newest a.citation").first.click()
    cited = page.frame_locator("#reader").locator("#cited")
    expect(cited).to_be_focused()
    words = cited.inner_text()
    page.reload()
    answered(page, len(QUESTIONS))
    expect(cited).to_have_text(words, use_inner_text=True)
    expect(page.locator("#back-to-answer")).to_be_visible()
    expect(box(page)).to_be_focused()
    assert in_view(page)
    page.goto(f"{server}/quotes")
    page.go_back()
    answered(page, len(QUESTIONS))
    expect(cited).to_have_text(words, use_inner_text=True)
    assert in_view(page)
    page.mouse.move(100, 100)
    page.mouse.wheel(0, 200)
    assert not in_view(page), "the measure would not notice"


def test_a_long_question_gives_way_to_its_answer(browser: Browser, server: str) -> None:
    page = browser.page
    page.set_viewport_size({"width": 360, "height": 640})
    open_chat(page, server)
    ask(page, f"{'I am writing a bid and am very tired of it all. ' * 30}Who funded the DRINK trial?")
    page.wait_for_timeout(300)
    _, quoted, end = page.evaluate(PLACES)
    assert 0 < quoted <= end


def test_whoever_scrolls_is_left_where_they_are(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, QUESTIONS[0])
    page.keyboard.type("everything Academic Researcher 5 said")
    page.keyboard.press("Enter")
    expect(page.locator("#turn-2 figure").first).to_be_visible()
    page.mouse.move(200, 300)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(200)
    height = page.evaluate("() => scrollY")
    answered(page, 2)
    page.wait_for_timeout(300)
    assert abs(page.evaluate("() => scrollY") - height) < 5


def test_a_question_asked_while_the_page_loads_again_follows_the_earlier_ones(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, QUESTIONS[0])
    with held_back(page, "**/assets/*.js"):
        page.reload(wait_until="commit")
        page.wait_for_function("() => window.coproduce && document.getElementById('question-box')")
        box(page).fill(QUESTIONS[1])
        page.keyboard.press("Enter")
    turn = answered(page, 2)
    expect(turn).to_contain_text("PROactive")
    assert turn.get_attribute("data-history") == f'["{QUESTIONS[0]}"]'


def test_a_question_asked_while_the_conversation_comes_back_is_answered_after_it(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, QUESTIONS[0])
    with held_back(page, "**/gradio_api/queue/join*"):
        page.reload()
        expect(page.locator("#asking")).to_contain_text("Your conversation is coming back")
        box(page).fill(QUESTIONS[1])
        page.keyboard.press("Enter")
    expect(answered(page, 2)).to_contain_text("PROactive")
    expect(box(page)).to_have_value("")


def test_a_question_under_way_when_the_page_is_left_is_asked_again(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, QUESTIONS[0])
    page.route("**/gradio_api/queue/join*", lambda route: None, times=1)  # it never arrives
    page.keyboard.type(QUESTIONS[1])
    page.keyboard.press("Enter")
    expect(page.locator("#asking")).to_contain_text(QUESTIONS[1])
    page.reload()
    expect(answered(page, 2)).to_contain_text("PROactive")


def test_the_card_stays_away_after_its_link_was_pressed(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, QUESTIONS[3])
    link, card = page.locator("#newest a.citation").first, page.locator("#card")
    link.hover()
    expect(card).to_be_visible()
    reader = page.locator("#reader").bounding_box()
    shown = card.bounding_box()
    assert reader and shown and shown["x"] + shown["width"] <= reader["x"]
    page.mouse.down()
    page.mouse.up()
    expect(page.frame_locator("#reader").locator("#cited")).to_be_focused()
    page.mouse.wheel(0, 40)  # the page moves under the pointer, and back
    page.wait_for_timeout(200)
    page.mouse.wheel(0, -40)
    page.wait_for_timeout(400)
    expect(card).to_be_hidden()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    expect(card).to_be_hidden()
    page.mouse.move(5, 5)
    link.hover()
    expect(card).to_be_visible()
