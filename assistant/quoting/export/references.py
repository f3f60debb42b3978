"""Write references to the documents quoted: Vancouver text, RIS and BibTeX, from their fields.

RIS and BibTeX hold the words too, one note for each quotation, so that Zotero makes one item of a document, and of each
quotation a note of that item. What else is said goes into a field that makes no note.

Sources: NLM, Citing Medicine, 2nd edition, chapter 5 (reports); the RIS format of Research Information Systems (2011);
O. Patashnik, BibTeXing (1988); Zotero's translators RIS and BibTeX (2023), for what becomes of each field.
"""

import html
import re
from collections.abc import Callable

from assistant.quoting.cite import place_of
from assistant.quoting.export.collect import Collection, Quotation
from assistant.quoting.visible import in_one_line
from corpus.errors import CoproduceError
from corpus.schema import Document

#: More authors than this are cut to as many, and "et al.".
MAX_AUTHORS = 6
_PARTICLES = {"von", "van", "der", "den", "de", "da", "del", "di", "du", "la", "le", "ten", "ter", "bin", "ibn"}
_TEX = {
    **{character: f"\\{character}" for character in "&%$#_"},
    "\\": "\\textbackslash{}",
    # Not \{ and \}: BibTeX counts braces, whatever stands before them.
    "{": "\\textbraceleft{}",
    "}": "\\textbraceright{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
}
#: What a reader of notes would take for HTML: the beginning of a tag, or an entity.
_HTML = re.compile(r"<(?=[a-zA-Z/!?])|&(?=#?\w+;)")


def split_name(name: str) -> tuple[str, str]:
    """Split a person's name into family name and given names.

    >>> split_name("Chris McKevitt"), split_name("Anna van den Berg"), split_name("Okoro, Ada"), split_name("WHO")
    (('McKevitt', 'Chris'), ('van den Berg', 'Anna'), ('Okoro', 'Ada'), ('WHO', ''))
    """
    name = in_one_line(name)
    if "," in name:
        family, _, given = name.partition(",")
        return family.strip(), given.strip()
    words = name.split(" ")
    first = len(words) - 1
    while first > 1 and words[first - 1].casefold() in _PARTICLES:
        first -= 1
    return " ".join(words[first:]), " ".join(words[:first])


def title_of(document: Document) -> str:
    """Give a document's title without the year in brackets at its end: a reference says the year in its own place."""
    title = in_one_line(document.title)
    return title.removesuffix(f"({document.year})").rstrip() or title


def vancouver(document: Document) -> str:
    """Write a reference as Vancouver text."""
    names = [split_name(author) for author in document.authors]
    authors = [" ".join(part for part in (family, _initials(given)) if part) for family, given in names]
    listed = ", ".join([*authors[:MAX_AUTHORS], *(["et al"] if len(authors) > MAX_AUTHORS else [])])
    published = "; ".join(part for part in (in_one_line(document.publisher), str(document.year or "")) if part)
    parts = [_stop(part) for part in (listed, title_of(document), published) if part]
    return " ".join([*parts, *([f"Available from: {in_one_line(document.url)}"] if document.url else [])])


def _initials(given: str) -> str:
    return "".join(word[0].upper() for word in re.split(r"[\s.-]+", given) if word)


def _stop(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def locator_of(quotation: Quotation) -> str:
    """Say where a quotation stands in its document, and who said it: what a reference's locator can hold."""
    citation = quotation.citation
    first, last = quotation.lines
    lines = f"line {first}" if first == last else f"lines {first}–{last}"
    who = f" ({citation.speaker})" if citation.speaker else ""
    return in_one_line(f"{place_of(citation.section, citation.section_title)}, {lines}{who}")


def places(collection: Collection, document: Document) -> list[str]:
    """Say where in a document the quotations stand, each place once, in the order of the quotations."""
    return list(dict.fromkeys(locator_of(one) for one in collection.quotations_of(document)))


def quoted_words(collection: Collection, document: Document) -> list[str]:
    """Give the words quoted of a document, each quotation with whose words they are and where they stand."""
    return [in_one_line(f"{one.words} {one.attribution}") for one in collection.quotations_of(document)]


def write_vancouver(collection: Collection, _: str = "") -> str:
    """Write a numbered list of references as plain text, with the places quoted."""
    lines = [collection.title, collection.made_on, "", "References", ""]
    for number, document in enumerate(_quoted(collection), start=1):
        lines += [f"{number}. {vancouver(document)}", f"   Quoted: {'; '.join(places(collection, document))}.", ""]
    if asked := _asked(collection):
        lines += ["Questions", "", *asked, ""]
    return "\n".join([*lines, "Notes", "", *map(in_one_line, collection.notes), ""])


def write_ris(collection: Collection, _: str = "") -> str:
    """Write references as RIS, each quotation as a note. Lines end with CR LF, as the format has it."""
    lines: list[str] = []
    for document in _quoted(collection):
        names = [", ".join(part for part in split_name(author) if part) for author in document.authors]
        fields = [
            ("TY", "RPRT"),
            # An asterisk is not allowed in a name.
            *(("AU", name.replace("*", "")) for name in names),
            ("TI", title_of(document)),
            ("PB", document.publisher),
            ("PY", str(document.year or "")),
            ("UR", document.url or ""),
            # Zotero reads notes as HTML, and nothing of a document may come alive in them.
            *(("N1", _HTML.sub(_as_entity, words)) for words in quoted_words(collection, document)),
            ("M2", _about(collection)),  # which Zotero calls "Extra"
        ]
        # A value is one line: a line of its own could begin a field or end the record.
        written = [(tag, in_one_line(value)) for tag, value in fields]
        lines += [*(f"{tag}  - {value}" for tag, value in written if value), "ER  - ", ""]
    return "\r\n".join(lines)


def write_bibtex(collection: Collection, _: str = "") -> str:
    """Write references as BibTeX, each quotation as an `annote`, as Zotero itself writes several notes of an item.

    BibTeX warns of a field that is there twice, and takes the first; no style prints this one.
    """
    entries: list[str] = []
    keys: set[str] = set()
    for document in _quoted(collection):
        stem = re.sub(r"[^a-z0-9-]+", "-", document.id.casefold()).strip("-") or "document"
        key = next(key for key in (stem, *(f"{stem}-{number}" for number in range(2, 10_000))) if key not in keys)
        keys.add(key)
        fields = [
            ("author", " and ".join(map(_tex_name, document.authors))),
            # Braces keep the capitals of a title.
            ("title", f"{{{tex(title_of(document))}}}"),
            ("institution", tex(document.publisher)),
            ("year", str(document.year or "")),
            ("url", tex(document.url or "")),
            *(("annote", tex(words)) for words in quoted_words(collection, document)),
            ("about", tex(_about(collection))),  # a name that no style and no program knows
        ]
        written = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields if value)
        entries.append(f"@techreport{{{key},\n{written}\n}}\n")
    return "\n".join(entries)


def tex(text: str) -> str:
    """Escape text for a BibTeX field: one line, in which no character is a command or ends the field."""
    return "".join(_TEX.get(character, character) for character in in_one_line(text))


def _tex_name(name: str) -> str:
    family, given = split_name(name)
    if not given or re.search(r"\band\b", name, re.IGNORECASE):
        return f"{{{tex(name)}}}"  # one name, whatever words it has
    return f"{{{tex(family)}}}, {tex(given)}"


def _as_entity(found: re.Match[str]) -> str:
    return html.escape(found[0])


def _about(collection: Collection) -> str:
    """Say when and with what a file was made, what was asked, and what stands with every answer."""
    return " ".join([collection.made_on, *_asked(collection), *collection.notes])


def _asked(collection: Collection) -> list[str]:
    """List the questions, each with what was said where nothing was quoted."""
    parts = [part for part in collection.parts if part.question or part.refusal]
    return [in_one_line(f"Asked: {part.question} {part.refusal}") for part in parts]


def _quoted(collection: Collection) -> tuple[Document, ...]:
    if not collection.documents:
        raise CoproduceError("nothing is quoted, so there are no references. Choose another format for the questions.")
    return collection.documents


#: How a file of references is written.
WRITERS: dict[str, Callable[[Collection, str], str]] = {
    "vancouver": write_vancouver,
    "ris": write_ris,
    "bibtex": write_bibtex,
}
