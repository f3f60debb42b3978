"""Cut passages into chunks that fit the embedding model, each with the words that say where it stands.

A passage gives one chunk of its whole text, or several where the model's limit demands it, one for each of its
sentences and list items, so that a short answer inside a long passage is found too, and one for each question that it
is known to answer. What is embedded carries the section path, the lead-in or the question; the span, and so all that is
ever shown, does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from corpus.frozen import content_id
from corpus.schema import Chunk, Document, Passage

#: Raise this when the same passages would give other chunks.
CHUNKER_VERSION = 2
_CONTEXT_SHARE = 3  # headings may take up to one third of the model's limit, a lead-in another


class TokenCounter(Protocol):
    """Counts tokens as the embedding model does, special tokens left out."""

    max_tokens: int

    def count(self, text: str) -> int:
        """Give the number of tokens of a text."""
        ...


Questions = dict[str, list[tuple[tuple[int, int], str]]]


@dataclass(frozen=True)
class Cut:
    """How whole passages are cut smaller than the model's limit demands: `coproduce eval sweep` tries it."""

    max_tokens: int
    """Of a passage's own words in one chunk; what says where they stand comes on top."""
    overlap_sentences: int = 0
    """How many sentences of a chunk stand in the next one too, where they fit."""


def chunk_document(
    document: Document, counter: TokenCounter, questions: Questions | None = None, cut: Cut | None = None
) -> list[Chunk]:
    """Cut every passage of a document into chunks of at most `counter.max_tokens` tokens each.

    `questions` gives, by passage id, the questions that a span of it answers: see `corpus/expand.py`.
    """
    outermost = not any(passage.id in (questions or {}) for passage in document.passages)
    chunks = [
        chunk
        for passage in document.passages
        for chunk in chunk_passage(passage, counter, outermost=outermost, cut=cut)
    ]
    for passage in document.passages:
        for (start, end), question in (questions or {}).get(passage.id, []):
            chunks.append(
                Chunk(
                    id=content_id(passage.id, "question", start, question),
                    passage_id=passage.id,
                    document_id=document.id,
                    start=start,
                    end=end,
                    embedded_text=question,
                    view="question",
                )
            )
    return chunks


def passage_words(passage: Passage, chunks: list[Chunk]) -> str:
    """Join all that a passage can be found by in words: its headings, lead-in, text, and the questions it answers."""
    questions = [chunk.embedded_text for chunk in chunks if chunk.view == "question"]
    return " ".join([*passage.path, _label(passage), passage.lead_in, passage.text, *questions])


def chunk_passage(
    passage: Passage,
    counter: TokenCounter,
    *,
    outermost: bool = False,
    cut: Cut | None = None,
) -> Iterator[Chunk]:
    """Cut one passage: its whole text first, or parts of it with `cut`, then its sentences where it has more than one.

    A sentence carries its heading and, with `outermost`, the outermost one: what people name who ask about a document
    that nobody has written questions for.
    """
    room = counter.max_tokens // _CONTEXT_SHARE
    heading = f"{' › '.join(passage.path[-2:])}. " if passage.path else ""
    lead_in = _last_words(passage.lead_in, counter, room)
    whole = _last_words(f"{heading}{_label(passage)}{lead_in}", counter, 2 * room)
    left_over = counter.max_tokens - counter.count(whole)
    for start, end in _fit(passage.text, counter, left_over) if cut is None else _cut(passage, counter, cut, left_over):
        yield _chunk(passage, start, end, whole, "passage")
    if len(passage.sentences) > 1:
        titles = dict.fromkeys([*passage.path[: int(outermost)], *passage.path[-1:]])
        short = _last_words(f"{' › '.join(titles)}." if passage.path else "", counter, room)
        for sentence_start, sentence_end in passage.sentences:
            left = sentence_start - passage.start
            words = passage.text[left : sentence_end - passage.start]
            for start, end in _fit(words, counter, counter.max_tokens - counter.count(short)):
                yield _chunk(passage, left + start, left + end, short, "sentence")


def _chunk(passage: Passage, start: int, end: int, context: str, view: str) -> Chunk:
    first, last = passage.start + start, passage.start + end
    return Chunk.model_validate(
        {
            "id": content_id(passage.id, view, first, last),
            "passage_id": passage.id,
            "document_id": passage.document_id,
            "start": first,
            "end": last,
            "embedded_text": f"{context.strip()} {passage.text[start:end]}".strip(),
            "view": view,
        }
    )


def _label(passage: Passage) -> str:
    """Say in words what a passage is, where its text alone does not: a footnote."""
    if passage.note:
        return f"Footnote {passage.note}. "
    return ""


def _fit(text: str, counter: TokenCounter, max_tokens: int) -> list[tuple[int, int]]:
    """Give spans of a text of at most `max_tokens` tokens, cut where sentences or phrases end."""
    if counter.count(text) <= max_tokens:
        return [(0, len(text))]
    from semantic_text_splitter import TextSplitter  # noqa: PLC0415 - asking imports this file, and cuts no chunks

    splitter = TextSplitter.from_callback(counter.count, max(max_tokens, 1))
    return [(start, start + len(part)) for start, part in splitter.chunk_indices(text)]


def _cut(passage: Passage, counter: TokenCounter, cut: Cut, most: int) -> Iterator[tuple[int, int]]:
    """Give spans of a passage's text: as many whole sentences as fit, each span beginning with the last of the one
    before where there is overlap. A sentence that is too long is cut by itself."""
    text, max_tokens = passage.text, min(cut.max_tokens, most)
    starts = sorted({0, *(start - passage.start for start, _ in passage.sentences[1:])})
    pieces = [
        (start + first, start + last)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
        for first, last in _fit(text[start:end].rstrip(), counter, max_tokens)
    ]

    def fits(first: int, last: int) -> bool:
        return counter.count(text[pieces[first][0] : pieces[last][1]]) <= max_tokens

    first = last = 0
    while True:
        while last + 1 < len(pieces) and fits(first, last + 1):
            last += 1
        yield pieces[first][0], pieces[last][1]
        if last + 1 == len(pieces):
            return
        earliest = max(first + 1, last + 1 - cut.overlap_sentences)
        first = last = last + 1
        while first > earliest and fits(first - 1, last):
            first -= 1


def _last_words(text: str, counter: TokenCounter, max_tokens: int) -> str:
    """Keep the end of a text: what stands nearest to the passage that it introduces."""
    words = text.split()
    while words and counter.count(" ".join(words)) > max_tokens:
        words = words[max(1, len(words) // 8) :]
    return " ".join(words)
