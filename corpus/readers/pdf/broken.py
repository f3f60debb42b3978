"""Find pages whose stream is broken: pdfium shows what it can of one, or nothing, and does not say so."""

import io
import logging
import re
import time
import zlib
from collections.abc import Iterator
from typing import Any

_STREAM = re.compile(rb"/FlateDecode[^\0]{0,600}?>>\s*stream\r?\n")
_MAX_INFLATED = 64 * 1024 * 1024


def broken_pages(content: bytes, seconds: float) -> list[int]:
    """Number the pages, from 1, of whose stream a part is missing or does not decode.

    The whole file is looked through first; only where something in it is broken are the pages asked, which is slow.
    """
    until = time.process_time() + seconds
    if b"/Encrypt" in content or not _any_broken(content, until):
        return []
    return list(_pages(content, until))


def _any_broken(content: bytes, until: float) -> bool:
    budget = _MAX_INFLATED
    for found in _STREAM.finditer(content):
        if time.process_time() > until or budget <= 0:
            return False
        end = content.find(b"endstream", found.end())
        whole, size = _inflates(content[found.end() : end if end >= 0 else len(content)], budget)
        budget -= size
        if not whole:
            return True
    return False


def _inflates(raw: bytes, budget: int) -> tuple[bool, int]:
    """Tell whether compressed bytes are whole, and how much they hold; what is too much counts as whole."""
    stream, held, rest = zlib.decompressobj(), 0, raw
    try:
        while rest and not stream.eof:
            held += len(stream.decompress(rest, 1 << 20))
            rest = stream.unconsumed_tail
            if held > budget:
                return True, held
    except zlib.error:
        return False, held
    return stream.eof, held


def _pages(content: bytes, until: float) -> Iterator[int]:
    from pypdf import PdfReader  # noqa: PLC0415 - few files need it
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        for number, page in enumerate(PdfReader(io.BytesIO(content)).pages, start=1):
            if time.process_time() > until:
                return
            if not all(_is_whole(one) for one in _streams(page)):
                yield number
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError, OSError):
        return


def _streams(page: Any) -> list[Any]:
    found = page.get("/Contents")
    found = found.get_object() if found is not None else None
    if found is None:
        return []
    return [one.get_object() for one in found] if isinstance(found, list) else [found]


def _is_whole(stream: Any) -> bool:
    filters = stream.get("/Filter") if stream is not None else None
    if filters not in ("/FlateDecode", ["/FlateDecode"]):
        return True
    return _inflates(bytes(getattr(stream, "_data", b"")), _MAX_INFLATED)[0]
