"""Tell what a file is by its content; its ending only decides between formats that are both plain text.

What is not read is named, with what to do instead.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

#: Formats that are read, and what people call them.
READ = {
    "pdf": "a PDF",
    "docx": "a Word file (DOCX)",
    "html": "a web page (HTML)",
    "epub": "an EPUB book",
    "markdown": "Markdown",
    "text": "plain text",
    "vtt": "captions (VTT)",
    "srt": "captions (SRT)",
}
_WORD = "Open it in Word or LibreOffice, save it as a Word file (.docx), and add that."
_PDF = "Open it, save or export it as a PDF, and add that."
_OCR = "A picture has no words that can be quoted. Let OCR make a PDF or a Word file of it, and add that."
_SPEECH = "Add a transcript of it (VTT, SRT, Word or text)."
_OUT = "Take the files out of it, and add those."
#: Formats that are not read: what people call them, and what to do.
REFUSED = {
    "odt": ("an OpenDocument text (ODT)", _WORD),
    "ods": ("a spreadsheet (ODS)", _PDF),
    "odp": ("slides (ODP)", _PDF),
    "rtf": ("a Rich Text file (RTF)", _WORD),
    "doc": ("an old Word file (DOC)", _WORD),
    "xls": ("an old Excel file (XLS)", _PDF),
    "ppt": ("old PowerPoint slides (PPT)", _PDF),
    "pptx": ("PowerPoint slides (PPTX)", "Export them as a PDF or as an outline in Word, and add that."),
    "xlsx": ("an Excel file (XLSX)", _PDF),
    "ole": ("an old Office file", _WORD),
    "protected": (
        "an Office file protected by a password",
        "Open it with the password, save it without one, and add that.",
    ),
    "pages": ("an Apple iWork file", "Export it as a Word file (.docx) or a PDF, and add that."),
    "png": ("a picture (PNG)", _OCR),
    "jpeg": ("a picture (JPEG)", _OCR),
    "gif": ("a picture (GIF)", _OCR),
    "tiff": ("a picture (TIFF)", _OCR),
    "bmp": ("a picture (BMP)", _OCR),
    "webp": ("a picture (WebP)", _OCR),
    "heic": ("a picture (HEIC)", _OCR),
    "svg": ("a drawing (SVG)", _OCR),
    "djvu": ("a scan (DjVu)", _OCR),
    "audio": ("a sound recording", _SPEECH),
    "video": ("a film or recording", _SPEECH),
    "zip": ("a ZIP archive", _OUT),
    "archive": ("an archive", _OUT),
    "mobi": ("a Kindle book", "Convert it to EPUB, and add that."),
    "ps": ("a PostScript file", "Convert it to PDF, and add that."),
    "mhtml": ("a saved web archive (MHTML)", "Save the page as HTML only, and add that."),
    "xml": ("an XML file", "Export it as HTML, Word or plain text, and add that."),
    "program": ("a program", "Only documents are read."),
    "database": ("a database", "Export what you need as text or a Word file, and add that."),
}
_ENDINGS = {
    ".pdf": "pdf", ".docx": "docx", ".docm": "docx", ".dotx": "docx", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".epub": "epub", ".md": "markdown", ".markdown": "markdown", ".txt": "text", ".text": "text", ".vtt": "vtt",
    ".srt": "srt", ".odt": "odt", ".ods": "ods", ".odp": "odp", ".rtf": "rtf", ".doc": "doc", ".xls": "xls",
    ".ppt": "ppt", ".pptx": "pptx", ".xlsx": "xlsx", ".pages": "pages", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg",
    ".gif": "gif", ".tif": "tiff", ".tiff": "tiff", ".bmp": "bmp", ".webp": "webp", ".heic": "heic", ".svg": "svg",
    ".zip": "zip", ".mobi": "mobi", ".azw3": "mobi", ".ps": "ps", ".mht": "mhtml", ".mhtml": "mhtml",
}  # fmt: skip
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
    (b"BM", "bmp"), (b"AT&TFORM", "djvu"), (b"{\\rtf", "rtf"), (b"%!PS", "ps"), (b"ID3", "audio"), (b"fLaC", "audio"),
    (b"OggS", "audio"), (b"\x1f\x8b", "archive"), (b"7z\xbc\xaf\x27\x1c", "archive"), (b"Rar!", "archive"),
    (b"BZh", "archive"), (b"\xfd7zXZ", "archive"), (b"\x7fELF", "program"), (b"MZ", "program"),
    (b"SQLite format 3\0", "database"), (b"\x1aE\xdf\xa3", "video"),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|^\s*(?:<!--.{0,500}?-->\s*)*<(?:article|main|div|section|p|h1|title|meta)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_SRT = re.compile(r"\A\s*\d+\s*\n\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}\s*-->", re.MULTILINE)
_VTT = re.compile(r"\A\ufeff?WEBVTT(?:[ \t\n]|\Z)")


@dataclass(frozen=True)
class Kind:
    """What a file is. `said` is what its ending says it is, where that is something else."""

    format: str
    said: str = ""

    @property
    def is_read(self) -> bool:
        """Whether files of this kind are read."""
        return self.format in READ

    @property
    def called(self) -> str:
        """What people call it."""
        return READ.get(self.format) or REFUSED.get(self.format, ("no kind of file that is known", ""))[0]

    @property
    def advice(self) -> str:
        """What to do with a file that is not read."""
        return REFUSED.get(self.format, ("", "Save it as PDF, Word (.docx), HTML or plain text, and add that."))[1]

    @property
    def ending_called(self) -> str:
        """What its ending says it is, in words."""
        return READ.get(self.said) or REFUSED.get(self.said, ("", ""))[0]


def sniff(content: bytes, name: str) -> Kind:
    """Tell what a file is."""
    said = _ENDINGS.get(PurePath(name).suffix.lower(), "")
    found = _by_content(content)
    if found == "text":
        found = _kind_of_text(content, said)
    alike = {found, said} <= {"text", "markdown"} or {found, said} <= {"docx", "protected"} or (
        {found, said} <= {"ole", "doc", "xls", "ppt", "protected"}
    )  # fmt: skip
    return Kind(found, said if said and said != found and not alike else "")


def _by_content(content: bytes) -> str:
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(content)
    if content.startswith(_OLE):
        return _kind_of_ole(content)
    for start, kind in _STARTS:
        if content.startswith(start) and not (len(start) < 3 and _is_text(content)):
            return kind
    if head.startswith((b"{\\rtf", b"%!PS")):
        return "rtf" if head.startswith(b"{") else "ps"
    if content[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "audio"}.get(content[8:12], "video")
    if content[4:8] == b"ftyp":
        return "heic" if content[8:11] in (b"hei", b"mif", b"avi") else "video"
    if content[:2] in (b"\xff\xfb", b"\xff\xf3"):
        return "audio"
    if content[60:68] == b"BOOKMOBI":
        return "mobi"
    return "text" if _is_text(content) else "unknown"


def _is_text(content: bytes) -> bool:
    """Tell text from what is none: control characters are rare in one, whatever its encoding."""
    sample = content[:65536]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in sample:  # UTF-16 without a mark has one in nearly every second place
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        return max(even, odd) > 0.3 * len(sample) / 2 and min(even, odd) < 0.05 * len(sample) / 2
    controls = sum(sample.count(bytes([one])) for one in range(32) if one not in (9, 10, 11, 12, 13, 27))
    return controls <= 0.01 * len(sample)


def _kind_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist()[:5000])
            mimetype = ""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mimetype = archive.read("mimetype").decode("ascii", "replace")
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        EOFError,
        OverflowError,
    ):
        names, mimetype = set(), ""
        if b"word/document" in content:
            return "docx"
        if b"application/epub+zip" in content[:200]:
            return "epub"
    if "epub" in mimetype or "META-INF/container.xml" in names:
        return "epub"
    for part, kind in (("opendocument.text", "odt"), ("opendocument.spread", "ods"), ("opendocument.pres", "odp")):
        if part in mimetype:
            return kind
    for start, kind in (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"), ("Index/", "pages")):
        if any(name.replace("\\", "/").startswith(start) for name in names):
            return kind
    return "zip"


def _kind_of_ole(content: bytes) -> str:
    names = {
        "EncryptedPackage": "protected", "WordDocument": "doc", "Workbook": "xls", "PowerPoint Document": "ppt",
    }  # fmt: skip
    return next((kind for name, kind in names.items() if name.encode("utf-16-le") in content), "ole")


def _kind_of_text(content: bytes, said: str) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    if encoding == "utf-8" and b"\0" in content[:200]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    head = content[:8192].decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
    start = head.lstrip("\ufeff \t\n")
    if _VTT.match(head.lstrip("\n ")):
        return "vtt"
    if _SRT.match(head.lstrip("\ufeff")):
        return "srt"
    if re.match(r"(?:From|MIME-Version|Subject):", start) and "multipart/related" in head:
        return "mhtml"
    if start.startswith("<"):
        if re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]", start, re.DOTALL):
            return "svg"
        if _HTML.search(start[:4096]) and said != "markdown":
            return "html"
        if start.startswith("<?xml"):
            return "xml"
    if said in ("html", "markdown"):
        return said
    return "text"
