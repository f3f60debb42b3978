"""Guards what a follow-up keeps of its conversation, with the real report: voice, person, section, project."""

import pytest

from assistant.pipeline import Assistant
from assistant.schema import Query


def speakers(assistant: Assistant, question: str, *history: str) -> set[str | None]:
    answer = assistant.ask(Query(question=question, history=history))
    return {citation.speaker for citation in answer.citations}


def test_that_one_is_whoever_was_shown_first(assistant_built: Assistant) -> None:
    first = "Which academic says that the language of PPI has got tired?"
    shown = [one.speaker for one in assistant_built.ask(Query(question=first)).citations if one.speaker]
    asked = assistant_built.read(Query(question="what else did that one say?", history=(first,)))
    assert asked.speakers == (shown[0],)


def test_a_side_named_first_is_whose_words_are_wanted(assistant_built: Assistant) -> None:
    history = ("What did public partners gain from it?",)
    asked = assistant_built.read(Query(question="did the university folk get anything out of it?", history=history))
    assert asked.role == "academic"
    asked = assistant_built.read(Query(question="same again but lay people", history=("academics on honesty",)))
    assert asked.role == "public"


def test_more_from_a_speaker_shows_what_was_not_shown(assistant_built: Assistant) -> None:
    first = "What did Public partner B say about the word co-production?"
    before = {one.passage_id for one in assistant_built.ask(Query(question=first)).citations}
    for question in ("anything else from them?", "more from B"):
        more = assistant_built.ask(Query(question=question, history=(first,)))
        assert {one.speaker for one in more.citations} == {"Public partner B"}
        assert not before & {one.passage_id for one in more.citations}


def test_a_letter_alone_is_a_public_partner_after_one(assistant_built: Assistant) -> None:
    assert speakers(assistant_built, "more from D", "What did Public partner B say about power?") == {
        "Public partner D"
    }


def test_a_number_that_is_nobodys_is_refused(assistant_built: Assistant) -> None:
    answer = assistant_built.ask(Query(question="and 9?", history=("any quotes from Academic Researcher 8?",)))
    assert answer.status == "not_in_corpus"
    assert "Academic Researcher 9 is not quoted" in answer.text


@pytest.mark.parametrize(
    ("question", "history", "wanted"),
    [
        ("and PROMISE?", "Who funded the DRINK trial?", "PROMISE"),
        ("which ones are CLAHRC?", "list all projects", "CLAHRC"),
    ],
)
def test_projects_are_followed_up(assistant_built: Assistant, question: str, history: str, wanted: str) -> None:
    answer = assistant_built.ask(Query(question=question, history=(history,)))
    assert {citation.section for citation in answer.citations} == {"Projects"}
    assert all(wanted in citation.quoted_text for citation in answer.citations)


def test_a_section_is_kept_or_moved_on_from(assistant_built: Assistant) -> None:
    within = assistant_built.ask(Query(question="just in B.4.vi", history=("What do people say about trust?",)))
    assert {citation.section for citation in within.citations} == {"B.4.vi"}
    after = assistant_built.ask(Query(question="and the one after?", history=("what is in section B.4.iii?",)))
    assert {citation.section for citation in after.citations} == {"B.4.iv"}
    before = assistant_built.ask(Query(question="the previous section", history=("what is in section B.4.iii?",)))
    assert {citation.section for citation in before.citations} == {"B.4.ii"}


def test_who_somebody_is_stays_unsaid_in_a_follow_up(assistant_built: Assistant) -> None:
    history = ("What did Academic Researcher 3 say on outcome measures?",)
    answer = assistant_built.ask(Query(question="which uni is that one at", history=history))
    assert answer.status == "not_in_corpus"
    assert "known only by a label" in answer.text


def test_so_many_words_at_most_is_held_to(assistant_built: Assistant) -> None:
    history = ("Give me a quote on power",)
    answer = assistant_built.ask(Query(question="too long, i need under 20 words", history=history))
    assert answer.citations
    assert all(len(citation.answer_words.split()) <= 20 for citation in answer.citations)


def test_misspelt_voice_is_read(assistant_built: Assistant) -> None:
    assert assistant_built.read(Query(question="quots from publc partners on power")).role == "public"
