"""Guards “verbatim or nothing”: every quote passes as it stands, and is rejected once anything about it is altered."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.quoting.cite import (
    attribution_of,
    escape_markdown,
    make_citation,
    markers_of,
    quote,
    read_blocks,
    render_text,
    unescape_markdown,
    write_quotation,
)
from assistant.quoting.framing import GROUPS, NEAREST, NOT_COVERED, greeting, heading_of_all, heading_on
from assistant.quoting.verify import verify, verify_citation
from assistant.schema import Answer, Block, Citation, HeadingBlock, Notice, QuotationBlock, Suggestion, WordsBlock
from corpus.errors import VerbatimError
from corpus.load import load_library
from corpus.schema import Document, Kind, Passage
from tests.documents import make_document
from tests.payloads import PAYLOADS

REPORT = load_library().documents[0]
QUOTES = [passage for passage in REPORT.passages if passage.kind is Kind.INTERVIEW]
HEADED = GROUPS["one_view"]
HEADING = f"**{HEADED}**"
NOTES = (Notice(kind="standing", text="Exact words."), Notice(kind="how", text="Matched on your words: power."))
OFFERS = (Suggestion(kind="section", text="Nearest section: Background", target="Background", document_id=REPORT.id),)

Change = Callable[[Answer], Answer | None]


def block_of(citation: Citation) -> QuotationBlock:
    """Make the block of a citation of the report, whatever it says of itself."""
    return QuotationBlock(citation=citation, attribution=by_line(citation))


def write(citation: Citation) -> str:
    return write_quotation(block_of(citation))


def by_line(citation: Citation) -> str:
    return attribution_of(citation, REPORT)


def answer_of(*passages: Passage) -> Answer:
    """Write an answer that shows passages whole, in their order."""
    blocks = [quote(number, passage, REPORT) for number, passage in enumerate(passages, start=1)]
    citations = tuple(block.citation for block in blocks)
    return Answer(
        id=None,
        question="?",
        status="answered",
        confidence=1,
        text="\n\n".join([HEADING, *map(write, citations)]),
        citations=citations,
        hits=(),
        notices=tuple(note.text for note in NOTES),
        suggestions=tuple(offer.text for offer in OFFERS),
        blocks=(HeadingBlock(text=HEADED), *blocks),
        notes=NOTES,
        offers=OFFERS,
    )


def without_quotations(*blocks: WordsBlock) -> Answer:
    """Write an answer of words of ours alone."""
    return with_blocks(answer_of(), *blocks).model_copy(update={"status": "not_in_corpus"})


def with_text(answer: Answer, text: str) -> Answer:
    """Alter the text, and leave the blocks alone."""
    return answer.model_copy(update={"text": text})


def with_citation(answer: Answer, *, rewrite: bool = False, **changes: object) -> Answer:
    """Alter the first citation, and leave the blocks alone; with `rewrite`, the text shows what it now says."""
    first = answer.citations[0].model_copy(update=changes)
    changed = answer.model_copy(update={"citations": (first, *answer.citations[1:])})
    if rewrite:
        changed = with_text(changed, "\n\n".join([HEADING, *map(write, changed.citations)]))
    return changed


def with_blocks(answer: Answer, *blocks: Block) -> Answer:
    """Give an answer other blocks, and the citations and the text that follow from them."""
    citations = tuple(block.citation for block in blocks if isinstance(block, QuotationBlock))
    return answer.model_copy(update={"blocks": blocks, "citations": citations, "text": render_text(blocks)})


def with_quotation(answer: Answer, *, attribution: str | None = None, **changes: object) -> Answer:
    """Alter the first quotation in its block, its citation and the text together.

    Its attribution is the one that an altered citation has, unless another is given.
    """
    heading, first, *others = answer.blocks
    assert isinstance(first, QuotationBlock)
    citation = first.citation.model_copy(update=changes)
    here = citation.document_id == REPORT.id and any(one.id == citation.passage_id for one in REPORT.passages)
    by = by_line(citation) if here else first.attribution
    altered = QuotationBlock(citation=citation, attribution=by if attribution is None else attribution)
    return with_blocks(answer, heading, altered, *others)


def with_span(answer: Answer, first: int, last: int) -> Answer:
    """Move the ends of the words that answer."""
    start, end = answer.citations[0].answer_span
    return with_quotation(answer, answer_span=(start + first, end + last))


def altered_word(text: str) -> str:
    """Put another word in the place of the longest one."""
    longest = max(re.findall(r"[^\W\d_]+", text), key=len)
    return text.replace(longest, "bread", 1)


def without_not(text: str) -> str | None:
    """Drop the first “not” or “n’t”, if there is one."""
    changed = re.sub(r"\bnot |n’t\b", "", text, count=1)
    return None if changed == text else changed


def in_both(change: Callable[[str], str | None]) -> Change:
    """Alter the words of the citation and show the altered words."""

    def altered(answer: Answer) -> Answer | None:
        words = change(answer.citations[0].quoted_text)
        return None if words is None else with_citation(answer, rewrite=True, quoted_text=words)

    return altered


def in_text(change: Callable[[str], str | None]) -> Change:
    """Alter the words that are shown, and not the citation."""

    def altered(answer: Answer) -> Answer | None:
        shown = escape_markdown(answer.citations[0].quoted_text)
        words = change(answer.citations[0].quoted_text)
        return None if words is None else with_text(answer, answer.text.replace(shown, escape_markdown(words)))

    return altered


def in_all(change: Callable[[str], str | None]) -> Change:
    """Alter the words in block, citation and text together."""

    def altered(answer: Answer) -> Answer | None:
        words = change(answer.citations[0].quoted_text)
        return None if words is None else with_quotation(answer, quoted_text=words)

    return altered


def by_another(change: Callable[[str], str]) -> Change:
    """Alter the attribution in block and text together."""
    return lambda answer: with_quotation(answer, attribution=change(by_line(answer.citations[0])))


def with_more(*blocks: Block) -> Change:
    """Add blocks after the others."""
    return lambda answer: with_blocks(answer, *answer.blocks, *blocks)


def as_words_of_ours(answer: Answer) -> Answer:
    """Show the quote as words of ours, without a citation."""
    first = answer.citations[0]
    shown = f"“{first.quoted_text}” {by_line(first)}"
    return with_blocks(answer, answer.blocks[0], WordsBlock(kind="reason", text=shown), *answer.blocks[2:])


def another_speaker(label: str | None) -> str:
    return next(speaker.label for speaker in REPORT.speakers if speaker.label != label)


def another_role(role: str | None) -> str:
    return "public" if role == "academic" else "academic"


def another_passage(passage_id: str) -> str:
    return next(one.id for one in QUOTES if one.id != passage_id)


def moved(start: int, end: int, *, in_blocks: bool = False) -> Change:
    """Shift the span; the words shown are those of the shifted span, so only its place is wrong."""

    def altered(answer: Answer) -> Answer:
        citation = answer.citations[0]
        first, last = citation.start + start, citation.end + end
        changes = {"start": first, "end": last, "quoted_text": REPORT.text[first:last]}
        return with_quotation(answer, **changes) if in_blocks else with_citation(answer, rewrite=True, **changes)

    return altered


#: Each alteration in the text or the citations alone, the blocks left as they were.
ALONE: dict[str, Change] = {
    "one word altered in citation and text": in_both(altered_word),
    "one word altered in the text": in_text(altered_word),
    "one word altered in the citation": lambda answer: with_citation(
        answer, quoted_text=altered_word(answer.citations[0].quoted_text)
    ),
    "not dropped in citation and text": in_both(without_not),
    "not dropped in the text": in_text(without_not),
    "last character dropped": in_text(lambda text: text[:-1]),
    "letter case altered": in_both(str.swapcase),
    "a word added inside the marks": in_text(lambda text: f"{text} indeed"),
    "quote shown as another’s": lambda answer: with_citation(
        answer, rewrite=True, speaker=another_speaker(answer.citations[0].speaker)
    ),
    "another name in the text": lambda answer: with_text(
        answer, answer.text.replace(f"— {answer.citations[0].speaker}", "— Public partner Q")
    ),
    "no speaker": lambda answer: with_citation(answer, rewrite=True, speaker=None),
    "other role": lambda answer: with_citation(answer, role=another_role(answer.citations[0].role)),
    "other kind": lambda answer: with_citation(answer, kind=Kind.REPORT),
    "other section": lambda answer: with_citation(answer, rewrite=True, section="A.1"),
    "other section title": lambda answer: with_citation(answer, rewrite=True, section_title="Findings"),
    "other lines": lambda answer: with_citation(answer, rewrite=True, lines=(1, 2)),
    "other section in the text": lambda answer: with_text(answer, answer.text.replace("B.4.", "B.5.")),
    "start one too early": moved(-1, 0),
    "end one too late": moved(0, 1),
    "span moved by one": moved(1, 1),
    "start moved, words kept": lambda answer: with_citation(answer, start=answer.citations[0].start + 1),
    "end moved, words kept": lambda answer: with_citation(answer, end=answer.citations[0].end - 1),
    "span turned round": lambda answer: with_citation(
        answer, start=answer.citations[0].end, end=answer.citations[0].start
    ),
    "marker removed": lambda answer: with_text(answer, answer.text.replace(" [1]", "")),
    "marker renumbered": lambda answer: with_text(answer, answer.text.replace(" [1]", " [2]")),
    "marker and citation renumbered": lambda answer: with_citation(answer, rewrite=True, marker=2),
    "marker given twice": lambda answer: with_text(answer, answer.text.replace(" [1]", " [1] [1]")),
    "marker in the framing": lambda answer: with_text(answer, answer.text.replace("view", "interviews [1]")),
    "attribution removed": lambda answer: with_text(answer, answer.text.split("\n>\n")[0]),
    "quotation shown twice": lambda answer: with_text(answer, f"{answer.text}\n\n{write(answer.citations[0])}"),
    "citation without its quotation": lambda answer: with_text(answer, HEADING),
    "quotation without its citation": lambda answer: answer.model_copy(update={"citations": ()}),
    "invented words in quotation marks outside": lambda answer: with_text(answer, f"{answer.text}\n\n“Indeed”"),
    "the quote again outside, without marker": lambda answer: with_text(
        answer, f"{answer.text}\n\n“{answer.citations[0].quoted_text}”"
    ),
    "unknown passage": lambda answer: with_citation(answer, passage_id="0" * 16),
    "unknown document": lambda answer: with_citation(answer, document_id="elsewhere"),
    "other passage": lambda answer: with_citation(answer, passage_id=another_passage(answer.citations[0].passage_id)),
}
#: The same in blocks, citations and text together, so that they agree: only the document can tell.
TOGETHER: dict[str, Change] = {
    "one word altered in citation and text": in_all(altered_word),
    "one word altered in the text": in_all(altered_word),
    "one word altered in the citation": in_all(altered_word),
    "not dropped in citation and text": in_all(without_not),
    "not dropped in the text": in_all(without_not),
    "last character dropped": in_all(lambda text: text[:-1]),
    "letter case altered": in_all(str.swapcase),
    "a word added inside the marks": in_all(lambda text: f"{text} indeed"),
    "quote shown as another’s": lambda answer: with_quotation(
        answer, speaker=another_speaker(answer.citations[0].speaker)
    ),
    "another name in the text": by_another(lambda by: re.sub(r"^— [^,]+", "— Public partner Q", by)),
    "no speaker": lambda answer: with_quotation(answer, speaker=None),
    "other role": lambda answer: with_quotation(answer, role=another_role(answer.citations[0].role)),
    "other kind": lambda answer: with_quotation(answer, kind=Kind.REPORT),
    "other section": lambda answer: with_quotation(answer, section="A.1"),
    "other section title": lambda answer: with_quotation(answer, section_title="Findings"),
    "other lines": lambda answer: with_quotation(answer, lines=(1, 2)),
    "other section in the text": by_another(lambda by: by.replace("B.4.", "B.5.")),
    "start one too early": moved(-1, 0, in_blocks=True),
    "end one too late": moved(0, 1, in_blocks=True),
    "span moved by one": moved(1, 1, in_blocks=True),
    "start moved, words kept": lambda answer: with_quotation(answer, start=answer.citations[0].start + 1),
    "end moved, words kept": lambda answer: with_quotation(answer, end=answer.citations[0].end - 1),
    "span turned round": lambda answer: with_quotation(
        answer, start=answer.citations[0].end, end=answer.citations[0].start, lines=(1, 2)
    ),
    "what answers begins one too late": lambda answer: with_span(answer, 1, 0),
    "what answers ends one too early": lambda answer: with_span(answer, 0, -1),
    "what answers begins before its passage": lambda answer: with_span(answer, -1, 0),
    "what answers ends after its passage": lambda answer: with_span(answer, 0, 1),
    "what answers turned round": lambda answer: with_quotation(
        answer, answer_span=answer.citations[0].answer_span[::-1]
    ),
    "marker removed": as_words_of_ours,
    "marker renumbered": lambda answer: with_quotation(answer, marker=2),
    "marker and citation renumbered": lambda answer: with_quotation(answer, marker=2),
    "marker given twice": in_all(lambda text: f"{text} [1]"),
    "marker in the framing": lambda answer: with_blocks(answer, HeadingBlock(text=f"{HEADED} [1]"), *answer.blocks[1:]),
    "attribution removed": by_another(lambda by: ""),
    "quotation shown twice": lambda answer: with_blocks(answer, *answer.blocks, answer.blocks[1]),
    "citation without its quotation": lambda answer: with_blocks(answer, answer.blocks[0]).model_copy(
        update={"citations": answer.citations}
    ),
    "quotation without its citation": as_words_of_ours,
    "invented words in quotation marks outside": with_more(WordsBlock(kind="reason", text="“Indeed”")),
    "the quote again outside, without marker": lambda answer: with_blocks(
        answer, *answer.blocks, WordsBlock(kind="reason", text=f"“{answer.citations[0].quoted_text}”")
    ),
    "unknown passage": lambda answer: with_quotation(answer, passage_id="0" * 16),
    "unknown document": lambda answer: with_quotation(answer, document_id="elsewhere"),
    "other passage": lambda answer: with_quotation(answer, passage_id=another_passage(answer.citations[0].passage_id)),
    "words of ours that are none": with_more(WordsBlock(kind="greeting", text="Hello.")),
    "a heading that is none of ours": lambda answer: with_blocks(
        answer, HeadingBlock(text="What everybody knows"), *answer.blocks[1:]
    ),
    "a heading of ours with more": lambda answer: with_blocks(
        answer, HeadingBlock(text=f"{HEADED} of bread"), *answer.blocks[1:]
    ),
}


def test_there_are_95_quotes_to_alter() -> None:
    assert len(QUOTES) == 95
    assert sum(without_not(quote.text) is not None for quote in QUOTES) >= 30
    assert set(ALONE) <= set(TOGETHER)


@pytest.mark.parametrize("said", QUOTES, ids=lambda said: f"line-{said.lines[0]}")
def test_verify_passes_a_quote_as_it_stands_and_rejects_it_altered(said: Passage) -> None:
    answer = answer_of(said)
    assert verify(answer, [REPORT]) is answer
    for name, change in ALONE.items():
        altered = change(answer)
        if altered is None:
            assert name.startswith("not dropped")
            continue
        assert altered != answer, f"{name}: the test altered nothing"
        assert altered.blocks == answer.blocks
        with pytest.raises(VerbatimError):
            pytest.fail(f"accepted: {name}\n{verify(altered, [REPORT]).text}")


@pytest.mark.parametrize("said", QUOTES, ids=lambda said: f"line-{said.lines[0]}")
def test_verify_rejects_a_quote_altered_in_blocks_citations_and_text_together(said: Passage) -> None:
    answer = answer_of(said)
    for name, change in TOGETHER.items():
        altered = change(answer)
        if altered is None:
            assert name.startswith("not dropped")
            continue
        assert altered.blocks != answer.blocks, f"{name}: the test altered nothing"
        assert altered.text == render_text(altered.blocks)
        if name != "citation without its quotation":
            assert with_blocks(altered, *altered.blocks) == altered
        in_blocks_alone = answer.model_copy(update={"blocks": altered.blocks})
        for wrong in (altered, in_blocks_alone):
            with pytest.raises(VerbatimError):
                pytest.fail(f"accepted: {name}\n{verify(wrong, [REPORT]).text}")


@pytest.mark.parametrize(("first", "second"), list(pairwise(QUOTES)), ids=lambda quote: f"line-{quote.lines[0]}")
def test_verify_rejects_two_quotes_whose_labels_are_swapped(first: Passage, second: Passage) -> None:
    answer = answer_of(first, second)
    verify(answer, [REPORT])
    one, two = answer.citations
    names = {one: by_line(one), two: by_line(two)}
    swapped = (
        answer.text.replace(names[one], "@").replace(names[two], names[one]).replace("@", names[two]),
        answer.text.replace("[1]", "@").replace("[2]", "[1]").replace("@", "[2]"),
    )
    for text in swapped:
        with pytest.raises(VerbatimError):
            verify(with_text(answer, text), [REPORT])
    crossed_names = (
        QuotationBlock(citation=one, attribution=names[two]),
        QuotationBlock(citation=two, attribution=names[one]),
    )
    crossed_markers = (
        block_of(one.model_copy(update={"marker": 2})),
        block_of(two.model_copy(update={"marker": 1})),
    )
    for blocks in (crossed_names, crossed_markers):
        with pytest.raises(VerbatimError):
            verify(with_blocks(answer, answer.blocks[0], *blocks), [REPORT])
    if one.speaker != two.speaker:
        crossed = (
            one.model_copy(update={"speaker": two.speaker, "role": two.role}),
            two.model_copy(update={"speaker": one.speaker, "role": one.role}),
        )
        text = "\n\n".join([HEADING, *map(write, crossed)])
        for wrong in (
            with_text(answer.model_copy(update={"citations": crossed}), text),
            with_blocks(answer, answer.blocks[0], *map(block_of, crossed)),
        ):
            assert wrong.text == text
            with pytest.raises(VerbatimError):
                verify(wrong, [REPORT])


def test_verify_rejects_swapped_speakers_of_near_duplicates() -> None:
    by_line = {quote.lines[0]: quote for quote in QUOTES}
    second, seventh = by_line[626], by_line[1017]
    assert (second.speaker, seventh.speaker) == ("Academic Researcher 2", "Academic Researcher 7")
    words = "t seems to me that co-production is really radical"
    assert words in second.text
    assert words in seventh.text
    citation = make_citation(1, second, REPORT)
    verify_citation(citation, {REPORT.id: REPORT})
    for changes in (
        {"speaker": seventh.speaker},
        {"passage_id": seventh.id},
        {"speaker": seventh.speaker, "passage_id": seventh.id},
        {"speaker": seventh.speaker, "passage_id": seventh.id, "section": seventh.section},
    ):
        with pytest.raises(VerbatimError):
            verify_citation(citation.model_copy(update=changes), {REPORT.id: REPORT})
        with pytest.raises(VerbatimError):
            verify(with_quotation(answer_of(second), **changes), [REPORT])


def test_verify_rejects_another_document_title() -> None:
    for change in (with_citation, with_quotation):
        with pytest.raises(VerbatimError):
            verify(change(answer_of(QUOTES[0]), document_title="Another report"), [REPORT])


def test_verify_takes_the_headings_of_the_documents_tables_and_no_others() -> None:
    record = next(passage for passage in REPORT.passages if passage.record)
    answer = answer_of(record)
    assert REPORT.vocabulary.table is not None
    heading = HeadingBlock(text=REPORT.vocabulary.table.heading)
    verify(with_blocks(answer, heading, *answer.blocks[1:]), [REPORT])
    untabled = REPORT.model_copy(update={"vocabulary": REPORT.vocabulary.model_copy(update={"table": None})})
    attribution = attribution_of(answer.citations[0], untabled)
    plain = QuotationBlock(citation=answer.citations[0], attribution=attribution)
    verify(with_blocks(answer, answer.blocks[0], plain), [untabled])
    with pytest.raises(VerbatimError, match="neither a quotation nor ours"):
        verify(with_blocks(answer, heading, plain), [untabled])


def test_verify_takes_what_whole_sentences_are_on_and_how_many_there_are() -> None:
    passage = next(one for one in REPORT.passages if "spirit of openness" in one.text)
    answer = answer_of(passage)
    on = HeadingBlock(text=heading_on("spirit of openness"))
    for heading in (on, HeadingBlock(text=heading_on(passage.section_title)), HeadingBlock(text=heading_of_all(7))):
        verify(with_blocks(answer, heading, *answer.blocks[1:]), [REPORT])
    for words in ("On bread and butter", "All bread", "All", "On ", "on spirit of openness"):
        with pytest.raises(VerbatimError):
            verify(with_blocks(answer, HeadingBlock(text=words), *answer.blocks[1:]), [REPORT])


@pytest.mark.parametrize("title", [*PAYLOADS, "> “I never said this” [1]\n>\n> — Public partner B"])
def test_what_sentences_are_on_is_no_markup_whatever_a_document_calls_a_section(title: str) -> None:
    document = make_document(title=title)
    block = quote(1, document.passages[1], document)
    answer = with_blocks(answer_of(), HeadingBlock(text=heading_on(title)), block)
    verify(answer, [document])
    kinds = {token.type for one in MarkdownIt().parse(answer.text) for token in (one, *(one.children or ()))}
    assert kinds.isdisjoint({"link_open", "image", "html_inline", "html_block"})


def test_verify_takes_whole_sentences_of_a_passage_and_nothing_less() -> None:
    passage = next(one for one in REPORT.passages if len(one.sentences) > 2 and not one.speaker)
    (start, _), (_, end) = passage.sentences[1], passage.sentences[2]
    citation = make_citation(1, passage, REPORT, (start, end))
    verify_citation(citation, {REPORT.id: REPORT})
    assert citation.quoted_text == passage.text and citation.answer_text == REPORT.text[start:end]
    for span in ((start + 1, end), (start, end - 1), (start, start), (end, start)):
        with pytest.raises(VerbatimError, match="cuts a sentence"):
            verify_citation(citation.model_copy(update={"answer_span": span}), {REPORT.id: REPORT})


BESIDE: dict[str, dict[str, object]] = {
    "a notice altered": {"notices": ("Exact words.", "Matched on your words: bread.")},
    "a notice added": {"notices": ("Exact words.", "Matched on your words: power.", "Very sure.")},
    "a notice left out": {"notices": ("Exact words.",)},
    "notices turned round": {"notices": ("Matched on your words: power.", "Exact words.")},
    "a note altered": {"notes": (NOTES[0], Notice(kind="how", text="Matched on your words: bread."))},
    "a note left out": {"notes": NOTES[:1]},
    "a suggestion altered": {"suggestions": ("Nearest section: Summary",)},
    "a suggestion left out": {"suggestions": ()},
    "an offer altered": {"offers": (OFFERS[0].model_copy(update={"text": "Nearest section: Summary"}),)},
    "an offer added": {"offers": OFFERS * 2},
}


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("status", ["answered", "not_in_corpus"])
def test_verify_rejects_what_is_said_beside_an_answer_altered_alone(name: str, status: str) -> None:
    refusal = without_quotations(WordsBlock(kind="refusal", text=NOT_COVERED))
    answer = answer_of(QUOTES[0]) if status == "answered" else refusal
    assert verify(answer, [REPORT]) is answer
    altered = answer.model_copy(update=BESIDE[name])
    assert altered != answer
    with pytest.raises(VerbatimError, match="notices or suggestions"):
        verify(altered, [REPORT])


@pytest.mark.parametrize("words", ["He said “no”.", "“no", "no”"])
def test_verify_rejects_quotation_marks_beside_an_answer_though_all_agree(words: str) -> None:
    answer = answer_of(QUOTES[0])
    notice = {"notices": (words,), "notes": (Notice(kind="topic", text=words),)}
    offer = {"suggestions": (words,), "offers": (Suggestion(kind="question", text=words, target="?"),)}
    for beside in (notice, offer):
        with pytest.raises(VerbatimError, match="quotation marks"):
            verify(answer.model_copy(update=beside), [REPORT])


@pytest.mark.parametrize(
    "framing",
    [
        'Public partner B said: "it is a waste of time"',
        "‘It is a waste of time’, said Academic Researcher 5",
        "Academic Researcher 5 finds it a waste of time.",
    ],
)
def test_verify_rejects_words_and_names_outside_a_quotation(framing: str) -> None:
    answer = answer_of(QUOTES[0])
    for text in (f"{framing}\n\n{answer.text}", f"{answer.text}\n\n{framing}", f"{answer.text}\n{framing}"):
        with pytest.raises(VerbatimError):
            verify(with_text(answer, text), [REPORT])
    for words in (HeadingBlock(text=framing), WordsBlock(kind="reason", text=framing)):
        for blocks in ((words, *answer.blocks), (*answer.blocks, words)):
            with pytest.raises(VerbatimError):
                verify(with_blocks(answer, *blocks), [REPORT])


def test_verify_rejects_citations_out_of_order() -> None:
    answer = answer_of(*QUOTES[:2])
    heading, *quotations = answer.blocks
    for wrong in (
        answer.model_copy(update={"citations": answer.citations[::-1]}),
        answer.model_copy(update={"blocks": (heading, *quotations[::-1])}),
        with_blocks(answer, heading, *quotations[::-1]),
    ):
        with pytest.raises(VerbatimError):
            verify(wrong, [REPORT])


def test_verify_passes_every_passage_in_one_answer() -> None:
    answer = answer_of(*REPORT.passages)
    assert verify(answer, [REPORT]) is answer
    assert markers_of(answer.text) == list(range(1, len(REPORT.passages) + 1))


REFUSAL = WordsBlock(kind="refusal", text=NOT_COVERED)
REASON = WordsBlock(kind="reason", text="Nothing in it was found that answers this question.")
GREETING = WordsBlock(kind="greeting", text=greeting(load_library().topics))


@pytest.mark.parametrize("blocks", [(REFUSAL,), (REFUSAL, REASON), (GREETING,)], ids=len)
def test_verify_passes_an_answer_without_quotations(blocks: tuple[WordsBlock, ...]) -> None:
    answer = without_quotations(*blocks)
    assert answer.text == " ".join(block.text for block in blocks)
    assert verify(answer, [REPORT]) is answer


def test_verify_rejects_a_refusal_that_shows_something() -> None:
    shown = answer_of(REPORT.passages[0]).model_copy(update={"status": "not_in_corpus"})
    refusal = without_quotations(REFUSAL, REASON)
    quoted = quote(1, QUOTES[0], REPORT)
    for wrong in (
        shown,
        shown.model_copy(update={"citations": ()}),
        with_blocks(refusal, REFUSAL, REASON, quoted),
        with_blocks(refusal, REFUSAL, REASON, HeadingBlock(text=HEADED), quoted),
        with_blocks(refusal, REFUSAL, REASON, HeadingBlock(text=NEAREST), quoted, quoted),
        with_blocks(refusal, WordsBlock(kind="about", text="It said “bread”.")),
        with_blocks(refusal, WordsBlock(kind="about", text="As [1] says.")),
        with_blocks(refusal, WordsBlock(kind="about", text="A tool."), HeadingBlock(text=NEAREST), quoted),
        with_blocks(refusal, REFUSAL, WordsBlock(kind="reason", text=f"“{QUOTES[0].text}”")),
        with_blocks(refusal, REASON),
        with_blocks(refusal, HeadingBlock(text=HEADED), REFUSAL),
        with_blocks(refusal, WordsBlock(kind="refusal", text="The report says bread.")),
        refusal.model_copy(update={"citations": (quoted.citation,)}),
    ):
        with pytest.raises(VerbatimError, match=r"must not show anything|do not fit"):
            verify(wrong, [REPORT])


def test_verify_takes_the_nearest_beside_a_refusal_and_words_of_ours_alone() -> None:
    refusal = without_quotations(REFUSAL, REASON)
    quoted = quote(1, QUOTES[0], REPORT)
    nearest = with_blocks(refusal, REFUSAL, REASON, HeadingBlock(text=NEAREST), quoted)
    assert verify(nearest, [REPORT]) == nearest
    altered = quoted.model_copy(update={"citation": quoted.citation.model_copy(update={"quoted_text": "bread"})})
    with pytest.raises(VerbatimError, match="not verbatim"):
        verify(with_blocks(refusal, REFUSAL, REASON, HeadingBlock(text=NEAREST), altered), [REPORT])
    own = with_blocks(refusal, WordsBlock(kind="help", text="Talk to somebody."))
    assert verify(own, [REPORT]) == own


@pytest.mark.parametrize(
    "altered",
    [
        {"blocks": (REFUSAL, WordsBlock(kind="reason", text="It does not cover bread."))},
        {"blocks": (REFUSAL,)},
        {"blocks": (REFUSAL, REASON, quote(1, QUOTES[0], REPORT))},
        {"text": NOT_COVERED},
        {"text": f"{NOT_COVERED} It does not cover bread."},
    ],
    ids=range(5),
)
def test_verify_rejects_a_refusal_altered_in_blocks_or_text_alone(altered: dict[str, object]) -> None:
    with pytest.raises(VerbatimError):
        verify(without_quotations(REFUSAL, REASON).model_copy(update=altered), [REPORT])


@pytest.mark.parametrize(
    "blocks",
    [
        (WordsBlock(kind="greeting", text="Hello. Power is bread."),),
        (REFUSAL, HeadingBlock(text="What everybody knows")),
        (REFUSAL, REASON, HeadingBlock(text=HEADED)),
    ],
    ids=["greeting", "heading", "heading of ours"],
)
def test_verify_rejects_words_that_are_none_of_ours_in_an_answer_without_quotations(blocks: tuple[Block, ...]) -> None:
    with pytest.raises(VerbatimError):
        verify(without_quotations(*blocks), [REPORT])


def test_text_is_made_of_blocks_in_their_order() -> None:
    first, second = QUOTES[:2]
    blocks = [HeadingBlock(text="One"), quote(1, first, REPORT), HeadingBlock(text="Two"), quote(2, second, REPORT)]
    written = [write_quotation(block) for block in blocks if isinstance(block, QuotationBlock)]
    assert render_text(blocks) == f"**One**\n\n{written[0]}\n\n**Two**\n\n{written[1]}"
    assert render_text([REFUSAL, REASON]) == f"{NOT_COVERED} {REASON.text}"
    assert render_text([]) == ""


@pytest.mark.parametrize("passage", REPORT.passages, ids=lambda passage: f"line-{passage.lines[0]}-{passage.kind}")
def test_read_blocks_gives_back_what_write_quotation_wrote(passage: Passage) -> None:
    spans = [(passage.start, passage.end), *passage.sentences]
    for start, end in spans:
        citation = make_citation(12, passage, REPORT, (start, end))
        (block,) = read_blocks(write(citation))
        shown = REPORT.text[start:end]
        assert block.words == (f"“{shown}”" if passage.speaker else shown)
        assert block.marker == 12
        assert block.attribution == by_line(citation)


@given(st.data())
def test_read_blocks_gives_back_any_sub_span(data: st.DataObject) -> None:
    passage = data.draw(st.sampled_from(REPORT.passages))
    start = data.draw(st.integers(passage.start, passage.end - 1))
    end = data.draw(st.integers(start + 1, passage.end))
    citation = make_citation(3, passage, REPORT, (start, end))
    (block,) = read_blocks(f"{write(citation)}\n")
    shown = REPORT.text[start:end]
    assert block.words == (f"“{shown}”" if passage.speaker else shown)
    assert block.attribution == by_line(citation)


def test_attribution_names_the_voice_and_the_place() -> None:
    by_kind = {passage.kind: passage for passage in reversed(REPORT.passages)}

    def shown(passage: Passage) -> str:
        return by_line(make_citation(1, passage, REPORT))

    quote = next(quote for quote in QUOTES if quote.lines == (742, 743))
    assert shown(quote) == "— Public partner A, B.4.iii Equal Power Relations, lines 742–743"
    assert shown(next(quote for quote in QUOTES if quote.lines == (1053, 1053))).endswith(", line 1053")
    assert shown(by_kind[Kind.REPORT]).startswith("— The report’s authors, ")
    assert shown(by_kind[Kind.FOOTNOTE]).startswith("— Footnote 1 of the report, ")
    assert shown(by_kind[Kind.PROJECT]).startswith("— The report’s list of projects, ")


def test_markers_of_leaves_escaped_ones_out() -> None:
    assert markers_of(r"a [1] b \[2] c [10] [x] [ 3 ]") == [1, 10]


#: Words and the signs that Markdown and HTML give a meaning to, in lines as cleaned text has them.
_SIGNS = [
    *"\\`*_{}[]()<>#+-.!|~$&=:;'\"/^@%,?",
    "http://x.org",
    "[1]",
    "](",
    "]( ",
    " )",
    "]: ",
    "[a]",
    "![",
    "<b>",
    "&amp;",
    "1.",
    "2)",
]
_WORDS = st.lists(st.sampled_from(_SIGNS) | st.text(alphabet="aé1 “”’…", min_size=1, max_size=3), max_size=12)
_LINES = st.lists(_WORDS.map(lambda words: " ".join("".join(words).split())), min_size=1, max_size=4)
_TEXTS = _LINES.map(lambda lines: "\n".join(line for line in lines if line)).filter(bool)


@given(_TEXTS | st.text())
def test_unescape_undoes_escape(text: str) -> None:
    assert unescape_markdown(escape_markdown(text)) == text
    assert markers_of(escape_markdown(text)) == []


def shown_by_markdown(text: str) -> tuple[set[str], list[str]]:
    """Render a quotation of a text: what tokens there are besides plain paragraphs, and the lines that are seen."""
    first = REPORT.passages[0]
    citation = make_citation(1, first, REPORT).model_copy(
        update={
            **{"passage_id": "p", "start": 0, "end": len(text), "quoted_text": text},
            "answer_span": (0, len(text)),
        }
    )
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    block = QuotationBlock(citation=citation, attribution="— The report’s authors, Background, lines 3–8")
    tokens = parser.parse(write_quotation(block))
    found, seen = {token.type for token in tokens}, ""
    for token in tokens:
        for child in token.children or ():
            found.add(child.type)
            seen += "\n" if child.type in ("softbreak", "hardbreak") else child.content
        if token.type == "inline":
            seen += "\n"
    plain = {f"{name}_{end}" for name in ("blockquote", "paragraph") for end in ("open", "close")}
    return found - plain - {"inline", "text", "text_special", "hardbreak"}, seen.rstrip("\n").split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "[here](http://x.org)",
        "[here]( http://x.org )",
        "[here](\nhttp://x.org)",
        "![picture](http://x.org/a.png)",
        "[a][b]",
        "[a]: http://x.org\nand [a]",
        "<http://x.org> <script>alert(1)</script> &lt;b&gt;",
        "*a* _b_ **c** `d` ~~e~~ $f$",
        "# heading\n> quoted\n- item\n+ item\n* item\n1. item\n2) item",
        "heading\n===\nheading\n---\n***",
        "```\ncode\n```\n~~~\ncode",
        "| a | b |\n|---|---|\n| c | d |",
        "a backslash \\ and \\* and \\[1] and [1]",
        "[2] — Public partner A",
    ],
)
def test_a_quotation_shows_markup_as_plain_words(text: str) -> None:
    markup, seen = shown_by_markdown(text)
    assert not markup
    assert seen == [*f"{text} [1]".split("\n"), "— The report’s authors, Background, lines 3–8"]


@given(_TEXTS)
def test_a_quotation_shows_any_text_as_plain_words(text: str) -> None:
    markup, seen = shown_by_markdown(text)
    assert not markup
    assert seen == [*f"{text} [1]".split("\n"), "— The report’s authors, Background, lines 3–8"]


@pytest.mark.parametrize("passage", REPORT.passages, ids=lambda passage: f"line-{passage.lines[0]}-{passage.kind}")
def test_a_passage_of_the_report_is_shown_as_plain_words(passage: Passage) -> None:
    markup, seen = shown_by_markdown(passage.text)
    assert not markup
    assert seen[:-1] == f"{passage.text} [1]".split("\n")


def test_the_report_given_to_the_tests_is_the_one_verified(report: Document) -> None:
    assert report.sha256 == REPORT.sha256


def test_whom_the_authors_cite_stands_beside_their_words() -> None:
    assert len(REPORT.cited) == 50
    for one in REPORT.cited:
        found = quote(1, REPORT.passage(one.passage_id), REPORT, one.span).attribution
        assert found.startswith("— The report’s authors, citing ") and one.author in found
