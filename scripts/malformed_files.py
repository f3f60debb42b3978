"""Read malformed and hostile files, and show in a table that none takes long, fills memory or harms the reader.

    python scripts/malformed_files.py [--number 2000] [--seed 15]

Malformed files are made from good ones by a seeded generator: bytes flipped, cut, doubled, swapped, numbers made huge,
streams broken. Hostile ones are written by hand below. Nothing is written to disk but in a folder of its own.
"""

import argparse
import contextlib
import io
import os
import random
import resource
import socket
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from corpus.errors import CorpusError
from corpus.readers.isolated import IsolatedReader, Limits
from corpus.readers.read import ReadFile, read_bytes

WORDS = "People who use services were asked what mattered to them, and said it. " * 12


def good_files() -> dict[str, bytes]:
    """Make one good file of each format that is read."""
    from docx import Document as Word  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for page in range(3):
        for line in range(40):
            canvas.drawString(72, 780 - 14 * line, f"Page {page}, line {line}: {WORDS[:60]}")
        canvas.showPage()
    canvas.save()
    word, file = Word(), io.BytesIO()
    word.add_heading("Title", 1)
    for number in range(12):
        word.add_paragraph(f"{number}. {WORDS[:200]}")
    word.add_table(3, 3).cell(0, 0).text = "cell"
    word.save(file)
    html = f"<!doctype html><html><head><title>T</title></head><body><h1>T</h1><p>{WORDS}</p><table><tr><td>a</table></body></html>"  # noqa: E501 - a file as it is
    markdown = f"# Title\n\n{WORDS}\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |\n"
    cues = "".join(f"00:00:{n:02}.000 --> 00:00:{n + 1:02}.000\n<v Ann>{WORDS[:70]}\n\n" for n in range(40))
    srt = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{WORDS[:70]}\n\n" for n in range(1, 40))
    return {
        "pdf": out.getvalue(), "docx": file.getvalue(), "html": html.encode(), "md": markdown.encode(),
        "txt": f"Ann: {WORDS}\n\nBo: {WORDS}\n".encode("utf-16"), "vtt": f"WEBVTT\n\n{cues}".encode(), "srt": srt.encode(),  # noqa: E501 - a file as it is
        "epub": epub(f"<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>T</h1><p>{WORDS}</p></body></html>".encode()),
    }  # fmt: skip


def epub(chapter: bytes, **more: bytes) -> bytes:
    """Make a book of one chapter."""
    container = b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'  # noqa: E501 - a file as it is
    opf = b'<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'  # noqa: E501 - a file as it is
    members = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container,
        "c.opf": opf,
        "a.xhtml": chapter,
    }
    return zipped({**members, **more})


def zipped(members: dict[str, bytes]) -> bytes:
    """Make a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def malformed(good: bytes, chance: random.Random) -> bytes:
    """Spoil a good file in one to six places."""
    content = bytearray(good)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(max(len(content), 1)), chance.choice((1, 2, 8, 64, 512))
        match chance.randrange(9):
            case 0:
                content[at : at + length] = chance.randbytes(length)
            case 1:
                del content[at : at + length]
            case 2:
                content[at:at] = content[at : at + length] * chance.randint(1, 40)
            case 3:
                del content[at:]
            case 4:
                content[at : at + length] = b"\0" * length
            case 5:
                content[at : at + 4] = struct.pack("<I", chance.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF)))
            case 6:
                other = chance.randrange(max(len(content), 1))
                content[at : at + length] = content[other : other + length]
            case 7:
                digits = [place for place, byte in enumerate(content) if 48 <= byte <= 57]
                if digits:
                    place = chance.choice(digits)
                    content[place : place + 1] = chance.choice((b"99999999999", b"-1", b"0"))
            case _:
                content += chance.randbytes(length)
        if not content:
            content = bytearray(b" ")
    return bytes(content)


def pdf_of(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """Write a PDF of objects, numbered from 1, as they are."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, trailer, start)
    return bytes(out)


def stream(content: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """Write a stream that is already filtered."""
    return b"<</Length %d/Filter %s>>\nstream\n" % (len(content), filters) + content + b"\nendstream"


def page_pdf(contents: bytes, *, page: bytes = b"", trailer: bytes = b"", tree: bytes | None = None) -> bytes:
    """Write a PDF of one page with a stream."""
    return pdf_of(
        b"<</Type/Catalog/Pages 2 0 R>>",
        tree or b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>%s>>" % page,
        contents,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        trailer=trailer,
    )


def hostile_files() -> dict[str, bytes]:
    """Give the files made by hand, by what their name in a folder would be."""
    text = b"BT /F 12 Tf 72 700 Td (Some words that anybody may read here.) Tj ET "
    flate = zlib.compress(text)
    for _ in range(8):
        flate = zlib.compress(flate)
    bomb = zlib.compress(zlib.compress(b"0" * 400_000_000, 9), 9)
    laugh = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    entities = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{laugh}]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>'.encode()
    outside = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&f;</w:t></w:r></w:p></w:body></w:document>'
    kinds = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'  # noqa: E501 - a file as it is
    rels = b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'  # noqa: E501 - a file as it is
    word = {"[Content_Types].xml": kinds, "_rels/.rels": rels}
    nest = 200_000
    good = good_files()
    return {
        "zip bomb.docx": zipped({**word, "word/document.xml": b"<w>" + b" " * 800_000_000}),
        "entities.docx": zipped({**word, "word/document.xml": entities}),
        "entity of a file.docx": zipped({**word, "word/document.xml": outside}),
        "climbs.epub": epub(b"<p>Words.</p>", **{"../../../../tmp/h15-climbed": b"x"}),
        "book of bombs.epub": epub(b"<html><body><p>" + b"a " * 200_000_000),
        "nested flate.pdf": page_pdf(stream(flate, b"[" + b"/FlateDecode " * 9 + b"]")),
        "flate bomb.pdf": page_pdf(stream(bomb, b"[/FlateDecode /FlateDecode]")),
        "circular prev.pdf": page_pdf(stream(zlib.compress(text)), trailer=b"/Prev 9"),
        "circular pages.pdf": page_pdf(stream(zlib.compress(text)), tree=b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>"),
        "many pages.pdf": page_pdf(
            stream(zlib.compress(text)), tree=b"<</Type/Pages/Kids[" + b"3 0 R " * 200_000 + b"]/Count 200000>>"
        ),
        "count lies.pdf": page_pdf(stream(zlib.compress(text)), tree=b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>"),
        "million letters.pdf": page_pdf(
            stream(zlib.compress(b"BT /F 1 Tf " + b"(abcdefghij) Tj " * 1_000_000 + b"ET"))
        ),
        "million paths.pdf": page_pdf(stream(zlib.compress(text + b"0 0 m 9 9 l S " * 1_000_000))),
        "deep saves.pdf": page_pdf(stream(zlib.compress(b"q " * 1_000_000 + text))),
        "a picture.pdf": b"\x89PNG\r\n\x1a\n" + bytes(2000),
        "a pdf.docx": good["pdf"],
        "a program.txt": b"MZ" + bytes(range(256)) * 40,
        "nul.txt": b"Some words.\0\0More words.\0",
        "one line of 10 MB.txt": b"words and more words without an end " * 290_000,
        "one word of 10 MB.md": b"x" * 10_000_000,
        "deep.html": b"<html><body>" + b"<div>" * nest + b"Words." + b"</div>" * nest,
        "deep.md": b">" * nest + b" words\n\n" + b"[" * nest + b"\n\n" + b"- " * 5000 + b"x",
        "deep.docx": zipped(
            {
                **word,
                "word/document.xml": b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
                + b"<w:p><w:r>" * nest,
            }
        ),
        "brackets.html": b"<p>" + b"<" * 3_000_000,
        "cues.vtt": b"WEBVTT\n\n" + b"00:00.000 --> 00:00.001\nx\n\n" * 100_000,
        "line\nbreak.txt": b"Words of a file whose name has a line break.",
        "=cmd()<b>[x](y).txt": b"Words of a file whose name has markup and a formula.",
        f"{'n' * 249}.txt": b"Words of a file with a long name.",
        "empty.pdf": b"",
        "half.pdf": good["pdf"][: len(good["pdf"]) // 2],
        "labels.txt": b"".join(b"A%d: words\n" % number for number in range(200_000)),
    }


def special_places(folder: Path) -> Iterator[tuple[str, Path]]:
    """Make what no reader may open: a pipe, a socket, a link, a folder."""
    os.mkfifo(folder / "pipe.txt")
    yield "a pipe", folder / "pipe.txt"
    with socket.socket(socket.AF_UNIX) as place, contextlib.suppress(OSError):
        place.bind(str(folder / "s"))
        yield "a socket", folder / "s"
    (folder / "link.txt").symlink_to("/etc/hostname")
    yield "a link", folder / "link.txt"
    yield "a folder", folder
    yield "a device", Path("/dev/zero")


class Table:
    """Counts what came of the files."""

    def __init__(self, reader: IsolatedReader) -> None:
        self.process = lambda: reader._process.pid if reader._process else None
        self.worked: dict[str, float] = defaultdict(float)
        self.rows: dict[str, Counter[str]] = defaultdict(Counter)
        self.longest: dict[str, float] = defaultdict(float)
        self.slow: list[tuple[float, str]] = []
        self.faults: Counter[str] = Counter()

    def run(self, group: str, name: str, read: Callable[[], object]) -> None:
        """Read one file, and count what came of it."""
        process = self.process()
        before, clock = cpu_of(process), time.monotonic()
        try:
            read()
            outcome = "read"
        except CorpusError as error:
            said = str(error)
            outcome = "refused" if "failed" not in said and "seconds" not in said else "stopped"
            if "reading it failed (" in said:
                self.faults[said.split("(")[1].split(")", maxsplit=1)[0]] += 1
        wall = time.monotonic() - clock
        cpu = cpu_of(process) - before if process == self.process() else 0.0
        self.rows[group][outcome] += 1
        self.longest[group] = max(self.longest[group], wall)
        self.worked[group] = max(self.worked[group], cpu)
        self.slow.append((wall, name))

    def show(self) -> None:
        """Print the table."""
        print(f"{'files':<12}{'number':>8}{'read':>8}{'refused':>9}{'stopped':>9}{'longest, s':>12}{'of work, s':>12}")
        for group, counts in self.rows.items():
            total = sum(counts.values())
            counted = f"{group:<12}{total:>8}{counts['read']:>8}{counts['refused']:>9}{counts['stopped']:>9}"
            print(f"{counted}{self.longest[group]:>12.1f}{self.worked[group]:>12.1f}")
        print(
            "slowest:", "; ".join(f"{name[:40]!r} {wall:.1f} s" for wall, name in sorted(self.slow, reverse=True)[:5])
        )
        print("faults of readers that were caught:", dict(self.faults) or "none")


def cpu_of(process: int | None) -> float:
    """Give how long a process has worked, in seconds; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--hostile", action="store_true", help="only the files made by hand")
    given = parser.parse_args()
    chance, limits = random.Random(given.seed), Limits()  # noqa: S311 - repeatable, no secret
    with IsolatedReader(limits) as reader, tempfile.TemporaryDirectory() as name:
        folder, table = Path(name), Table(reader)

        def read(content: bytes, called: str) -> ReadFile:
            return ReadFile.model_validate_json(reader.read(content, name=called, document_id="d"))

        for called, content in hostile_files().items():
            try:
                (folder / called).write_bytes(content)
                table.run(
                    "hostile", called, lambda called=called: read(read_bytes(folder / called, limits.max_bytes), called)
                )
            except OSError:
                table.run("hostile", called, lambda called=called, content=content: read(content, called))
        for called, place in special_places(folder):
            table.run("places", called, lambda place=place: read_bytes(place, limits.max_bytes))
        kinds = sorted(good_files().items())
        for number in range(0 if given.hostile else given.number):
            kind, good = kinds[number % len(kinds)]
            spoilt = malformed(good, chance)
            table.run(
                kind,
                f"{number}.{kind}",
                lambda spoilt=spoilt, kind=kind, number=number: read(spoilt, f"{number}.{kind}"),
            )
        escaped = Path("/tmp/h15-climbed").exists()  # noqa: S108
        alive = bool(read(b"# Words\n\nSome of them.", "after.md").document.passages)
        table.show()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"most memory of a reading process: {peak:.0f} MB of {limits.memory_mb} MB allowed")
    print(f"a member of an archive was written: {escaped}; a good file is read afterwards: {alive}")
    return int(escaped or not alive)


if __name__ == "__main__":
    sys.exit(main())
