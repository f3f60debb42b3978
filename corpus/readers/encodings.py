"""Turn the bytes of a text into characters: by its mark, by what they must be, or by what they most likely are.

What had to be assumed is said. Letters that were garbled on their way ("donâ€™t") are repaired only where that is
certain: where the garbling, done again, gives exactly what stands there.
"""

import codecs
import re
from dataclasses import dataclass

from corpus.errors import CorpusError
from corpus.readers.extracted import Remark
from corpus.readers.writer import Repair

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHOWN = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "mac_roman": "Mac Roman",
}
#: So much of a long file is enough to tell how its letters are stored, in bytes.
_SAMPLE = 200_000
#: One garbled place in a line of plain letters is a stray byte; more is another encoding.
_STRAY_SHARE = 5
_HIGH = re.compile(rb"[\x80-\xff]")
# In Windows-1252, what stands for no letter and yet stands between two: then it is another encoding.
_SYMBOL_IN_WORD = re.compile(r"(?<=[a-zA-Z])[‚ƒ„…†‡ˆ‰‹‘“”•˜™›¡-¬®-¶¸-¿×÷](?=[a-z])")
_MAC_APOSTROPHE = re.compile(rb"(?<=[a-z])\xd5(?=(?:s|t|re|ve|ll|d|m)\b)")
_WESTERN = frozenset({"ascii", "cp1252", "latin_1", "iso8859_15", "iso8859_9", "cp1254", "cp1257", "iso8859_4"})


@dataclass(frozen=True)
class Decoded:
    """A text with the encoding it had; `repairs` say where garbled letters stand and what they were."""

    text: str
    encoding: str
    remarks: tuple[Remark, ...] = ()
    repairs: tuple[Repair, ...] = ()


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """Decode the bytes of a text. `declared` is the encoding that the file names for itself, if it does.

    Raises:
        CorpusError: the bytes are no text.
    """
    text, encoding, remarks = _decode(content, declared)
    repairs = find_repairs(text)
    if repairs:
        places = "one place" if len(repairs) == 1 else f"{len(repairs):,} places"
        remarks = (
            *remarks,
            Remark(
                code="letters_repaired",
                text=f"Letters were garbled in {places}, as when a file is saved with the wrong encoding; they were "
                "put right where that is certain.",
            ),
        )
    return Decoded(text, encoding, remarks, repairs)


def find_repairs(text: str) -> tuple[Repair, ...]:
    """Find letters of UTF-8 that were read as Windows-1252, where nothing else can have been meant."""
    if text.isascii():
        return ()
    from ftfy import fix_encoding  # noqa: PLC0415 - only who adds needs it
    from ftfy.badness import is_bad  # noqa: PLC0415
    from ftfy.chardata import UTF8_DETECTOR_RE  # noqa: PLC0415

    repairs = []
    for match in UTF8_DETECTOR_RE.finditer(text):
        garbled = match[0]
        if not is_bad(garbled):
            continue
        fixed = fix_encoding(garbled)
        if fixed != garbled and _garble_again(fixed, garbled):
            repairs.append(Repair(match.start(), match.end(), fixed))
    return tuple(repairs)


def _garble_again(fixed: str, garbled: str) -> bool:
    """Tell whether garbling the letters once, twice or three times gives exactly what was found."""
    for _ in range(3):
        fixed = fixed.encode("utf-8").decode("sloppy-windows-1252")
        if fixed == garbled:
            return True
    return False


def _decode(content: bytes, declared: str | None) -> tuple[str, str, tuple[Remark, ...]]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _by_mark(content, encoding)
    if b"\0" in content:
        return _unmarked_utf16(content)
    try:
        return content.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        pass
    if (text := _mostly_utf8(content)) is not None:
        return text, "utf-8", (_stray_remark(),)
    named = _known(declared)
    if named and named not in ("utf-8", "utf_8"):
        try:
            return content.decode(_as_browsers_do(named)), named, ()
        except UnicodeDecodeError:
            pass
    encoding = _guess(content)
    text = content.decode(encoding, errors="replace")
    return text, encoding, (_assumed(encoding),)


def _by_mark(content: bytes, encoding: str) -> tuple[str, str, tuple[Remark, ...]]:
    """Decode what says itself how it is stored. The mark stays; it is lifted out like any other."""
    try:
        return content.decode(encoding), encoding, ()
    except UnicodeDecodeError:
        lost = Remark(
            code="letters_lost",
            text=f"The file says that it is {_shown(encoding)} and yet holds bytes that are not; they are shown as �. "
            "Save it again as text in UTF-8.",
            partly=True,
        )
        return content.decode(encoding, errors="replace"), encoding, (lost,)


def _unmarked_utf16(content: bytes) -> tuple[str, str, tuple[Remark, ...]]:
    """Decode UTF-16 without a mark: plain letters have a zero byte each, always on the same side."""
    sample = content[: _SAMPLE - _SAMPLE % 2]
    zeros = [sample[side::2].count(0) for side in (0, 1)]
    encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if len(content) % 2 == 0 and max(zeros) > 20 * min(zeros) and max(zeros) * 20 > len(sample):
        try:
            return content.decode(encoding), encoding, (_assumed(encoding),)
        except UnicodeDecodeError:
            pass
    raise CorpusError(
        f"it is no text: byte {content.index(0):,} is NUL. Save it as plain text in UTF-8, and add it again."
    )


def _mostly_utf8(content: bytes) -> str | None:
    """Decode UTF-8 with a few bytes of Windows-1252 in it, as when somebody pasted them; nothing where it is not."""
    stray = 0

    def as_western(error: UnicodeError) -> tuple[str, int]:
        nonlocal stray
        if not isinstance(error, UnicodeDecodeError):
            raise error
        stray += error.end - error.start
        return error.object[error.start : error.end].decode("sloppy-windows-1252"), error.end

    import ftfy.bad_codecs  # noqa: F401, PLC0415 - makes the lenient Windows-1252 known

    codecs.register_error("coproduce-western", as_western)
    text = content.decode("utf-8", errors="coproduce-western")
    whole = sum(1 for one in text if ord(one) > 127) - stray
    return text if whole > _STRAY_SHARE * stray else None


def _guess(content: bytes) -> str:
    """Tell the most likely encoding of bytes that are not UTF-8 and do not say what they are."""
    sample = content[:_SAMPLE]
    high = len(_HIGH.findall(sample))
    if len(_MAC_APOSTROPHE.findall(sample)) * 2 > high:
        return "mac_roman"
    import ftfy.bad_codecs  # noqa: F401, PLC0415

    western = sample.decode("sloppy-windows-1252")
    undefined = sum(1 for one in western if "\x80" <= one <= "\x9f")
    plain = sum(1 for one in sample if 64 < one < 128)
    odd = len(_SYMBOL_IN_WORD.findall(western)) + undefined
    if high < plain and odd * 10 <= high:
        return "cp1252"
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(sample).best()
    if best is None or best.encoding in _WESTERN:
        return "cp1252" if not undefined else "sloppy-windows-1252"
    return best.encoding


def _known(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        return codecs.lookup(declared.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None


def _as_browsers_do(name: str) -> str:
    """Read what calls itself Latin-1 or ASCII as Windows-1252, as every browser does."""
    return "cp1252" if name in ("iso8859-1", "ascii", "latin-1") else name


def _shown(encoding: str) -> str:
    return _SHOWN.get(encoding, encoding.replace("_", "-"))


def _assumed(encoding: str) -> Remark:
    name = _shown("cp1252" if encoding.startswith("sloppy") else encoding)
    return Remark(
        code="encoding_assumed",
        text=f"The file does not say how its letters are stored; it was read as {name}. If letters look wrong, save it "
        "as text in UTF-8 and add it again.",
    )


def _stray_remark() -> Remark:
    return Remark(
        code="encoding_assumed",
        text="The file is UTF-8 with a few bytes that are not; those were read as Windows-1252. If letters look wrong, "
        "save it as text in UTF-8 and add it again.",
    )
