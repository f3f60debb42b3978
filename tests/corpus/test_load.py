"""Guards what is read: a damaged folder is refused in one clear line, and a copy with the same words is welcome."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import CoproduceError, CorpusError, DocumentDamaged
from corpus.load import LIBRARY, library_sha256, load_document, load_library, read_manifest

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
    assert [document.id for document in load_library(library)] == ["involve-2017"]


def test_library_without_documents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no document was found in .*manifest\.toml"):
        load_library(tmp_path)


def test_library_hash_is_the_same_for_a_copy(library: Path) -> None:
    assert library_sha256(library) == library_sha256(LIBRARY)


@pytest.mark.parametrize("name", ["source.txt", "manifest.toml"])
def test_library_hash_changes_when_a_file_changes(library: Path, name: str) -> None:
    before = library_sha256(library)
    path = library / "involve-2017" / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert library_sha256(library) != before


def test_library_hash_changes_when_a_file_comes_goes_or_is_renamed(library: Path) -> None:
    folder = library / "involve-2017"
    seen = {library_sha256(library)}
    (folder / "more.txt").write_text("more", encoding="utf-8")
    seen.add(library_sha256(library))
    (folder / "more.txt").rename(folder / "other.txt")
    seen.add(library_sha256(library))
    (folder / "other.txt").unlink()
    (folder / "source.txt").unlink()
    seen.add(library_sha256(library))
    assert len(seen) == 4


def test_library_hash_is_taken_where_a_document_has_a_folder_inside(library: Path) -> None:
    shutil.copytree(library / "involve-2017", library / "involve-2017" / "backup")
    assert len(library_sha256(library)) == 64
