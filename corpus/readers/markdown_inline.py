"""Leave the marks of Markdown out of a paragraph's words: emphasis, addresses of links, code ticks, tags."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.readers.composing import Slice
from corpus.sentences import Span

_INLINE = MarkdownIt("commonmark").enable("strikethrough").disable("text_join")
_NOTE_MARK = re.compile(r"\[\^(?P<id>[^\]\s]+)\]")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def inline_slices(source: str, spans: Sequence[Span], references: dict[str, Any], notes: frozenset[str]) -> list[Slice]:
    """Give the words of the lines of one paragraph; everything else in them is lifted.

    `references` are the addresses that the file names apart, `notes` the ids of its footnotes.
    """
    flat = "\n".join(source[start:end] for start, end in spans)
    tokens = _INLINE.parseInline(flat, {"references": references})[0].children or []
    return list(_to_source(spans, flat, list(_kept(flat, tokens)), notes))


def _kept(flat: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int, str | None]]:
    """Give what is shown, in order: its span, and what it stands for where that is something else."""
    at = 0
    autolinks = 0
    for token in tokens:
        kind = token.type
        if kind == "text":
            found = flat.find(token.content, at) if token.content else -1
            if found >= 0:
                at = found + len(token.content)
                yield found, at, None
        elif kind == "text_special":
            found = flat.find(token.markup, at)
            if found >= 0:
                at = found + len(token.markup)
                yield found, at, token.content
        elif kind == "code_inline":
            first = flat.find(token.markup, at) + len(token.markup)
            last = re.compile(rf"(?<!`){re.escape(token.markup)}(?!`)").search(flat, first)
            if last:
                yield first, last.start(), None
                at = last.end()
        elif kind in ("softbreak", "hardbreak"):
            at = max(flat.find("\n", at), at)
            yield at, at + 1, " " if kind == "softbreak" else "\n"
            at += 1
        elif kind == "html_inline":
            found = flat.find(token.content, at)
            if found >= 0:
                at = found + len(token.content)
                if _LINE_BREAK.fullmatch(token.content):
                    yield at, at, "\n"
        elif kind == "image":
            at = _after_target(flat, _after_brackets(flat, flat.find("![", at) + 1))
        elif kind == "link_open":
            autolinks += token.markup == "autolink"
            at += flat[at : at + 1] in ("[", "<")
        elif kind == "link_close":
            if autolinks:
                autolinks -= 1
                at += flat[at : at + 1] == ">"
            elif flat[at : at + 1] == "]":
                at = _after_target(flat, at + 1)
        elif token.markup and flat.startswith(token.markup, at):
            at += len(token.markup)


def _after_brackets(flat: str, at: int) -> int:
    """Give the place behind a bracket's fellow."""
    depth = 0
    while at < len(flat):
        if flat[at] == "\\":
            at += 1
        elif flat[at] == "[":
            depth += 1
        elif flat[at] == "]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return at


def _after_target(flat: str, at: int) -> int:
    """Give the place behind where a link leads: `(address "title")` or `[name]`."""
    if flat[at : at + 1] == "[":
        return _after_brackets(flat, at)
    if flat[at : at + 1] != "(":
        return at
    depth = 0
    quote = ""
    for place in range(at, len(flat)):
        one = flat[place]
        if quote:
            quote = "" if one == quote and flat[place - 1] != "\\" else quote
        elif one in "\"'" and flat[place - 1].isspace():
            quote = one
        elif one == "<" and flat[place - 1] in "( ":
            quote = ">"
        elif one == "(":
            depth += 1
        elif one == ")":
            depth -= 1
            if depth == 0:
                return place + 1
    return at


def _to_source(
    spans: Sequence[Span], flat: str, kept: Sequence[tuple[int, int, str | None]], notes: frozenset[str]
) -> Iterator[Slice]:
    """Give slices of the source for what is kept of the joined lines, and lift the rest of each line."""
    line_at = 0
    line_start = 0  # of the current line, in the joined lines
    done = 0

    def place(at: int) -> int:
        nonlocal line_at, line_start
        while at > line_start + spans[line_at][1] - spans[line_at][0] and line_at + 1 < len(spans):
            line_start += spans[line_at][1] - spans[line_at][0] + 1
            line_at += 1
        return spans[line_at][0] + at - line_start

    def lifted(first: int, last: int) -> Iterator[Slice]:
        for match in re.finditer(r"[^\n]+", flat[first:last]):
            start = place(first + match.start())
            yield Slice(start, start + len(match[0]), lifted="markup")

    for first, last, put in kept:
        yield from lifted(done, first)
        done = max(last, done)
        if put is not None and put.isspace() and (first == last or flat[first] == "\n"):
            at = place(first)
            yield Slice(at, at, put=put)
        elif put is not None:
            start = place(first)
            yield Slice(start, start + last - first, put=put) if put else Slice(start, start + last - first, "markup")
        else:
            for match in re.finditer(r"[^\n]+", flat[first:last]):
                start = place(first + match.start())
                yield from _with_note_marks(match[0], start, notes)
    yield from lifted(done, len(flat))


def _with_note_marks(words: str, start: int, notes: frozenset[str]) -> Iterator[Slice]:
    done = 0
    for match in _NOTE_MARK.finditer(words):
        if match["id"] in notes:
            if done < match.start():
                yield Slice(start + done, start + match.start())
            yield Slice(start + match.start(), start + match.end(), "footnote_mark", name=match["id"])
            done = match.end()
    if done < len(words):
        yield Slice(start + done, start + len(words))
