"""Guards the sense of answers on the real report: filters, follow-ups and voices may not make it surer than it is."""

import pytest

from assistant.pipeline import Assistant
from assistant.quoting.cite import make_citation
from assistant.quoting.verify import verify, verify_citation
from assistant.schema import Query, QuotationBlock
from corpus.errors import VerbatimError
from corpus.filters import Filters
from corpus.schema import Document


def test_every_quote_is_shown_in_whole_sentences(report: Document) -> None:
    for passage in report.passages:
        if passage.speaker is None:
            continue
        for start, end in [(passage.start + 1, passage.end), (passage.start, passage.end - 1)]:
            with pytest.raises(VerbatimError, match="cuts a sentence"):
                verify_citation(make_citation(1, passage, report, (start, end)), {report.id: report})


def test_notice_or_hit_that_is_not_ours_is_rejected(assistant_built: Assistant) -> None:
    answer = assistant_built.ask(Query(question="Who funded the DRINK trial?"))
    with pytest.raises(VerbatimError, match="notice"):
        verify(answer.model_copy(update={"notices": ("He said “no”.",)}), assistant_built.documents)
    changed = answer.hits[0].model_copy(update={"text": answer.hits[0].text + "!"})
    with pytest.raises(VerbatimError, match="hit 1"):
        verify(answer.model_copy(update={"hits": (changed,)}), assistant_built.documents)


def test_filters_do_not_make_an_unrelated_passage_an_answer(assistant_built: Assistant) -> None:
    alone = assistant_built.ask(Query(question="What is time banking?"))
    assert alone.status == "answered"
    filtered = assistant_built.ask(Query(question="What is time banking?", filters=Filters(role="public")))
    assert filtered.confidence < alone.confidence
    assert filtered.status != "answered"


def test_voice_that_is_not_there_is_said(assistant_built: Assistant) -> None:
    filters = Filters(role="public", section="B.4.viii")
    answer = assistant_built.ask(Query(question="flexibility", filters=filters))
    assert answer.status == "not_in_corpus"
    assert "public partner" in answer.text or "public" in answer.text
    assert answer.confidence < 0.5


@pytest.mark.parametrize("question", ["Quote Public partner Z", "anything from academic researcher 13", "B.4.vii"])
def test_anything_by_a_speaker_or_in_a_section_is_shown(assistant_built: Assistant, question: str) -> None:
    answer = assistant_built.ask(Query(question=question))
    assert answer.status == "answered"
    assert answer.citations


def test_what_a_speaker_was_never_asked_is_refused(assistant_built: Assistant) -> None:
    answer = assistant_built.ask(Query(question="What is Public partner B's favourite pizza?"))
    assert answer.status == "not_in_corpus"


@pytest.mark.parametrize("question", ["What is 2+2?", "What is 5 * 4?", "Who is 1?", "???a"])
def test_question_without_a_word_about_anything_is_refused(assistant_built: Assistant, question: str) -> None:
    assert assistant_built.ask(Query(question=question)).status == "not_in_corpus"


def test_new_question_is_not_dragged_back_to_the_one_before(assistant_built: Assistant) -> None:
    question = "What is Mode 2 knowledge?"
    alone = assistant_built.ask(Query(question=question))
    after = assistant_built.ask(Query(question=question, history=("What did Academic Researcher 5 say about power?",)))
    assert after.citations == alone.citations


def test_follow_up_keeps_the_voice_or_the_topic(assistant_built: Assistant) -> None:
    history = ("What did academics say about power?",)
    public = assistant_built.ask(Query(question="what about from public partners?", history=history))
    assert {citation.role for citation in public.citations} == {"public"}
    assert any(citation.section == "B.4.iii" for citation in public.citations)
    funder = assistant_built.ask(Query(question="and COCAPP?", history=("Who funded the DRINK trial?",)))
    assert "COCAPP" in funder.citations[0].quoted_text


def test_section_holds_its_subsections(assistant_built: Assistant, report: Document) -> None:
    hits = assistant_built.search(Query(question="power", filters=Filters(section="B.4")))
    assert hits
    assert all(hit.section.startswith("B.4.") for hit in hits)
    part = assistant_built.search(Query(question="power", filters=Filters(section="Part A")))
    assert part
    assert all(hit.section.startswith("A.") for hit in part)


def test_part_of_a_passage_says_so_and_gives_its_own_lines(assistant_built: Assistant, report: Document) -> None:
    questions = ["recommendation six wording", "who did the lit review?", "What did Jasanoff mean by co-production?"]
    blocks = [block for one in questions for block in assistant_built.ask(Query(question=one)).blocks]
    shown = [block for block in blocks if isinstance(block, QuotationBlock)]
    whole = [block.words.strip("“”") == report.passage(block.citation.passage_id).text for block in shown]
    assert set(whole) == {True, False}
    assert ["part of " not in block.attribution for block in shown] == whole
    for block in shown:
        first, last = report.lines_of(*block.citation.answer_span)
        assert (f"line {first}" if first == last else f"lines {first}–{last}") in block.attribution


def test_all_projects_are_listed_once_each(assistant_built: Assistant) -> None:
    answer = assistant_built.ask(Query(question="List all the projects"))
    assert answer.status == "answered"
    assert len(answer.citations) == 12
    assert all(citation.section == "Projects" for citation in answer.citations)
    assert "12 projects, one of them twice" in answer.notices[-1]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Which projects were funded by HTA?", ["Hi-Light"]),
        ("which studies did CLAHRC pay for?", ["PPI Feedback Cycle", "PROMISE"]),
        ("Which projects in the list got their funding from HS&DR?", ["COCAPP", "Using co-production to improve"]),
        ("what projects were funded by RfPB", ["Supported Communication"]),
    ],
)
def test_projects_of_a_funder(assistant_built: Assistant, question: str, names: list[str]) -> None:
    answer = assistant_built.ask(Query(question=question))
    assert [citation.quoted_text.startswith(name) for citation, name in zip(answer.citations, names, strict=True)] == [
        True for _ in names
    ]


def test_small_talk_is_not_answered_with_quotes(assistant_built: Assistant) -> None:
    for question in ("Thanks!", "hello", "ok great, bye"):
        assert assistant_built.ask(Query(question=question)).status == "not_in_corpus"
