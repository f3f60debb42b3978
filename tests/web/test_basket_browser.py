"""The basket in a real browser: keeping, copying, ordering, emptying and downloading, with a keyboard and announced."""

import io
from itertools import product
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from corpus.schema import Document, Kind, Passage
from tests.web.axe import COLOURS, TAGS, violations
from tests.web.chat_page import ask, open_chat
from tests.web.conftest import Browser

pytestmark = pytest.mark.browser
WCAG = (*TAGS, "best-practice")


@pytest.fixture(scope="module")
def quotes(report: Document) -> list[Passage]:
    return [one for one in report.passages if one.kind is Kind.INTERVIEW][:3]


def add_buttons(page: Page, quotes: list[Passage]) -> None:
    """Put a Keep and a Copy button for each quote onto the page, as other pages have them."""
    page.evaluate(
        """quotes => quotes.forEach(quote => ["keep", "copy"].forEach(kind => {
            const button = document.createElement("button");
            button.type = "button"; button.className = kind; button.textContent = kind + " " + quote.number;
            const {document: id, passage, start, end} = quote;
            Object.assign(button.dataset, {document: id, passage, start, end});
            if (kind === "keep") button.setAttribute("aria-pressed", "false");
            document.getElementById("main").append(button);
        }))""",
        [
            {"number": number, "document": one.document_id, "passage": one.id, "start": one.start, "end": one.end}
            for number, one in enumerate(quotes, start=1)
        ],
    )


@pytest.fixture
def filled(browser: Browser, server: str, quotes: list[Passage]) -> Page:
    """The basket's page with the three quotes kept."""
    page = browser.page
    page.goto(f"{server}/basket")
    expect(page.get_by_text("Your basket is empty.")).to_be_visible()
    add_buttons(page, quotes)
    for number in (1, 2, 3):
        page.get_by_role("button", name=f"keep {number}").click()
    page.reload()
    expect(page.locator(".kept > li")).to_have_count(3)
    return page


def words(page: Page) -> list[str]:
    return [one.replace("\n", " ") for one in page.locator(".kept blockquote").all_inner_texts()]


def test_keep_toggles_and_is_said_once(browser: Browser, server: str, quotes: list[Passage]) -> None:
    page = browser.page
    page.goto(f"{server}/basket")
    add_buttons(page, quotes)
    keep, says = page.get_by_role("button", name="keep 1"), page.locator("[role=status].basket-says")
    keep.press("Enter")
    expect(keep).to_have_attribute("aria-pressed", "true")
    expect(says).to_have_text("Kept in your basket")
    expect(page.get_by_role("navigation").get_by_role("link", name="Basket (1)")).to_be_visible()
    keep.press("Space")
    expect(keep).to_have_attribute("aria-pressed", "false")
    expect(says).to_have_text("Taken out of your basket")
    assert page.evaluate("sessionStorage.getItem('coproduce.basket')") == "[]"
    # A button that comes later, as with an answer, shows that its quotation is kept.
    keep.press("Enter")
    add_buttons(page, quotes[:1])
    expect(page.get_by_role("button", name="keep 1").nth(1)).to_have_attribute("aria-pressed", "true")
    assert not browser.errors


def test_basket_is_put_in_order_and_emptied_by_keyboard(filled: Page, quotes: list[Passage]) -> None:
    first, second, third = (f"“{' '.join(one.text.split())}”" for one in quotes)
    filled.get_by_role("button", name="Move down quotation 1").press("Enter")
    expect(filled.get_by_role("button", name="Move down quotation 2")).to_be_focused()
    assert words(filled) == [second, first, third]
    filled.keyboard.press("Enter")
    # At the end there is no further down: focus stays with the quotation.
    expect(filled.get_by_role("button", name="Move up quotation 3")).to_be_focused()
    assert words(filled) == [second, third, first]
    filled.get_by_role("button", name="Take out quotation 3").press("Enter")
    expect(filled.get_by_role("button", name="Take out quotation 2")).to_be_focused()
    assert words(filled) == [second, third]
    filled.get_by_role("button", name="Take all quotations out").press("Enter")
    expect(filled.get_by_text("Your basket is empty.")).to_be_visible()
    expect(filled.get_by_role("button", name="Put them back")).to_be_focused()
    filled.keyboard.press("Enter")
    expect(filled.locator(".kept > li")).to_have_count(2)
    expect(filled.locator("#basket-heading")).to_be_focused()


def test_basket_is_downloaded_as_a_word_file(filled: Page, quotes: list[Passage]) -> None:
    with filled.expect_download() as started:
        filled.get_by_role("button", name="Download the file").click()
    assert started.value.suggested_filename.endswith(".docx")
    file = docx.Document(io.BytesIO(Path(started.value.path()).read_bytes()))
    quoted = [one.text for one in file.paragraphs if one.style.name == "Quote"]
    assert quoted == [f"“{one.text}” [{number}]" for number, one in enumerate(quotes, start=1)]


def test_downloaded_page_shows_its_style_and_loads_nothing(browser: Browser, filled: Page, tmp_path: Path) -> None:
    filled.get_by_role("radio", name="Web page").check()
    with filled.expect_download() as started:
        filled.get_by_role("button", name="Download the file").click()
    started.value.save_as(tmp_path / "kept.html")
    browser.requests.clear()
    filled.goto((tmp_path / "kept.html").as_uri())
    assert browser.requests == [(tmp_path / "kept.html").as_uri()]
    assert filled.locator(".quotation").first.evaluate("one => getComputedStyle(one).borderLeftWidth") == "4px"
    assert violations(filled, WCAG) == []


def test_conversation_of_the_chat_is_saved_with_its_questions(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "Who funded the DRINK trial?")
    ask(page, "and PROMISE?")
    page.get_by_text("Save this conversation").click()
    page.get_by_role("radio", name="Markdown").check()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download the file").click()
    saved = Path(started.value.path()).read_text(encoding="utf-8")
    assert saved.index("## Who funded the DRINK trial?") < saved.index("## and PROMISE?") < saved.index("PROactive")


@pytest.mark.parametrize("way", ["clipboard", "older way", "by hand"])
def test_copy_works_with_and_without_the_clipboard(
    browser: Browser, server: str, quotes: list[Passage], way: str
) -> None:
    page = browser.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if way != "clipboard":
        page.add_init_script("delete Navigator.prototype.clipboard;")
    if way == "by hand":
        page.add_init_script("document.execCommand = () => false;")
    page.add_init_script("addEventListener('copy', () => { window.copied = String(getSelection()); });")
    page.goto(f"{server}/basket")
    add_buttons(page, quotes)
    button = page.get_by_role("button", name="copy 1")
    button.press("Enter")
    expected = f"“{quotes[0].text}”\n— {quotes[0].speaker}, "
    if way == "by hand":
        box = page.get_by_label("Copy this with Ctrl and C:")
        expect(box).to_be_focused()
        assert box.input_value().startswith(expected)
        return
    expect(page.locator(".basket-says")).to_have_text("Copied, with its reference")
    expect(button).to_be_focused()
    if way == "clipboard":
        assert page.evaluate("navigator.clipboard.readText()").startswith(expected)
    else:
        assert page.evaluate("window.copied").startswith(expected)
    assert not browser.errors


def test_basket_works_where_storage_is_closed(browser: Browser, server: str, quotes: list[Passage]) -> None:
    page = browser.page
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('closed'); }});")
    page.goto(f"{server}/basket")
    add_buttons(page, quotes)
    page.get_by_role("button", name="keep 1").click()
    expect(page.get_by_role("button", name="keep 1")).to_have_attribute("aria-pressed", "true")
    assert not browser.errors


def test_basket_has_no_violation_and_no_sideways_scrolling(browser: Browser, filled: Page) -> None:
    for look, width in product(("light", "dark", "contrast"), (1280, 320)):
        filled.evaluate("look => sessionStorage.setItem('coproduce.look', look)", look)
        filled.set_viewport_size({"width": width, "height": 900})
        filled.reload()
        expect(filled.locator(".kept > li")).to_have_count(3)
        assert filled.evaluate("document.documentElement.dataset.look") == look
        assert violations(filled, WCAG, rules=() if look == "light" else COLOURS) == [], (look, width)
        assert filled.evaluate("document.documentElement.scrollWidth") <= width, look
        small = filled.evaluate(
            "[...document.querySelectorAll('main button, main label')].map(one => one.getBoundingClientRect())"
            ".filter(box => box.width && box.height < 44).length"
        )
        assert small == 0, (look, width)
    assert all(address.startswith(filled.url.rsplit("/", 1)[0]) for address in browser.requests)
    assert not browser.errors


def test_refused_export_is_a_page_without_violation(filled: Page, quotes: list[Passage]) -> None:
    filled.evaluate(
        "item => sessionStorage.setItem('coproduce.basket', JSON.stringify([item]))",
        {"document_id": quotes[0].document_id, "passage_id": "0", "start": 1, "end": 2},
    )
    filled.reload()
    expect(filled.locator(".kept .error")).to_contain_text("Item 1 is not exported")
    filled.get_by_role("button", name="Download the file").click()
    expect(filled.get_by_role("heading", name="No file was made")).to_be_visible()
    assert violations(filled, WCAG) == []
    filled.get_by_role("link", name="Back to your basket").click()
    expect(filled.get_by_role("heading", name="Your basket")).to_be_visible()
