"""What is pressed, chosen or kept can be read, in all colours, and what says so covers nothing and is not covered."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.web.chat_page import ask, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser
PAGES = ("/", "/quotes?role=public", "/read/involve-2017?from=0&to=20")
#: How many times brighter the words of the first pressed button are than what they stand on, or the other way round.
CONTRAST = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(one => one / 255)
            .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const style = getComputedStyle(document.querySelector("button[aria-pressed=true]"));
    const [dark, bright] = [light(style.color), light(style.backgroundColor)].sort((one, other) => one - other);
    return (bright + 0.05) / (dark + 0.05);
}"""
LOOK = """look => { document.documentElement.dataset.look = look; }"""


def looks(page: Page) -> Iterator[str]:
    for look in ("light", "dark", "contrast"):
        page.evaluate(LOOK, look)
        yield look
    page.emulate_media(forced_colors="active")
    yield "forced"


@pytest.mark.parametrize("address", PAGES)
def test_a_pressed_button_can_be_read(browser: Browser, server: str, address: str) -> None:
    page = browser.page
    page.emulate_media(reduced_motion="reduce")  # or colours would fade from one look to the next
    if address == "/":
        open_chat(page, server)
        ask(page, "What do public partners say about confidence?")
    else:
        page.goto(server + address)
    page.locator("main .keep").first.click()
    expect(page.locator("[aria-pressed=true]").first).to_be_visible()
    page.mouse.move(2, 2)
    assert {look: page.evaluate(CONTRAST) for look in looks(page) if page.evaluate(CONTRAST) < 4.5} == {}
    page.emulate_media(forced_colors="none")
    page.evaluate("() => { document.querySelector('[aria-pressed=true]').style.color = 'var(--accent)'; }")
    assert page.evaluate(CONTRAST) < 1.1, "the measure would not notice"


def test_what_is_said_of_the_basket_stands_above_the_question_box(browser: Browser, server: str) -> None:
    page = browser.page
    page.set_viewport_size({"width": 1366, "height": 768})
    open_chat(page, server)
    ask(page, "What do public partners say about confidence?")
    page.locator("#newest .keep").first.click()
    says = page.locator(".basket-says")
    expect(says).to_have_text("Kept in your basket")
    expect(page.locator("#composer")).to_have_css("position", "sticky")
    told, box = says.bounding_box(), page.locator("#composer").bounding_box()
    assert told and box and told["y"] + told["height"] <= box["y"] + 1


def test_the_chosen_kind_of_file_is_shown_as_the_browser_shows_it(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "Who funded the DRINK trial?")
    page.get_by_text("Save this conversation").click()
    chosen = page.get_by_role("radio", name="Markdown")
    chosen.check()
    page.get_by_text("Colours and text size").click()
    for radio in (chosen, page.get_by_role("radio", name="High contrast")):
        expect(radio).to_have_css("appearance", "auto")
