"""Bring cases and runs in from other tools' files, and take cases out.

csv      a spreadsheet: `eval/spreadsheet.py`
beir     a BEIR folder: `eval/beir.py`
trec     a folder with queries.tsv and qrels.trec; cases.jsonl beside them holds what these have no room for
run      a TREC run over our passages, or pieces that another system found, to be measured and compared as a run of
         ours (import only)
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from corpus.errors import CaseError, UnknownName
from corpus.load import load_library
from corpus.schema import Document
from eval import trec
from eval.beir import IMPORTED, cases_from_beir, write_beir
from eval.cases import locate_cases, make_case, read_case, read_lines
from eval.judge import summarise
from eval.pieces import Places, read_found
from eval.rank import RANK_MEASURES, qrels_of
from eval.ranking_run import of_hits, ranking_answer
from eval.run import make_run
from eval.schema import Case, LocatedCase, Outcome, Run, Started
from eval.spans import holds_some
from eval.spreadsheet import read_csv, write_csv

#: Measures that a ranking alone has: those of hits.
OF_HITS = {*RANK_MEASURES, "recall@1", "recall@5", "recall@10", "span_recall@5", "span_precision@5", "span_iou@5"}
#: Measures of pieces that nobody has judged: those that need no count of all pieces that hold evidence.
OF_PIECES = {*(OF_HITS - {*RANK_MEASURES}), "Success@5", "RR@10"}
_SHOWN_WRONG = 5


def import_cases(
    form: str,
    source: Path,
    documents: Sequence[Document] | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> tuple[LocatedCase, ...]:
    """Read cases from another tool's files, and find their evidence in the documents.

    `warn` is told what in the files is passed over.

    Raises:
        UnknownName: there is no such form.
        CaseError: a file is broken, or evidence stands nowhere; the message names the file and line.
    """
    documents = load_library().documents if documents is None else documents
    readers: dict[str, Callable[[], list[tuple[str, Case]]]] = {
        "csv": lambda: read_csv(source),
        "beir": lambda: cases_from_beir(source, warn),
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
                f"{folder / 'qrels.trec'}: {unknown[0]!r}, judged for {name!r}, is no passage of the documents."
            )
        evidence = [[passages[passage].text for passage in relevant]] if relevant else []
        fields = {
            "id": name, "question": question, "kind": IMPORTED, "answerable": bool(relevant), "evidence": evidence
        }  # fmt: skip
        cases.append((where, make_case(fields, where)))
    if unasked := sorted(qrels.keys() - {case.id for _, case in cases}):
        raise CaseError(f"{folder / 'qrels.trec'} judges {unasked[0]!r}, which queries.tsv does not have.")
    return cases


def import_run(
    path: Path,
    cases: Sequence[LocatedCase],
    documents: Sequence[Document],
    started: Started,
    *,
    strict: bool = False,
    warn: Callable[[str], None] = lambda _: None,
) -> Run:
    """Measure what another system found for our cases, as a run that can be compared with ours.

    It may rank our passages, or pieces of its own: see `eval/pieces.py`. Only what a ranking alone shows is measured;
    of pieces, only what needs no list of all pieces that hold evidence. A question that is missing scores zero.

    Args:
        path: A TREC run or a file of pieces.
        cases: What was asked.
        documents: Whose passages, or text, was ranked.
        started: What the run was made from.
        strict: Whether a question or passage that there is not is an error; otherwise it finds nothing, and is said.
        warn: Told what was not as it should be.

    Raises:
        CaseError: a line is broken; or, if `strict`, names what there is not, or words that stand twice or nowhere.
    """
    names = {trec.trec_id(case.id): case.id for case in cases} | {case.id: case.id for case in cases}
    found = {names.get(query, query): (query, pieces) for query, pieces in read_found(path).items()}
    known = {case.id for case in cases}
    unknown = sorted(found.keys() - known)
    wrong = [f"{path}: there is no case {query!r}. Was it made for other cases?" for query in unknown]
    places = Places(documents)
    outcomes = []
    of_pieces = False
    for case in cases:
        if case.id not in found:
            outcomes.append(Outcome(case=case, answer=None))
            continue
        placed = [places.place(one, rank) for rank, one in enumerate(found[case.id][1], start=1)]
        hits = [hit for hit, _ in placed]
        wrong += [what for _, what in placed if what is not None]
        of_pieces = of_pieces or any(hit.document_id and not places.is_passage(hit.passage_id) for hit in hits)
        if twice := [name for name, count in Counter(hit.passage_id for hit in hits).items() if count > 1]:
            raise CaseError(f"{path}: {twice[0]!r} stands in the ranking of {case.id!r} twice.")
        outcomes.append(Outcome(case=case, answer=ranking_answer(case, hits)))
    _complain(wrong, strict=strict, warn=warn)
    if not any(one.answer for one in outcomes):
        raise CaseError(f"{path}: it ranks for none of the cases. Was it made for other cases?")
    if of_pieces:
        started = started.model_copy(update={"config": {**started.config, "pieces": True}})
    made = make_run(outcomes, documents, started)
    names_measured = OF_PIECES if of_pieces else OF_HITS
    rows = tuple(
        row.model_copy(update={"measures": _measured(row.measures, one, of_pieces=of_pieces)})
        for row, one in zip(made.rows, outcomes, strict=True)
    )
    if of_pieces:
        made = made.model_copy(update={"summary": summarise(rows, started)})
    return made.model_copy(update={"rows": rows, "summary": of_hits(made.summary, names_measured)})


def _measured(values: dict[str, float | None], outcome: Outcome, *, of_pieces: bool) -> dict[str, float | None]:
    """Leave the measures of hits; judge pieces of another system's own by the evidence that they hold."""
    kept = {name: value if name in (OF_PIECES if of_pieces else OF_HITS) else None for name, value in values.items()}
    if not of_pieces or not outcome.case.answerable:
        return kept
    hits = outcome.answer.hits if outcome.answer else ()
    first = next((hit.rank for hit in hits if holds_some(outcome.case.groups, [hit])), None)
    return {
        **kept,
        "Success@5": float(first is not None and first <= 5),
        "RR@10": 0.0 if first is None or first > 10 else 1 / first,
    }


def _complain(wrong: Sequence[str], *, strict: bool, warn: Callable[[str], None]) -> None:
    """Say what was not as it should be: the first few, and how many there are. Raises CaseError if `strict`."""
    if wrong and strict:
        raise CaseError(f"{wrong[0]} Without --strict this is a warning.")
    for one in wrong[:_SHOWN_WRONG]:
        warn(one)
    if len(wrong) > _SHOWN_WRONG:
        warn(f"… and {len(wrong) - _SHOWN_WRONG} more like these.")
    if wrong:
        warn("What is unknown is left out, or counts as a hit that holds nothing.")
