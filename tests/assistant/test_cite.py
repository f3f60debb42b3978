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
    read_blocks,
    unescape_markdown,
    verify,
    verify_citation,
    write_quotation,
)
from assistant.schema import Answer, Citation
from corpus.errors import VerbatimError
from corpus.load import load_library
from corpus.schema import Document, Kind, Passage

REPORT = load_library()[0]
QUOTES = [passage for passage in REPORT.passages if passage.kind is Kind.INTERVIEW]
HEADING = "**What people said in interviews**"

Change = Callable[[Answer], Answer | None]


def write(citation: Citation) -> str:
    """Write a citation of the report, whatever it says of itself."""
    return write_quotation(citation, REPORT)


def by_line(citation: Citation) -> str:
    return attribution_of(citation, REPORT)


def answer_of(*passages: Passage) -> Answer:
    """Write an answer that shows passages whole, in their order."""
    citations = tuple(make_citation(number, passage, REPORT) for number, passage in enumerate(passages, start=1))
    return Answer(
        id=None,
        question="?",
        status="answered",
        confidence=1,
        text="\n\n".join([HEADING, *map(write, citations)]),
        citations=citations,
        hits=(),
        notices=(),
        suggestions=(),
    )


def with_text(answer: Answer, text: str) -> Answer:
    return answer.model_copy(update={"text": text})


def with_citation(answer: Answer, *, rewrite: bool = False, **changes: object) -> Answer:
    """Alter the first citation; with `rewrite`, the text shows what it now says."""
    first = answer.citations[0].model_copy(update=changes)
    changed = answer.model_copy(update={"citations": (first, *answer.citations[1:])})
    if rewrite:
        changed = with_text(changed, "\n\n".join([HEADING, *map(write, changed.citations)]))
    return changed


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


def another_speaker(label: str | None) -> str:
    return next(speaker.label for speaker in REPORT.speakers if speaker.label != label)


def moved(start: int, end: int) -> Change:
    """Shift the span; the words shown are those of the shifted span, so only its place is wrong."""

    def altered(answer: Answer) -> Answer:
        citation = answer.citations[0]
        first, last = citation.start + start, citation.end + end
        return with_citation(answer, rewrite=True, start=first, end=last, quoted_text=REPORT.text[first:last])

    return altered


CHANGES: dict[str, Change] = {
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
    "other role": lambda answer: with_citation(
        answer, role="public" if answer.citations[0].role == "academic" else "academic"
    ),
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
    "marker in the framing": lambda answer: with_text(answer, answer.text.replace("interviews", "interviews [1]")),
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
    "other passage": lambda answer: with_citation(
        answer, passage_id=next(one.id for one in QUOTES if one.id != answer.citations[0].passage_id)
    ),
}


def test_there_are_95_quotes_to_alter() -> None:
    assert len(QUOTES) == 95
    assert sum(without_not(quote.text) is not None for quote in QUOTES) >= 30


@pytest.mark.parametrize("quote", QUOTES, ids=lambda quote: f"line-{quote.lines[0]}")
def test_verify_passes_a_quote_as_it_stands_and_rejects_it_altered(quote: Passage) -> None:
    answer = answer_of(quote)
    assert verify(answer, [REPORT]) is answer
    for name, change in CHANGES.items():
        altered = change(answer)
        if altered is None:
            assert name.startswith("not dropped")
            continue
        assert altered != answer, f"{name}: the test altered nothing"
        with pytest.raises(VerbatimError):
            pytest.fail(f"accepted: {name}\n{verify(altered, [REPORT]).text}")


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
    if one.speaker != two.speaker:
        crossed = answer.model_copy(
            update={
                "citations": (
                    one.model_copy(update={"speaker": two.speaker, "role": two.role}),
                    two.model_copy(update={"speaker": one.speaker, "role": one.role}),
                )
            }
        )
        text = "\n\n".join([HEADING, *map(write, crossed.citations)])
        with pytest.raises(VerbatimError):
            verify(with_text(crossed, text), [REPORT])


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


def test_verify_rejects_another_document_title() -> None:
    answer = with_citation(answer_of(QUOTES[0]), document_title="Another report")
    with pytest.raises(VerbatimError):
        verify(answer, [REPORT])


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


def test_verify_rejects_citations_out_of_order() -> None:
    answer = answer_of(*QUOTES[:2])
    with pytest.raises(VerbatimError):
        verify(answer.model_copy(update={"citations": answer.citations[::-1]}), [REPORT])


def test_verify_passes_every_passage_in_one_answer() -> None:
    answer = answer_of(*REPORT.passages)
    assert verify(answer, [REPORT]) is answer
    assert markers_of(answer.text) == list(range(1, len(REPORT.passages) + 1))


def test_verify_passes_an_answer_without_quotations() -> None:
    answer = with_text(answer_of(), "The report does not say.").model_copy(update={"status": "not_in_corpus"})
    assert verify(answer, [REPORT]) is answer


def test_verify_rejects_a_refusal_that_shows_something() -> None:
    shown = answer_of(REPORT.passages[0]).model_copy(update={"status": "not_in_corpus"})
    with pytest.raises(VerbatimError, match="must not show anything"):
        verify(shown, [REPORT])


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
    passage = first.model_copy(update={"id": "p", "start": 0, "end": len(text), "text": text, "kind": Kind.REPORT})
    document = Document.model_construct(**{**dict(REPORT), "passages": (passage,)})
    citation = make_citation(1, first, REPORT).model_copy(
        update={"passage_id": "p", "start": 0, "end": len(text), "quoted_text": text}
    )
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(write_quotation(citation, document))
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
