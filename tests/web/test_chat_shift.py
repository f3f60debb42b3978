"""Nothing on the page jumps: what browsers count as layout shift, while it loads, answers and comes back."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.chat_page import answered, box, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser
MOST = 0.05
NOTE = """() => {
    if (top !== window) return;
    window.shifted = [];
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted.push(one.value);
    }).observe({ type: "layout-shift", buffered: true });
}"""


SHIFTED = """() => {
    const all = window.shifted;
    window.shifted = [];
    return all.reduce((one, other) => one + other, 0);
}"""
QUESTIONS = ("What do public partners say about confidence?", "How is trust built?")


def shifted(page: Page) -> float:
    page.wait_for_timeout(700)
    found: float = page.evaluate(SHIFTED)
    return found


@pytest.mark.parametrize("size", [(360, 640), (1366, 768)])
def test_the_page_does_not_shift(browser: Browser, server: str, size: tuple[int, int]) -> None:
    page = browser.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(f"({NOTE})()")
    open_chat(page, server)
    expect(page.get_by_role("heading", name="Questions to try")).to_be_visible()
    found = {"loading": shifted(page)}
    for number, question in enumerate(QUESTIONS, start=1):
        box(page).fill(question)
        page.keyboard.press("Enter")
        answered(page, number)
        found[question] = shifted(page)
    page.reload()
    answered(page, 2)
    found["coming back"] = shifted(page)
    assert {when: amount for when, amount in found.items() if amount > MOST} == {}
    page.evaluate("() => { document.body.style.paddingTop = '200px'; }")
    assert shifted(page) > MOST, "the measure would not notice"
