"""The frame as people meet it: on a page of another origin, by keyboard, announced once, accessible in every state."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, Page, expect

from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import Settings
from tests.web.axe import violations
from tests.web.embedding import CONFIDENCE, in_both_looks, opened, scrolls_sideways
from tests.web.serving import free_port, serving

pytestmark = pytest.mark.browser

ASKED = quote(CONFIDENCE)
STATES = {
    "empty": "/embed",
    "answered": f"/embed?ask=1&question={ASKED}",
    "answered, right to left": f"/embed?ask=1&question={ASKED}&lang=ur",
    "empty, right to left": "/embed?lang=ur",
    "Welsh": "/embed?lang=cy&section=B.4.iii",
    "dark": f"/embed?ask=1&question={ASKED}&theme=dark",
    "contrast": f"/embed?ask=1&question={ASKED}&theme=contrast",
    "refused": "/embed?ask=1&question=%3F!",
    "not covered": "/embed?ask=1&question=What is the capital of France?",
    "unknown values": "/embed?lang=tlh&role=nurse&section=Z.9&theme=pink",
}
# Notes what is said in the live region, and what else changes in it, from now on.
LISTEN = """() => {
    window.heard = [];
    const said = document.getElementById('said');
    new MutationObserver(() => { if (said.textContent) window.heard.push(said.textContent); })
        .observe(said, { childList: true, characterData: true, subtree: true });
}"""


@dataclass(frozen=True)
class Site:
    """A training page on an origin of its own, and coproduce, open to it or closed."""

    outer: str
    closed: str
    open: str


@pytest.fixture(scope="module")
def site(assistant_built: Assistant, settings_built: Settings, server: str) -> Iterator[Site]:
    outer_port, open_port = free_port(), free_port()
    outer = f"http://localhost:{outer_port}"  # another name and another port: another site, not only another origin
    allowed = f"http://127.0.0.1:{open_port}"
    app = create_app(assistant_built, settings_built.model_copy(update={"embed_origins": (outer,)}))
    training = FastAPI()

    @training.get("/", response_class=HTMLResponse)
    def page(frame: str, sandbox: str = "") -> str:
        snippet = httpx.get(f"{frame}/embed/how", params={"role": "public"}).text
        code = snippet.split('spellcheck="false">')[1].split("</textarea>")[0]
        for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&amp;", "&")):
            code = code.replace(escaped, plain)
        if sandbox:
            code = code.replace("<iframe ", f'<iframe sandbox="{sandbox}" ')
        heads = "<!doctype html><html lang=en><title>Training</title><h1>Day one</h1><p><a href='#'>First</a></p>"
        return f"{heads}{code}<p style='height: 3000px'>More.</p>"

    with serving(app, open_port), serving(training, outer_port):
        yield Site(outer, server, allowed)


def test_frame_on_another_origin_stays_empty_until_its_site_is_allowed(started: Browser, site: Site) -> None:
    shown = {}
    for name, address in (("closed", site.closed), ("open", site.open)):
        page = opened(started, 800, 900)
        refusals: list[str] = []
        page.on("console", lambda message, refusals=refusals: refusals.append(message.text))  # type: ignore[misc]
        page.goto(f"{site.outer}/?frame={address}")
        page.wait_for_load_state("networkidle")
        frame = page.frames[1]
        shown[name] = frame.locator("#asking").count(), any("frame-ancestors" in one for one in refusals)
    assert shown == {"closed": (0, True), "open": (1, False)}


def test_question_is_asked_and_answered_in_the_frame_by_keyboard(started: Browser, site: Site) -> None:
    page = opened(started, 420, 800)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{site.outer}/?frame={site.open}")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("Your question")).to_be_visible()
    assert page.evaluate("() => document.activeElement.tagName") == "BODY"  # the frame takes no focus by itself
    page.keyboard.press("Tab")  # the page's own link
    for _ in range(2):  # into the frame, and to its box
        page.keyboard.press("Tab")
        if frame.locator("#question:focus").count():
            break
    page.keyboard.type("What is said about confidence?")
    page.keyboard.press("Enter")
    expect(frame.locator("figure.quotation").first).to_be_visible()
    expect(frame.get_by_label("Your question")).to_be_focused()
    expect(frame.get_by_label("Your question")).to_have_value("")
    assert "Academic Researcher" not in frame.locator("#conversation").inner_text()  # the snippet asked for one side
    # Back, by Shift and Tab, to the last citation: it opens the report in a tab of its own, at those words.
    page.keyboard.press("Shift+Tab")
    with page.context.expect_page() as opening:
        page.keyboard.press("Enter")
    report = opening.value
    expect(report.locator("mark").first).to_be_visible()
    words = frame.locator("figure.quotation > blockquote").last.inner_text()
    assert report.locator("mark").first.inner_text() in words
    assert {urlsplit(url).netloc for url in requests} == {urlsplit(site.outer).netloc, urlsplit(site.open).netloc}
    assert page.context.cookies() == []


# Where the box of a frame is, in its own window: from the top, and from the foot.
BOX = """() => {
    const { top, bottom } = document.getElementById("ask").getBoundingClientRect();
    return [document.getElementById("question").getBoundingClientRect().top, innerHeight - bottom];
}"""
QUESTIONS = ("What did Public partner B say?", "And Public partner C?")


def test_frame_keeps_its_box_in_view_scrolls_no_host_and_tells_its_height(started: Browser, site: Site) -> None:
    page = opened(started, 500, 900)
    page.add_init_script(
        "window.heights = []; addEventListener('message', one => heights.push([one.origin, one.data]))"
    )
    page.goto(f"{site.outer}/?frame={site.open}")
    page.evaluate("() => window.scrollTo(0, 60)")
    frame = page.frames[1]
    for number, question in enumerate(QUESTIONS, start=1):
        frame.locator("#question").fill(question)
        frame.evaluate("() => document.getElementById('ask').click()")
        expect(frame.locator(".turn")).to_have_count(number)
        expect(frame.locator("#ask")).not_to_have_attribute("aria-disabled", "true")
        assert min(frame.evaluate(BOX)) >= 0  # of a frame of 640 pixels
        assert 0 <= frame.locator(".turn h2").last.evaluate("one => one.getBoundingClientRect().top") < 100
        assert page.evaluate("() => window.scrollY") == 60
    heights = page.evaluate("() => window.heights")
    assert {origin for origin, _ in heights} == {site.open}
    assert [one["type"] for _, one in heights] == ["coproduce:height"] * len(heights)
    needed = frame.evaluate("() => document.documentElement.scrollHeight")
    assert heights[0][1]["height"] < heights[-1][1]["height"] and abs(heights[-1][1]["height"] - needed) <= 1
    # A page that is not allowed is told nothing, even where the frame is shown to it.
    page.goto(f"{site.open}/embed/how")
    page.locator("iframe.live").scroll_into_view_if_needed()
    expect(page.frame_locator("iframe.live").locator("#asking")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.heights || []") == []


@pytest.mark.parametrize("sandbox", ["allow-scripts allow-forms", "allow-forms"])
def test_sandboxed_frame_works_by_its_plain_form(started: Browser, site: Site, sandbox: str) -> None:
    page = opened(started, 500, 900)
    page.goto(f"{site.outer}/?frame={site.open}&sandbox={quote(sandbox)}")
    page.evaluate("() => window.scrollTo(0, 60)")
    for number, question in enumerate(QUESTIONS, start=1):
        frame = page.frame_locator("iframe")
        frame.locator("#question").fill(question)
        frame.locator("#ask").click()
        expect(frame.locator(".turn")).to_have_count(number)
        assert page.evaluate("() => window.scrollY") == 60
    expect(frame.locator(".turn").nth(1).locator("figcaption").first).to_contain_text("Public partner C")


def test_answer_is_announced_once_and_focus_returns(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed")
    page.evaluate(LISTEN)
    page.get_by_label("Your question").focus()
    page.keyboard.type("What did Public partner B say?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.get_by_label("Your question")).to_be_focused()
    page.wait_for_timeout(300)
    count = page.locator("figure.quotation").count()
    assert page.evaluate("() => window.heard") == [f"The answer is ready. Quotations: {count}."]
    assert page.locator("[role=alert], [aria-live]").count() == 0  # nothing else speaks
    # A follow-up is announced once more, and knows what came before.
    page.keyboard.type("And Public partner C?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn").nth(1).locator("figcaption").first).to_contain_text("Public partner C")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.wait_for_timeout(300)
    assert len(page.evaluate("() => window.heard")) == 2


def test_listener_would_hear_an_answer_announced_twice(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed")
    page.evaluate(LISTEN)
    for _ in range(2):
        page.evaluate("() => { document.getElementById('said').textContent = 'Here.'; }")
    assert page.evaluate("() => window.heard") == ["Here.", "Here."]


def test_refused_question_stays_and_is_told_once(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed")
    page.evaluate(LISTEN)
    page.get_by_label("Your question").fill("?!")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".error")).to_contain_text("There are no words in")
    expect(page.get_by_label("Your question")).to_have_value("?!")
    expect(page.get_by_label("Your question")).to_be_focused()
    assert violations(page) == []
    page.get_by_label("Your question").fill(CONFIDENCE)
    page.keyboard.press("Enter")
    expect(page.locator("figure.quotation").first).to_be_visible()
    expect(page.locator(".error")).to_have_count(0)
    assert len(page.evaluate("() => window.heard")) == 2


def test_answer_that_does_not_arrive_is_told_and_the_question_kept(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed?lang=cy")
    page.route("**/embed/turn", lambda route: route.abort())
    page.get_by_label("Eich cwestiwn").fill(CONFIDENCE)
    page.keyboard.press("Enter")
    expect(page.locator(".error")).to_have_text(
        "Ni chyrhaeddodd yr ateb. Gwiriwch eich cysylltiad a rhowch gynnig arall arni."
    )
    expect(page.get_by_label("Eich cwestiwn")).to_have_value(CONFIDENCE)
    page.unroute("**/embed/turn")
    page.keyboard.press("Enter")
    expect(page.locator("figure.quotation").first).to_be_visible()


def test_start_again_forgets_everything(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed?role=public")
    page.evaluate("() => { sessionStorage.setItem('coproduce.basket', '[]'); sessionStorage.setItem('other', '1'); }")
    page.get_by_label("Your question").fill(CONFIDENCE)
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_text("Start again", exact=True).click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("input[name=earlier]")).to_have_count(0)
    expect(page.get_by_label("Your question")).to_be_focused()
    assert json.loads(page.evaluate("() => JSON.stringify({ ...sessionStorage })")) == {"other": "1"}
    expect(page.get_by_text("Only words of public partners are shown.")).to_be_visible()  # the scope is the page's


def test_example_is_asked_by_one_press(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed")
    page.get_by_role("button", name="Who funded the DRINK trial?").click()
    expect(page.locator("figure.quotation").first).to_contain_text("British Kidney")
    expect(page.locator("#examples")).to_have_count(0)
    expect(page.get_by_label("Your question")).to_be_focused()


def test_frame_works_without_javascript(started: Browser, server: str) -> None:
    page = opened(started, java_script_enabled=False)
    page.goto(f"{server}/embed?lang=ur")
    for number, question in enumerate(("What did Public partner B say?", "And Public partner C?"), start=1):
        page.locator("#question").fill(question)
        page.locator("#ask").click()
        expect(page.locator(".turn")).to_have_count(number)
    expect(page.locator(".turn").nth(1).locator("figcaption").first).to_contain_text("Public partner C")
    page.locator("#start-again").click()
    expect(page.locator(".turn")).to_have_count(0)
    assert page.locator("html").get_attribute("dir") == "rtl"


def test_markup_in_a_question_is_shown_as_text(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed")
    payload = "power <img src=x onerror=\"document.title='run'\"> </textarea><script>document.title='run'</script>"
    page.get_by_label("Your question").fill(payload)
    page.keyboard.press("Enter")
    expect(page.locator(".turn h2")).to_contain_text("<img src=x")
    page.wait_for_timeout(200)
    assert page.title() != "run"
    assert page.locator(".turn img, .turn script").count() == 0


@pytest.mark.parametrize("state", STATES)
def test_frame_is_accessible(started: Browser, server: str, state: str) -> None:
    for page in in_both_looks(started, server + STATES[state], 400, 700):
        assert violations(page) == []
        assert not scrolls_sideways(page)


def test_axe_would_find_what_is_wrong(started: Browser, server: str) -> None:
    page = opened(started)
    page.goto(f"{server}/embed")
    page.evaluate("() => document.querySelector('label').remove()")
    assert any(one.startswith("label:") for one in violations(page))


def small_targets(page: Page) -> list[str]:
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll('a, button, textarea, input:not([type=hidden])')].filter(one => {
                const box = (one.closest('label') || one).getBoundingClientRect();
                return box.width && (box.height < 44 || box.width < 44) && !one.matches('.skip, figcaption a');
            }).map(one => one.outerHTML)"""
        )
    )


@pytest.mark.parametrize("path", [STATES["empty"], STATES["answered, right to left"], f"/show?q={ASKED}", "/embed/how"])
def test_targets_are_large(started: Browser, server: str, path: str) -> None:
    page = opened(started)
    page.goto(server + path)
    assert small_targets(page) == []


@pytest.mark.parametrize("query", ["", f"?lang=ur&theme=dark&ask=1&question={ASKED}", "?section=B.4.iii&role=nurse"])
def test_page_about_embedding_is_accessible(started: Browser, server: str, query: str) -> None:
    for page in in_both_looks(started, f"{server}/embed/how{query}", 1280, 800):
        # The frame is loaded when it comes near; before that there is nothing in it to look at.
        page.locator("iframe.live").scroll_into_view_if_needed()
        expect(page.frame_locator("iframe.live").locator("#asking")).to_be_visible()
        assert violations(page) == []
        assert not scrolls_sideways(page)


def test_choosing_leads_to_the_code_that_was_made(started: Browser, server: str) -> None:
    page = opened(started, 900, 700)
    page.goto(f"{server}/embed/how")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Show the code").click()
    page.wait_for_url("**/embed/how?*#code")
    expect(page.get_by_label("Code for your page")).to_be_in_viewport()
    expect(page.get_by_label("Code for your page")).to_have_value(re.compile("theme=dark"))


def test_code_is_copied_by_keyboard(started: Browser, server: str) -> None:
    page = opened(started, 900, 900, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{server}/embed/how?theme=dark")
    page.get_by_role("button", name="Copy the code").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#copied")).to_have_text("Copied.")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == page.get_by_label("Code for your page").input_value()
    assert f"{server}/embed?theme=dark" in copied
