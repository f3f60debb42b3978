"""Guards what is read: a damaged folder is refused in one clear line, and a copy with the same words is welcome."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import CoproduceError, CorpusError, DocumentDamaged
from corpus.load import (
    LIBRARY,
    entry_of,
    hash_folder,
    library_folders,
    load_document,
    load_library,
    read_manifest,
    read_vocabulary,
)
from corpus.vocabulary import Vocabulary

Spoil = Callable[[Path], object]


def replace_words(name: str, old: str, new: str) -> Spoil:
    """Make a change of words in a file that has them once."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_bytes().decode("utf-8")
        assert text.count(old) == 1
        (folder / name).write_bytes(text.replace(old, new).encode("utf-8"))

    return spoil


def cut_in_half(folder: Path) -> None:
    """Leave the first half of the source."""
    raw = (folder / "source.txt").read_bytes()
    (folder / "source.txt").write_bytes(raw[: len(raw) // 2])


def save_as_windows_text(folder: Path) -> None:
    """Save the source in another encoding."""
    text = (folder / "source.txt").read_bytes().decode("utf-8")
    (folder / "source.txt").write_bytes(text.encode("cp1252"))


def append_to_manifest(line: str) -> Spoil:
    """Make a change that adds a line to the manifest."""

    def spoil(folder: Path) -> None:
        path = folder / "manifest.toml"
        path.write_bytes(path.read_bytes() + line.encode("utf-8"))

    return spoil


# What is done to the folder → the file that the message names, and words that say what was found.
SPOILT: dict[str, tuple[Spoil, str, str]] = {
    "one word changed": (replace_words("source.txt", "Elina Ostrom", "Elinor Ostrom"), "source.txt", "damaged"),
    "a not dropped": (
        replace_words("source.txt", "it’s not always participatory", "it’s always participatory"),
        "source.txt",
        "damaged",
    ),
    "a label swapped": (
        replace_words("source.txt", "[Public partner Z]", "[Public partner A]"),
        "source.txt",
        "damaged",
    ),
    "truncated at half": (cut_in_half, "source.txt", "damaged"),
    "empty": (lambda folder: (folder / "source.txt").write_bytes(b""), "source.txt", "damaged"),
    "not UTF-8": (save_as_windows_text, "source.txt", "not UTF-8"),
    "source missing": (lambda folder: (folder / "source.txt").unlink(), "source.txt", "cannot be read"),
    "manifest missing": (lambda folder: (folder / "manifest.toml").unlink(), "manifest.toml", "is missing"),
    "broken TOML": (append_to_manifest("\nthis is no TOML\n"), "manifest.toml", "cannot be used"),
    "manifest not UTF-8": (
        lambda folder: (folder / "manifest.toml").write_bytes("id = 'é'".encode("cp1252")),
        "manifest.toml",
        "cannot be used",
    ),
    "manifest with an unknown key": (
        replace_words("manifest.toml", 'id = "involve-2017"', 'id = "involve-2017"\nauthor_count = 4'),
        "manifest.toml",
        "author_count",
    ),
    "manifest with a role that no filter could name": (
        replace_words("manifest.toml", 'role = "academic"', 'role = "Night nurse"'),
        "manifest.toml",
        "reader.speakers.0.role: string should match pattern",
    ),
    "manifest without a year": (replace_words("manifest.toml", "\nyear = 2017\n", "\n"), "manifest.toml", "year"),
}
# Words that tell a person what to do next.
REMEDIES = ("Restore", "Reinstall", "reinstalling", "Correct", "Remove", "remove")


@pytest.mark.parametrize("case", SPOILT)
def test_spoilt_folder_is_refused_in_one_clear_line(library: Path, case: str) -> None:
    spoil, file, found = SPOILT[case]
    folder = library / "involve-2017"
    spoil(folder)
    with pytest.raises(CorpusError) as caught:
        load_document(folder)
    message = str(caught.value)
    assert str(folder / file) in message
    assert found in message
    assert "\n" not in message
    assert any(remedy in message for remedy in REMEDIES), message


@pytest.mark.parametrize("case", ["one word changed", "a not dropped", "a label swapped", "truncated at half", "empty"])
def test_damaged_source_says_that_nothing_is_quoted(library: Path, case: str) -> None:
    folder = library / "involve-2017"
    SPOILT[case][0](folder)
    with pytest.raises(DocumentDamaged, match=r"INVOLVE 2017.*Nothing is quoted from it"):
        load_document(folder)


def test_errors_of_the_corpus_are_shown_without_a_traceback() -> None:
    assert issubclass(DocumentDamaged, CorpusError)
    assert issubclass(CorpusError, CoproduceError)


@pytest.mark.parametrize("change", [
    lambda raw: raw.replace(b"\n", b"\r\n"),
    lambda raw: b"\xef\xbb\xbf" + raw,
    lambda raw: raw.rstrip(),
    lambda raw: raw.replace(b" \n", b"\n"),
], ids=["CRLF", "byte order mark", "no last line end", "trimmed line ends"])  # fmt: skip
def test_copy_with_the_same_words_is_accepted(library: Path, change: Callable[[bytes], bytes]) -> None:
    path = library / "involve-2017" / "source.txt"
    original = load_document(path.parent)
    path.write_bytes(change(path.read_bytes()))
    copy = load_document(path.parent)
    assert copy.sha256 != original.sha256
    assert copy.words_sha256 == original.words_sha256
    assert [passage.id for passage in copy.passages] == [passage.id for passage in original.passages]


def test_bundled_source_is_the_supplied_one_to_the_byte() -> None:
    document = load_document(LIBRARY / "involve-2017")
    assert document.sha256 == "8bedc1737172b0c9fe607c7741522586b32b2455a5da77b3a90395e140051735"
    assert read_manifest(LIBRARY / "involve-2017").source.sha256 == document.sha256


def test_library_is_every_folder_with_a_manifest(library: Path) -> None:
    (library / "notes").mkdir()
    assert [document.id for document in load_library(library).documents] == ["involve-2017"]
    assert library_folders(library) == [library / "involve-2017"]


def test_library_without_documents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no document was found in .*manifest\.toml"):
        load_library(tmp_path)


def test_hashes_are_the_same_for_a_copy(library: Path) -> None:
    assert hash_folder(library / "involve-2017") == hash_folder(LIBRARY / "involve-2017")
    assert load_library(library).entries[0].hashes == hash_folder(LIBRARY / "involve-2017")


@pytest.mark.parametrize("name", ["source.txt", "manifest.toml"])
def test_every_hash_of_the_words_changes_when_a_file_changes(library: Path, name: str) -> None:
    folder = library / "involve-2017"
    before = hash_folder(folder)
    (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    after = hash_folder(folder)
    assert after.content != before.content
    assert after.indexed != before.indexed
    assert after.questions == before.questions


@pytest.mark.parametrize("name", ["questions.jsonl", "not_covered.jsonl"])
def test_every_hash_changes_when_questions_change_or_go(library: Path, name: str) -> None:
    folder = library / "involve-2017"
    seen = [hash_folder(folder)]
    (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    seen.append(hash_folder(folder))
    (folder / name).unlink()
    seen.append(hash_folder(folder))
    for field in ("content", "indexed", "questions"):
        assert len({getattr(one, field) for one in seen}) == 3, field


def test_a_document_without_questions_has_no_hash_of_them(library: Path) -> None:
    folder = library / "involve-2017"
    for name in ("questions.jsonl", "not_covered.jsonl"):
        (folder / name).unlink()
    assert hash_folder(folder).questions == ""


def test_hashes_change_when_a_file_comes_goes_or_is_renamed(library: Path) -> None:
    folder = library / "involve-2017"
    seen = [hash_folder(folder)]
    (folder / "more.txt").write_text("more", encoding="utf-8")
    seen.append(hash_folder(folder))
    (folder / "more.txt").rename(folder / "other.txt")
    seen.append(hash_folder(folder))
    (folder / "other.txt").unlink()
    (folder / "source.txt").unlink()
    seen.append(hash_folder(folder))
    assert len({one.content for one in seen}) == len({one.indexed for one in seen}) == 4


def test_hashes_go_by_the_documents_id_and_not_by_its_folder(library: Path) -> None:
    before = hash_folder(library / "involve-2017")
    assert before.document_id == "involve-2017"
    assert hash_folder((library / "involve-2017").rename(library / "another")) == before


def test_hashes_are_taken_where_a_document_has_a_folder_inside(library: Path) -> None:
    shutil.copytree(library / "involve-2017", library / "involve-2017" / "backup")
    assert hash_folder(library / "involve-2017") == hash_folder(LIBRARY / "involve-2017")
    assert len(hash_folder(library / "involve-2017").indexed) == 64


def test_an_entry_of_a_document_alone_has_its_content_as_its_hash() -> None:
    document = load_document(LIBRARY / "involve-2017")
    entry = entry_of(document)
    assert (entry.questions, entry.not_covered, entry.contested, entry.glossary) == ((), (), (), ())
    assert (entry.plain, entry.principles, entry.hashes.questions) == ((), (), "")
    assert entry.hashes.document_id == "involve-2017"
    assert entry_of(document).hashes == entry.hashes
    other = entry_of(document.model_copy(update={"text": document.text + "."}))
    assert other.hashes.content != entry.hashes.content
    assert other.hashes.indexed != entry.hashes.indexed


# --- the vocabulary

TABLE = "[table]\none='o'\nmany='m'\nheading='H'\nattribution='A'\ncalled=['c']\n"
COLUMN = "[[table.columns]]\nname='a'\n"
# What is put in the vocabulary instead of its content → words that say what was found.
BROKEN_VOCABULARIES = {
    "no TOML": ("nonsense", "cannot be used"),
    "an unknown key": ("colour = 'red'", "colour: extra inputs are not permitted"),
    "a role without a name": ("[[roles]]\nid = 'a'\nmany = 'As'\ncalled = ['a']", "roles.0.one: field required"),
    "a role whose id has a capital": (
        "[[roles]]\nid = 'Public'\none = 'a'\nmany = 'As'\ncalled = ['a']",
        "roles.0.id: string should match pattern",
    ),
    "two roles of one id": (
        "[[roles]]\nid = 'a'\none = 'a'\nmany = 'As'\ncalled = ['a']\n" * 2,
        "two roles have one id",
    ),
    "a label without its place": ("[[labels]]\nlabel = 'Nurse'\nnumber = 'digits'\ncalled = ['nurse']", "has {} once"),
    "a label with two": ("[[labels]]\nlabel = '{} {}'\nnumber = 'digits'\ncalled = ['nurse']", "has {} once"),
    "a label counted otherwise": (
        "[[labels]]\nlabel = 'Nurse {}'\nnumber = 'roman'\ncalled = ['nurse']",
        "labels.0.number: input should be 'digits' or 'letter'",
    ),
    "a quotation of its own": ('standing_note = "They said “no”."', "kept for exact quotations"),
    "a brace for something else": (
        "[[roles]]\nid = 'a'\none = 'a'\nmany = 'as'\ncalled = ['a']\nkinds_note = '{word} or {other}'",
        "a brace stands only in {word}",
    ),
    "a table without columns": (
        "[table]\none='a'\nmany='b'\ncalled=['c']\nheading='H'\nattribution='A'\ncolumns=[]",
        "table.columns: tuple should have at least 1 item",
    ),
    "a note that is never due": ("[[notes]]\nasked = []\nnote = 'n'", "notes.0.asked: tuple should have at least 1"),
    **{
        f"a phrase that is none in {place}": (written.replace("PHRASE", "(a"), f"{place}: ")
        for place, written in {
            "roles.0.called.0": "[[roles]]\nid='a'\none='a'\nmany='b'\ncalled=['PHRASE']",
            "roles.0.kinds.0": "[[roles]]\nid='a'\none='a'\nmany='b'\ncalled=['c']\nkinds=['PHRASE']",
            "roles.0.one": "[[roles]]\nid='a'\none='PHRASE'\nmany='b'\ncalled=['c']",
            "labels.0.called.0": "[[labels]]\nlabel='N {}'\nnumber='digits'\ncalled=['PHRASE']",
            "labels.0.alone.0": "[[labels]]\nlabel='N {}'\nnumber='digits'\ncalled=['n']\nalone=['PHRASE']",
            "table.called.0": TABLE.replace("'c'", "'PHRASE'") + COLUMN,
            "table.listed.0": f"{TABLE}listed=['PHRASE']\n{COLUMN}",
            "table.misnumbered.0": f"{TABLE}misnumbered=['PHRASE']\n{COLUMN}",
            "table.columns.0.asked.0": f"{TABLE}{COLUMN}asked=['PHRASE']",
            "table.lacks.0.asked.0": f"{TABLE}{COLUMN}[[table.lacks]]\nasked=['PHRASE']\nsays='s'",
            "notes.0.asked.0.0": "[[notes]]\nasked=[['PHRASE']]\nnote='n'",
        }.items()
    },
}


@pytest.mark.parametrize("case", BROKEN_VOCABULARIES)
def test_a_broken_vocabulary_is_refused_in_one_clear_line(library: Path, case: str) -> None:
    written, found = BROKEN_VOCABULARIES[case]
    folder = library / "involve-2017"
    (folder / "vocabulary.toml").write_text(written, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        load_document(folder)
    assert found in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(folder / "vocabulary.toml") in str(caught.value)


def test_a_document_without_a_vocabulary_has_the_same_passages_and_nothing_of_its_own(library: Path) -> None:
    folder = library / "involve-2017"
    (folder / "vocabulary.toml").unlink()
    bare, whole = load_document(folder), load_document(LIBRARY / "involve-2017")
    assert read_vocabulary(folder) == Vocabulary()
    assert bare.vocabulary == Vocabulary()
    assert whole.vocabulary.standing_note == "2017 findings; NIHR guidance has moved on since."
    assert bare.passages == whole.passages
    assert bare.roles == ("academic", "public")  # in the order in which they are labelled
    assert whole.roles == ("public", "academic")  # in the order of the vocabulary
