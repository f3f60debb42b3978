"""Measure how well documents that users add are searched: `python scripts/bench_spans.py FOLDER`.

FOLDER holds Markdown files and `questions.jsonl`, one question a line with the exact spans that answer it:
`{"document": "name.md", "question": …, "evidence": [{"start": …, "end": …}]}`. Offsets count the file's characters.
Every file that a question names is added.

At five retrieved passages, per question and then averaged: span recall is the share of the gold characters that the
passages cover, precision the share of the retrieved characters that are gold, IoU gold ∩ retrieved over gold ∪
retrieved. `--baseline` measures, with the same model and without our readers, chunks of 200 tokens of
semantic-text-splitter, found by meaning alone and by words alone.

Source: Smith and Troynikov, Evaluating Chunking Strategies for Retrieval, Chroma 2024.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from semantic_text_splitter import TextSplitter

from assistant.finding.bm25 import WordCounts, WordScores
from assistant.finding.encoder import Encoder, OnnxEncoder
from assistant.finding.vectors import FlatVectors, Numbers
from assistant.keeping.exported import load_encoder
from assistant.keeping.store import Store, WantedIndex
from assistant.pipeline import Assistant
from assistant.reading.tokenize import tokenize
from assistant.schema import Query
from assistant.settings import Settings, load_settings
from corpus.errors import CaseError
from corpus.readers.text import read_text_file
from corpus.schema import Document

AT = 5
BASELINE_TOKENS = 200
_BATCH = 64

Span = tuple[str, int, int]  # a file's name, start and end


@dataclass(frozen=True)
class Question:
    """A question with the spans that answer it."""

    text: str
    file: str
    gold: tuple[Span, ...]


def load_questions(path: Path) -> list[Question]:
    """Load the questions. Raises CaseError where a line is broken."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            gold = tuple((row["document"], int(one["start"]), int(one["end"])) for one in row["evidence"])
            questions.append(Question(row["question"], row["document"], gold))
        except (ValueError, KeyError, TypeError) as error:
            raise CaseError(f"{path}, line {number}: {error!r}") from None
    return questions


def characters(spans: tuple[Span, ...] | list[Span]) -> set[tuple[str, int]]:
    """Give every character of some spans once."""
    return {(file, position) for file, start, end in spans for position in range(start, end)}


def measure(gold: tuple[Span, ...], found: list[Span]) -> tuple[float, float, float]:
    """Give span recall, precision and IoU of one question.

    >>> measure((("a", 0, 10),), [("a", 5, 15), ("b", 0, 10)])
    (0.5, 0.25, 0.2)
    """
    wanted, got = characters(gold), characters(found)
    shared = len(wanted & got)
    return shared / len(wanted), shared / max(len(got), 1), shared / len(wanted | got)


def summarise(questions: list[Question], found: list[list[Span]]) -> dict[str, dict[str, float]]:
    """Average the measures over all questions, and over those of each document."""
    rows = [measure(question.gold, spans) for question, spans in zip(questions, found, strict=True)]
    groups = {"all": rows}
    for question, row in zip(questions, rows, strict=True):
        groups.setdefault(question.file, []).append(row)
    return {
        name: {
            "questions": len(members),
            **dict(
                zip(
                    ("recall", "precision", "iou"),
                    (round(float(mean), 4) for mean in np.mean(members, axis=0)),
                    strict=True,
                )
            ),
        }
        for name, members in groups.items()
    }


def search(questions: list[Question], documents: dict[str, Document], settings: Settings) -> list[list[Span]]:
    """Ask every question of an assistant over the documents."""
    assistant = Assistant.from_documents(list(documents.values()), settings)
    file_of = {document.id: file for file, document in documents.items()}
    return [
        [(file_of[hit.document_id], hit.start, hit.end) for hit in assistant.search(Query(question=question.text))]
        for question in questions
    ]


def search_baseline(
    questions: list[Question], documents: dict[str, Document], settings: Settings
) -> dict[str, list[list[Span]]]:
    """Find chunks of 200 tokens by meaning alone, with the model as it comes, and by words alone."""
    wanted = WantedIndex.from_settings(settings)
    load_encoder(settings, wanted)  # checks the files
    encoder = OnnxEncoder(Store(settings.data_dir).encoder_folder(wanted.encoder), for_many=True)
    splitter = TextSplitter.from_callback(encoder.count, BASELINE_TOKENS)
    chunks = [
        (file, start, words)
        for file, document in documents.items()
        for start, words in splitter.chunk_indices(document.text)
    ]
    spans = [(file, start, start + len(words)) for file, start, words in chunks]
    texts = [words for _, _, words in chunks]
    vectors, words = FlatVectors.from_vectors(embed(encoder, texts)), WordScores([WordCounts.from_texts(texts)])
    asked = embed(encoder, [question.text for question in questions])
    return {
        "meaning alone": [at(spans, vectors.nearest(row, AT)[0]) for row in asked],
        "words alone": [at(spans, best_by_words(words, question.text)) for question in questions],
    }


def embed(encoder: Encoder, texts: list[str]) -> np.ndarray:
    """Embed texts: float32 (n_texts, dim)."""
    return np.concatenate([encoder.encode(texts[first : first + _BATCH]) for first in range(0, len(texts), _BATCH)])


def best_by_words(words: WordScores, question: str) -> Numbers:
    """Give the numbers of the best chunks by words; the first of the others follow, as they all have nothing."""
    scores = np.zeros(words.size, dtype=np.float32)
    numbers, found = words.score(tokenize(question))
    scores[numbers] = found
    return np.argsort(-scores, kind="stable")[:AT]


def at(spans: list[Span], numbers: Numbers) -> list[Span]:
    """Give the spans with some numbers."""
    return [spans[number] for number in numbers]


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with Markdown files and questions.jsonl.")],
    baseline: Annotated[bool, typer.Option(help="Measure the baseline, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure span recall, precision and IoU at five on a folder of documents."""
    questions = load_questions(folder / "questions.jsonl")
    names = dict.fromkeys(question.file for question in questions)
    documents = {name: read_text_file(folder / name) for name in names}
    settings = load_settings(hits=AT)
    found = {"coproduce": search(questions, documents, settings)}
    if baseline:
        found |= search_baseline(questions, documents, settings)
    summary = {name: summarise(questions, spans) for name, spans in found.items()}
    if as_json:
        typer.echo(json.dumps(summary, indent=1))
        return
    table = Table("system", "questions of", "n", "recall", "precision", "IoU", title=f"Spans at {AT} passages")
    for system, groups in summary.items():
        for name, row in groups.items():
            numbers = [f"{row[key]:.3f}" for key in ("recall", "precision", "iou")]
            table.add_row(system, name, str(int(row["questions"])), *numbers)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
