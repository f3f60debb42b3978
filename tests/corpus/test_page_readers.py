"""Guards how pages of HTML and books in EPUB are read."""

import io
import re
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import undo_cleaning
from corpus.errors import CorpusError
from corpus.readers import epub, html
from corpus.readers.assemble import assemble
from corpus.readers.extracted import Extracted
from corpus.schema import Kind


def read(page: str | bytes, name: str = "a.html") -> Extracted:
    """Read a page and hold what every reader promises against what it gives."""
    found = html.read(page.encode() if isinstance(page, str) else page, name)
    check(found)
    return found


def check(found: Extracted) -> None:
    position = 0
    for block in found.blocks:
        assert position <= block.start <= block.end
        position = block.end
    if any(re.search(r"\w", found.text[one.start : one.end]) for one in found.blocks if one.kind != "heading"):
        assert undo_cleaning(assemble(found, document_id="a", name="a")) == found.source


def shown(found: Extracted) -> list[tuple[str, str]]:
    return [(one.kind, found.text[one.start : one.end].strip()) for one in found.blocks if one.kind != "break"]


PAGE = """<!doctype html><html><head><meta charset=utf-8><title>Guide to co-design | NHS Site</title>
<meta name=author content="Ann Lee"><meta property=article:published_time content=2021-05-01T10:00>
<style>.x{display:none} @media print{.y{display:none}}</style></head>
<body class="has-sidebar"><div id="cookie-banner">We use cookies. Accept all</div>
<header><a href=/>Home</a> Search this site</header><nav><ul><li><a href=/a>Menu one</a></ul></nav>
<main><h1>Guide to co-design<a class=headerlink href=#x>¶</a></h1>
<p>First <b>pa</b>ra with note<sup><a href="#fn1" id=r1>1</a></sup>.<span class=x>gone</span> <span class=y>seen</span>
<script>var gone = 1</script><span aria-hidden=true>gone</span><span style="display:none">gone</span></p>
<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul><ol start=3><li>three</li><li>four</li></ol>
<table><caption>Costs</caption><tr><th>Site<th>Cost</tr><tr><td>Leeds<td><p>£5</p><p>each</p></tr></table>
<p>Old <del>gone</del> <ins>new</ins> text.<br>Line two</p><div class="share-buttons"><a href=/x>Share this</a></div>
<pre>a
b</pre><aside class="related-links"><h2>Related</h2><a href=/x>Other pages</a></aside>
<div class="footnotes"><ol><li id="fn1">The note. <a href="#r1">↩</a></li></ol></div></main>
<footer>Copyright, all rights</footer></body></html>"""


def test_page_is_its_article() -> None:
    found = read(PAGE)
    assert shown(found) == [
        ("heading", "Guide to co-design"),
        ("paragraph", "First para with note. seen"),
        ("item", "one"),
        ("item", "inner"),
        ("item", "two"),
        ("item", "3. three"),
        ("item", "4. four"),
        ("paragraph", "Costs"),
        ("row", "Site\tCost"),
        ("row", "Leeds\t£5 each"),
        ("paragraph", "Old new text.\nLine two"),
        ("paragraph", "a\nb"),
        ("note", "The note."),
    ]
    assert (found.title, found.authors, found.year) == ("Guide to co-design", ("Ann Lee",), 2021)
    assert "gone" not in found.text
    note = found.blocks[-1]
    assert (note.number, found.text[: note.anchor or 0][-4:]) == (1, "note")


#: Pages without a main element, as many sites have made them: what is furniture, and the words that are not.
SITES = {
    "wordpress": '<div id="page"><div id="masthead"><a href=/>Blog</a></div><div class="entry-content"><p>{words}</p></div>'
    '<div class="sharedaddy">Share on X</div><div id="comments"><p>Nice post</p></div><div id="secondary" class="widget-area '
    'sidebar"><ul><li><a href=/1>Post one</a><li><a href=/2>Post two</a></ul></div></div>',
    "wiki": '<div id="mw-navigation">Navigation</div><div id="content"><h1>Co-production</h1><div id="siteSub">From Wiki</div>'
    '<div id="mw-content-text"><div class="mw-parser-output"><p>{words}<sup class=reference><a href="#cite_note-1">[1]</a>'
    '</sup></p><h2>History<span class="mw-editsection">[<a href=/e>edit</a>]</span></h2><p>More.</p><ol class=references>'
    '<li id="cite_note-1"><a href="#cite_ref-1">^</a> Smith, J.</li></ol></div></div><div id="catlinks">Categories</div></div>',
    "old tables": "<table><tr><td><a href=a.htm>Home</a><br><a href=b.htm>About</a><br><a href=c.htm>News</a><br>"
    "<a href=d.htm>Links</a></td><td><h1>Title</h1><p>{words}</p></td></tr></table>",
    "docbook": '<div class="navheader"><table><tr><td><a href=p>Prev</a></td><td><a href=n>Next</a></td></tr></table></div>'
    '<div class="chapter"><h1>Chapter 2</h1><div class="toc"><b>Table of Contents</b><a href=#a>First</a></div><p>{words}</p>'
    '</div><div class="navfooter">Prev Up Next</div>',
    "gov": '<a href="#content" class="govuk-skip-link">Skip to main content</a><div class="gem-c-cookie-banner">Cookies on GOV'
    '</div><div class="govuk-breadcrumbs"><a href=/>Home</a></div><main id="content"><h1>Title</h1><div class="govspeak">'
    '<p>{words}</p></div><div class="gem-c-share-links">Share this page</div></main><div class="gem-c-feedback">Is this '
    "page useful?</div>",
}
FURNITURE = (
    "Blog Share Nice Post Navigation From edit Categories Home About News Prev Next Table Contents Skip Cookies Is Up"
)


@pytest.mark.parametrize("site", SITES)
def test_menus_of_many_kinds_of_sites_are_left_out(site: str) -> None:
    words = "We asked people with lived experience to design the study with us, and they said what mattered. " * 4
    found = read(f"<html><head><title>T</title></head><body>{SITES[site].format(words=words)}</body></html>")
    assert " ".join(words.split()) in found.text
    assert not set(FURNITURE.split()).intersection(re.findall(r"\w+", found.text))


def test_charset_is_the_files_own_and_scripts_are_said_to_be_missing() -> None:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2"></head><body><p>Łódź żółw</p>'
    assert shown(read(page.encode("iso-8859-2")))[0][1] == "Łódź żółw"
    assert shown(read("\ufeff<p>żółw</p>".encode("utf-16")))[0][1] == "żółw"
    found = html.read(b"<html><body><div id=root>Loading</div><script src=a.js></script>", "a.html")
    assert [(one.code, one.partly) for one in found.remarks] == [("made_by_scripts", True)]


def test_page_nested_without_end_is_refused_at_once() -> None:
    begun = time.process_time()
    with pytest.raises(CorpusError, match="200,000 deep"):
        html.read(b"<div>" * 200_000 + b"x", "a.html")
    assert time.process_time() - begun < 5


TAGS = st.sampled_from(
    "p div b i ul li ol table tr td th h2 a section span blockquote sup br pre dl dt dd figure".split()
)
TREE = st.recursive(
    st.sampled_from(["alpha", "beta", " gamma ", "delta.", "&amp;", "\n", " "]),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(
        lambda one: f"<{one[0]}>{''.join(one[1])}</{one[0]}>"
    ),
    max_leaves=25,
)


@settings(max_examples=120, deadline=None)
@given(TREE)
def test_no_word_of_an_article_is_lost_or_doubled(inside: str) -> None:
    found = read(f"<html><body><main>{inside}</main></body></html>")
    for word in ("alpha", "beta", "gamma", "delta"):
        assert found.text.count(word) == inside.count(word), found.text
    assert sum(len(found.text[one.start : one.end].split()) for one in found.blocks) == len(found.text.split())


CHAPTER = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'


def book(files: dict[str, str], spine: list[str], extra: dict[str, str] | None = None) -> bytes:
    """Write an EPUB with some chapters."""
    items = "".join(f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in files)
    refs = "".join(f'<itemref idref="{name}"/>' for name in spine)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>The Book</dc:title><dc:creator>Ann Lee</dc:creator><dc:date>2019-02-03</dc:date></metadata>"
        f'<manifest>{items}<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/></manifest>'
        f"<spine>{refs}</spine></package>"
    )
    nav = '<nav epub:type="toc"><ol><li><a href="two.xhtml">Chapter the second</a></li></ol></nav>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/epub+zip")
        file.writestr("META-INF/container.xml", '<container><rootfile full-path="OPS/package.opf"/></container>')
        file.writestr("OPS/package.opf", package)
        file.writestr("OPS/nav.xhtml", CHAPTER.format(nav))
        for name, words in files.items():
            file.writestr(f"OPS/{name}.xhtml", CHAPTER.format(words))
        for name, words in (extra or {}).items():
            file.writestr(name, words)
    return out.getvalue()


def test_book_is_read_in_the_order_of_its_spine_with_its_notes() -> None:
    files = {
        "two": '<p>Second<a epub:type="noteref" href="notes.xhtml#n1">1</a>.<script/> End.</p>',
        "one": '<h1>First</h1><p>Words <span epub:type="pagebreak" title="12"/>here.</p><p>On page 12.</p>',
        "notes": '<h2>Notes</h2><aside id="n1" epub:type="footnote"><p>1. A note.</p></aside>',
    }
    found = epub.read(book(files, ["one", "two", "notes"]), "a.epub")
    check(found)
    assert shown(found) == [
        ("heading", "First"),
        ("paragraph", "Words here."),
        ("paragraph", "On page 12."),
        ("heading", "Chapter the second"),
        ("paragraph", "Second. End."),
        ("heading", "Notes"),
        ("note", "1. A note."),
    ]
    assert (found.title, found.authors, found.year) == ("The Book", ("Ann Lee",), 2019)
    document = assemble(found, document_id="a", name="a")
    note = document.passages[-1]
    assert (note.kind, note.note, note.lead_in) == (Kind.FOOTNOTE, 1, "Second.")
    places = [(document.place_of(one.start, one.end).place, document.place_of(one.start, one.end).page_label) for one in document.passages]  # fmt: skip
    assert places[0] == ("one.xhtml", None)
    assert ("Chapter the second", None) in places
    assert any(spot.page_label == "12" for spot in found.spots)


def test_book_that_is_locked_or_broken_is_refused_and_scrambled_fonts_are_not() -> None:
    lock = '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>'
    good = {"one": "<p>Words.</p>"}
    for way, locked in (
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", True),
        ("http://www.idpf.org/2008/embedding", False),
    ):
        content = book(good, ["one"], {"META-INF/encryption.xml": lock.format(way)})
        if locked:
            with pytest.raises(CorpusError, match="locked"):
                epub.read(content, "a.epub")
        else:
            assert shown(epub.read(content, "a.epub")) == [("paragraph", "Words.")]
    with pytest.raises(CorpusError, match="names no chapter"):
        epub.read(book(good, ["other"]), "a.epub")
