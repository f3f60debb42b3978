"""Everything that the chat does, done with the keyboard alone: nothing here touches the mouse."""

import time

import pytest
from playwright.sync_api import Page, expect

from corpus.schema import Document
from tests.web.chat_page import answered, ask, box, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser
_MOST = 80
_MOUNTED_WITHIN = 20  # seconds


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until an element has the focus: at least `_MOST` times, and for as long as Gradio may take to mount."""
    expect(page.locator(f"{selector}:visible").first).to_be_attached()
    passed: list[str] = []
    until = time.monotonic() + _MOUNTED_WITHIN
    while len(passed) < _MOST or time.monotonic() < until:
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        passed.append(page.evaluate("() => document.activeElement.outerHTML.slice(0, 60)"))
    raise AssertionError(
        f"{key} was pressed {len(passed)} times, and {selector} never had the focus: {passed[-_MOST:]}"
    )


def focused(page: Page) -> str:
    found: str = page.evaluate("() => document.activeElement.getAttribute('href') || document.activeElement.id")
    return found


def test_ask_open_a_citation_come_back_and_ask_again(browser: Browser, server: str, report: Document) -> None:
    page = browser.page
    open_chat(page, server)
    turn = ask(page, "What do public partners say about confidence?")
    tab_to(page, "#newest a.citation", "Shift+Tab")
    link = focused(page)
    assert link.startswith(f"/read/{report.id}?from=")
    page.keyboard.press("Enter")
    cited = page.frame_locator("#reader").locator("#cited")
    expect(cited).to_be_focused()
    shown = " ".join(cited.inner_text().split())
    assert shown in " ".join(turn.locator(f'figure:has(a[href="{link}"]) > blockquote').inner_text().split())
    for _ in ("Keep", "Copy", "Back to the answer"):
        page.keyboard.press("Tab")
    way_back = page.frame_locator("#reader").locator("#text a.back")
    expect(way_back).to_be_focused()
    expect(way_back).to_have_text("Back to the answer")
    page.keyboard.press("Enter")
    assert focused(page) == link
    page.keyboard.press("Enter")  # the same once more, and back with Escape
    expect(cited).to_be_focused()
    page.keyboard.press("Escape")
    assert focused(page) == link
    tab_to(page, "#question textarea")
    ask(page, "And Academic Researcher 7?")


def test_ask_hear_the_count_reach_the_first_quotation_open_it_and_come_back(browser: Browser, server: str) -> None:
    """A blind person's walk: by what is announced, names and roles, and the keyboard."""
    page = browser.page
    open_chat(page, server)
    page.keyboard.press("Shift+Tab")
    ask_in = page.get_by_role("textbox", name="Your question")
    skip = page.get_by_role("link", name="Skip to the question box")
    skip.focus()
    page.keyboard.press("Enter")
    expect(ask_in).to_be_focused()
    turn = ask(page, "What do academics say about power?")
    heard = page.get_by_role("status").filter(has_text="quotation")
    count = turn.locator(".answer > figure").count()
    assert heard.first.inner_text().startswith(f"{count} quotations by ")
    expect(ask_in).to_have_accessible_description("Escape goes to the answer.")
    page.keyboard.press("Escape")  # one key to the answer
    expect(page.get_by_role("heading", name="You asked: What do academics say about power?")).to_be_focused()
    page.keyboard.press("Tab")  # and one to its first quotation
    caption = turn.locator("figcaption").first.inner_text().removeprefix("— ")
    first = page.get_by_role("link", name=f"[1] {caption}, in answer 1", exact=True)
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.frame_locator("#reader").locator("#cited")).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    tab_to(page, "#question textarea")
    page.keyboard.press("Shift+Tab")  # a link says the same, for whoever knows no keys
    expect(page.get_by_role("link", name="Go to the answer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(turn.locator("h2")).to_be_focused()


def test_links_of_citations_have_names_of_their_own(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "What did Public partner B say?")
    ask(page, "What did Public partner B say?")
    ask(page, "What does the report say about payment rates in 2020?")
    names = page.locator("a.citation").evaluate_all("links => links.map(one => one.ariaLabel)")
    assert len(names) > 4 and len(set(names)) == len(names)
    figures = page.locator("figure:has(> blockquote a.citation)")
    for number in range(figures.count()):
        caption = figures.nth(number).locator("figcaption").inner_text().removeprefix("— ")
        assert caption in (figures.nth(number).locator("a.citation").get_attribute("aria-label") or "")


def test_whoever_went_to_the_answer_while_it_grew_stays_there(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    page.keyboard.type("everything Academic Researcher 5 said")
    page.keyboard.press("Enter")
    expect(page.locator("#turn-1 figure").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#turn-1[data-complete]")).to_be_visible()
    expect(page.locator("#turn-1 h2")).to_be_focused()


def test_narrow_down_ask_and_widen_again(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    tab_to(page, "#narrow > summary")
    page.keyboard.press("Enter")
    expect(page.locator("#narrow")).to_have_attribute("open", "")
    tab_to(page, "#narrow-role input")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Public partners only")).to_be_checked()
    expect(page.locator("#narrowed")).to_contain_text("Narrowed to: public partners only")
    tab_to(page, "#question textarea", "Shift+Tab")
    turn = ask(page, "What is said about trust?")
    expect(turn.locator(".asked-of")).to_have_text("Asked of: public partners only")
    assert turn.get_attribute("data-filters") == '{"role": "public"}'
    tab_to(page, "#widen")
    expect(page.get_by_role("button", name="Clear these filters")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#narrowed")).to_have_text("")
    expect(page.locator("#narrow-role input").first).to_be_checked()  # everything; it is folded away again
    expect(box(page)).to_be_focused()


def test_only_public_partners_keeps_the_question(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    expect(ask(page, "What do people say about power?").locator(".only-side")).to_be_visible()
    tab_to(page, "#newest .only-side", "Shift+Tab")
    page.keyboard.press("Enter")
    turn = answered(page, 2)
    expect(turn.locator("h2")).to_contain_text("What do people say about power?")
    captions = turn.locator("figcaption").all_inner_texts()
    assert captions
    assert all("Public partner" in one or "Service User Researcher" in one for one in captions)
    expect(turn.locator(".only-side")).to_have_count(0)


def test_a_question_to_try_and_keep_and_forget_everything(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server, look="dark")
    tab_to(page, "#examples .ask-this")
    page.keyboard.press("Enter")
    turn = answered(page, 1)
    tab_to(page, "#newest .keep", "Shift+Tab")
    names = ("document", "passage", "start", "end")
    kept = page.evaluate("() => ({ ...document.activeElement.dataset })")
    assert set(kept) >= set(names)
    address = f"/read/{kept['document']}?from={kept['start']}&to={kept['end']}#cited"
    assert turn.locator(f'a.citation[href="{address}"]').count() == 1
    page.keyboard.press("Enter")
    expect(page.locator("#newest .keep").last).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("link", name="Basket (1)")).to_be_visible()
    tab_to(page, "#forget")
    page.keyboard.press("Enter")
    tab_to(page, "#forget-all", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)
    expect(box(page)).to_be_focused()
    expect(page.get_by_role("link", name="Basket", exact=True)).to_be_visible()
    assert page.evaluate("() => Object.keys(sessionStorage).concat(Object.keys(localStorage))") == []
    assert page.evaluate("() => document.documentElement.dataset.look || ''") == ""


def test_after_start_again_a_reload_shows_nothing_old(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "Who funded the DRINK trial?")
    tab_to(page, "#start-again")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)
    page.reload()
    expect(box(page)).to_be_focused()
    assert "DRINK trial" not in page.locator("#earlier, #newest, #save").all_inner_texts()
    turn = ask(page, "And public partners?")
    assert "DRINK" not in turn.inner_text()  # nor does the server remember


def test_the_conversation_is_there_again_after_another_page(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    first = ask(page, "Who funded the DRINK trial?").locator("blockquote").first.inner_text()
    ask(page, "and PROMISE?")
    page.goto(f"{server}/quotes")
    page.go_back()
    expect(page.locator(".turn[data-complete]")).to_have_count(2)
    assert page.locator("#turn-1 blockquote").first.inner_text() == first
    expect(box(page)).to_be_focused()
    assert page.locator("#spoken").inner_text() == ""  # it was heard before
    third = ask(page, "and Going the Extra Mile?")
    assert third.get_attribute("data-history") == '["Who funded the DRINK trial?", "and PROMISE?"]'


def test_a_word_is_explained_and_leads_into_the_report_and_back(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "What is co-production?")
    tab_to(page, "#newest button.word", "Shift+Tab")
    meaning = page.locator(f"#{page.evaluate('() => document.activeElement.getAttribute(`popovertarget`)')}")
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    tab_to(page, ".meaning a.place")
    page.keyboard.press("Enter")
    expect(page.frame_locator("#reader").locator("#cited")).to_be_focused()
    expect(meaning).to_be_hidden()
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.matches('button.word')")
    expect(page.locator(".turn")).to_have_count(1)


def test_feedback_with_a_reason(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    turn = ask(page, "What is the gold standard?")
    tab_to(page, "#newest form.feedback [data-helpful=false]", "Shift+Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.matches('#newest form.feedback textarea')")
    page.keyboard.type("It leaves out the other view.")
    tab_to(page, "#newest form.feedback button[type=submit]")
    page.keyboard.press("Enter")
    expect(turn.locator("form.feedback .told")).not_to_be_empty()


def test_the_large_view_keeps_the_looks_and_leads_back_to_the_conversation(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "What is the gold standard?")
    tab_to(page, "details.looks > summary", "Shift+Tab")
    page.keyboard.press("Enter")
    tab_to(page, "input[name=look]")
    for _ in range(4):
        if page.evaluate("() => document.documentElement.dataset.look") == "contrast":
            break
        page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.documentElement.dataset.look") == "contrast"
    tab_to(page, "#newest a[href^='/show']")
    with page.context.expect_page() as opening:
        page.keyboard.press("Enter")
    large = opening.value
    expect(large.locator("figure.quotation")).to_be_visible()
    assert large.evaluate("() => document.documentElement.dataset.look") == "contrast"
    tab_to(large, "footer a[href='/']")
    large.keyboard.press("Enter")
    expect(large.locator(".turn[data-complete]")).to_have_count(1)


def test_a_line_of_the_source_is_found_though_only_its_paragraph_has_a_number(browser: Browser, server: str) -> None:
    """Line 672 is the second of a quote."""
    browser.page.goto(f"{server}/read/involve-2017#L672")
    browser.page.wait_for_function("() => document.getElementById(location.hash.slice(1))")
    words = browser.page.evaluate("() => document.getElementById(location.hash.slice(1)).textContent")
    assert "equal and reciprocal" in " ".join(words.split())
