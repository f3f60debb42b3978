"""The exports over HTTP: what is downloaded is made from the document, and whatever is wrong is said readably."""

import csv
import io
import json
from typing import Any

import docx
import httpx
import pytest

from assistant.serving.web.exports import MAX_BYTES
from corpus.schema import Document, Kind, Passage
from tests.payloads import PAYLOADS
from tests.web.live import alive

POWER = "What do public partners say about power?"


@pytest.fixture(scope="module")
def quotes(report: Document) -> list[Passage]:
    return [one for one in report.passages if one.kind is Kind.INTERVIEW][:3]


def item_of(passage: Passage, **changes: object) -> dict[str, Any]:
    kept = {"document_id": passage.document_id, "passage_id": passage.id, "start": passage.start, "end": passage.end}
    return {**kept, **changes}


def export(client: httpx.Client, kind: str, **fields: object) -> httpx.Response:
    return client.post("/export", data={"format": kind, **{name: json.dumps(value) for name, value in fields.items()}})


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("kind", "suffix", "media_type"),
    [
        ("docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("html", "html", "text/html; charset=utf-8"),
        ("md", "md", "text/markdown; charset=utf-8"),
        ("csv", "csv", "text/csv; charset=utf-8"),
        ("vancouver", "txt", "text/plain; charset=utf-8"),
        ("ris", "ris", "application/x-research-info-systems"),
        ("bibtex", "bib", "application/x-bibtex; charset=utf-8"),
    ],
)
def test_basket_is_downloaded_in_each_format(
    client: httpx.Client, quotes: list[Passage], kind: str, suffix: str, media_type: str
) -> None:
    answer = export(client, kind, items=[item_of(one) for one in quotes])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    name = answer.headers["content-disposition"]
    assert name.startswith('attachment; filename="coproduce-quotations-kept-20') and name.endswith(f'.{suffix}"')
    if kind == "docx":
        file = docx.Document(io.BytesIO(answer.content))
        quoted = [one.text for one in file.paragraphs if one.style.name == "Quote"]
        assert quoted == [f"“{one.text}” [{number}]" for number, one in enumerate(quotes, start=1)]


def test_address_in_a_table_leads_to_the_words_in_the_reader(client: httpx.Client, quotes: list[Passage]) -> None:
    (row,) = rows_of(export(client, "csv", items=[item_of(quotes[0])]))
    assert row["quotation"] == quotes[0].text
    page = client.get(row["address"]).text
    assert page.count("<mark") == 1 and 'id="cited"' in page


def test_conversation_is_asked_again_with_what_came_before(client: httpx.Client) -> None:
    turns = [
        {"question": POWER, "filters": {"role": "public"}},
        {"question": "And confidence?", "filters": {"role": "public"}},
        {"question": "How do I bake sourdough bread?"},
        {"question": "What is said?", "filters": {"section": "Z.9"}},
    ]
    rows = rows_of(export(client, "csv", turns=turns))
    assert list(dict.fromkeys(row["question"] for row in rows)) == [turn["question"] for turn in turns]
    assert {row["role"] for row in rows if row["quotation"]} == {"public"}
    assert rows[-2]["answer"].startswith("The report does not say.") and rows[-2]["quotation"] == ""
    assert "Z.9" in rows[-1]["answer"]


def test_what_a_browser_says_of_a_quotation_is_not_believed(client: httpx.Client, quotes: list[Passage]) -> None:
    answer = export(client, "md", items=[{**item_of(quotes[0]), "text": "I never said this"}])
    assert answer.status_code == 400
    assert "I never said this" not in answer.text and "<h1>No file was made</h1>" in answer.text


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"format": "pdf", "items": "[]"}, 400, "There is no format &#39;pdf&#39;. There are: docx"),
        ({"format": "docx"}, 400, "An export needs either items or turns"),
        ({"format": "docx", "items": "[]", "turns": "[]"}, 400, "An export needs either items or turns"),
        ({"format": "docx", "items": "[]"}, 400, "There is nothing to export"),
        ({"format": "docx", "items": "{"}, 400, "What was sent cannot be read: JSON:"),
        ({"format": "docx", "items": '[{"document_id": 1}]'}, 400, "What was sent cannot be read: 1.document_id:"),
        ({"format": "docx", "turns": '[{"question": "?", "role": "x"}]'}, 400, "1.role: extra inputs"),
        ({"format": "docx", "turns": json.dumps([{"question": "?"}] * 51)}, 400, "There are 51 questions: at most 50"),
        ({"format": "docx", "items": "x" * MAX_BYTES}, 413, "That is too much at once"),
        ({"format": "ris", "turns": '[{"question": "How do I bake bread?"}]'}, 400, "Nothing is quoted"),
    ],
)
def test_what_is_wrong_is_said_on_a_page(client: httpx.Client, fields: dict[str, str], status: int, said: str) -> None:
    answer = client.post("/export", data=fields)
    assert answer.status_code == status
    assert said in answer.text and "Traceback" not in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_altered_item_is_refused_by_its_number(client: httpx.Client, quotes: list[Passage]) -> None:
    whole, cut = item_of(quotes[0]), item_of(quotes[1], end=quotes[1].end - 1)
    answer = export(client, "html", items=[whole, cut])
    assert answer.status_code == 400
    assert "Item 2 is not exported: it cuts a sentence" in answer.text
    many = export(client, "html", items=[whole] * 201)
    assert "There are 201 quotations: at most 200" in many.text


def test_text_to_copy_has_words_attribution_and_reference(client: httpx.Client, report: Document) -> None:
    quote = next(one for one in report.passages if one.speaker == "Public partner Z")
    answer = client.post("/export/text", json=item_of(quote))
    assert answer.json() == {
        "text": f"“{quote.text}”\n"
        "— Public partner Z, B.4.vii Honesty, openness and transparency, lines 997–998\n"
        "Johns T, Paylor J, Lovell P, McKevitt C. NIHR INVOLVE report on co-production and public involvement in "
        "research. NIHR INVOLVE; 2017."
    }


def test_text_of_the_last_answer_of_a_conversation(client: httpx.Client) -> None:
    turns = [{"question": POWER}, {"question": "Who funded the DRINK trial?"}]
    text = client.post("/export/text", json={"turns": turns}).json()["text"]
    assert text.startswith("Who funded the DRINK trial?\n\nProjects the report lists\n\nThe DRINK trial\n")
    assert "Johns T, Paylor J" in text and "2017 findings" in text and POWER not in text


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"turns": []}', b'{"document_id": "x"}', b"\xff"])
def test_wrong_json_is_answered_with_json(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/export/text", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"][0].isupper()


def test_basket_items_show_what_is_there_and_name_what_is_not(client: httpx.Client, quotes: list[Passage]) -> None:
    page = client.post("/basket/items", json=[item_of(quotes[0]), item_of(quotes[1], passage_id="0")]).text
    assert page.count('<figure class="quotation interview">') == 1
    assert "Item 2 is not exported" in page and page.count('data-does="remove"') == 2
    assert "Your basket is empty" in client.post("/basket/items", json=[]).text
    assert client.post("/basket/items", json=[item_of(quotes[0])] * 201).status_code == 400


@pytest.fixture(scope="module")
def harmless(server: str) -> tuple[str, str]:
    """The two pages with words that can do nothing."""
    with httpx.Client(base_url=server, timeout=20) as client:
        shown = export(client, "html", turns=[{"question": "How do I bake sourdough bread?"}])
        return shown.text, client.post("/export", data={"format": "pdf", "items": "[]"}).text


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(40))
def test_payload_in_a_request_is_only_words(client: httpx.Client, harmless: tuple[str, str], payload: str) -> None:
    shown = export(client, "html", turns=[{"question": payload}])
    assert shown.status_code == 200 and not alive(shown.text, harmless[0])
    wrong = client.post("/export", data={"format": payload, "items": "[]"})
    assert wrong.status_code == 400 and not alive(wrong.text, harmless[1])
    item = {"document_id": payload, "passage_id": payload, "start": 0, "end": 1}
    fragment = client.post("/basket/items", json=[item])
    assert "Item 1 is from a document that is not here" in fragment.text and not alive(fragment.text)
