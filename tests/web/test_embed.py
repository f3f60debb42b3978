"""The frame without a browser: the form without JavaScript, what its address may ask for, and the snippet."""

import html
import re
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.serving.web.frame import MAX_EARLIER
from assistant.serving.web.language import languages
from corpus.load import load_library
from corpus.schema import Document
from tests.web.embedding import CONFIDENCE, PARTS, SEVERAL, Tags


def post(client: httpx.Client, path: str = "/embed", **fields: str | list[str]) -> httpx.Response:
    body = urlencode(fields, doseq=True)
    return client.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})


def quotations(page: str) -> list[str]:
    """Give what is shown at once, without the whole passages that are folded away."""
    return [html.unescape(words) for words in re.findall(r"(?<!</summary>)<blockquote><p>(.*?)</p>", page, re.DOTALL)]


def kept(page: str) -> list[str]:
    return [one["value"] for one in Tags(page).all("input") if one.get("name") == "earlier"]


def test_empty_frame_has_a_labelled_box_and_examples(client: httpx.Client) -> None:
    answer = client.get("/embed")
    assert answer.status_code == 200
    tags = Tags(answer.text)
    assert [one["for"] for one in tags.all("label")] == ["question"]
    assert [one["id"] for one in tags.all("textarea")] == ["question"]
    assert sum(one.get("name") == "example" for one in tags.all("button")) == 4
    assert not tags.all("article")


def test_frame_sets_no_cookie_and_is_not_kept(client: httpx.Client) -> None:
    for answer in (client.get("/embed"), post(client, question=CONFIDENCE)):
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


def test_question_of_the_address_is_only_put_in_the_box(client: httpx.Client) -> None:
    page = client.get("/embed", params={"question": CONFIDENCE}).text
    assert f">{CONFIDENCE}</textarea>" in page
    assert "<article" not in page


def test_question_of_the_address_is_answered_if_that_is_asked_for(client: httpx.Client, report: Document) -> None:
    page = client.get("/embed", params={"question": SEVERAL, "ask": "1"}).text
    shown = quotations(page)
    assert len(shown) >= 2
    assert all(words.strip("“”") in report.text for words in shown)
    assert "— Public partner B, B.4.iii Equal Power Relations, lines " in page
    assert "</textarea>" in page and f">{SEVERAL}</textarea>" not in page


@pytest.mark.parametrize("question", [SEVERAL, PARTS])
def test_citations_open_a_new_tab_at_their_span(client: httpx.Client, report: Document, question: str) -> None:
    page = client.get("/embed", params={"question": question, "ask": "1"}).text
    links = [one for one in Tags(page).all("a") if "/read/" in one["href"]]
    assert len(links) == len(quotations(page)) > 1
    for link, words in zip(links, quotations(page), strict=True):
        assert link["target"] == "_blank" and link["rel"] == "noopener"
        span = dict(parse_qsl(urlsplit(link["href"]).query))
        assert report.text[int(span["from"]) : int(span["to"])] == words.removeprefix("“").removesuffix("”")
        assert urlsplit(link["href"]).fragment == "cited"


def test_follow_up_without_javascript_knows_what_came_before(client: httpx.Client) -> None:
    first = post(client, question="What did Public partner B say?")
    assert kept(first.text) == ["What did Public partner B say?"]
    second = post(client, question="And Public partner C?", earlier=kept(first.text)).text
    assert second.count("<article") == 2
    assert "— Public partner B," in second and "— Public partner C," in second
    assert second.index("— Public partner B,") < second.index("— Public partner C,")


def test_history_is_bounded_and_says_so(client: httpx.Client) -> None:
    asked = [f"Who funded the DRINK trial{'?' * (1 + number)}" for number in range(MAX_EARLIER + 3)]
    answer = post(client, question=asked[-1], earlier=asked[:-1], lang="pl").text
    assert answer.count("<article") == MAX_EARLIER + 1
    assert kept(answer) == asked[-MAX_EARLIER:]
    assert str(languages()["pl"].say("earlier_left_out", count=MAX_EARLIER + 1)) in answer
    few = post(client, question=asked[0], lang="pl").text
    assert "earlier_left_out" not in few and few.count("<article") == 1


def test_fragment_is_one_turn_with_what_is_announced(client: httpx.Client) -> None:
    answer = post(client, "/embed/turn", question="And Public partner C?", earlier="What did Public partner B say?")
    assert answer.status_code == 200
    (turn,) = Tags(answer.text).all("article")
    assert turn["data-question"] == "And Public partner C?"
    assert turn["data-said"] == f"The answer is ready. Quotations: {len(quotations(answer.text))}."
    assert "— Public partner C," in answer.text and "<html" not in answer.text


def test_example_that_is_pressed_is_asked(client: httpx.Client) -> None:
    page = post(client, question="", example="Who funded the DRINK trial?").text
    assert "British Kidney" in page


def test_refused_question_is_told_and_stays_in_the_box(client: httpx.Client) -> None:
    answer = post(client, question="?!", earlier=CONFIDENCE)
    assert answer.status_code == 422
    assert "There are no words in “?!”" in answer.text
    assert ">?!</textarea>" in answer.text
    assert kept(answer.text) == [CONFIDENCE]


@pytest.mark.parametrize("path", ["/embed", "/embed/turn"])
@pytest.mark.parametrize("fields", [{"question": "word " * 60_000}, {"question": "a", "earlier": ["b"] * 50}])
def test_form_that_is_too_long_is_told(client: httpx.Client, path: str, fields: dict[str, str | list[str]]) -> None:
    answer = post(client, path, **fields)
    assert answer.status_code == 413
    assert languages()["en"]["too_long"] in answer.text


def test_scope_is_told_in_words_and_kept(client: httpx.Client, report: Document) -> None:
    page = client.get("/embed", params={"section": "b.4.iii", "role": "public", "question": "power", "ask": 1}).text
    assert 'part of the report only: <bdi lang="en-GB">B.4.iii Equal Power Relations</bdi>.' in page
    assert "Only words of public partners are shown." in page
    hidden = {one["name"]: one["value"] for one in Tags(page).all("input") if one.get("type") == "hidden"}
    assert hidden == {"section": "B.4.iii", "role": "public", "earlier": "power"}
    section = next(one for one in report.sections if one.id == "B.4.iii")
    shown = quotations(page)
    assert shown
    for words in shown:
        assert section.start <= report.text.index(words.strip("“”")) < section.end
    assert "— Academic Researcher" not in page


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("theme", "pink", 'There are: <bdi lang="en-GB">light, dark, contrast</bdi>'),
        ("lang", "tlh", 'There are: <bdi lang="en-GB">en, bn, cy, pl, ur</bdi>'),
        ("section", "Z.9", "Background, Project team"),
        ("role", "nurse", "public, academic"),
        ("ask", "yes", "0, 1"),
        ("colour", "red", "theme, question, ask, section, role, lang"),
    ],
)
def test_unknown_value_is_told_in_the_frame(client: httpx.Client, name: str, value: str, said: str) -> None:
    answer = client.get("/embed", params={name: value})
    assert answer.status_code == 200
    (fault,) = [part.split("</p>")[0] for part in answer.text.split('<p class="error fault">')[1:]]
    assert said in fault and (value in fault or name in fault)
    assert "fault" not in client.get("/embed", params={name: ""}).text or name == "colour"


def test_theme_is_the_pages_own(client: httpx.Client) -> None:
    assert Tags(client.get("/embed?theme=contrast").text).all("html")[0]["data-look"] == "contrast"
    assert "data-look" not in Tags(client.get("/embed").text).all("html")[0]


@pytest.mark.parametrize("code", sorted(languages()))
def test_interface_is_in_the_language_and_the_report_in_english(client: httpx.Client, code: str) -> None:
    language = languages()[code]
    page = client.get("/embed", params={"lang": code, "question": CONFIDENCE, "ask": 1}).text
    tags = Tags(page)
    assert tags.all("html")[0]["lang"] == language.tag
    assert tags.all("html")[0]["dir"] == language.direction
    for key in ("title", "question_label", "ask", "start_again", "you_asked", "exact_words"):
        assert html.escape(language[key], quote=False) in page, key
    assert all((one["lang"], one["dir"]) == ("en-GB", "ltr") for one in tags.all("figure"))
    assert (language.note in page) if language.note else ('class="draft"' not in page)


@cache
def empty_page(server: str, path: str) -> Tags:
    """The page without anything in its address."""
    return Tags(httpx.get(server + path, timeout=20).text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["theme", "question", "section", "role", "lang", "ask", "x"]),
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                [
                    "</textarea><script>a()</script>",
                    '"><img src=x onerror=a()>',
                    "{{7*7}}",
                    "{language.words}",
                    "’ onload=a() x=",
                ]
            ),
        ),
        max_size=4,
    )
)
def test_nothing_from_the_address_becomes_markup(client: httpx.Client, given: dict[str, str]) -> None:
    for path in ("/embed", "/embed/how"):
        answer = client.get(path, params=given)
        assert answer.status_code == 200
        tags = Tags(answer.text)
        plain = empty_page(str(client.base_url), path)
        assert len(tags.all("script")) == len(plain.all("script"))
        assert not tags.all("img")
        assert not [name for _, attributes in tags.found for name in attributes if name.startswith("on")]


def test_tags_would_show_markup_that_is_not_escaped() -> None:
    tags = Tags('<p><img src=x onerror="a()"><script>a()</script>')
    assert tags.all("img") == [{"src": "x", "onerror": "a()"}]
    assert len(tags.all("script")) == 1


def test_snippet_is_a_frame_with_what_was_chosen(client: httpx.Client, server: str) -> None:
    chosen = {"theme": "dark", "lang": "ur", "section": "B.4.iii", "question": 'a "b" & c', "ask": "1"}
    page = client.get("/embed/how", params=chosen).text
    snippet = html.unescape(page.split('spellcheck="false">')[1].split("</textarea>")[0])
    (frame,) = Tags(snippet).all("iframe")
    assert frame["title"] == languages()["ur"].title(load_library()) and frame["loading"] == "lazy"
    address = urlsplit(frame["src"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{server}/embed"
    assert dict(parse_qsl(address.query)) == chosen
    (live,) = Tags(page).all("iframe")
    assert live["src"] == f"{address.path}?{address.query}" and live["title"] == frame["title"]
    assert client.get(live["src"]).status_code == 200
    checked = {(one["name"], one["value"]) for one in Tags(page).all("input") if "checked" in one}
    assert checked == {("theme", "dark"), ("lang", "ur"), ("role", ""), ("section", "B.4.iii"), ("ask", "1")}


def test_page_says_that_no_site_may_frame_and_how_to_allow_one(client: httpx.Client) -> None:
    page = client.get("/embed/how").text
    assert "No other site may show the chat now." in page
    assert "COPRODUCE_EMBED_ORIGINS" in page and "This address works on this computer only" in page
    away = client.get("/embed/how", headers={"host": "coproduce.example.org"}).text
    assert "http://coproduce.example.org/embed" in html.unescape(away)
    assert "This address works on this computer only" not in away
