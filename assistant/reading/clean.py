"""Clean what a person typed or pasted: markup, invisible characters and broken lines are no part of a question."""

import re
import unicodedata
from html.parser import HTMLParser

from corpus.errors import QuestionRefused

_LETTER = re.compile(r"[^\W_]")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>|&(?:[A-Za-z]{2,8}|#\d{1,6});")
#: A word that a file broke at the end of a line.
_BROKEN = re.compile(r"(?<=[^\W\d_])[-\u2010]\s{0,3}\n\s{0,3}(?=[^\W\d_])")
#: The end of a line before an empty one: what follows is said apart.
_APART = re.compile(r"(?<=[\w)])[ \t]*\n[ \t]*(?=\n)")
_SILENT = ("script", "style", "template")
_APART_TAGS = frozenset("p br div li ul ol tr td th table h1 h2 h3 h4 h5 h6 section article".split())  # noqa: SIM905


class _Words(HTMLParser):
    """Collects the words of markup that a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's
        self._silent += tag in _SILENT
        self.parts.append("\n\n" if tag in _APART_TAGS else "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        self.parts.append("\n\n" if tag in _APART_TAGS else "")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def clean_question(question: str, max_characters: int) -> str:
    """Return the question as it will be searched.

    Raises:
        QuestionRefused: it is empty, too long, holds characters that are no text, or no letter or digit at all.
    """
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionRefused("the question holds half a character (a lone surrogate). Please type or paste it again.")
    if "\0" in question:
        raise QuestionRefused("the question holds a NUL byte, which is no text. Please type or paste it again.")
    folded = " ".join(question.split())
    if len(folded) > max_characters:
        raise QuestionRefused(
            f"the question has {len(folded):,} characters; at most {max_characters:,} are read. Please shorten it."
        )
    cleaned = _words_of(question)
    if not _LETTER.search(cleaned):  # nothing but markup: its own words are all there is
        cleaned = " ".join(unicodedata.normalize("NFKC", folded).split())
    if not cleaned and not folded:
        raise QuestionRefused("the question is empty. Please type one, in your own words.")
    if not _LETTER.search(cleaned):
        raise QuestionRefused(f"there are no words in “{folded[:20]}”. Please ask in words.")
    return cleaned[:max_characters]


def clean_history(history: tuple[str, ...], max_characters: int) -> tuple[str, ...]:
    """Return the earlier questions as they will be used; empty ones are left out. Raises QuestionRefused."""
    cleaned = []
    for number, entry in enumerate(history, start=1):
        if entry.strip():
            try:
                cleaned.append(clean_question(entry, max_characters))
            except QuestionRefused as error:
                raise QuestionRefused(f"earlier question {number}: {error}", field="history") from None
    return tuple(cleaned)


def _words_of(text: str) -> str:
    """Give a text on one line, without markup and invisible characters, in the letters that are searched for."""
    while _MARKUP.search(text):
        words = _Words()
        words.feed(text)
        words.close()
        if (shown := "".join(words.parts)) == text:
            break
        text = shown
    # Letters of full width and ligatures become plain; a soft hyphen or a zero-width space is no character at all.
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _APART.sub(".", _BROKEN.sub("", text))
    return " ".join("".join(one for one in text if unicodedata.category(one) != "Cf").split())
