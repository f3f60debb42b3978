"""Words that need explaining, and sections in plain words: the page of words, and what an answer shows of both."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from assistant.serving.web.pages import page, render
from assistant.serving.web.quoted import Quoted, quoted, references_of
from corpus.glossary import GlossaryEntry
from corpus.library import Library
from corpus.locate import locate
from corpus.plain import Plain
from corpus.schema import Document

#: The forms of a question that asks what a word means, and nothing else.
_WORD = r"[“‘'\"]?(?:an? |the |the word |the term )?[“‘'\"]?(?P<word>[\w/’' -]{2,60}?)[”’'\"]?"
_ASKS_MEANING = tuple(
    re.compile(form.format(word=_WORD), re.IGNORECASE)
    for form in (
        r"(?:what(?: is|['’]s| are) (?:meant by )?){word}\s*\?*",
        r"what (?:do|does) {word} (?:mean|stand for)\s*\?*",
        r"(?:please )?(?:define|explain) {word}\s*[?.]*",
        r"(?:what is |what['’]s )?(?:the )?(?:definition|meaning) of {word}\s*\?*",
    )
)


@dataclass(frozen=True)
class Word:
    """An entry of a glossary, with the document's words that define it or only show its use."""

    entry: GlossaryEntry
    key: str
    used: Quoted

    @property
    def is_defined(self) -> bool:
        """Whether the document itself says what it means."""
        return self.entry.defined_by == "report"

    def stands_in(self, document_id: str, span: tuple[int, int]) -> bool:
        """Whether its words in the document overlap a span of it."""
        return self.used.document_id == document_id and self.used.start < span[1] and span[0] < self.used.end


class Words:
    """The glossaries and plain words of a library."""

    def __init__(self, library: Library) -> None:
        keys: set[str] = set()
        self.all = tuple(_word(entry.document, one, keys) for entry in library.entries for one in entry.glossary)
        self.plain = {(one.document_id, one.section): one for entry in library.entries for one in entry.plain}
        self.references = references_of(entry.document for entry in library.entries if entry.glossary)

    def words_in(self, texts: Iterable[str]) -> list[Word]:
        """List the words that need explaining in some texts, in the order in which they first occur."""
        text = "\n".join(texts)
        found = [(match.start(), word) for word in self.all if (match := word.entry.jargon.search(text))]
        return [word for _, word in sorted(found, key=lambda one: one[0])]

    def asked_for(self, question: str) -> list[Word]:
        """Give the word whose meaning a question asks for: "What is PPI?", "What does reflexivity mean?"."""
        asked = next((found["word"] for form in _ASKS_MEANING if (found := form.fullmatch(question.strip()))), "")
        return [word for word in self.all if asked and word.entry.pattern.fullmatch(asked)][:1]

    def plain_for(self, sections: Iterable[tuple[str, str]]) -> list[Plain]:
        """Give sections, named by document id and section id, in plain words: each once, those without left out."""
        return [self.plain[place] for place in dict.fromkeys(sections) if place in self.plain]


def _word(document: Document, entry: GlossaryEntry, keys: set[str]) -> Word:
    """Make a word with a key that none of `keys` is, and add it to them."""
    passage, span = locate(document, entry.section, entry.about, entry.term)
    key = re.sub(r"[^a-z0-9]+", "-", entry.term.casefold()).strip("-")
    while key in keys:
        key += "-again"
    keys.add(key)
    return Word(entry, key, quoted(document, passage, span))


def render_words(words: Sequence[Word], prefix: str) -> str:
    """Write a row of buttons that explain words; `prefix` tells several rows of one page apart."""
    return render("words.html", words=words, prefix=prefix)


def add_words(app: FastAPI, words: Words) -> None:
    """Add the page `/glossary`."""
    ordered = sorted(words.all, key=lambda word: word.entry.term.casefold())

    @app.get("/glossary", response_class=HTMLResponse)
    def glossary() -> HTMLResponse:
        return page("glossary.html", here="/glossary", words=ordered, references=words.references)
