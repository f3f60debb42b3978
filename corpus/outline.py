"""Take Markdown or plain text apart: headings, paragraphs, lists, and lines that stay lines, with their offsets.

Headings are Markdown's (`# Title`, or a line underlined with `=` or `-`) and those of wikis (`= Title =`,
`== Part ==`, also spaced as `= = Part = =`). A `#` inside a code fence is no heading. Nothing is rewritten: markdown-it
tells which lines belong together, and the offsets are those of the lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.lines import Line, lines_of
from corpus.sentences import Span

#: A longer "heading" is a paragraph that somebody marked as one.
MAX_HEADING_CHARACTERS = 200
_MAX_WRAPPED_LINE = 200  # in a file with longer lines, a line is a paragraph
_WRAPPED_SHARE = 0.8  # of a block's line ends: so many must have left no room for the next word
_WIKI_HEADING = re.compile(
    r"(?P<marks>=(?: ?=){1,5})[ \t]*(?P<title>[^=\s].*?)[ \t]*(?P=marks)|= +(?P<top>[^=\s].*?) +="
)
_FINISHED = (".", "?", "!", ":", ";", "”", '"', ")")
_BLOCKS = MarkdownIt("commonmark").enable("table").disable(["inline", "reference", "text_join"])
_INLINE = MarkdownIt("commonmark")


@dataclass(frozen=True)
class Heading:
    """A heading: the span of its line, its level from 1, and its title without markup."""

    start: int
    end: int
    level: int
    title: str


@dataclass(frozen=True)
class OutlineBlock:
    """A paragraph, a list with its items, or lines that stay lines (code, a table): `parts` are items or lines.

    A `break` is a rule between paragraphs; it holds no words.
    """

    kind: Literal["paragraph", "list", "lines", "break"]
    start: int
    end: int
    parts: tuple[Span, ...] = ()


def read_outline(text: str) -> list[Heading | OutlineBlock]:
    """Take a text apart, in reading order. Every word stands in exactly one heading or block."""
    lines = lines_of(text)
    front = _front_matter_end(lines)
    shown = ["" if index < front else line for index, line in enumerate(re.split(r"\r\n|\n|\r", text))]
    tokens = _BLOCKS.parse("\n".join(shown))
    wiki = _find_wiki_headings(lines, front, tokens)
    if wiki:  # for the parser they become Markdown headings, which end a list or a paragraph
        tokens = _BLOCKS.parse(
            "\n".join(f"{'#' * wiki[index][0]} x" if index in wiki else line for index, line in enumerate(shown))
        )
    outline: list[Heading | OutlineBlock] = []
    done = front
    if front:
        outline += _lines_block(lines[1 : front - 1])
    for number, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        first, last = max(token.map[0], done), token.map[1]
        outline += _paragraphs(lines[done:first])
        outline += _read_token(tokens, number, lines[first:last], first, wiki.get(first))
        done = max(done, last)
    outline += _paragraphs(lines[done:])
    return outline


def _read_token(
    tokens: list[Token], number: int, lines: list[Line], first_line: int, wiki: tuple[int, str] | None
) -> Iterator[Heading | OutlineBlock]:
    """Give what an outermost token stands for; `lines` are its own, `first_line` is the number of the first."""
    token = tokens[number]
    if token.type == "heading_open":
        level, title = wiki or (int(token.tag[1]), _plain(tokens[number + 1].content))
        underlined = not token.markup.startswith("#")
        words = lines[:-1] if underlined else lines
        if not title and not re.search(r"\w", words[0].text):
            yield OutlineBlock("break", lines[0].start, lines[0].end)
        elif not title or len(words) > 1 or len(title) > MAX_HEADING_CHARACTERS:
            yield from _paragraphs(words)
        else:
            yield Heading(lines[0].start, words[-1].end, level, title)
    elif token.type == "hr":
        yield OutlineBlock("break", lines[0].start, lines[0].end)
    elif token.type in ("fence", "table_open"):
        yield from _lines_block(lines)
    elif token.type in ("bullet_list_open", "ordered_list_open"):
        yield from _list_block(tokens, number, lines, first_line)
    else:
        yield from _paragraphs(lines)


def _list_block(tokens: list[Token], number: int, lines: list[Line], first_line: int) -> Iterator[OutlineBlock]:
    """Give a list; an inner list stays with the item that it explains."""
    items: list[Span] = []
    for index in range(number + 1, len(tokens)):
        token = tokens[index]
        if token.level == 0:
            break
        if token.type == "list_item_open" and token.level == 1 and token.map:
            words = [line for line in lines[token.map[0] - first_line : token.map[1] - first_line] if line.text]
            if words:
                items.append((words[0].start, words[-1].end))
    if items:
        yield OutlineBlock("list", items[0][0], items[-1][1], tuple(items))


def _lines_block(lines: list[Line]) -> Iterator[OutlineBlock]:
    words = [(line.start, line.end) for line in lines if line.text]
    if words:
        yield OutlineBlock("lines", words[0][0], words[-1][1], tuple(words))


def _paragraphs(lines: list[Line]) -> Iterator[OutlineBlock]:
    """Give the paragraphs of some lines: they end at empty lines, and where a line was not wrapped but ended."""
    for has_words, group in groupby(lines, key=lambda line: bool(line.text)):
        if not has_words:
            continue
        run = list(group)
        wrapped = _is_wrapped(run)
        start = run[0].start
        for line, following in pairwise(run):
            if not (wrapped or _runs_on(line, following)):
                yield OutlineBlock("paragraph", start, line.end)
                start = following.start
        yield OutlineBlock("paragraph", start, run[-1].end)


def _is_wrapped(lines: list[Line]) -> bool:
    """Tell whether lines were cut to a width: then almost none had room left for the word that follows it."""
    width = max(len(line.text) for line in lines)
    full = [len(line.text) + 1 + len(_first_word(following)) > width for line, following in pairwise(lines)]
    return width <= _MAX_WRAPPED_LINE and bool(full) and sum(full) >= _WRAPPED_SHARE * len(full)


def _runs_on(line: Line, following: Line) -> bool:
    """Tell whether a sentence plainly goes on in the next line."""
    unfinished = len(line.text) <= _MAX_WRAPPED_LINE and not line.text.endswith(_FINISHED)
    return unfinished and _first_word(following)[:1].islower()


def _first_word(line: Line) -> str:
    """Give a line's first word, without the mark of a block quotation."""
    return next(iter(line.text.lstrip("> ").split(maxsplit=1)), "")


def _find_wiki_headings(lines: list[Line], front: int, tokens: list[Token]) -> dict[int, tuple[int, str]]:
    """Find the headings of a wiki: line number → level and title. None stands in code."""
    code = {
        index for token in tokens if token.map and token.type in ("fence", "code_block") for index in range(*token.map)
    }
    found = {}
    for index, line in enumerate(lines):
        if index < front or index in code or len(line.text) > MAX_HEADING_CHARACTERS or not line.text.startswith("="):
            continue
        match = _WIKI_HEADING.fullmatch(line.text)
        if match:
            found[index] = (match["marks"].count("="), match["title"]) if match["marks"] else (1, match["top"])
    return found


def _front_matter_end(lines: list[Line]) -> int:
    """Give the number of lines of the settings that some Markdown files begin with, between two lines of `---`."""
    if lines[0].text != "---" or len(lines) < 2 or not re.match(r"[\w-]+:", lines[1].text):
        return 0
    return next((index + 1 for index, line in enumerate(lines) if index and line.text in ("---", "...")), 0)


def _plain(markup: str) -> str:
    """Give a heading's words without its markup."""
    children = _INLINE.parseInline(markup)[0].children or []
    return " ".join("".join(child.content or " " * (child.type == "softbreak") for child in children).split())
