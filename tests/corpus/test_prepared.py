"""Guards the answers that were prepared: every word stands in the report, and a wrong line stops the build."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.load import LIBRARY, load_library
from corpus.prepared import FILE, load_prepared
from corpus.schema import Document, Passage
from tests.documents import make_document

FOLDER = LIBRARY / "involve-2017"
REPORT = load_library().documents[0]
MINUTES = make_document(quote="We met as equals... I was nervous…and then I spoke.", written="It rained. We stayed in.")
LINE = {
    "id": "rain",
    "need": "The weather",
    "shape": "plain",
    "quotes": [{"section": "1", "words": "We stayed in."}],
    "ask": ["Did it rain?"],
}


def write(folder: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_every_word_of_the_reports_answers_stands_in_it_in_whole_sentences() -> None:
    answers = load_library().prepared
    assert len(answers) > 900
    assert len({one.id for one in answers}) == len(answers)
    for answer in answers:
        for one in answer.quotes:
            passage = REPORT.passage(one.passage_id)
            starts, ends = passage.cuts
            assert one.span[0] in starts and one.span[1] in ends


def test_every_quote_of_the_report_stands_in_some_answer() -> None:
    quoted = {one.passage_id for answer in load_library().prepared for one in answer.quotes}
    assert not [one.id for one in REPORT.passages if one.speaker and one.id not in quoted]


def test_nobody_asks_for_two_answers_in_the_same_words() -> None:
    ways = [way.casefold() for answer in load_library().prepared for way in answer.ask]
    assert len(ways) > 6_000
    assert len(set(ways)) == len(ways)


def test_ways_of_asking_after_another_question_are_one_text_with_it(tmp_path: Path) -> None:
    follows = [{"before": "Did it rain?", "ask": "and where were you?"}]
    (answer,), _ = load_prepared(MINUTES, write(tmp_path, {**LINE, "follows": follows}))
    assert answer.ways == ("Did it rain?", "and where were you? | Did it rain?")
    with pytest.raises(CorpusError, match=r"line 1: follows\.0\.ask"):
        load_prepared(MINUTES, write(tmp_path, {**LINE, "follows": [{"before": "Did it rain?"}]}))


def test_words_are_widened_to_their_sentence(tmp_path: Path) -> None:
    (answer,), _ = load_prepared(MINUTES, write(tmp_path, {**LINE, "quotes": [{"section": "1", "words": "stayed"}]}))
    start, end = answer.quotes[0].span
    assert MINUTES.text[start:end] == "We stayed in."
    assert (answer.id, answer.shape, answer.ask) == ("rain", "plain", ("Did it rain?",))


def test_a_quote_is_cut_where_the_print_leaves_words_out() -> None:
    said = MINUTES.passages[0]
    shown = [
        said.text[start - said.start : end - said.start] for start, end in (said.widen(said.start, said.start + 2),)
    ]
    assert shown == ["We met as equals"]
    middle = said.start + said.text.index("nervous")
    start, end = said.widen(middle, middle + 3)
    assert MINUTES.text[start:end] == "I was nervous"


@given(st.data())
def test_what_is_widened_holds_what_it_was_and_ends_at_cuts(data: st.DataObject) -> None:
    passage: Passage = data.draw(st.sampled_from(REPORT.passages))
    start = data.draw(st.integers(passage.start, passage.end - 1))
    end = data.draw(st.integers(start + 1, passage.end))
    first, last = passage.widen(start, end)
    starts, ends = passage.cuts
    assert passage.start <= first <= start and end <= last <= passage.end
    assert first in starts and last in ends
    assert passage.widen(first, last) == (first, last)


def test_who_is_cited_is_kept_by_the_words(tmp_path: Path) -> None:
    quoted = {"section": "1", "words": "We stayed in.", "cited": "it Rained"}
    _, (cited,) = load_prepared(MINUTES, write(tmp_path, {**LINE, "quotes": [quoted]}))
    assert cited.author == "it Rained"
    known = MINUTES.model_copy(update={"cited": (cited,)})
    assert known.cited_in(cited.passage_id, cited.span) == ("it Rained",)
    start, end = cited.span
    assert known.cited_in(cited.passage_id, (end, end + 5)) == ()
    assert known.cited_in("elsewhere", (start, end)) == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", r"line 1: "),
        ([], r"line 1: "),
        ({**LINE, "shape": "poem"}, "shape"),
        ({**LINE, "ask": []}, "ask"),
        ({**LINE, "more": 1}, "more"),
        ({**LINE, "quotes": []}, "it quotes nothing"),
        ({**LINE, "lacks": "the cost"}, "what is lacking is said of the nearest"),
        ({**LINE, "shape": "nearest"}, "what is lacking is said of the nearest"),
        ({**LINE, "shape": "list"}, "how many there are in all is said of a list"),
        ({**LINE, "all": 3}, "how many there are in all is said of a list"),
        ({**LINE, "shape": "views"}, "views and parts have groups"),
        ({**LINE, "quotes": [{"section": "1", "words": "We slept."}]}, "“We slept.” stands in no passage of section 1"),
        ({**LINE, "quotes": [{"section": "2", "words": "It rained."}]}, "stands in no passage of section 2"),
        (
            {**LINE, "quotes": [{"section": "1", "words": "It rained.", "on": "snow"}]},
            "“snow” is not printed in section 1",
        ),
        (
            {**LINE, "quotes": [{"section": "1", "words": "It rained.", "cited": "Nesta 2012"}]},
            "“Nesta 2012” is not printed in section 1",
        ),
    ],
)
def test_a_line_that_is_not_as_it_should_be_is_told(tmp_path: Path, line: object, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        load_prepared(MINUTES, write(tmp_path, line))


def test_an_id_that_comes_twice_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="line 2: there is another answer 'rain'"):
        load_prepared(MINUTES, write(tmp_path, LINE, LINE))


def test_a_document_without_the_file_has_no_answers(tmp_path: Path) -> None:
    document: Document = MINUTES
    assert load_prepared(document, tmp_path) == ((), ())


def test_words_that_stand_in_two_passages_are_told(tmp_path: Path) -> None:
    twice = MINUTES.model_copy(update={"passages": (*MINUTES.passages, MINUTES.passages[-1])})
    with pytest.raises(CorpusError, match=r"“We stayed in\.” stands in 2 passages of section 1"):
        load_prepared(twice, write(tmp_path, LINE))
