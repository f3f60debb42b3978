"""Guards how any file is read: told by its content, in a process of its own that may die, and refused with a reason."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.readers.isolated import IsolatedReader, Limits, seconds_for
from corpus.readers.read import ReadFile, read_content, read_file
from corpus.readers.sniff import sniff
from tests.corpus.pdfs import pdf, write

WORDS = b"# Title\n\nSome words that can be quoted.\n"


def zipped(**members: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.fixture(scope="module")
def small() -> Iterator[IsolatedReader]:
    """A reader with little time and memory."""
    with IsolatedReader(Limits(seconds=2, memory_mb=1200, max_output=30_000)) as reader:
        yield reader


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@pytest.mark.parametrize(
    ("name", "content", "format_", "said"),
    [
        ("a.pdf", b"%PDF-1.7\n", "pdf", ""),
        ("a.pdf", PNG, "png", "pdf"),
        ("a.docx", b"\n\n%PDF-1.4\n", "pdf", "docx"),
        ("a.docx", zipped(word__document=b"x"), "docx", ""),
        ("a.zip", zipped(word__document=b"x"), "docx", "zip"),
        ("a", zipped(mimetype=b"application/epub+zip"), "epub", ""),
        ("a.odt", zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "odt", ""),
        ("a.pptx", zipped(ppt__presentation=b"x"), "pptx", ""),
        ("a.doc", OLE + "WordDocument".encode("utf-16-le"), "doc", ""),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "protected", ""),
        ("a.doc", b"{\\rtf1 words}", "rtf", "doc"),
        ("a.txt", b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\nx", "vtt", "txt"[:0] + "text"),
        ("a.srt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nx", "srt", ""),
        ("a.htm", b"<!-- c --><!DOCTYPE html><p>x", "html", ""),
        ("a.md", b"<div>x</div>\n\n# T", "markdown", ""),
        ("a.txt", "Words.".encode("utf-16-le"), "text", ""),
        ("a.md", "Words.".encode("utf-16"), "markdown", ""),
        ("a.txt", b"BM is a word at the start.", "text", ""),
        ("a.txt", bytes(range(256)) * 20, "unknown", "text"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "jpeg", ""),
    ],
)
def test_content_decides_what_a_file_is(name: str, content: bytes, format_: str, said: str) -> None:
    kind = sniff(content, name)
    assert (kind.format, kind.said) == (format_, said)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.pdf",
            PNG,
            r"it is a picture \(PNG\), though its name ends as that of a PDF does; that is not read\. .*OCR",
        ),
        ("a.odt", zipped(mimetype=b"application/vnd.oasis.opendocument.text"), r"OpenDocument text.*save it as a Word"),
        ("a.rtf", b"{\\rtf1 x}", r"Rich Text.*save it as a Word"),
        ("a.pptx", zipped(ppt__a=b"x"), r"PowerPoint.*Export"),
        ("a.doc", OLE + "WordDocument".encode("utf-16-le"), r"old Word file.*save it as a Word"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), r"protected by a password"),
        ("a.mp3", b"ID3" + bytes(50), r"sound recording.*transcript"),
        ("a.bin", bytes(range(256)) * 20, r"no kind of file that is known"),
        ("a.txt", b" \n\n", "it is empty"),
    ],
)
def test_what_is_not_read_is_refused_by_name_with_what_to_do(name: str, content: bytes, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        read_content(content, name=name, document_id="a")


def test_file_whose_ending_is_wrong_is_read_and_said() -> None:
    content = pdf(lambda canvas: write(canvas, 72, 700, ["Some words that can be quoted."]) and None)
    found = read_content(content, name="a.docx", document_id="a")
    assert (found.format, found.remarks[0].code) == ("pdf", "ending")
    assert "ends as that of a Word file" in found.remarks[0].text


def test_file_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "my_notes.md"
    path.write_bytes(WORDS)
    found = read_file(path, document_id="mine")
    assert found == read_content(WORDS, name=path.name, document_id="mine")
    assert (found.format, found.document.id, found.document.title) == ("markdown", "mine", "Title")


def test_only_ordinary_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(WORDS)
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.md")
    for name in ("link.md", "pipe.md", "."):
        if (tmp_path / name).exists():
            with pytest.raises(CorpusError, match="no ordinary file"):
                read_file(tmp_path / name, document_id="a")
    with pytest.raises(CorpusError, match="cannot be opened: No such file"):
        read_file(tmp_path / "none.md", document_id="a")
    with pytest.raises(CorpusError, match="larger than 0 MB"):
        read_file(tmp_path / "a.md", document_id="a", limits=Limits(max_bytes=10))


@pytest.mark.skipif(sys.platform == "win32", reason="the system counts no time there")
def test_process_that_takes_too_long_or_too_much_is_replaced(small: IsolatedReader) -> None:
    def read(content: bytes, name: str = "a.md") -> ReadFile:
        return ReadFile.model_validate_json(small.read(content, name=name, document_id="a"))

    with pytest.raises(CorpusError, match="takes longer to read than the 2 seconds"):
        read(b"A sentence of some words. " * 1_500_000)
    assert read(WORDS).document.passages[0].text == "Some words that can be quoted."
    with pytest.raises(CorpusError, match="more words than any document"):
        read(WORDS * 60)
    assert small._process is not None
    first = small._process.pid
    small._process.kill()  # as a crash inside a library does
    small._process.wait()
    assert read(WORDS).document.passages
    assert small._process.pid != first


def test_process_may_neither_write_nor_connect_nor_start_anything() -> None:
    tries = {
        "open('x.txt', 'w')": "no file is written",
        "__import__('socket').create_connection(('127.0.0.1', 9))": "not allowed",
        "__import__('subprocess').run(['true'])": "not allowed",
        "__import__('os').remove('x')": "not allowed",
    }
    for code, said in tries.items():
        whole = f"import sys\nfrom corpus.readers.isolated import _forbid\nsys.addaudithook(_forbid)\n{code}"
        done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=False, timeout=60)
        assert re.search(said, done.stderr), done.stderr


def test_only_a_whole_pdf_of_many_real_pages_has_more_time() -> None:
    limits = Limits()
    assert seconds_for(b"x" * 10_000_000, limits) == 8
    assert seconds_for(b"%PDF-" + b"/Type/Page " * 200_000, limits) == pytest.approx(120)
    assert seconds_for(b"%PDF-" + b"/Page" * 9, limits) == 8
    tiny = b"%PDF-" + b"/Kids[3 0 R]" + b"/Page " * 2000  # more pages than its bytes can hold
    assert seconds_for(tiny, limits) == 8
