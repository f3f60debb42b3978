"""Write a conversation as HTML: the same for the chat, the page to embed and the projector."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from assistant.answering.notices import VOICES_SHOWN
from assistant.quoting.cite import marker, read_blocks
from assistant.schema import Answer, Citation, Filters
from assistant.serving.web.narrow import say_filters
from assistant.serving.web.pages import render
from corpus.schema import Document, Kind, Role

#: A question with its answer, or with why there is none: `question`, perhaps `filters`, and `answer`, `waiting` or
#: `error`. While it is being shown, `shown` says how far: so many blocks, and so many characters of the next one.
ChatTurn = dict[str, Any]
_CARD = re.compile(r"\s*(?:\S+\s+){39}\S+")  # the first forty words
_MOST_EARLIER = 6  # questions that the large view is told of, so that its address stays short
_EXAMPLE, _NEAREST = "For example: ", "Nearest section: "


def render_conversation(
    turns: list[ChatTurn],
    *,
    first: int = 1,
    documents: Sequence[Document] = (),
    tools: bool = False,
    extras: Sequence[str] = (),
) -> str:
    """Write turns as HTML. Everything from a person or a document is escaped by the template.

    Args:
        turns: Oldest first; with none, nothing is written.
        first: The number of the first of them in the conversation.
        documents: What is cited; with them an answer can be copied with its reference, and sections have their titles.
        tools: Whether the buttons under an answer are written, which `static/chat.js` brings to life.
        extras: Templates of other pieces, written under each finished answer; they see its `turn`.
    """
    written = [_render_turn(turn, first + place, documents) for place, turn in enumerate(turns)]
    return render("conversation.html", turns=written, tools=tools, extras=extras)


def stream(turn: ChatTurn, documents: Sequence[Document]) -> Iterator[ChatTurn]:
    """Give an answered turn as it grows, sentence by sentence; the last one given is the whole."""
    answer: Answer = turn["answer"]
    by_id = {document.id: document for document in documents}
    citations = {citation.marker: citation for citation in answer.citations}
    blocks = list(read_blocks(answer.text))
    for number, block in enumerate(blocks):
        if block.marker is not None:
            citation = citations[block.marker]
            sentences = by_id[citation.document_id].passage(citation.passage_id).sentences
            for _, end in sentences:
                if citation.start < end < citation.end:
                    yield {**turn, "shown": (number, end - citation.start)}
        if number + 1 < len(blocks):
            yield {**turn, "shown": (number + 1, 0)}
    yield turn


def _render_turn(turn: ChatTurn, number: int, documents: Sequence[Document]) -> dict[str, Any]:
    filters: Filters = turn.get("filters") or Filters()
    written: dict[str, Any] = {
        "waiting": False,
        "error": "",
        **turn,
        "number": number,
        "filters": json.dumps(filters.model_dump(mode="json", exclude_none=True)),
        "history": json.dumps(list(turn.get("history", ())), ensure_ascii=False),
        "asked_of": say_filters(filters, documents),
        "complete": False,
    }
    result: Answer | None = turn.get("answer")
    if result is None:
        return written
    blocks = list(_blocks(result))
    full, partly = turn.get("shown", (len(blocks), 0))
    shown = blocks[:full]
    if partly:
        shown.append(_unfinished(blocks[full], partly))
    return {
        **written,
        "blocks": shown,
        "complete": full == len(blocks),
        "result": result,
        "mix": say_mix(result.citations),
        "notices": [notice for notice in result.notices[1:] if not notice.startswith(VOICES_SHOWN)]
        if result.citations
        else list(result.notices),
        "questions": [line.removeprefix(_EXAMPLE) for line in result.suggestions if line.startswith(_EXAMPLE)],
        "nearest": [_nearest(line, result) for line in result.suggestions if not line.startswith(_EXAMPLE)],
        "can_hear_public": filters.role is not Role.PUBLIC
        and not (filters.speaker or filters.kind)
        and any(citation.role is not Role.PUBLIC for citation in result.citations),
        "show": [
            ("q", result.question),
            *filters.model_dump(mode="json", exclude_none=True).items(),
            *(("earlier", one) for one in turn.get("history", ())[-_MOST_EARLIER:]),
        ],
    }


def _blocks(answer: Answer) -> Iterator[dict[str, Any]]:
    citations = {citation.marker: citation for citation in answer.citations}
    for block in read_blocks(answer.text):
        citation = citations.get(block.marker) if block.marker else None
        yield {
            "words": _with_lines(block.words) if citation else block.words.replace("**", ""),
            "heading": block.words.startswith("**"),
            "attribution": block.attribution,
            "citation": citation,
            "marker": marker(citation.marker) if citation else "",
            "card": _card(citation) if citation else "",
            "whole": True,
        }


def _unfinished(block: dict[str, Any], characters: int) -> dict[str, Any]:
    """Give the beginning of a quotation: its closing mark, its number and its name follow with the rest."""
    citation: Citation = block["citation"]
    opening = "“" if citation.speaker else ""
    return {**block, "words": _with_lines(opening + citation.quoted_text[:characters]), "whole": False}


def _card(citation: Citation) -> str:
    """Give a quotation's words for the small card; what is left out stands outside the quotation marks."""
    words, rest = citation.quoted_text, ""
    if (cut := _CARD.match(words)) and cut.end() < len(words):
        words, rest = cut.group(), " …"
    return f"“{words}”{rest}" if citation.speaker else f"{words}{rest}"


def say_mix(citations: Sequence[Citation]) -> str:
    """Say whose words an answer shows: "2 academic researchers, 1 public partner and 2 passages by the authors"."""
    people = {(citation.role, citation.speaker) for citation in citations if citation.kind is Kind.INTERVIEW}
    roles = Counter(role for role, _ in people)
    projects = sum(citation.kind is Kind.PROJECT for citation in citations)
    passages = sum(citation.kind not in (Kind.INTERVIEW, Kind.PROJECT) for citation in citations)
    parts = [
        _count(roles[Role.ACADEMIC], "academic researcher", "academic researchers"),
        _count(roles[Role.PUBLIC], "public partner", "public partners"),
        _count(passages, "passage by the report’s authors", "passages by the report’s authors"),
        _count(projects, "entry in the list of projects", "entries in the list of projects"),
    ]
    said = [part for part in parts if part]
    return ", ".join(said[:-1]) + (" and " if len(said) > 1 else "") + said[-1] if said else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def _nearest(line: str, answer: Answer) -> dict[str, str]:
    """Tell which section a suggestion is about, where it can be told."""
    place = line.removeprefix(_NEAREST)
    found = (hit for hit in answer.hits if place == hit.section or place.startswith(f"{hit.section} "))
    hit = next(found, None)
    return {"line": line, "place": place, "address": f"/read/{hit.document_id}#{hit.section}" if hit else ""}


def _with_lines(words: str) -> Markup:
    return Markup("<br>").join(words.split("\n"))
