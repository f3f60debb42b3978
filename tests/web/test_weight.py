"""What the first load of the chat costs, and that no page does what its policy forbids."""

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from scripts.page_weight import Loaded, load
from tests.web.chat_page import answered, ask, open_chat
from tests.web.conftest import Browser

#: It was 75 requests and 562 kB, and is 49 and 273 kB: of Gradio 187 kB, of the report in its frame 45 kB.
MOST_REQUESTS = 50
MOST_BYTES = 290_000
PAGES = (
    "/", "/read/involve-2017", "/quotes", "/principles", "/glossary", "/basket", "/accessibility", "/privacy", "/api",
    "/embed?question=Who+funded+the+DRINK+trial%3F&ask=1", "/embed/how", "/show?q=What+makes+power+equal%3F",
    "/nothing",
)  # fmt: skip
#: What compiles a script out of words, as Gradio's own HTML component does.
COMPILE = """() => new Promise(done => setTimeout(() => {
    try { done(new Function("return 1")()) } catch (error) { done(error.name) }
}, 0))"""


@pytest.fixture(scope="module")
def loaded(browsing: Chromium, server: str) -> Iterator[list[Loaded]]:
    """The requests of the chat's first load."""
    context = browsing.new_context(viewport={"width": 1280, "height": 900})
    yield [one for one in load(context, server) if not one.kept]
    context.close()


@pytest.mark.browser
def test_the_first_load_stays_small(loaded: list[Loaded]) -> None:
    addresses = [one.address for one in loaded]
    assert any("/gradio_api/custom_component/conversation/" in one for one in addresses), "Gradio was not there yet"
    assert any("/read/" in one for one in addresses), "nor was the report"
    assert len(loaded) <= MOST_REQUESTS, addresses
    assert 100_000 < sum(one.bytes_on_the_line for one in loaded) <= MOST_BYTES


@pytest.mark.browser
def test_the_page_names_the_scripts_that_it_needs_and_no_others(loaded: list[Loaded], client: httpx.Client) -> None:
    page = client.get("/").text
    named = {one.split('"')[0] for one in page.split('<link rel="modulepreload" href="')[1:]}
    assert len(named) > 10
    addresses = [httpx.URL(one.address).path for one in loaded]
    gradios = {one for one in addresses if one.startswith(("/assets/", "/gradio_api/")) and one.endswith(".js")}
    # Its entry stands in the head; a component of it (the column that it puts ours in, a state) is met by name alone.
    assert len({one for one in gradios - named if "/assets/index-" not in one}) <= 2
    # The report in its frame may ask again whether the files that both use are still the same.
    asked_again = Counter(one for one in addresses if not one.startswith("/files/")) - Counter(set(addresses))
    assert not asked_again, "what was named is fetched once"


def test_what_is_named_by_its_content_is_kept_for_good_and_texts_come_compressed(client: httpx.Client) -> None:
    page = client.get("/")
    script = page.text.split('src="./assets/')[1].split('"')[0]
    assert "immutable" in client.get(f"/assets/{script}").headers["cache-control"]
    assert "cache-control" not in client.get("/assets/nothing.js").headers
    for address in ("/", "/read/involve-2017", "/files/chat.js", f"/assets/{script}"):
        assert client.get(address).headers["content-encoding"] in ("gzip", "br"), address
        assert "content-encoding" not in client.get(address, headers={"Accept-Encoding": "identity"}).headers


def listened(page: Page) -> list[str]:
    """Note what the browser complains of: what a policy forbids, and scripts that fail."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.mark.browser
def test_no_page_does_what_its_policy_forbids(browser: Browser, server: str) -> None:
    page = browser.page
    heard = listened(page)
    open_chat(page, server)
    ask(page, "What do public partners say about confidence?")
    page.locator("#newest .go-on").first.click()
    answered(page, 2)
    page.locator("#newest a.citation").first.click()
    expect(page.frame_locator("#reader").locator("#cited")).to_be_focused()
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(".turn")).to_have_count(0)
    assert heard == []
    for address in PAGES:
        answer = page.goto(server + address)
        assert answer and "unsafe-eval" not in answer.headers["content-security-policy"]
        assert [one for one in heard if not (address == "/nothing" and "404" in one)] == [], address
        assert page.evaluate(COMPILE) == "EvalError", address
        heard.clear()


@pytest.mark.browser
def test_a_script_compiled_in_a_page_would_be_heard(browser: Browser, server: str) -> None:
    heard = listened(browser.page)
    browser.page.goto(f"{server}/quotes")
    browser.page.evaluate("() => { setTimeout(() => new Function('return 1'), 0) }")
    browser.page.wait_for_timeout(300)
    assert any("unsafe-eval" in one for one in heard)
