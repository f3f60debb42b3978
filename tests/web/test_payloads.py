"""Guards every page against markup from a person or a document: nothing runs, loads, leads elsewhere or covers.

Every payload is sent to every page over HTTP. One of each class is also seen in a real browser.
"""

import html
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Frame, Page, expect

from assistant.finding.encoder import Encoder, Vectors
from assistant.finding.retriever import Retriever
from assistant.keeping.build import make_index
from assistant.keeping.exported import load_encoder
from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import Settings
from corpus.library import Library
from corpus.load import entry_of
from tests.documents import make_document
from tests.payloads import HOST, ONE_OF_EACH, PAYLOADS, RAN
from tests.web.chat_http import ChatAsker
from tests.web.chat_page import answered, box, open_chat
from tests.web.conftest import Browser
from tests.web.live import alive
from tests.web.serving import serving

#: What means nothing to HTML: Markdown, languages of templates, and what needs an attribute in single quotes.
OTHER_LANGUAGES = ("[", "!", "{{", "${", ">", "<javascript:", "'")

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


def look(browser: Browser, frames: list[Frame] | None = None) -> list[str]:
    """Tell what is alive on the page and in its frames, or in some, and what was asked of other hosts."""
    living = [one for frame in frames or browser.page.frames for one in frame.evaluate(ALIVE)]
    return living + [url for url in browser.requests if urlsplit(url).hostname not in ("127.0.0.1", None)]


class Brief:
    """The real encoder, which reads only the end of each text: what is found does not matter here, and it is fast."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.max_tokens = encoder.max_tokens
        self.count = encoder.count

    def encode(self, texts: list[str]) -> Vectors:
        return self._encoder.encode([text[-40:] for text in texts])


@pytest.fixture(scope="module")
def hostile(settings_built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application over one document for each payload: in its text, its title and its speaker's label."""
    library = Library(
        entry_of(make_document(
            f"We met {payload} as equals.", f"Public partner {payload}", f"Minutes {payload}",
            written=f"It rained {payload} that day. We stayed in.", document_id=f"minutes-{number}",
        ))
        for number, payload in enumerate(PAYLOADS)
    )  # fmt: skip
    settings = settings_built.model_copy(update={"web_threads": 2, "data_dir": tmp_path_factory.mktemp("data")})
    encoder = load_encoder(settings_built)
    assistant = Assistant(library, Retriever(library, make_index(library, Brief(encoder)), encoder), settings)
    with serving(create_app(assistant, settings)) as address:
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


@pytest.mark.browser
def test_the_look_finds_a_payload_that_is_alive(browsing: Chromium) -> None:
    """The control: the same payloads on pages that escape nothing and send no policy, each in a frame of one page."""
    app = FastAPI()

    @app.get("/{number}", response_class=HTMLResponse)
    def raw(number: int) -> str:
        return f'<!doctype html><title>raw</title><p>{PAYLOADS[number]}</p><p title="{PAYLOADS[number]}">x</p>'

    @app.get("/", response_class=HTMLResponse)
    def frames() -> str:
        return "".join(f'<iframe name="payload-{number}" src="/{number}"></iframe>' for number in range(len(PAYLOADS)))

    asked: dict[str, list[str]] = {}
    context = browsing.new_context()
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.on("request", lambda request: asked.setdefault(request.frame.name, []).append(request.url))
    with serving(app) as address:
        page.goto(address, wait_until="commit")
        page.wait_for_function(f"() => window.length === {len(PAYLOADS)}")
        page.wait_for_load_state("load")
        missed = []
        for number, payload in enumerate(PAYLOADS):
            frame = page.frame(f"payload-{number}")
            assert frame
            try:
                found = look(Browser(page, asked.get(frame.name, [])), [frame])
            except Error:  # it has gone elsewhere, as the payload wanted
                found = ["left"]
            if not found:
                missed.append(payload)
    context.close()
    assert all(payload.startswith(OTHER_LANGUAGES) for payload in missed), missed
    assert len(missed) < 12


def test_html_that_holds_a_payload_as_it_is_is_alive() -> None:
    """The control of what is looked at over HTTP."""
    missed = [payload for payload in PAYLOADS if not alive(f'<p>{payload}</p><p title="{payload}">x</p>')]
    assert all(payload.startswith(OTHER_LANGUAGES) for payload in missed), missed
    assert len(missed) < 12
    [single] = [payload for payload in PAYLOADS if payload.startswith("' ")]
    assert alive(f"<p title='{single}'>x</p>")


PATHS = {
    "read": "/read/minutes-{number}?q={said}&from={said}&to={said}",
    "quotes": "/quotes?speaker={said}&section={said}",
    "show": "/show?q={said}&section={said}",
    "embed": "/embed?question={said}&ask=1&theme={said}&lang={said}",
    "box": "/embed?question={said}",
    "how": "/embed/how?question={said}&ask=1&theme={said}&lang={said}",
    "principles": "/principles",
    "glossary": "/glossary",
}
LIKE = {
    "read": "/read/involve-2017?q=words&from=1&to=2",
    "quotes": "/quotes?speaker=words&section=words",
    "show": "/show?q=words",
    "embed": "/embed?question=words&ask=1",
    "box": "/embed?question=words",
    "how": "/embed/how?question=words&ask=1",
}


@pytest.mark.parametrize("where", PATHS)
def test_payloads_of_documents_and_addresses_are_words_in_every_page(hostile: str, server: str, where: str) -> None:
    like = httpx.get(server + LIKE.get(where, PATHS[where]), timeout=20).text
    shown = 0
    with httpx.Client(base_url=hostile, timeout=20) as client:
        for number, payload in enumerate(PAYLOADS):
            reply = client.get(PATHS[where].format(number=number, said=quote(payload)))
            assert reply.status_code < 500
            assert alive(reply.text, like) == [], payload
            shown += payload in html.unescape(reply.text)
            if "{said}" not in PATHS[where]:
                return
    assert shown > 30, "hardly a payload was shown: the test would pass on any page"


@pytest.mark.browser
@pytest.mark.parametrize("where", ["read", "quotes", "principles", "glossary", "show", "embed"])
def test_payloads_of_documents_and_addresses_do_nothing(tab: Browser, hostile: str, where: str) -> None:
    tab.requests.clear()
    for payload in ONE_OF_EACH if "{said}" in PATHS[where] else ONE_OF_EACH[:1]:
        tab.page.goto(hostile + PATHS[where].format(number=PAYLOADS.index(payload), said=quote(payload)))
        assert look(tab) == [], payload


def test_payloads_in_the_chat_are_words_in_all_that_it_sends(
    hostile: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.serving.web.chat._PAUSE", 0)  # for a reader's eyes only
    with httpx.Client(base_url=server, timeout=20) as client:
        like = ChatAsker(client).ask("Who funded the DRINK trial?")[-1]
    shown = 0
    with httpx.Client(base_url=hostile, timeout=20) as client:
        for number, payload in enumerate(PAYLOADS):
            if number % 4 == 0:
                asker = ChatAsker(client, f"conversation-{number}")
            states = asker.ask(" ".join(payload.split()))
            assert states
            assert [one for state in states for one in alive(state, like * (number % 4 + 1))] == [], payload
            shown += "<figure" in states[-1]
            assert " ".join(payload.split()) in html.unescape(states[-1])
    assert shown > 20, "hardly anything of the documents was shown: the test would pass on any page"


@pytest.mark.browser
def test_payloads_in_the_chat_do_nothing(tab: Browser, hostile: str) -> None:
    tab.requests.clear()
    open_chat(tab.page, hostile)
    shown = 0
    for number, payload in enumerate(ONE_OF_EACH, start=1):
        expect(box(tab.page)).to_be_focused()
        box(tab.page).fill(" ".join(payload.split()))
        tab.page.keyboard.press("Enter")
        turn = answered(tab.page, number)
        assert look(tab) == [], payload
        expect(turn).to_contain_text(payload)
        shown += turn.locator("figure.quotation").count() > 0
    assert shown > len(ONE_OF_EACH) // 2, "hardly anything of the documents was shown: the test would pass on any page"
    for link in tab.page.locator("#turn-1 a.citation, #turn-2 a.citation").all():
        link.click()
        reader = tab.page.frame("reader")
        assert reader
        reader.wait_for_url(hostile + (link.get_attribute("href") or ""))
        reader.locator("#cited").wait_for()
        assert look(tab) == []


@pytest.mark.browser
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
    shown = set()
    for button in page.locator("button.keep").all()[:40]:
        shown.add(button.get_attribute("data-passage"))
        if button.get_attribute("aria-pressed") == "false":
            button.click()
    kept = json.loads(page.evaluate("() => sessionStorage.getItem('coproduce.basket')"))
    assert {one["passage_id"] for one in kept} == shown
    assert len(kept) > len(ONE_OF_EACH) // 2
