"""Guards what exports are made from: each quotation is made again from its document, and an altered one is refused."""

from datetime import date

import pytest

from assistant.pipeline import Assistant
from assistant.quoting.cite import quote, render_text
from assistant.quoting.export.collect import ExportedTurn, Item, collect_items, collect_turns
from assistant.quoting.framing import GROUPS
from assistant.schema import Answer, HeadingBlock, Notice, Query, QuotationBlock
from corpus.errors import CoproduceError, UnknownName, VerbatimError
from corpus.filters import Filters
from corpus.schema import Document, Kind
from tests.documents import make_document

DAY = date(2026, 12, 3)
MINUTES = make_document()
SAID, WRITTEN = MINUTES.passages


def item(**changes: object) -> Item:
    """Keep the quote, or something else by a change."""
    kept = {"document_id": "minutes", "passage_id": SAID.id, "start": SAID.start, "end": SAID.end}
    return Item.model_validate({**kept, **changes})


def sentence(number: int) -> Item:
    start, end = WRITTEN.sentences[number]
    return item(passage_id=WRITTEN.id, start=start, end=end)


def test_each_document_is_told_which_numbers_are_its() -> None:
    diary = make_document(document_id="diary")
    said = diary.passages[0]
    other = Item(document_id="diary", passage_id=said.id, start=said.start, end=said.end)
    kept = [item(), sentence(0), sentence(1), other, item()]
    collection = collect_items(kept, [MINUTES, diary], DAY)
    assert collection.numbers_of(MINUTES) == "[1] to [3], [5]"
    assert collection.numbers_of(diary) == "[4]"


def test_kept_quotes_are_numbered_in_their_order_with_speaker_and_place() -> None:
    collection = collect_items([sentence(1), item()], [MINUTES], DAY)
    first, second = collection.quotations
    assert (first.words, first.attribution) == ("We stayed in.", "— Minutes, 1 Minutes, line 5, part of a paragraph")
    assert (second.words, second.attribution) == ("“We met as equals.”", "— Public partner A, 1 Minutes, line 3")
    assert [one.citation.marker for one in collection.quotations] == [1, 2]
    assert second.address == f"/read/minutes?from={SAID.start}&to={SAID.end}#cited"
    assert collection.made_on == "Made on 3 December 2026 with coproduce."
    assert collection.notes == ("These are exact words: they show what the report says, not whether it is right.",)


def test_every_passage_of_the_report_can_be_kept(report: Document) -> None:
    items = [Item(document_id=report.id, passage_id=one.id, start=one.start, end=one.end) for one in report.passages]
    collection = collect_items(items, [report], DAY)
    assert [one.citation.quoted_text for one in collection.quotations] == [one.text for one in report.passages]
    spoken = [one for one in collection.quotations if one.citation.speaker]
    assert len(spoken) == 95
    assert all(one.words == f"“{one.citation.quoted_text}”" for one in spoken)


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (item(document_id="diary"), UnknownName, "item 2 is from a document that is not here: 'diary'"),
        (item(passage_id="0"), VerbatimError, "item 2 is not exported: minutes has no passage '0'"),
        (item(end=SAID.end + 1), VerbatimError, "item 2 is not exported: it reaches outside its passage"),
        (item(start=-1), VerbatimError, "item 2 is not exported: it reaches outside"),
        (item(start=SAID.end), VerbatimError, "item 2 is not exported: it reaches outside"),
        (item(start=0, end=10**30), VerbatimError, "item 2 is not exported: it reaches outside"),
        (item(start=SAID.start + 3), VerbatimError, "item 2 is not exported: it cuts a sentence"),
        (item(passage_id=WRITTEN.id), VerbatimError, "item 2 is not exported: it reaches outside its passage"),
        (
            item(passage_id=WRITTEN.id, start=WRITTEN.start + 3, end=WRITTEN.end),
            VerbatimError,
            "item 2 is not exported: it cuts a sentence",
        ),
    ],
)
def test_a_span_that_is_no_quotation_is_refused_by_its_number(
    wrong: Item, error: type[CoproduceError], said: str
) -> None:
    with pytest.raises(error, match=f"^{said}"):
        collect_items([item(), wrong], [MINUTES], DAY)


def test_a_quote_is_cut_between_sentences_and_says_so(report: Document) -> None:
    quote = next(one for one in report.passages if one.kind is Kind.INTERVIEW and len(one.sentences) > 1)
    start, end = quote.sentences[0]
    part = Item(document_id=report.id, passage_id=quote.id, start=start, end=end)
    (kept,) = collect_items([part], [report], DAY).quotations
    assert kept.words == f"“{report.text[start:end]}”"
    assert kept.attribution.endswith("part of what was said")


def test_a_conversation_is_numbered_through_with_what_was_refused(assistant_built: Assistant) -> None:
    asked = ["Who funded the DRINK trial?", "How do I bake sourdough bread?", "What is said about power?"]
    answers = [assistant_built.ask(Query(question=question)) for question in asked]
    turns = [ExportedTurn(question, answer) for question, answer in zip(asked, answers, strict=True)]
    turns.append(ExportedTurn("What?", None, Filters(section="Z.9"), refused="There is no section 'Z.9'."))
    collection = collect_turns(turns, assistant_built.documents, DAY)
    shown = [citation.answer_words for answer in answers for citation in answer.citations]
    assert [one.words for one in collection.quotations] == shown
    assert [one.citation.marker for one in collection.quotations] == list(range(1, len(shown) + 1))
    assert [part.question for part in collection.parts] == [*asked, "What?"]
    assert collection.parts[0].groups[0].heading == "Projects the report lists"
    assert collection.parts[1].refusal.startswith("The report does not say.")
    assert collection.parts[3].refusal == "There is no section 'Z.9'."
    assert collection.parts[3].narrowed == "section Z.9"
    assert "2017 findings; NIHR guidance has moved on since." in collection.notes
    # What stands once at the end of a file is not said again under each question.
    assert not {note for part in collection.parts for note in part.notices} & set(collection.notes)


@pytest.fixture(scope="module")
def answer(assistant_built: Assistant, report: Document) -> Answer:
    """An answer of two quotations under a heading."""
    said = [one for one in report.passages if one.speaker]
    shown = [next(one for one in said if "confidence" in one.text), said[0]]
    blocks = (HeadingBlock(text=GROUPS["one_view"]), *(quote(place, one, report) for place, one in enumerate(shown, 1)))
    citations = tuple(block.citation for block in blocks if isinstance(block, QuotationBlock))
    asked = assistant_built.ask(Query(question="What do public partners say about confidence?"))
    return asked.model_copy(update={"blocks": blocks, "citations": citations, "text": render_text(blocks)})


def altered(answer: Answer, *, together: bool, **changes: object) -> Answer:
    """Alter the first citation alone, or in its block and in the text too, so that all agree."""
    first = answer.citations[0].model_copy(update=changes)
    wrong = answer.model_copy(update={"citations": (first, *answer.citations[1:])})
    if not together:
        return wrong
    block = next(one for one in answer.blocks if one.kind == "quotation")
    blocks = tuple(one.model_copy(update={"citation": first}) if one is block else one for one in answer.blocks)
    return wrong.model_copy(update={"blocks": blocks, "text": render_text(blocks)})


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
@pytest.mark.parametrize("change", ["word", "span", "speaker", "lines", "document"])
def test_an_altered_answer_is_refused_by_its_number(
    answer: Answer, report: Document, change: str, together: bool
) -> None:
    words = answer.citations[0].quoted_text
    changes: dict[str, object] = {
        "word": {"quoted_text": words.replace("confidence", "patience")},
        "span": {"answer_span": (answer.citations[0].start + 1, answer.citations[0].end)},
        "speaker": {"speaker": "Public partner Q"},
        "lines": {"lines": (1, 2)},
        "document": {"document_id": "diary"},
    }[change]
    wrong = altered(answer, together=together, **changes)
    assert wrong != answer
    with pytest.raises(VerbatimError, match=r"^question 2 is not exported: "):
        collect_turns([ExportedTurn("?", answer), ExportedTurn("?", wrong)], [report], DAY)


@pytest.mark.parametrize("change", ["text", "block", "heading", "attribution", "order", "notice", "note"])
def test_an_answer_altered_in_one_place_is_refused_by_its_number(answer: Answer, report: Document, change: str) -> None:
    heading, first, second, *others = answer.blocks
    assert isinstance(first, QuotationBlock)
    said = first.citation.quoted_text.replace("confidence", "patience")
    citation = first.citation.model_copy(update={"quoted_text": said})
    wrong: dict[str, object] = {
        "text": {"text": answer.text.replace("confidence", "patience")},
        "block": {"blocks": (heading, first.model_copy(update={"citation": citation}), second, *others)},
        "heading": {"blocks": (HeadingBlock(text="What everybody knows"), first, second, *others)},
        "attribution": {"blocks": (heading, first.model_copy(update={"attribution": "— Nobody"}), second, *others)},
        "order": {"blocks": (heading, second, first, *others)},
        "notice": {"notices": (*answer.notices, "Bread is better.")},
        "note": {"notes": (*answer.notes, Notice(kind="topic", text="Bread is better."))},
    }[change]
    altered = answer.model_copy(update=wrong)
    assert altered != answer
    with pytest.raises(VerbatimError, match=r"^question 2 is not exported: "):
        collect_turns([ExportedTurn("?", answer), ExportedTurn("?", altered)], [report], DAY)
