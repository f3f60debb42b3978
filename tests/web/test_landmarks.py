"""Every page has a header, a main part and a footer, and says which product it is and what it answers from."""

import httpx
import pytest
from playwright.sync_api import expect

from assistant.pipeline import Assistant
from tests.web.chat_page import open_chat
from tests.web.conftest import Browser

PAGES = (
    "/quotes", "/principles", "/read/involve-2017", "/glossary", "/basket", "/accessibility", "/privacy", "/api",
    "/embed", "/embed?question=hello", "/embed/how", "/show", "/show?q=Who+funded+the+DRINK+trial", "/read/nothing",
    "/nothing",
)  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_each_page_has_its_landmarks_and_its_names(
    client: httpx.Client, assistant_built: Assistant, address: str
) -> None:
    page = client.get(address).text
    for landmark in ("header", "main", "footer"):
        assert page.count(f"<{landmark}") == 1, landmark
    header = page[page.index("<header") : page.index("</header>")]
    assert "coproduce" in header
    assert assistant_built.library.described in header


@pytest.mark.browser
def test_the_chat_has_its_landmarks_and_its_skip_link_moves_the_focus(
    browser: Browser, server: str, assistant_built: Assistant
) -> None:
    page = browser.page
    open_chat(page, server)
    for role in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)  # type: ignore[arg-type]
    expect(page.get_by_role("banner")).to_contain_text("coproduce")
    expect(page.get_by_role("banner")).to_contain_text(assistant_built.library.described)
    expect(page.get_by_role("contentinfo").get_by_role("link", name="Privacy")).to_be_visible()
    page.get_by_role("link", name="Skip to the question box").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    for address in ("/quotes", "/show"):
        page.goto(server + address)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
