"""Write a conversation as HTML: the same for the chat, the page to embed and the projector."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from assistant.answering.notices import join_words
from assistant.quoting.cite import marker, place_of
from assistant.schema import Answer, Block, Citation, HeadingBlock, QuotationBlock, WordsBlock
from assistant.serving.web.narrow import say_filters
from assistant.serving.web.pages import render
from corpus.filters import Filters
from corpus.library import Library
from corpus.schema import Kind

#: A question with its answer, or with why there is none: `question`, perhaps `filters`, and `answer`, `waiting` or
#: `error`. While it is being shown, `shown` says how far: so many blocks, and so many characters of the next one.
ChatTurn = dict[str, Any]
_FIRST_WORDS = re.compile(r"\s*(?:\S+\s+){39}\S+")  # the first forty words
#: Kinds of notices on how an answer came about: they are folded away.
_ABOUT_IT = ("how",)
_MOST_EARLIER = 6  # questions that the large view is told of, so that its address stays short


def render_conversation(
    turns: list[ChatTurn],
    *,
    first: int = 1,
    library: Library,
    tools: bool = False,
    extras: Sequence[str] = (),
) -> str:
    """Write turns as HTML. Everything from a person or a document is escaped by the template.

    Args:
        turns: Oldest first; with none, nothing is written.
        first: The number of the first of them in the conversation.
        library: What is cited: titles of sections, and what the sides are called.
        tools: Whether the buttons under an answer are written, which `static/chat.js` brings to life.
        extras: Templates of other pieces, written under each finished answer; they see its `turn`.
    """
    written = [_render_turn(turn, first + place, library) for place, turn in enumerate(turns)]
    return render("conversation.html", turns=written, tools=tools, extras=extras)


def stream(turn: ChatTurn, library: Library) -> Iterator[ChatTurn]:
    """Give an answered turn as it grows, sentence by sentence; the last one given is the whole."""
    answer: Answer = turn["answer"]
    blocks = _paragraphs(answer)
    for number, block in enumerate(blocks):
        if isinstance(block, QuotationBlock):
            first, last = block.citation.answer_span
            for _, end in library.passage(block.citation.passage_id).sentences:
                if first < end < last:
                    yield {**turn, "shown": (number, end - first)}
        if number + 1 < len(blocks):
            yield {**turn, "shown": (number + 1, 0)}
    yield turn


def _render_turn(turn: ChatTurn, number: int, library: Library) -> dict[str, Any]:
    filters: Filters = turn.get("filters") or Filters()
    written: dict[str, Any] = {
        "waiting": False,
        "error": "",
        **turn,
        "number": number,
        "filters": json.dumps(filters.model_dump(mode="json", exclude_none=True)),
        "history": json.dumps(list(turn.get("history", ())), ensure_ascii=False),
        "asked_of": say_filters(filters, library),
        "complete": False,
    }
    result: Answer | None = turn.get("answer")
    if result is None:
        return written
    blocks = [_written(block, library) for block in _paragraphs(result)]
    full, partly = turn.get("shown", (len(blocks), 0))
    shown = blocks[:full]
    if partly:
        shown.append(_unfinished(blocks[full], partly))
    # What whose words they are is said in `mix`; that the words are exact stands under the box.
    left_out = ("standing", "voices", *_ABOUT_IT) if result.citations else ()
    return {
        **written,
        "blocks": shown,
        "complete": full == len(blocks),
        "result": result,
        "said": say_heard(result, library),
        # Beside a refusal the nearest is only that: whose words it is, its own line says.
        "mix": say_mix(result.citations, library) if _is_mixed(result) else "",
        "about": [notice.text for notice in result.notes if notice.kind in _ABOUT_IT] if result.citations else [],
        "notices": [notice.text for notice in result.notes if notice.kind not in left_out],
        "questions": [offer.target for offer in result.offers if offer.kind == "question"],
        "nearest": [_nearest(offer.document_id, offer.target, library) for offer in result.offers if offer.document_id],
        "defined": turn.get("defined", ()),
        "link": [("q", result.question)],
        "earlier": bool(turn.get("history")),
        "show": [
            ("q", result.question),
            *filters.model_dump(mode="json", exclude_none=True).items(),
            *(("earlier", one) for one in turn.get("history", ())[-_MOST_EARLIER:]),
        ],
    }


def _is_mixed(result: Answer) -> bool:
    """Tell whether it is worth saying whose words an answer shows: several people's, or theirs beside the authors'."""
    return result.status != "not_in_corpus" and len({one.speaker for one in result.citations}) > 1


def _paragraphs(answer: Answer) -> list[Block]:
    """Give the blocks as they are shown: that the report does not say, and why, are one paragraph."""
    said = [block.text for block in answer.blocks if block.kind in ("refusal", "reason")]
    rest = [block for block in answer.blocks if block.kind not in ("refusal", "reason")]
    return [WordsBlock(kind="refusal", text=" ".join(said)), *rest] if said else rest


def words_with_links(block: WordsBlock) -> dict[str, Any]:
    """Give words of ours with their links: `words`, `links`, `lang`, and `kind`. A number to call is shown once."""
    words = block.text
    for link in block.links:
        words = words.removesuffix(link.text)
    return {"kind": block.kind, "words": words, "links": block.links, "lang": block.lang}


def _written(block: Block, library: Library) -> dict[str, Any]:
    if isinstance(block, HeadingBlock):
        return {"words": block.text, "heading": True, "citation": None, "whole": True}
    if isinstance(block, WordsBlock):
        return {**words_with_links(block), "heading": False, "citation": None, "whole": True}
    return {
        "words": _with_lines(block.words),
        "heading": False,
        "attribution": block.attribution,
        "citation": block.citation,
        "marker": marker(block.citation.marker),
        "around": json.dumps(around(block.citation, library), ensure_ascii=False),
        "more": fold_of(block.citation),
        "whole": True,
    }


def _unfinished(block: dict[str, Any], characters: int) -> dict[str, Any]:
    """Give the beginning of a quotation: its closing mark, its number and its name follow with the rest."""
    citation: Citation = block["citation"]
    opening = "“" if citation.speaker else ""
    return {**block, "words": _with_lines(opening + citation.answer_text[:characters]), "whole": False}


def fold_of(citation: Citation) -> dict[str, Any]:
    """Give what is folded away of a passage: `title`, and `words`, all of it with the sentences that answer marked.

    Nothing where all of it is shown.
    """
    if citation.is_whole:
        return {}
    first, last = citation.answer_span
    before = citation.quoted_text[: first - citation.start]
    after = citation.quoted_text[last - citation.start :]
    opening, closing = ("“", "”") if citation.speaker else ("", "")
    marked = Markup("{}<mark>{}</mark>{}").format(
        _with_lines(opening + before), _with_lines(citation.answer_text), _with_lines(after + closing)
    )
    title = "Show all that was said" if citation.speaker else "Show the whole paragraph"
    return {"title": title, "words": marked}


def _begin(citation: Citation) -> str:
    """Give a quotation's first words, to be said; what is left out stands outside the quotation marks."""
    words, rest = _first_words(citation.answer_text)
    return f"“{words}”{rest}" if citation.speaker else f"{words}{rest}"


def _first_words(text: str) -> tuple[str, str]:
    """Give the first forty words of a text, and the mark that there are more."""
    cut = _FIRST_WORDS.match(text)
    return (cut.group(), " …") if cut and cut.end() < len(text) else (text, "")


def around(citation: Citation, library: Library) -> list[dict[str, str]]:
    """Give the sentence before a quotation and the one after it, as they stand in its section.

    Each has `side` ("before" or "after"), its exact `words`, and `whose`: a name where somebody else said it.
    """
    first, last = citation.answer_span
    section = [one for one in library.document(citation.document_id).passages if one.section == citation.section]
    sentences = sorted(((span, one) for one in section for span in one.sentences), key=lambda one: one[0])
    before = [one for one in sentences if one[0][1] <= first][-1:]
    after = [one for one in sentences if one[0][0] >= last][:1]
    text = library.document(citation.document_id).text
    found = []
    for side, near in (("before", before), ("after", after)):
        for (start, end), passage in near:
            words, rest = _first_words(" ".join(text[start:end].split()))
            # Beside the authors' own words it is clear whose these are; and what is said in a quotation goes on in it.
            named = passage.id != citation.passage_id and (passage.speaker or citation.speaker)
            whose = (passage.speaker or "the report’s authors") if named else ""
            words = f"“{words}”" if passage.speaker else words
            found.append({"side": side, "words": words + rest, "whose": whose})
    return found


def say_heard(result: Answer, library: Library) -> str:
    """Say what a screen reader announces of an answer: how much there is and by whom, and the first quotation.

    Words of ours that stand before it are said too, and all of them where nothing is quoted. Beside a refusal the
    heading says what the quotation is; counting it would make it sound like an answer.
    """
    blocks = _paragraphs(result)
    first = next((place for place, block in enumerate(blocks) if isinstance(block, QuotationBlock)), len(blocks))
    said = [block.text for block in blocks[:first] if isinstance(block, WordsBlock)]
    if first == len(blocks):
        return " ".join([*said, *(one.text for one in result.notes if one.kind not in ("standing", *_ABOUT_IT))])
    quoted: Any = blocks[first]
    if result.status == "not_in_corpus":
        headings = [f"{block.text}:" for block in blocks[:first] if isinstance(block, HeadingBlock)]
        return " ".join([*said, *headings, _begin(quoted.citation), quoted.attribution])
    count = _count(len(result.citations), "quotation", "quotations")
    return " ".join(
        [*said, f"{count} {_sources(result.citations, library)}.", _begin(quoted.citation), quoted.attribution]
    )


def _sources(citations: Sequence[Citation], library: Library) -> str:
    """Say by whom quotations are: "by 2 public partners and the report's authors"."""
    people, passages, records = _counted(citations, library)
    by = [*people, *(["the report’s authors"] if passages else [])]
    return f"by {join_words([*by, *records])}" if by else f"from {join_words(records)}"


def say_mix(citations: Sequence[Citation], library: Library) -> str:
    """Say whose words an answer shows: "2 academic researchers, 1 public partner and 2 passages by the authors"."""
    people, passages, records = _counted(citations, library)
    by_authors = _if_any(passages, "passage by the report’s authors", "passages by the report’s authors")
    return join_words([*people, *by_authors, *records])


def _counted(citations: Sequence[Citation], library: Library) -> tuple[list[str], int, list[str]]:
    """Count whose words there are: the people of each side, in words; passages by the authors; records, in words."""
    people = {(citation.role, citation.speaker) for citation in citations if citation.kind is Kind.INTERVIEW}
    roles = Counter(role for role, _ in people)
    tables = [library.document(one.document_id).vocabulary.table for one in citations if one.kind is Kind.PROJECT]
    records = Counter(table.counted if table else ("record", "records") for table in tables)
    passages = sum(citation.kind not in (Kind.INTERVIEW, Kind.PROJECT) for citation in citations)
    sides = [(roles[role], library.roles[role]) for role in library.quoted_by_role]
    return (
        [_count(number, words.one, words.many) for number, words in sides if number],
        passages,
        [_count(number, *counted) for counted, number in records.items()],
    )


def _if_any(number: int, one: str, many: str) -> list[str]:
    return [_count(number, one, many)] if number else []


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _nearest(document_id: str, section: str, library: Library) -> dict[str, str]:
    """Give the place and the address of a section that is offered."""
    title = library.document(document_id).section(section).title
    return {"place": place_of(section, title), "address": f"/read/{document_id}#{section_anchor(section)}"}


def section_anchor(section: str) -> str:
    """Give the anchor of a section in the reader."""
    return re.sub(r"\s+", "-", section)


def _with_lines(words: str) -> Markup:
    return Markup("<br>").join(words.split("\n"))
