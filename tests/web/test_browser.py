"""The chat as a person meets it, in real Chromium: nothing from elsewhere, all by keyboard, citations that open."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from corpus.schema import Document
from tests.web.chat_page import answered, box, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser

IN_VIEW = """element => {
    const box = element.getBoundingClientRect();
    return box.height > 0 && box.top >= 0 && box.top < window.innerHeight;
}"""


def ask_by_keyboard(browser: Browser, server: str, question: str) -> None:
    open_chat(browser.page, server)
    browser.page.keyboard.type(question)
    browser.page.keyboard.press("Enter")


def test_page_asks_nothing_of_other_hosts(browser: Browser, server: str) -> None:
    ask_by_keyboard(browser, server, "What do public partners say about confidence?")
    expect(browser.page.locator("figure.quotation").first).to_be_visible()
    answered(browser.page, 1)
    browser.page.locator("a.citation").first.click()
    browser.page.frame_locator("#reader").locator("#cited").wait_for()
    assert len(browser.requests) > 10, "the listener saw nothing: the test would pass on any page"
    elsewhere = {urlsplit(url).netloc for url in browser.requests if urlsplit(url).scheme not in ("data", "blob")}
    assert elsewhere == {urlsplit(server).netloc}
    assert browser.errors == []


def test_request_to_another_host_would_be_seen_and_is_blocked(browser: Browser, server: str) -> None:
    browser.page.goto(server)
    browser.page.evaluate("() => { new Image().src = 'http://127.0.0.2:9/x.png' }")
    blocked = browser.page.evaluate(
        """() => fetch('http://127.0.0.2:9/').then(() => 'went out', error => 'blocked: ' + error)"""
    )
    assert blocked.startswith("blocked")


def test_question_by_keyboard_is_answered_and_its_citation_opens(
    browser: Browser, server: str, report: Document
) -> None:
    ask_by_keyboard(browser, server, "Is there a quote by Service User Researcher C?")
    first = browser.page.locator("figure.quotation").first
    expect(first).to_contain_text("Treated the same as every other member of the research team")
    expect(first.locator("figcaption")).to_contain_text("Service User Researcher C, B.4.x")
    answered(browser.page, 1)
    expect(box(browser.page)).to_be_focused()  # and it is empty for the next question
    expect(box(browser.page)).to_have_value("")

    browser.page.locator("a.citation").first.focus()
    height = browser.page.evaluate("() => window.scrollY")
    browser.page.keyboard.press("Enter")
    cited = browser.page.frame_locator("#reader").locator("mark")
    expect(cited.first).to_be_visible()
    words = " ".join(cited.first.inner_text().split())
    assert words == next(one.text for one in report.passages if one.speaker == "Service User Researcher C")
    assert cited.count() == 1
    expect(cited.first).to_be_focused()
    assert browser.page.evaluate("() => window.scrollY") == height
    assert browser.page.locator("#reader").evaluate(IN_VIEW)
    assert cited.first.evaluate(IN_VIEW)


def test_follow_up_and_start_again(browser: Browser, server: str) -> None:
    ask_by_keyboard(browser, server, "What did Public partner B say?")
    answered(browser.page, 1)
    expect(box(browser.page)).to_have_value("")
    browser.page.keyboard.type("And Public partner C?")
    browser.page.keyboard.press("Enter")
    expect(browser.page.locator("#turn-2 figcaption").first).to_contain_text("Public partner C")
    browser.page.get_by_role("button", name="Start again").click()
    expect(browser.page.locator(".turn")).to_have_count(0)
    expect(browser.page.get_by_role("heading", name="Questions to try")).to_be_visible()


@pytest.mark.parametrize("ms", [0, 60, 250])
def test_start_again_while_it_answers_leaves_nothing(browser: Browser, server: str, ms: int) -> None:
    ask_by_keyboard(browser, server, "What did Public partner B say?")
    answered(browser.page, 1)
    browser.page.keyboard.type("And Public partner C?")
    browser.page.keyboard.press("Enter")
    browser.page.wait_for_timeout(ms)
    browser.page.get_by_role("button", name="Start again").click()
    expect(browser.page.get_by_role("heading", name="Questions to try")).to_be_visible()
    expect(browser.page.locator("#asking")).to_have_count(0)
    browser.page.wait_for_timeout(1500)  # an answer that was under way would have come by now
    expect(browser.page.locator(".turn")).to_have_count(0)
    box(browser.page).fill("Who funded the DRINK trial?")
    browser.page.keyboard.press("Enter")
    expect(answered(browser.page, 1).locator("blockquote").first).to_contain_text("British Kidney")


def test_refused_question_stays_in_the_box(browser: Browser, server: str) -> None:
    browser.page.goto(server)
    long = "word " * 4000
    box(browser.page).fill(long)
    browser.page.get_by_role("button", name="Ask", exact=True).click()
    expect(browser.page.get_by_role("alert")).to_contain_text("at most 2,000 are read")
    assert box(browser.page).input_value().strip() == long.strip()


def test_example_question_is_answered(browser: Browser, server: str) -> None:
    browser.page.goto(server)
    browser.page.get_by_role("button", name="Who funded the DRINK trial?").click()
    expect(browser.page.locator("figure.quotation").first).to_contain_text("British Kidney")


# Notes every state of the newest turn, as a person would see it.
WATCH = """() => {
    window.seen = [];
    window.scrolled = [];
    new MutationObserver(() => {
        const figures = [...document.querySelectorAll("#newest figure")];
        const seen = one => [one.querySelector("blockquote").innerText, !!one.querySelector("figcaption")];
        if (figures.length) window.seen.push(figures.map(seen));
        if (figures.length > 1) window.scrolled.push(window.scrollY);
    }).observe(document.getElementById("newest"), { childList: true, subtree: true });
}"""


@pytest.mark.parametrize("question", ["What did Public partner B say?", "What is co-production?"])
def test_answer_grows_by_sentences_and_closes_no_quotation_early(browser: Browser, server: str, question: str) -> None:
    open_chat(browser.page, server)
    browser.page.evaluate(WATCH)
    browser.page.keyboard.type(question)
    browser.page.keyboard.press("Enter")
    turn = answered(browser.page, 1)
    whole = [" ".join(words.split()) for words in turn.locator("figure > blockquote").all_inner_texts()]
    seen = browser.page.evaluate("() => window.seen")
    lengths = [sum(len(words) for words, _ in state) for state in seen]
    assert lengths == sorted(lengths) and len(set(lengths)) > 2
    unfinished = 0
    for state in seen:
        for (words, named), final in zip(state, whole, strict=False):
            shown = " ".join(words.split())
            if named:
                assert shown == final
                continue
            unfinished += 1
            assert final.startswith(shown) and not shown.endswith("”") and "[" not in shown.replace("[specialist]", "")
    assert unfinished, "no quotation was ever seen half shown: the check saw nothing"
    assert len(set(browser.page.evaluate("() => window.scrolled"))) == 1  # nothing jumps while it grows


def test_answer_and_report_stand_side_by_side_where_there_is_room(browser: Browser, server: str) -> None:
    open_chat(browser.page, server)
    wide = [browser.page.locator(one).bounding_box() for one in ("#talk", "#source")]
    assert wide[0] and wide[1] and wide[0]["x"] + wide[0]["width"] <= wide[1]["x"] and wide[0]["y"] == wide[1]["y"]
    browser.page.set_viewport_size({"width": 600, "height": 800})
    slim = [browser.page.locator(one).bounding_box() for one in ("#talk", "#source")]
    assert slim[0] and slim[1] and slim[0]["y"] + slim[0]["height"] <= slim[1]["y"]


def test_card_shows_what_stands_around_stays_under_the_pointer_and_goes_with_escape(
    browser: Browser, server: str, report: Document
) -> None:
    ask_by_keyboard(browser, server, "What did Public partner B say?")
    turn = answered(browser.page, 1)
    link, card = turn.locator("a.citation").nth(2), browser.page.locator("#card")
    link.hover()
    expect(card).to_be_visible()
    expect(link).to_have_attribute("aria-describedby", "card")
    before, here, after = card.locator("p").all_inner_texts()
    assert here == "[3]"
    quoted = " ".join(turn.locator("figure > blockquote").nth(2).inner_text().split()).removesuffix(" [3]").strip("“”")
    text = " ".join(report.text.split())
    place = text.index(quoted)
    # The exact words of the report, one side before the quotation and the other after it; not the quotation itself.
    for line, around, begins in (
        (before, text[:place], "Just before"),
        (after, text[place + len(quoted) :], "Just after"),
    ):
        assert line.startswith(begins)
        words = line.partition(": ")[2].removesuffix(" …").strip("“”")
        assert words in around and words not in quoted
    card.hover()
    browser.page.wait_for_timeout(500)
    expect(card).to_be_visible()
    browser.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    assert link.get_attribute("aria-describedby") is None


def test_first_citation_shows_by_itself_beside_the_answer_and_no_focus_moves(browser: Browser, server: str) -> None:
    page = browser.page
    ask_by_keyboard(browser, server, "What do public partners say about confidence?")
    turn = answered(page, 1)
    cited = page.frame_locator("#reader").locator("#cited")
    for question in ("", "Who funded the DRINK trial?"):
        if question:
            page.keyboard.type(question)
            page.keyboard.press("Enter")
            turn = answered(page, 2)
        words = turn.locator("figure > blockquote").first.inner_text().replace("[1]", "")
        first = " ".join(words.split()).strip("“” ")[: len("The DRINK trial")]  # a link parts a mark in two
        expect(cited).to_contain_text(first, use_inner_text=True)
        assert cited.evaluate(IN_VIEW)
        expect(box(page)).to_be_focused()
    # Its way back is there: whoever goes into the report comes back to the answer.
    cited.click()
    page.keyboard.press("Escape")
    expect(turn.locator("a.citation").first).to_be_focused()
    # Whoever reads in the report is left there.
    turn.locator("a.citation").first.click()
    expect(cited).to_be_focused()
    page.evaluate("() => window.coproduce.ask({ question: 'How is trust built?' })")
    expect(page.locator("#turn-3[data-complete]")).to_be_visible()
    page.wait_for_timeout(300)
    expect(cited).to_be_focused()
    # On a phone the report stands below the answer, and is left alone.
    page.set_viewport_size({"width": 400, "height": 700})
    shown = page.frame("reader").url  # type: ignore[union-attr]
    box(page).fill("What is the gold standard?")
    box(page).press("Enter")
    answered(page, 4)
    page.wait_for_timeout(300)
    assert page.frame("reader").url == shown  # type: ignore[union-attr]


def test_definition_stands_first_where_a_word_is_asked_for(browser: Browser, server: str) -> None:
    page = browser.page
    ask_by_keyboard(browser, server, "What is PPI?")
    turn = answered(page, 1)
    expect(turn.locator(".answer > :first-child h3")).to_have_text("What “PPI” means")
    expect(turn.locator(".answer > :first-child")).to_contain_text("Our words; the report does not define it:")
    page.keyboard.type("What is co-production?")
    page.keyboard.press("Enter")
    turn = answered(page, 2)  # the report defines it itself: those words are among the quotations
    expect(turn.locator(".defined")).to_have_count(0)
    expect(turn.locator("figure > blockquote").nth(1)).to_contain_text("equal and reciprocal relationship")


def test_copied_answer_has_question_quotations_names_and_reference(
    browser: Browser, server: str, report: Document
) -> None:
    ask_by_keyboard(browser, server, "Is there a quote by Service User Researcher C?")
    turn = answered(browser.page, 1)
    browser.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn.get_by_role("button", name="Copy answer").click()
    expect(browser.page.locator(".basket-says")).to_have_text("Copied, with its reference")
    copied = browser.page.evaluate("() => navigator.clipboard.readText()")
    quote = next(one.text for one in report.passages if one.speaker == "Service User Researcher C")
    assert copied.startswith("Is there a quote by Service User Researcher C?\n\n")
    assert f"“{quote}”\n— Service User Researcher C, B.4.x" in copied
    assert report.reference in copied


def test_reader_works_without_javascript(browsing: Chromium, server: str, report: Document) -> None:
    passage = next(one for one in report.passages if one.is_list)
    context = browsing.new_context(java_script_enabled=False, viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.goto(f"{server}/read/{report.id}?from={passage.start}&to={passage.end}#cited")
    assert " ".join(page.locator("mark").all_inner_texts()).split() == passage.text.split()
    box = page.locator("#cited").bounding_box()
    assert box is not None and 0 <= box["y"] < 600
    context.close()
