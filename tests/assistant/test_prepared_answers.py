"""Guards how an answer that was prepared is given: of those asked for, in their number, under its headings."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.answering.notices import plain_words
from assistant.answering.prepared import choose_prepared, select_prepared
from assistant.finding.likely import Read, load_sentence_model, weigh_sentences
from assistant.finding.prepared import Nearest, beside_each_other, load_models
from assistant.finding.retriever import Evidence
from assistant.pipeline import SURELY_MEANT, Assistant
from assistant.reading.question import ParsedQuery
from assistant.schema import Query
from corpus.load import load_library
from corpus.prepared import Prepared, PreparedQuote

LIBRARY = load_library()
REPORT = LIBRARY.documents[0]
SAID = [one for one in REPORT.passages if one.speaker]
PUBLIC = [one for one in SAID if one.role == "public"]
ACADEMIC = [one for one in SAID if one.role == "academic"]
WRITTEN = [one for one in REPORT.passages if not one.speaker and one.kind.value == "report"]


def prepared(*quotes: PreparedQuote, **fields: object) -> Prepared:
    given = {"id": "x", "document_id": REPORT.id, "shape": "plain", "ask": ("?",), **fields}
    return Prepared.model_validate({**given, "quotes": quotes})


def quoting(passage, group: str = "") -> PreparedQuote:
    return PreparedQuote(passage_id=passage.id, span=passage.sentences[0], group=group)


def parsed(**fields: object) -> ParsedQuery:
    return replace(ParsedQuery("?"), **fields)


MIXED = prepared(quoting(PUBLIC[0]), quoting(ACADEMIC[0]), quoting(WRITTEN[3]))


def shown(answer: Prepared, asked: ParsedQuery, most: int = 6) -> list[str]:
    return [one.passage.id for one in select_prepared(answer, asked, LIBRARY, most)]


def test_all_of_it_is_shown_in_its_order() -> None:
    assert shown(MIXED, parsed()) == [PUBLIC[0].id, ACADEMIC[0].id, WRITTEN[3].id]
    assert shown(MIXED, parsed(), most=2) == [PUBLIC[0].id, ACADEMIC[0].id]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (parsed(role="public"), [PUBLIC[0].id]),
        (parsed(role="academic"), [ACADEMIC[0].id]),
        (parsed(speakers=(str(ACADEMIC[0].speaker),)), [ACADEMIC[0].id]),
        (parsed(speakers=("Academic Researcher 99",)), []),
        (parsed(wants_quotes=True), [PUBLIC[0].id, ACADEMIC[0].id]),
        (parsed(seen=frozenset({PUBLIC[0].id})), [ACADEMIC[0].id, WRITTEN[3].id]),
        (parsed(count=1), [PUBLIC[0].id]),
    ],
)
def test_only_those_asked_for_are_quoted(asked: ParsedQuery, wanted: list[str]) -> None:
    assert shown(MIXED, asked) == wanted


def test_a_whole_list_says_how_many_and_a_part_of_it_does_not() -> None:
    answer = prepared(*map(quoting, WRITTEN[:3]), shape="list", all=3)
    assert {one.heading for one in select_prepared(answer, parsed(), LIBRARY, 1)} == {"All three"}
    assert {one.heading for one in select_prepared(answer, parsed(count=2), LIBRARY, 1)} == {""}


def test_a_sentence_that_holds_several_items_or_both_sides_is_shown_once() -> None:
    items = prepared(*[quoting(WRITTEN[0])] * 3, quoting(WRITTEN[1]), shape="list", all=4)
    assert [(one.passage.id, one.heading) for one in select_prepared(items, parsed(), LIBRARY, 1)] == [
        (WRITTEN[0].id, "All four"),
        (WRITTEN[1].id, "All four"),
    ]
    sides = prepared(quoting(WRITTEN[0], "one_side"), quoting(WRITTEN[0], "other_side"), shape="parts")
    assert [one.heading for one in select_prepared(sides, parsed(), LIBRARY, 1)] == [""]


def test_views_and_sides_stand_under_their_headings() -> None:
    views = prepared(quoting(PUBLIC[0], "one_view"), quoting(ACADEMIC[0], "another_view"), shape="views")
    assert [one.heading for one in select_prepared(views, parsed(), LIBRARY, 1)] == ["One view", "Another view"]
    assert [one.heading for one in select_prepared(views, parsed(role="public"), LIBRARY, 1)] == [""]
    sides = prepared(quoting(PUBLIC[0], "public"), quoting(ACADEMIC[0], "academic"), shape="parts")
    assert [one.heading for one in select_prepared(sides, parsed(), LIBRARY, 1)] == [
        "Public partners",
        "Academic researchers",
    ]


def near(answer: Prepared, by: float) -> Nearest:
    names = [name for name in load_models().answers.weight if not name.endswith("_behind")]
    strong = {"nearest": by, "votes": by - 1, "known": by, "known_votes": by - 1, "sentence": by}
    behind = {"first_score": by - 1, "best_score": by - 1}
    return Nearest(answer, {name: {**strong, **behind}[name] for name in names}, np.eye(1, 4, dtype=np.float32)[0])


def evidence(*nearest: Nearest) -> Evidence:
    return Evidence([], {}, prepared=beside_each_other(nearest))


def test_what_is_far_from_every_way_of_asking_is_not_given() -> None:
    other = MIXED.model_copy(update={"id": "y"})
    assert choose_prepared(evidence(), parsed(), LIBRARY) is None
    assert choose_prepared(evidence(near(MIXED, 0.1), near(other, 0.05)), parsed(), LIBRARY) is None
    chosen = choose_prepared(evidence(near(MIXED, 0.98), near(other, 0.3)), parsed(), LIBRARY)
    assert chosen is not None and chosen.answer.id == "x"
    fits = [one.fits for one in evidence(near(MIXED, 0.98), near(other, 0.3)).prepared]
    assert fits == sorted(fits, reverse=True) and 0 <= fits[-1] < fits[0] <= 1


def test_sentences_are_weighed_beside_each_other() -> None:
    passage = next(one for one in WRITTEN if len(one.sentences) > 2)
    read = [Read(passage, number, 1.0, 0, 0.9 - number / 2) for number in range(3)]
    first, *others = weigh_sentences(read)
    assert first.number == 0 and first.span == passage.sentences[0]
    assert first.answers > others[0].answers >= others[1].answers
    assert weigh_sentences(()) == ()
    assert 0 < load_sentence_model().second_from <= 1


def test_a_follow_up_asks_for_what_is_near_to_it_and_not_for_what_went_before() -> None:
    other = MIXED.model_copy(update={"id": "y"})

    def leaning(answer: Prepared, turn: float, before: float) -> Nearest:
        by = {"turn": turn, "own": turn, "topic": 0.5, "before": before}
        signals = {f"{name}_nearest": one for name, one in by.items()} | {
            f"{name}_votes": one - 1 for name, one in by.items()
        }
        return replace(near(answer, 0.5), signals={**near(answer, 0.5).signals, **signals})

    found = [leaning(MIXED, 0.3, 0.9), leaning(other, 0.9, 0.3)]
    assert [one.answer.id for one in beside_each_other(found)] == ["y", "x"]
    names = {name for name in load_models().leaning.weight if not name.endswith("_behind")}
    assert names == set(found[0].signals)


def test_another_answer_stands_beside_the_first_where_it_answers_a_part(assistant_built: Assistant) -> None:
    two = Query(question="What is a time bank? And what does GtEM stand for?")
    one = Query(question="What is a time bank?")
    given = {query.question: assistant_built.ask(query).citations for query in (two, one)}
    assert "time bank" in given[one.question][0].answer_text.casefold()
    assert len(given[two.question]) == 2
    assert any("Going the Extra Mile" in cited.answer_text for cited in given[two.question])
    assert not any("Going the Extra Mile" in cited.answer_text for cited in given[one.question])


def test_a_way_of_asking_leads_to_its_answer_and_a_far_question_to_none(assistant_built: Assistant) -> None:
    ways = [(answer, answer.ask[0]) for answer in LIBRARY.prepared[::40] if not answer.lacks]
    right = 0
    for answer, way in ways:
        first = {one.passage_id for one in answer.quotes}
        cited = assistant_built.ask(Query(question=way)).citations
        right += bool(cited) and cited[0].passage_id in first
    assert right / len(ways) >= 0.9
    for question in ("What is the capital of France?", "How do I bake sourdough bread?"):
        asked = assistant_built.read(Query(question=question))
        chosen = choose_prepared(assistant_built.find(asked), asked, LIBRARY)
        assert chosen is None or chosen.fits < SURELY_MEANT
        assert assistant_built.ask(Query(question=question)).status == "not_in_corpus"


def test_what_is_lacking_is_named_with_the_nearest_sentence(assistant_built: Assistant) -> None:
    lacking = [one for one in LIBRARY.prepared if one.lacks]
    named = 0
    for answer in lacking[::20]:
        given = assistant_built.ask(Query(question=answer.ask[0]))
        named += given.status == "not_in_corpus" and f"It does not say {plain_words(answer.lacks)}." in given.text
        assert len(given.citations) <= 2
    assert named / len(lacking[::20]) >= 0.8


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("COCAPP – what did it find? I am doing care plans with my nurse next week", False),
        ("Is the PROMISE study still going?", False),
        ("My aunt has aphasia, may she join the SCIP-R thing?", False),
        ("Who paid for COCAPP?", True),
        ("What is the vitiligo study called?", True),
        ("I work on stroke. Is there a project like ours in it?", True),
    ],
)
def test_a_record_answers_what_its_columns_hold_and_nothing_else(
    assistant_built: Assistant, question: str, given: bool
) -> None:
    answer = assistant_built.ask(Query(question=question))
    assert (answer.status != "not_in_corpus") == given
    assert {one.kind for one in answer.citations} == {"project"}  # where it is refused, as the nearest that there is


def test_what_somebody_said_in_few_words_is_shown_whole_and_once() -> None:
    passage = next(one for one in SAID if len(one.cuts[0]) > 1 and len(one.text.split()) < 60)
    whole, middle = (passage.start, passage.end), passage.cuts[1][0]
    first = PreparedQuote(passage_id=passage.id, span=(passage.start, middle))
    last = PreparedQuote(passage_id=passage.id, span=(middle, passage.end))
    assert [one.span for one in select_prepared(prepared(first, last), parsed(), LIBRARY, 2)] == [whole]
    short = select_prepared(prepared(first, last), parsed(forms=frozenset({"short"})), LIBRARY, 2)
    assert [one.span for one in short] == [first.span]
    views = prepared(first, last, shape="views")
    assert [one.span for one in select_prepared(views, parsed(), LIBRARY, 2)] == [first.span, last.span]


def test_where_sides_are_asked_for_each_side_has_its_heading() -> None:
    both = prepared(*(quoting(one) for one in (ACADEMIC[0], PUBLIC[0], ACADEMIC[1])))
    plain = [one.heading for one in select_prepared(both, parsed(), LIBRARY, 3)]
    assert plain == ["", "", ""]
    found = select_prepared(both, parsed(compared=("academic", "public")), LIBRARY, 3)
    assert [(one.heading, one.passage.role) for one in found] == [
        ("Academic researchers", "academic"),
        ("Academic researchers", "academic"),
        ("Public partners", "public"),
    ]
    with_authors = prepared(quoting(ACADEMIC[0]), quoting(WRITTEN[0]))
    assert [one.heading for one in select_prepared(with_authors, parsed(forms=frozenset({"views"})), LIBRARY, 3)] == [
        "",
        "",
    ]


def test_words_that_stand_within_others_are_not_shown_twice() -> None:
    passage = next(one for one in SAID if len(one.cuts[0]) > 1)
    part = PreparedQuote(passage_id=passage.id, span=(passage.start, passage.cuts[1][0]), group="one")
    whole = PreparedQuote(passage_id=passage.id, span=(passage.start, passage.end), group="other")
    shown = select_prepared(prepared(part, whole, quoting(WRITTEN[0]), shape="views"), parsed(), LIBRARY, 3)
    assert [one.span for one in shown] == [whole.span, WRITTEN[0].sentences[0]]


def test_of_an_answers_words_those_that_answer_the_question_are_shown(assistant_built: Assistant) -> None:
    several = [
        one for one in LIBRARY.prepared if one.shape == "plain" and len({quote.passage_id for quote in one.quotes}) > 1
    ]
    numbers = []
    for answer in several[::12]:
        cited = assistant_built.ask(Query(question=answer.ask[0])).citations
        numbers.append(len(cited))
    assert sum(number > 2 for number in numbers) < len(numbers) / 10  # a list was asked for, or one side's words first
    assert 1 < sum(numbers) / len(numbers) < 1.9  # some have two, some have lost the second
