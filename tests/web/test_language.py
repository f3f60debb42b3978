"""Every language of the interface is whole, says who checked it, and leaves the report's words in English."""

import re
from pathlib import Path

import pytest

from assistant.pipeline import Assistant
from assistant.quoting.framing import GROUPS, NEAR, NEAREST, NOT_COVERED, heading_of_all, heading_on
from assistant.schema import Query
from assistant.serving.web.language import DEFAULT, FOLDER, languages, load_languages
from assistant.serving.web.page_turn import blocks_of
from corpus.errors import CoproduceError
from corpus.load import load_library

CODES = sorted(languages())


def broken(folder: Path, replace: str, by: str, code: str = "cy") -> Path:
    """Copy the languages, with one line of one of them changed."""
    for path in FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == code:
            assert replace in text
            text = text.replace(replace, by)
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


def test_languages_are_those_of_the_folder_with_english_first() -> None:
    assert next(iter(languages())) == DEFAULT == "en"
    assert {"en", "cy", "pl", "ur"} <= set(CODES)
    assert languages()["ur"].direction == "rtl"
    assert languages()["cy"].name == "Cymraeg"


def test_english_says_what_answers_say() -> None:
    # The fixed words of answers, word for word: else a translation could drift from what it translates.
    english = languages()["en"]
    for words in (NEAR, NEAREST, NOT_COVERED, *GROUPS.values(), heading_on("power")):
        assert english.fixed(words, load_library()) == words
    assert english.fixed("Something else", load_library()) is None
    assert english.fixed(heading_of_all(7), load_library()) == "All seven"
    assert "7" in (languages()["pl"].fixed(heading_of_all(7), load_library()) or "")


@pytest.mark.parametrize("code", [code for code in CODES if code != DEFAULT])
def test_language_is_a_translation_and_says_that_nobody_checked_it(code: str) -> None:
    language, english = languages()[code], languages()[DEFAULT]
    assert language.note and not english.note
    same = [key for key, words in language.words.items() if words == english[key]]
    assert same == []
    assert "not yet checked by a speaker" in (FOLDER / f"{code}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["ur", "bn"])
def test_language_is_written_in_its_own_script(code: str) -> None:
    letters = {"ur": r"[\u0600-\u06ff]", "bn": r"[\u0980-\u09ff]"}[code]
    assert [key for key, words in languages()[code].words.items() if not re.search(letters, words)] == []


@pytest.mark.parametrize(
    ("replace", "by", "said"),
    [
        ('ask = "Gofyn"\n', "", "ask is missing"),
        ('ask = "Gofyn"\n', 'ask = "Gofyn"\nasks = "Gofyn"\n', "asks is not known"),
        ('ask = "Gofyn"', 'ask = " "', "ask is empty"),
        (
            "Dyfyniadau: {count}",
            "Dyfyniadau: {cyfrif}",
            r"ready should have the places \['count'\], and has \['cyfrif'\]",
        ),
        ("Dyfyniadau: {count}", "Dyfyniadau", r"ready should have the places \['count'\], and has \[\]"),
        ("Dyfyniadau: {count}", "Dyfyniadau: {count", "ready should have the places"),
        ('direction = "ltr"', 'direction = "up"', r"cy\.toml cannot be read"),
        ("[words]", "[words", r"cy\.toml cannot be read"),
    ],
)
def test_language_that_is_not_whole_is_refused(tmp_path: Path, replace: str, by: str, said: str) -> None:
    assert len(load_languages(broken(tmp_path, "\n", "\n"))) == len(CODES)
    with pytest.raises(CoproduceError, match=said):
        load_languages(broken(tmp_path, replace, by))


def test_language_without_its_note_is_refused(tmp_path: Path) -> None:
    note = languages()["cy"].note
    with pytest.raises(CoproduceError, match=r"cy\.toml has no note"):
        load_languages(broken(tmp_path, note, ""))


def test_what_fills_a_place_is_escaped_and_marked_as_english() -> None:
    said = languages()["ur"].say("only_section", section="<b>A & B</b> {tag}")
    assert '<bdi lang="en-GB">&lt;b&gt;A &amp; B&lt;/b&gt; {tag}</bdi>' in said
    assert "<b>" not in said


def test_answer_keeps_its_words_in_every_language(assistant_built: Assistant) -> None:
    answer = assistant_built.ask(Query(question="What do public partners say about confidence?"))
    for code in CODES:
        blocks = blocks_of(answer, languages()[code], assistant_built.library)
        shown = [block for block in blocks if block["kind"] == "quotation"]
        assert [block["citation"] for block in shown] == list(answer.citations)
        for block in shown:
            citation = block["citation"]
            assert block["words"].strip("“”") == citation.answer_text.strip("“”")
            assert block["attribution"].startswith(f"— {citation.speaker}, ")


def test_refusal_is_translated_and_its_reason_is_not(assistant_built: Assistant) -> None:
    answer = assistant_built.ask(Query(question="What is the capital of France?"))
    (block,) = blocks_of(answer, languages()["cy"], assistant_built.library)
    assert block["translated"] == "Nid yw’r adroddiad yn dweud."
    assert NOT_COVERED not in block["words"] and answer.text == f"{NOT_COVERED} {block['words']}"


def test_what_a_document_says_of_itself_is_said_in_the_language_that_it_has(assistant_built: Assistant) -> None:
    library, welsh = assistant_built.library, languages()["cy"]
    heading = library.tables[0].heading
    assert welsh.fixed(heading, library) == library.tables[0].headings["cy"] != heading
    assert welsh.only_role(library.roles["public"]) == library.roles["public"].only["cy"]
    assert 'lang="en-GB"' in languages()["en"].only_role(library.roles["public"])
    assert welsh.title(library) != welsh["title"] and welsh.intro(library) != welsh["intro"]


def test_every_language_has_what_the_bundled_document_says_of_itself() -> None:
    (document,) = load_library().documents
    vocabulary, others = document.vocabulary, set(CODES) - {DEFAULT}
    assert set(vocabulary.pages) == set(CODES)
    assert vocabulary.table and set(vocabulary.table.headings) == others
    assert all(set(role.only) == others for role in vocabulary.roles)
