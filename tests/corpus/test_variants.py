"""Guards that only words count: the same report saved by another program gives the same quotes and passages."""

import unicodedata
from collections.abc import Callable

import pytest

from corpus.clean import undo_cleaning
from corpus.readers.report import words_sha256
from corpus.schema import Document, Kind

# Lines that begin a page; each starts with one space.
PAGE_STARTS = {
    *(1, 39, 95, 108, 109, 159, 210, 292, 328, 384, 437, 503, 505, 555, 608, 661, 713, 764, 815, 831, 866, 917, 967),
    *(1018, 1069, 1117, 1168, 1216, 1258, 1301),
}


def at_page_starts(change: Callable[[str], str]) -> Callable[[str], str]:
    """Make a variant that changes the lines which begin a page."""
    return lambda text: "\n".join(
        change(line) if number in PAGE_STARTS else line for number, line in enumerate(text.split("\n"), start=1)
    )


def before_page_starts(text: str) -> str:
    """Put a form feed at the end of the last line of each page."""
    return "\n".join(
        f"{line}\f" if number + 1 in PAGE_STARTS else line for number, line in enumerate(text.split("\n"), start=1)
    )


def decompose(text: str) -> str:
    """Write each accented letter as two characters."""
    return unicodedata.normalize("NFD", text)


def all_at_once(text: str) -> str:
    """Save the report as badly as can be: everything below in one."""
    paged = at_page_starts(lambda line: f"\f\n{line}")(text)
    return "\ufeff" + decompose(paged).replace(" ", "\t").replace("\n", "\r\n").rstrip()


VARIANTS: dict[str, Callable[[str], str]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "tabs for spaces": lambda text: text.replace(" ", "\t"),
    "tabs for leading spaces": lambda text: "\n".join(
        f"\t{line[1:]}" if line.startswith(" ") else line for line in text.split("\n")
    ),
    "two spaces for one": lambda text: text.replace(" ", "  "),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "form feed before the leading space": at_page_starts(lambda line: f"\f{line}"),
    "form feed instead of the leading space": at_page_starts(lambda line: f"\f{line[1:]}"),
    "form feed on a line of its own": at_page_starts(lambda line: f"\f\n{line}"),
    "form feed on a line of its own, leading space gone": at_page_starts(lambda line: f"\f\n{line[1:]}"),
    "form feed at the end of the page": before_page_starts,
    "spaces at line ends gone": lambda text: "\n".join(line.rstrip() for line in text.split("\n")),
    "byte order mark": lambda text: f"\ufeff{text}",
    "accents in two characters": decompose,
    "last line end missing": lambda text: text.rstrip(),
    "many line ends at the end": lambda text: text + "\n" * 9,
    "all at once": all_at_once,
}
FEEDS_ON_LINES_OF_THEIR_OWN = {
    "form feed on a line of its own",
    "form feed on a line of its own, leading space gone",
    "all at once",
}


@pytest.fixture(scope="session")
def accented(source: str) -> str:
    """The report with accents, which it has none of: inside a quote and at both of its ends."""
    changed = source
    for plain, letters in [
        ("something quite innovative” [", "something quité innovativé” ["),
        ("“Just re-inventing PPI", "“Éust re-inventing PPI"),
        ("Sheila Jasanoff", "Sheilä Jasanoff"),
    ]:
        assert changed.count(plain) == 1
        changed = changed.replace(plain, letters)
    return changed


@pytest.fixture(scope="session")
def plainly_saved(accented: str, read: Callable[[str], Document]) -> Document:
    """The accented report as it is read from its usual form."""
    return read(accented)


def quotes_with_speakers(document: Document) -> list[tuple[str, str | None, str, str | None]]:
    """List the words, speaker, section and printed label of each quote."""
    return [
        (passage.text, passage.speaker, passage.section, passage.label_as_printed)
        for passage in document.passages
        if passage.kind is Kind.INTERVIEW
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_gives_the_same_quotes_passages_and_lines_and_can_be_undone(
    accented: str, plainly_saved: Document, read: Callable[[str], Document], name: str
) -> None:
    text = VARIANTS[name](accented)
    document = read(text)

    assert len(quotes_with_speakers(document)) == 95
    assert quotes_with_speakers(document) == quotes_with_speakers(plainly_saved)
    assert sum("quité innovativé" in words for words, *_ in quotes_with_speakers(document)) == 1

    same_text = document.text == plainly_saved.text  # a bool: pytest is slow to compare long texts
    assert same_text
    assert [passage.id for passage in document.passages] == [passage.id for passage in plainly_saved.passages]
    assert document.sections == plainly_saved.sections
    assert document.inline_phrases == plainly_saved.inline_phrases

    pages = sorted(PAGE_STARTS) if name in FEEDS_ON_LINES_OF_THEIR_OWN else []
    for passage, usual in zip(document.passages, plainly_saved.passages, strict=True):
        assert passage.lines == tuple(line + sum(page <= line for page in pages) for line in usual.lines)

    given_back = undo_cleaning(document) == text
    assert given_back


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_differs_from_the_usual_form_in_characters_but_not_in_words(accented: str, name: str) -> None:
    text = VARIANTS[name](accented)
    changed = text != accented
    assert changed
    assert words_sha256(text) == words_sha256(accented)


def test_changed_word_is_not_the_same_words(accented: str) -> None:
    assert words_sha256(accented.replace("not sure", "now sure")) != words_sha256(accented)
    assert words_sha256(accented.replace("I’m not entirely clear", "I’m entirely clear")) != words_sha256(accented)


def test_leading_spaces_gone_keeps_the_quotes(
    source: str, plainly_saved: Document, read: Callable[[str], Document]
) -> None:
    """An editor that trims lines takes away the only sign of a page start; passages may differ then, quotes not."""
    document = read("\n".join(line.strip() for line in source.split("\n")))
    assert len(quotes_with_speakers(document)) == 95
    labels = [(speaker, section, label) for _, speaker, section, label in quotes_with_speakers(plainly_saved)]
    assert [found[1:] for found in quotes_with_speakers(document)] == labels
