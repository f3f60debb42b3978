"""Read a book in EPUB: its chapters in the order of its spine, with their headings, and its notes by their marks."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from corpus.errors import CorpusError
from corpus.readers.archive import Archive
from corpus.readers.composing import Composer
from corpus.readers.docx_xml import local, value_of
from corpus.readers.extracted import Extracted, Remark
from corpus.readers.html import PageWriter, decode_page, note_marks
from corpus.readers.html_article import Article
from corpus.readers.html_tree import Node, parse
from corpus.schema import Spot

#: Ways to scramble fonts, which lock no words.
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_NOT_WORDS = frozenset(("toc", "landmarks", "page-list", "lot", "loi"))
_LINKS = 0.9  # of a list's characters in links: then it is a list of contents
_MANY_LINKS = 5
_CONTENTS = re.compile(r"(?:table of )?contents|inhalt|sommaire|índice", re.IGNORECASE)


@dataclass(frozen=True)
class _Chapter:
    """A file of the spine, read as a page."""

    path: str
    root: Node
    resolve: Callable[[str], str]


class _BookPage(Article):
    """A page of a book: all of it counts but lists of contents."""

    def __init__(self, chapter: _Chapter, paths: frozenset[str]) -> None:
        """Take the whole page; `paths` are those of the book's chapters."""
        super().__init__(chapter.root)
        self.root = self.body
        self._resolve = chapter.resolve
        self._paths = paths

    def is_furniture(self, node: Node) -> bool:
        """Tell whether an element is a list of contents or of pages."""
        kinds = _NOT_WORDS.intersection(f"{node.get('epub:type')} {node.get('role').removeprefix('doc-')}".split())
        if node.tag == "nav" or (kinds and node.tag):
            return True
        if node.tag not in ("ul", "ol") or node.links < _LINKS * node.length:
            return False
        links = [one.get("href") for one in node.walk() if one.tag == "a" and one.get("href")]
        return sum(1 for one in links if self._resolve(one).partition("#")[0] in self._paths) > _MANY_LINKS


def read(content: bytes, name: str) -> Extracted:
    """Read a book in EPUB.

    Raises:
        CorpusError: it is damaged, locked, or has no spine.
    """
    del name
    archive = Archive(content, "EPUB")
    _check_lock(archive)
    package = _package_path(archive)
    root = archive.read_xml(package)
    remarks: list[Remark] = []
    chapters = list(_chapters(archive, package, root, remarks))
    labels = _labels(archive, package, root)
    marks = note_marks([(one.root, one.resolve) for one in chapters])
    out = Composer()
    paths = frozenset(one.path for one in chapters)
    for chapter in chapters:
        _write(out, chapter, _BookPage(chapter, paths), labels.get(chapter.path, ""), marks)
    said = _said(root)
    return out.finish(
        "epub",
        title=next(iter(said.get("title", [])), ""),
        authors=tuple(dict.fromkeys(said.get("creator", []))),
        year=_year(said),
        remarks=tuple(remarks),
    )


def _write(out: Composer, chapter: _Chapter, page: _BookPage, label: str, marks: dict[str, str]) -> None:
    """Write a chapter; where it has no heading of its own, it gets its name in the list of contents."""
    shown = [one for one in page.root.walk() if not one.hidden]
    headings = [one for one in shown if re.fullmatch(r"h[1-6]", one.tag) and one.length]
    if not headings and _CONTENTS.fullmatch(label.strip()) and page.root.links > page.root.length / 2:
        return
    out.stop()
    place = label or posixpath.basename(chapter.path)
    out.spot(Spot(start=0, place=place))
    if label and not headings and page.root.length:
        out.open("heading", level=1)
        out.add(label)
    PageWriter(out, page, marks, chapter.resolve).write(page.root)


def _check_lock(archive: Archive) -> None:
    """Refuse a book whose words are locked. Raises CorpusError."""
    locked = [name for name in ("META-INF/encryption.xml",) if archive.has(name)]
    for name in locked:
        for one in archive.read_xml(name).iter():
            if local(one) == "EncryptedData":
                method = next(
                    (value_of(two, "Algorithm") for two in one.iter() if local(two) == "EncryptionMethod"), ""
                )
                if method not in _FONTS:
                    raise CorpusError(
                        "the book is locked (DRM) and cannot be read. Ask its publisher for a copy without a lock."
                    )
    if archive.has("META-INF/license.lcpl"):
        raise CorpusError("the book is locked (DRM) and cannot be read. Ask its publisher for a copy without a lock.")


def _package_path(archive: Archive) -> str:
    if archive.has("META-INF/container.xml"):
        for one in archive.read_xml("META-INF/container.xml").iter():
            if local(one) == "rootfile" and value_of(one, "full-path"):
                return value_of(one, "full-path")
    found = next((name for name in archive.names if name.casefold().endswith(".opf")), None)
    if found is None:
        raise CorpusError("it is no whole EPUB: it does not say which files the book is. Save or load it again.")
    return found


def _chapters(archive: Archive, package: str, root: etree._Element, remarks: list[Remark]) -> Iterator[_Chapter]:
    """Give the files of the spine in its order; those that stand beside the text come last."""
    items = {value_of(one, "id"): one for one in root.iter() if local(one) == "item"}
    spine = [one for one in root.iter() if local(one) == "itemref"]
    spine.sort(key=lambda one: value_of(one, "linear").casefold() == "no")
    seen: set[str] = set()
    for one in spine:
        item = items.get(value_of(one, "idref"))
        if item is None or "nav" in value_of(item, "properties").split():
            continue
        path = _joined(package, value_of(item, "href"))
        if path in seen or value_of(item, "media-type").casefold() not in _PAGES:
            continue
        seen.add(path)
        try:
            tree, _ = parse(decode_page(archive.read(path)).text, is_xml=True)
        except CorpusError as error:
            remarks.append(
                Remark(code="chapter_not_read", text=f"One chapter ({path}) was not read: {error}", partly=True)
            )
            continue
        yield _Chapter(path, tree, _resolver(path))
    if not seen and not remarks:
        raise CorpusError("it is no whole EPUB: its spine names no chapter. Save or load it again.")


def _resolver(path: str) -> Callable[[str], str]:
    def resolve(link: str) -> str:
        file, _, name = link.partition("#")
        return f"{_joined(path, file) if file else path}#{name}"

    return resolve


def _joined(base: str, link: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(link.partition("#")[0]))).lstrip("/")


def _labels(archive: Archive, package: str, root: etree._Element) -> dict[str, str]:
    """Give the name of each chapter's file in the list of contents: the first that leads to it."""
    found: dict[str, str] = {}
    for item in (one for one in root.iter() if local(one) == "item"):
        path = _joined(package, value_of(item, "href"))
        is_nav = "nav" in value_of(item, "properties").split()
        if not (is_nav or value_of(item, "media-type") == "application/x-dtbncx+xml") or not archive.has(path):
            continue
        try:
            names = _nav_names(archive, path) if is_nav else _ncx_names(archive, path)
            for link, label in names:
                found.setdefault(_joined(path, link), " ".join(label.split()))
        except CorpusError:
            continue  # the chapters are read without it
    return found


def _nav_names(archive: Archive, path: str) -> Iterator[tuple[str, str]]:
    tree, _ = parse(decode_page(archive.read(path)).text, is_xml=True)
    for nav in (one for one in tree.walk() if one.tag == "nav" and "toc" in one.get("epub:type").split()):
        for link in (one for one in nav.walk() if one.tag == "a"):
            yield link.get("href"), link.words()


def _ncx_names(archive: Archive, path: str) -> Iterator[tuple[str, str]]:
    for point in (one for one in archive.read_xml(path).iter() if local(one) == "navPoint"):
        label = next((one for one in point if local(one) == "navLabel"), None)
        link = next((one for one in point if local(one) == "content"), None)
        if label is not None and link is not None:
            yield value_of(link, "src"), "".join(str(one) for one in label.itertext())


def _said(root: etree._Element) -> dict[str, list[str]]:
    """Give what the book says of itself: its title, its authors, its dates."""
    found: dict[str, list[str]] = {}
    for one in root.iter():
        namespace = str(one.tag).rpartition("}")[0]
        words = " ".join((one.text or "").split())
        if words and "purl.org/dc/elements" in namespace:
            event = value_of(one, "event").casefold()
            key = (
                local(one) if local(one) != "date" or event in ("", "publication", "original-publication") else "other"
            )
            found.setdefault(key, []).append(words)
    return found


def _year(said: dict[str, list[str]]) -> int | None:
    for words in said.get("date", []):
        if match := re.match(r"(1\d{3}|20\d\d)\b", words):
            return int(match[0])
    return None
