"""Guards every page against markup from a person or a document: in a real browser, nothing runs, loads or covers."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Page, expect

from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import Settings
from tests.documents import make_document
from tests.payloads import HOST, PAYLOADS, RAN
from tests.web.chat_page import answered, box, open_chat
from tests.web.conftest import Browser
from tests.web.serving import serving

pytestmark = pytest.mark.browser

#: What of a payload came alive: it ran, or made something that loads, sends, leads elsewhere or lies over the page.
ALIVE = f"""() => {{
    const found = [];
    if (document.documentElement.hasAttribute("{RAN}")) found.push("ran");
    for (const made of document.querySelectorAll("*")) {{
        for (const name of made.getAttributeNames()) {{
            const value = made.getAttribute(name);
            const leads = ["src", "href", "action", "formaction", "data", "poster"].includes(name);
            const url = leads && URL.canParse(value, location) ? new URL(value, location) : null;
            const bad = url ? url.hostname === "{HOST}" || /^(javascript:|data:text)/.test(url.href)
                : ["style", "srcset"].includes(name) && value.includes("{HOST}");
            if (bad || name.startsWith("on")) found.push(name + "=" + value);
        }}
        const over = getComputedStyle(made).position === "fixed";
        if (over && /session has ended/.test(made.textContent)) found.push("overlay");
    }}
    if (document.querySelector("dialog[open], base[href*='{HOST}'], meta[http-equiv=refresh]")) found.push("dialog");
    return found;
}}"""


def look(browser: Browser) -> list[str]:
    """Tell what is alive on the page and in its frames, and what was asked of other hosts."""
    alive = [one for frame in browser.page.frames for one in frame.evaluate(ALIVE)]
    return alive + [url for url in browser.requests if urlsplit(url).hostname not in ("127.0.0.1", None)]


@pytest.fixture(scope="module")
def hostile(settings_built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application over one document for each payload: in its text, its title and its speaker's label."""
    documents = [
        make_document(
            f"We met {payload} as equals.", f"Public partner {payload}", f"Minutes {payload}",
            written=f"It rained {payload} that day. We stayed in.", document_id=f"minutes-{number}",
        )
        for number, payload in enumerate(PAYLOADS)
    ]  # fmt: skip
    settings = settings_built.model_copy(update={"web_threads": 2, "data_dir": tmp_path_factory.mktemp("data")})
    with serving(create_app(Assistant.from_documents(documents, settings), settings)) as address:
        yield address


@pytest.fixture(scope="module")
def tab(browsing: Chromium) -> Iterator[Browser]:
    """One page for all of it."""
    context = browsing.new_context()
    opened = Browser(context.new_page())
    context.on("request", lambda request: opened.requests.append(request.url))
    opened.page.on("dialog", lambda dialog: (opened.requests.append("http://dialog/"), dialog.dismiss()))
    yield opened
    context.close()


def test_the_look_finds_a_payload_that_is_alive(browsing: Chromium) -> None:
    """The control: the same payloads on a page that escapes nothing and sends no policy."""
    app = FastAPI()

    @app.get("/{number}", response_class=HTMLResponse)
    def raw(number: int) -> str:
        return f'<!doctype html><title>raw</title><p>{PAYLOADS[number]}</p><p title="{PAYLOADS[number]}">x</p>'

    missed = []
    context = browsing.new_context()
    with serving(app) as address:
        for number, payload in enumerate(PAYLOADS):
            opened = Browser(context.new_page())
            opened.page.on("request", lambda request, seen=opened.requests: seen.append(request.url))
            opened.page.goto(f"{address}/{number}", wait_until="commit")
            opened.page.wait_for_timeout(60)
            try:
                found = look(opened)
            except Error:  # the page has gone elsewhere, as the payload wanted
                found = ["left"]
            if not found:
                missed.append(payload)
            opened.page.close()
    context.close()
    # Markdown and template languages mean nothing to HTML; everything else must have been seen.
    assert all(payload.startswith(("[", "!", "{{", "${", ">", "<javascript:", "'")) for payload in missed), missed
    assert len(missed) < 12


@pytest.mark.parametrize("where", ["read", "quotes", "principles", "glossary", "show", "embed"])
def test_payloads_of_documents_and_addresses_do_nothing(tab: Browser, hostile: str, where: str) -> None:
    tab.requests.clear()
    visited = 0
    for number, payload in enumerate(PAYLOADS):
        said = quote(payload)
        paths = {
            "read": f"/read/minutes-{number}?q={said}&from={said}&to={said}",
            "quotes": f"/quotes?speaker={said}&section={said}",
            "show": f"/show?q={said}&section={said}",
            "embed": f"/embed?question={said}&ask=1&theme={said}&lang={said}",
        }
        tab.page.goto(hostile + paths.get(where, f"/{where}"))
        assert look(tab) == [], payload
        visited += 1
        if where not in paths:
            break
    assert visited in (1, len(PAYLOADS))


def test_payloads_in_the_chat_do_nothing(tab: Browser, hostile: str) -> None:
    tab.requests.clear()
    open_chat(tab.page, hostile)
    shown = 0
    for number, payload in enumerate(PAYLOADS, start=1):
        expect(box(tab.page)).to_be_focused()
        box(tab.page).fill(" ".join(payload.split()))
        tab.page.keyboard.press("Enter")
        turn = answered(tab.page, number)
        assert look(tab) == [], payload
        shown += turn.locator("figure.quotation").count()
    assert shown > 20, "hardly anything of the documents was shown: the test would pass on any page"
    for link in tab.page.locator("#turn-1 a.citation, #turn-13 a.citation").all():
        link.click()
        reader = tab.page.frame("reader")
        assert reader
        reader.wait_for_url(hostile + (link.get_attribute("href") or ""))
        reader.locator("#cited").wait_for()
        assert look(tab) == []


def test_payloads_in_feedback_and_the_basket_do_nothing(tab: Browser, hostile: str) -> None:
    tab.requests.clear()
    page = tab.page
    turn = page.locator(".turn").last
    turn.get_by_role("button", name="Not helpful").click()
    turn.locator("form.feedback textarea").fill(" ".join(PAYLOADS)[:900])
    turn.get_by_role("button", name="Send").click()
    expect(turn.locator(".feedback .told")).not_to_be_empty()
    assert look(tab) == []
    _fill_basket(page)
    page.goto(f"{hostile}/basket")
    expect(page.locator("[data-basket] figure").first).to_be_visible()
    assert look(tab) == []
    with page.expect_download() as started:
        page.get_by_label("Web page").check()
        page.get_by_role("button", name="Download").click()
    saved = Path(started.value.path())
    assert HOST in saved.read_text(encoding="utf-8"), "the payload is not in the file: the test would pass on any"
    page.goto(f"file://{saved}")
    assert look(tab) == []


def _fill_basket(page: Page) -> None:
    """Keep every quotation that the chat shows."""
    for button in page.locator("button.keep").all()[:40]:
        if button.get_attribute("aria-pressed") == "false":
            button.click()
    kept = json.loads(page.evaluate("() => sessionStorage.getItem('coproduce.basket')"))
    assert len(kept) > 10
