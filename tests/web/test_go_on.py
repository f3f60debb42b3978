"""Where an answer leads on to: each question that is offered has an answer with something new, and reads as asked."""

import html
import json

import httpx
import pytest
from playwright.sync_api import Page, expect

from assistant.pipeline import Assistant
from assistant.schema import Query
from assistant.serving.web.go_on import MOST
from corpus.filters import Filters
from tests.web.chat_page import answered, ask, box, open_chat
from tests.web.conftest import Browser
from tests.web.embedding import Tags

#: What people ask; a table's record, of which no side can be asked; a narrowed question; one that leans on another.
ASKED = [
    {"question": "What do public partners say about confidence?"},
    {"question": "How is trust built?"},
    {"question": "Who funded the DRINK trial?"},
    {"question": "What do people say about power?", "filters": {"role": "public"}},
    {"question": "And Public partner C?", "history": ["What did Public partner B say?"]},
]


def offered(client: httpx.Client, asked: dict[str, object]) -> list[dict[str, str]]:
    answer = client.post("/go-on", json=asked)
    assert answer.status_code == 200
    return [one for one in Tags(answer.text).all("button") if "go-on" in one["class"]]


@pytest.mark.parametrize("asked", ASKED, ids=lambda one: str(one["question"]))
def test_what_is_offered_is_answered_with_something_new(
    client: httpx.Client, assistant_built: Assistant, asked: dict[str, object]
) -> None:
    before = assistant_built.ask(Query.model_validate(asked))
    shown = {one.passage_id for one in before.citations}
    offers = offered(client, asked)
    assert 1 <= len(offers) <= MOST
    for one in offers:
        filters = Filters.model_validate(json.loads(html.unescape(one["data-filters"])))
        earlier: tuple[str, ...] = tuple(asked.get("history", ()))  # type: ignore[arg-type]
        history = {"again": earlier, "anew": (), "after": (*earlier, str(asked["question"]))}[one["data-how"]]
        answer = assistant_built.ask(Query(question=one["data-question"], history=history, filters=filters))
        assert answer.status != "not_in_corpus", one
        cited = {citation.passage_id for citation in answer.citations}
        assert cited - (set() if "only-side" in one["class"] else shown), one
        for citation in answer.citations:
            assert filters.speaker in (None, citation.speaker) and filters.role in (None, citation.role)


def test_nothing_is_offered_that_leads_nowhere(client: httpx.Client) -> None:
    # No public partner speaks of who funded a trial, so that is not offered; and nothing is found on France at all.
    (asked,) = [one for one in ASKED if "DRINK" in str(one["question"])]
    assert all("only-side" not in one["class"] for one in offered(client, asked))
    assert offered(client, {"question": "What is the capital of France?"}) == []
    assert client.post("/go-on", json={"question": "?!"}).text.strip() == ""
    assert client.post("/go-on", content=b"{").status_code == 422
    assert client.post("/go-on", json={"question": "x" * 1_000_001}).status_code == 413


@pytest.mark.browser
def test_a_question_to_go_on_with_is_asked_as_it_was_tried(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    first = ask(page, "What do public partners say about confidence?")
    offers = first.locator("button.go-on")
    expect(offers.first).to_be_visible()
    expect(first.get_by_role("link", name="Read B.4.ix")).to_be_visible()
    offers.filter(has_text="Another voice").click()
    turn = answered(page, 2)
    expect(turn.locator(".asked-of")).to_contain_text("Asked of: ")
    who = turn.locator(".asked-of").inner_text().removeprefix("Asked of: ")
    captions = turn.locator(".answer > figure figcaption").all_inner_texts()
    assert captions and all(one.startswith(f"— {who},") for one in captions)
    expect(page.locator("#turn-1 .go-on")).to_have_count(0)  # they stand under the newest answer
    expect(turn.locator("button.go-on").first).to_be_visible()


def link_of(page: Page) -> str:
    page.locator("#newest details.about-answer summary").click()
    return str(page.locator("#newest a.link-here").get_attribute("href"))


@pytest.mark.browser
def test_the_link_to_an_answer_holds_the_question_alone_and_fills_the_box(browser: Browser, server: str) -> None:
    page = browser.page
    open_chat(page, server)
    ask(page, "Who funded the DRINK trial?")
    ask(page, "What & how is “trust” built?")
    link = link_of(page)
    assert link == "/?q=What+%26+how+is+%E2%80%9Ctrust%E2%80%9D+built%3F"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#newest a.link-here").click()
    expect(page.locator(".basket-says")).to_contain_text("The link is copied.")
    assert page.evaluate("() => navigator.clipboard.readText()") == server + link
    other = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    other.goto(server + link)
    expect(box(other)).to_have_value("What & how is “trust” built?")
    expect(other.locator(".turn")).to_have_count(0)  # it is asked by whoever presses Ask
    assert other.url == f"{server}/"
    other.keyboard.press("Enter")
    answered(other, 1)
    other.context.close()


def test_a_question_of_the_address_is_escaped(client: httpx.Client) -> None:
    page = client.get("/", params={"q": '"><script>a()</script>'}).text
    assert ">&#34;&gt;&lt;script&gt;a()&lt;/script&gt;</textarea>" in page and "<script>a()" not in page
