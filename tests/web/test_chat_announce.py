"""What a screen reader is told: each finished answer once, each error once, and nothing while an answer grows."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.chat_page import answered, ask, box, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser

# Whatever becomes of a live region's text is noted, whoever's region it is; hidden ones are not spoken.
LOOKING = "Looking in the report …"
LISTEN = """() => {
    window.spoken = [];
    const regions = "[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive]";
    new MutationObserver((changes) => {
        const heard = new Set();
        for (const change of changes) {
            const element = change.target.nodeType === 1 ? change.target : change.target.parentElement;
            const added = [...change.addedNodes].filter(node => node.nodeType === 1);
            const inside = added.flatMap(node => [node, ...node.querySelectorAll("*")]);
            for (const one of [element && element.closest(regions), ...inside.filter(inner => inner.matches(regions))])
                if (one && one.isConnected && one.getClientRects().length) heard.add(one);
        }
        for (const one of heard) if (one.textContent.trim()) window.spoken.push(one.textContent.trim());
    }).observe(document.documentElement, { childList: true, characterData: true, subtree: true });
}"""


def spoken(page: Page) -> list[str]:
    page.wait_for_timeout(300)
    found: list[str] = page.evaluate("() => window.spoken")
    return found


def test_each_answer_is_announced_once_and_whole(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    page.evaluate(LISTEN)
    first = ask(page, "What do academics say about power?")
    heard = spoken(page)
    assert heard[0] == LOOKING and len(heard) == 2
    quotations = first.locator(".answer > figure")
    assert heard[1].startswith(f"{quotations.count()} quotations by ")
    assert len(heard[1]) < 600
    for at, announced in enumerate((True, False)):
        begins = quotations.nth(at).locator("> blockquote").inner_text().split()[:8]
        caption = quotations.nth(at).locator("figcaption").inner_text()
        assert (" ".join(begins) in heard[1]) is announced
        assert (caption in heard[1]) is announced
    ask(page, "Who funded the DRINK trial?")
    heard = spoken(page)
    assert heard[2] == LOOKING and len(heard) == 4
    assert "British Kidney" in heard[3] and "British Kidney" not in heard[1]
    ask(page, "What does the report say about payment rates in 2020?")
    refusal = " ".join(page.locator("#newest p.words").first.inner_text().split())
    assert spoken(page)[-1].startswith(f"{refusal} The nearest it comes: “")


def test_the_listener_hears_a_conversation_that_is_a_live_region(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    page.evaluate("() => document.querySelector('gradio-app').setAttribute('aria-live', 'polite')")
    page.evaluate(LISTEN)
    ask(page, "What did Public partner B say?")
    assert len(spoken(page)) > 2


@pytest.mark.parametrize(("words", "told"), [("word " * 500, "at most 2,000"), ("   ", "empty")])
def test_a_refused_question_is_told_once_and_stays(browser: Browser, server: str, words: str, told: str) -> None:
    page = browser.page
    open_chat(page, server)
    page.evaluate(LISTEN)
    box(page).fill(words)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(told)
    expect(box(page)).to_be_focused()
    assert box(page).input_value() == words
    assert len([one for one in spoken(page) if one != LOOKING]) == 1
    box(page).fill("Who funded the DRINK trial?")
    page.keyboard.press("Enter")
    answered(page, 1)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len([one for one in spoken(page) if one != LOOKING]) == 2


def test_a_server_that_is_gone_is_told_beside_the_question(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    page.evaluate(LISTEN)
    page.route("**/gradio_api/**", lambda route: route.abort())
    page.keyboard.type("Who funded the DRINK trial?")
    page.keyboard.press("Enter")
    expect(page.locator("#composer").get_by_role("alert")).to_contain_text("could not be sent")
    expect(box(page)).to_have_value("Who funded the DRINK trial?")
    expect(box(page)).to_be_focused()
    expect(page.locator("#asking")).to_have_count(0)
    assert len([one for one in spoken(page) if one != LOOKING]) == 1
    page.unroute("**/gradio_api/**")
    expect(page.locator("#trouble")).to_be_empty(timeout=15_000)  # Gradio finds the server, and loads the page again
    expect(box(page)).to_have_value("Who funded the DRINK trial?")
    page.keyboard.press("Enter")
    answered(page, 1)


def test_a_question_asked_during_an_answer_is_not_lost(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    page.keyboard.type("everything Academic Researcher 5 said")
    page.keyboard.press("Enter")
    expect(page.locator("#turn-1 figure").first).to_be_visible()
    expect(page.locator("#turn-1[data-complete]")).to_have_count(0)
    page.keyboard.type("Who funded the DRINK trial?")
    page.keyboard.press("Enter")
    expect(answered(page, 2)).to_contain_text("British Kidney")
    expect(page.locator("#turn-1[data-complete]")).to_be_visible()
    expect(box(page)).to_have_value("")


def test_what_is_typed_before_the_page_is_ready_is_kept_and_asked(browser: Browser, server: str) -> None:
    page = browser.page
    page.route("**/assets/index-*.js", lambda route: (page.wait_for_timeout(800), route.continue_()))
    page.goto(server, wait_until="commit")
    expect(box(page)).to_be_focused()
    page.keyboard.type("Who funded the DRINK trial?")
    page.keyboard.press("Enter")
    expect(page.locator("#turn-1")).to_contain_text("British Kidney")
    expect(box(page)).to_be_focused()
