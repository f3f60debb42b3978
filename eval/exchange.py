"""Bring cases and runs in from other tools' files, and take cases out.

csv      a spreadsheet: `eval/spreadsheet.py`
beir     a BEIR folder: `eval/beir.py`
trec     a folder with queries.tsv and qrels.trec; cases.jsonl beside them holds what these have no room for
run      a TREC run over our passages, to be measured and compared as a run of ours (import only)
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from assistant.schema import Answer, Hit
from corpus.errors import CaseError, UnknownName
from corpus.load import load_library
from corpus.schema import Document, Passage
from eval import trec
from eval.beir import IMPORTED, cases_from_beir, write_beir
from eval.cases import locate_cases, make_case, read_case, read_lines
from eval.rank import RANK_MEASURES, qrels_of
from eval.run import make_run
from eval.schema import Case, LocatedCase, Outcome, Run, Started
from eval.spreadsheet import read_csv, write_csv

#: Measures that a ranking alone has: those of hits.
OF_HITS = {*RANK_MEASURES, "recall@1", "recall@5", "recall@10", "span_recall@5", "span_precision@5", "span_iou@5"}


def import_cases(form: str, source: Path, documents: Sequence[Document] | None = None) -> tuple[LocatedCase, ...]:
    """Read cases from another tool's files, and find their evidence in the documents.

    Raises:
        UnknownName: there is no such form.
        CaseError: a file is broken, or evidence stands nowhere; the message names the file and line.
    """
    documents = load_library().documents if documents is None else documents
    readers: dict[str, Callable[[], list[tuple[str, Case]]]] = {
        "csv": lambda: read_csv(source),
        "beir": lambda: cases_from_beir(source),
        "trec": lambda: _cases_from_trec(source, documents),
    }
    if form not in readers:
        raise UnknownName(f"cases cannot be read from {form!r}. Forms: {', '.join(readers)}.")
    return locate_cases(readers[form](), documents)


def export_cases(form: str, cases: Sequence[Case], target: Path, documents: Sequence[Document] | None = None) -> None:
    """Write cases for another tool.

    Raises:
        UnknownName: there is no such form.
        CaseError: the target exists already.
    """
    documents = load_library().documents if documents is None else documents
    writers: dict[str, Callable[[], None]] = {
        "csv": lambda: write_csv(target, cases),
        "beir": lambda: write_beir(target, cases, documents),
        "trec": lambda: _write_trec(target, cases, documents),
    }
    if form not in writers:
        raise UnknownName(f"cases cannot be written as {form!r}. Forms: {', '.join(writers)}.")
    _check_new(target)
    writers[form]()


def write_cases(target: Path, cases: Iterable[Case]) -> None:
    """Write cases as a case file, one JSON object a line. Raises CaseError where it exists already."""
    _check_new(target)
    _put_cases(target, cases)


def _put_cases(target: Path, cases: Iterable[Case]) -> None:
    lines = (case.model_dump_json(include=set(Case.model_fields)) + "\n" for case in cases)
    target.write_text("".join(lines), encoding="utf-8", newline="\n")


def _check_new(target: Path) -> None:
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise CaseError(f"{target} exists already; nothing was written. Give a new name.")
    if not target.absolute().parent.is_dir():
        raise CaseError(f"there is no folder {target.absolute().parent} to write {target.name} into.")


def _write_trec(folder: Path, cases: Sequence[Case], documents: Sequence[Document]) -> None:
    folder.mkdir(exist_ok=True)
    located = locate_cases([(f"case {case.id}", case) for case in cases], documents)
    passages = [passage for document in documents for passage in document.passages]
    trec.write_qrels(folder / "qrels.trec", qrels_of(located, passages))
    lines = (f"{trec.trec_id(case.id)}\t{' '.join(case.question.split())}\n" for case in cases)
    (folder / "queries.tsv").write_text("".join(lines), encoding="utf-8", newline="\n")
    _put_cases(folder / "cases.jsonl", cases)


def _cases_from_trec(folder: Path, documents: Sequence[Document]) -> list[tuple[str, Case]]:
    """Read the cases beside the qrels; without them, relevant passages are the evidence, any of them enough."""
    if (folder / "cases.jsonl").is_file():
        path = folder / "cases.jsonl"
        return [
            (f"{path}, line {number}", read_case(line, f"{path}, line {number}")) for number, line in read_lines(path)
        ]
    passages = {passage.id: passage for document in documents for passage in document.passages}
    path = folder / "queries.tsv"
    qrels = trec.read_qrels(folder / "qrels.trec")
    cases = []
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        name, tab, question = line.decode(errors="replace").strip("\r").partition("\t")
        if not tab:
            raise CaseError(f"{where}: expected an id, a tab and a question.")
        relevant = [passage for passage, grade in qrels.get(name, {}).items() if grade > 0]
        if unknown := [passage for passage in relevant if passage not in passages]:
            raise CaseError(
                f"{folder / 'qrels.trec'}: {unknown[0]!r}, judged for {name!r}, is no passage of the report."
            )
        evidence = [[passages[passage].text for passage in relevant]] if relevant else []
        fields = {
            "id": name, "question": question, "kind": IMPORTED, "answerable": bool(relevant), "evidence": evidence
        }  # fmt: skip
        cases.append((where, make_case(fields, where)))
    if unasked := sorted(qrels.keys() - {case.id for _, case in cases}):
        raise CaseError(f"{folder / 'qrels.trec'} judges {unasked[0]!r}, which queries.tsv does not have.")
    return cases


def import_run(path: Path, cases: Sequence[LocatedCase], documents: Sequence[Document], started: Started) -> Run:
    """Measure another system's ranking of our passages for our cases, as a run that can be compared with ours.

    Only what a ranking alone shows is measured. A question that is missing from the ranking scores zero.

    Raises:
        CaseError: a line is broken, or names a query or passage that there is not.
    """
    passages = {passage.id: passage for document in documents for passage in document.passages}
    names = {trec.trec_id(case.id): case.id for case in cases}
    rankings = trec.read_run(path)
    for query, ranking in rankings.items():
        if query not in names:
            raise CaseError(f"{path}: there is no case {query!r}. Was the run made for other cases?")
        if unknown := [document for document, _ in ranking if document not in passages]:
            raise CaseError(f"{path}: {unknown[0]!r}, ranked for {query!r}, is no passage of the report.")
    outcomes = []
    for case in cases:
        ranking = rankings.get(trec.trec_id(case.id), [])
        hits = [_hit(rank, score, passages[name]) for rank, (name, score) in enumerate(ranking, start=1)]
        outcomes.append(Outcome(case=case, answer=_answer(case, hits) if hits else None))
    made = make_run(outcomes, documents, started)
    rows = tuple(row.model_copy(update={"measures": _of_hits(row.measures)}) for row in made.rows)
    summary = made.summary.model_copy(
        update={
            "measures": _of_hits(made.summary.measures),
            "kinds": {kind: _of_hits(values) for kind, values in made.summary.kinds.items()},
            "reliability": (),
        }
    )
    return made.model_copy(update={"rows": rows, "summary": summary})


def _of_hits(values: dict[str, float | None]) -> dict[str, float | None]:
    return {name: value if name in OF_HITS else None for name, value in values.items()}


def _answer(case: LocatedCase, hits: Sequence[Hit]) -> Answer:
    return Answer(
        id=case.id, question=case.question, status="answered", confidence=0.0, text="", citations=(), hits=tuple(hits),
        notices=("A ranking by another system; it gave no answer.",), suggestions=(),
    )  # fmt: skip


def _hit(rank: int, score: float, passage: Passage) -> Hit:
    return Hit(
        rank=rank, score=score, passage_id=passage.id, document_id=passage.document_id, section=passage.section,
        start=passage.start, end=passage.end, text=passage.text, kind=passage.kind, speaker=passage.speaker,
        role=passage.role,
    )  # fmt: skip
