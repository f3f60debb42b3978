"""Read and write BEIR folders: `corpus.jsonl`, `queries.jsonl`, and judgements in `qrels/*.tsv`.

What BEIR has no field for stands in a query's `metadata`, under `coproduce`: its kind, whether it is answerable, the
evidence, section, speaker, role, history, act, lean and forms. Without it a query becomes a case whose evidence is the
whole text of any relevant document.

Source: the format of Thakur et al., BEIR (2021).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.quoting.visible import first_few
from corpus.errors import CaseError
from corpus.schema import Document
from eval.cases import locate_cases, make_case, read_lines
from eval.rank import qrels_of
from eval.schema import Case
from eval.trec import put_grade, read_grade

IMPORTED = "imported"
_HEADER = ["query-id", "corpus-id", "score"]
_ELSEWHERE = ("id", "question")  # fields of a case that BEIR has itself
_SHOWN_IDS = 3
_METADATA = "coproduce"


@dataclass(frozen=True)
class BeirFolder:
    """A BEIR folder as it was read."""

    texts: dict[str, str]
    """Document id → its title and text."""
    bodies: dict[str, str]
    """Document id → its text alone."""
    queries: dict[str, str]
    metadata: dict[str, Any]
    """Query id → what else is said of it."""
    places: dict[str, str]
    """Query id → the file and line where it stands."""
    qrels: dict[str, dict[str, int]]
    notes: tuple[str, ...] = ()
    """What was passed over or is lacking, for whoever reads the numbers."""


def read_beir(folder: Path) -> BeirFolder:
    """Read a BEIR folder; of several files of judgements, `test.tsv`.

    A judgement of a query that there is not is left out; one of a document that there is not counts: what is relevant
    and cannot be found is not found. Both are said in `notes`.

    Raises:
        CaseError: a file is missing, a line is broken, or two judgements contradict each other; the message names the
            file and line.
    """
    texts, bodies = {}, {}
    for where, line in _objects(folder / "corpus.jsonl"):
        name, body = _field(line, "_id", where), _field(line, "text", where)
        if name in texts:
            raise CaseError(f"{where}: the _id {name!r} was used on an earlier line already.")
        texts[name], bodies[name] = f"{line.get('title') or ''}\n{body}".strip(), body
    queries, metadata, places = {}, {}, {}
    for where, line in _objects(folder / "queries.jsonl"):
        name = _field(line, "_id", where)
        if name in queries:
            raise CaseError(f"{where}: the _id {name!r} was used on an earlier line already.")
        queries[name], metadata[name], places[name] = _field(line, "text", where), line.get("metadata"), where
    judged = _read_qrels(_qrels_file(folder))
    qrels = {query: documents for query, documents in judged.items() if query in queries}
    unknown = [query for query in judged if query not in queries]
    absent = [one for documents in qrels.values() for one in documents if one not in texts]
    notes = []
    if unknown:
        notes.append(
            f"judged in {folder.name}, but not in queries.jsonl: {_named(unknown, 'query', 'queries')}; left out."
        )
    if absent:
        named = _named(absent, "document", "documents")
        notes.append(
            f"judged in {folder.name}, but not in corpus.jsonl: {named}; what cannot be found counts as missed."
        )
    return BeirFolder(texts, bodies, queries, metadata, places, qrels, tuple(notes))


def _named(ids: Sequence[str], one: str, many: str) -> str:
    distinct = tuple(dict.fromkeys(ids))
    return f"{len(distinct)} {one if len(distinct) == 1 else many} ({first_few(map(repr, distinct), _SHOWN_IDS)})"


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CaseError(f"{where}: expected a JSON object ({error}).") from None
        if not isinstance(found, dict):
            raise CaseError(f"{where}: expected a JSON object; found {str(found)[:60]!r}.")
        yield where, found


def _field(line: dict[str, Any], name: str, where: str) -> str:
    value = line.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and name == "_id":
        return str(value)
    if not isinstance(value, str):
        raise CaseError(f"{where}: {name} must be text; found {str(value)[:60]!r}.")
    return value


def _qrels_file(folder: Path) -> Path:
    found = sorted((folder / "qrels").glob("*.tsv"))
    wanted = [path for path in found if path.stem == "test"] or found
    if len(wanted) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise CaseError(f"{folder / 'qrels'}: expected test.tsv, or one file of judgements; found {names}.")
    return wanted[0]


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    first: dict[tuple[str, str], str] = {}
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        try:
            fields = line.rstrip(b"\r").decode().split("\t")
        except UnicodeDecodeError as error:
            raise CaseError(f"{where}: expected UTF-8 ({error.reason}).") from None
        if number == 1 and fields == _HEADER:
            continue
        if len(fields) != len(_HEADER):
            raise CaseError(f"{where}: expected query-id, corpus-id and score with tabs between; found {len(fields)}.")
        query, document, score = fields
        put_grade(qrels, first, query, document, read_grade(score, where), where)
    return qrels


def cases_from_beir(folder: Path, warn: Callable[[str], None] = lambda _: None) -> list[tuple[str, Case]]:
    """Read the queries of a BEIR folder as cases, each with where it stands. Raises CaseError.

    `warn` is told of judgements of what there is not.
    """
    found = read_beir(folder)
    for note in found.notes:
        warn(note)
    cases = []
    for name, question in found.queries.items():
        where, metadata = found.places[name], found.metadata[name]
        ours = metadata.get(_METADATA) if isinstance(metadata, dict) else None
        relevant = [document for document, grade in found.qrels.get(name, {}).items() if grade > 0]
        if missing := [document for document in relevant if document not in found.bodies]:
            raise CaseError(f"{where}: {missing[0]!r} is judged relevant, but corpus.jsonl does not have it.")
        fields = {
            "kind": IMPORTED,
            "answerable": bool(relevant),
            "evidence": [[found.bodies[document] for document in relevant]] if relevant else [],
            **(ours if isinstance(ours, dict) else {}),
            "id": name,
            "question": question,
        }
        cases.append((where, make_case(fields, where)))
    if not cases:
        raise CaseError(f"{folder / 'queries.jsonl'}: there are no queries.")
    return cases


def write_beir(folder: Path, cases: Iterable[Case], documents: Sequence[Document]) -> None:
    """Write cases as a BEIR folder whose corpus is the documents' passages."""
    located = locate_cases([(f"case {case.id}", case) for case in cases], documents)
    if broken := [case.id for case in located if re.search(r"[\t\r\n]", case.id)]:
        raise CaseError(f"the id {broken[0]!r} has a tab or a line end, which qrels/test.tsv cannot hold; change it.")
    passages = [passage for document in documents for passage in document.passages]
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_objects(
        folder / "corpus.jsonl",
        ({"_id": one.id, "title": " / ".join(one.path), "text": one.text, "metadata": {}} for one in passages),
    )
    _write_objects(
        folder / "queries.jsonl",
        (
            {
                "_id": case.id,
                "text": case.question,
                "metadata": {_METADATA: case.plain.model_dump(mode="json", exclude=set(_ELSEWHERE))},
            }
            for case in located
        ),
    )
    lines = ["\t".join(_HEADER)]
    for query, judged in qrels_of(located, passages).items():
        lines += [f"{query}\t{passage}\t{relevance}" for passage, relevance in judged.items()]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _write_objects(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
