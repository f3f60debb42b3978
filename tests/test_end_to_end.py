"""Every case of every split, through the whole pipeline: nothing that is shown may differ from the report."""

import pytest

from assistant.pipeline import Assistant
from assistant.quoting.verify import verify
from assistant.schema import Query
from corpus.clean import undo_cleaning
from corpus.load import LIBRARY, read_manifest
from corpus.schema import Document
from eval.cases import load_cases, split_path


@pytest.mark.parametrize("split", ["train_follow_up", "dev", "test"])
def test_every_citation_of_every_case_is_verbatim(assistant_built: Assistant, report: Document, split: str) -> None:
    folder = LIBRARY / report.id
    source = "".join((folder / read_manifest(folder).source.file).read_text(encoding="utf-8").split())
    shown = 0
    for case in load_cases(split_path(split)):
        answer = assistant_built.ask(Query(question=case.question, history=case.history))
        verify(answer, assistant_built.documents)
        for citation in answer.citations:
            assert report.text[citation.start : citation.end] == citation.quoted_text
            assert report.text[slice(*citation.answer_span)] == citation.answer_text
            assert citation.answer_text in citation.quoted_text
            shown += 1
            if citation.speaker:  # and straight against the source: no footnote mark falls inside a quote
                assert "".join(citation.quoted_text.split()) in source
        if answer.status == "not_in_corpus":
            assert len(answer.citations) <= 1  # the nearest, labelled as only that
            own = ("greeting", "about", "help", "declined", "language")
            assert answer.text.startswith("The report does not say") or answer.blocks[0].kind in own
        else:
            assert answer.citations
    assert shown > 0


def test_every_quote_stands_in_the_source_with_its_label_after_it(report: Document) -> None:
    """Independent of the cleaner: white space out on both sides, footnote marks do not fall inside quotes."""
    source = "".join(undo_cleaning(report).split())
    quotes = [passage for passage in report.passages if passage.speaker]
    assert len(quotes) == 95
    for passage in quotes:
        words = "".join(passage.text.split())
        label = "".join((passage.label_as_printed or "").split())
        at = source.find(words)
        assert at > 0, passage.text
        while at >= 0 and label not in source[at + len(words) : at + len(words) + len(label) + 25]:
            at = source.find(words, at + 1)
        assert at > 0, f"{passage.text} is not followed by {label}"
        assert source[at - 1] == "“"
