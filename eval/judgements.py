"""What rankings are judged by: queries with graded documents, from TREC qrels, a BEIR folder or the folder of a run."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.quoting.visible import shortened
from corpus.errors import CaseError
from eval import trec
from eval.beir import BeirFolder, read_beir
from eval.cases import read_lines
from eval.fingerprint import sha256_of
from eval.folder import OWN_QRELS, read_run
from eval.schema import LocatedCase, Run, Span

#: The kind of a query of which none is known.
PLAIN = "query"
NO_RELEVANT = "(no document is judged relevant)"
_SHOWN_DOCUMENTS = 5
_SHOWN_CHARACTERS = 400


@dataclass(frozen=True)
class AskedQuery:
    """What is known of a query besides its id."""

    question: str
    kind: str = PLAIN


@dataclass(frozen=True)
class Judgements:
    """Judged queries, as every ranking for them is measured."""

    source: str
    """Where they come from, in a word: a file's or folder's name."""
    qrels: trec.Qrels
    cases: tuple[LocatedCase, ...]
    """A case for each query, in the order of the source; its evidence is any relevant document, whole."""
    texts: Mapping[str, str]
    """Document id → its text, where it is known."""
    names: Mapping[str, str]
    """Ids as a TREC file writes them → as they are here, where the two differ: queries and documents."""
    cases_sha256: str
    corpus_sha256: str
    notes: tuple[str, ...] = ()
    """What in the source was passed over, for whoever reads the numbers."""
    knows_documents: bool = False
    """Whether `texts` has every document that there is."""
    run: Run | None = None
    """The run, where they are of a run's folder."""
    own_ids: bool = False
    """Whether some query has the id of a document, as in BEIR folders whose queries are documents."""

    def own(self, rankings: trec.Rankings) -> dict[str, list[tuple[str, float]]]:
        """Give a TREC run's rankings under the ids that are used here."""
        return {
            self.names.get(query, query): [(self.names.get(one, one), score) for one, score in ranking]
            for query, ranking in rankings.items()
        }


def read_judgements(path: Path, queries: Path | None = None) -> Judgements:
    """Read judgements: a file of TREC qrels, a BEIR folder, or the folder of a run.

    Args:
        path: The file or folder.
        queries: What the queries of a qrels file ask, and their kinds: see `read_queries`.

    Raises:
        CaseError: it is none of these, or a line of it is broken.
    """
    if not path.is_dir():
        return from_qrels(path, {} if queries is None else read_queries(queries))
    if queries is not None:
        raise CaseError(f"--queries goes with a file of qrels; the folder {path} has its own queries.")
    if (path / "started.json").is_file():
        return from_run(path)
    if (path / "corpus.jsonl").is_file():
        return from_beir(read_beir(path), path.resolve().name)
    raise CaseError(
        f"{path} holds no judgements. Expected a file of TREC qrels, a BEIR folder, or a folder that "
        "`coproduce eval run` or `eval score` has written."
    )


def from_qrels(path: Path, asked: Mapping[str, AskedQuery]) -> Judgements:
    """Read a file of TREC qrels. Raises CaseError, which names the file and line."""
    qrels = trec.read_qrels(path)
    if not qrels:
        raise CaseError(f"{path}: no judgement was found; expected lines of: query 0 document relevance")
    return Judgements(
        source=path.name,
        qrels=qrels,
        cases=_cases(qrels, asked, {}),
        texts={},
        names={},
        cases_sha256=_sha256(qrels),
        corpus_sha256=sha256_of("the documents are not known"),
    )


def from_beir(found: BeirFolder, source: str) -> Judgements:
    """Give the judgements of a BEIR folder; queries without any are left out."""
    asked = {query: AskedQuery(found.queries[query].strip() or query) for query in found.qrels}
    documents = (*found.texts, *(one for judged in found.qrels.values() for one in judged))
    return Judgements(
        source=source,
        qrels=found.qrels,
        cases=_cases(found.qrels, asked, found.texts),
        texts=found.texts,
        names=_names((*found.qrels, *documents)),
        cases_sha256=_sha256(found.qrels),
        corpus_sha256=sha256_of(sorted(found.texts.items())),
        notes=found.notes,
        knows_documents=True,
        own_ids=any(query in found.texts for query in found.qrels),
    )


def from_run(folder: Path) -> Judgements:
    """Read the judgements of a run's folder. Raises CaseError where they are not of what the run ranks."""
    run = read_run(folder)
    if run.summary.config.get("pieces"):
        raise CaseError(
            f"the run in {folder} ranks pieces of its own, which nobody has judged: only the measures in its page can "
            "be computed. Compare it with: coproduce eval compare"
        )
    written = trec.read_qrels(folder / OWN_QRELS)
    hits = [hit for answer in run.answers.values() for hit in answer.hits]
    names = _names((*(case.id for case in run.cases), *(hit.passage_id for hit in hits)))
    qrels = {
        names.get(query, query): {names.get(one, one): grade for one, grade in judged.items()}
        for query, judged in written.items()
    }
    texts = {hit.passage_id: hit.text for hit in hits}
    whole = all(span.start == 0 and span.end == 1 for case in run.cases for group in case.groups for span in group)
    return Judgements(
        source=run.summary.source,
        qrels=qrels,
        cases=run.cases if whole else tuple(_judged_whole(case, qrels.get(case.id, {}), texts) for case in run.cases),
        texts=texts,
        names=names,
        run=run,
        cases_sha256=run.summary.fingerprint.cases_sha256,
        corpus_sha256=run.summary.fingerprint.corpus_sha256,
    )


def read_queries(path: Path) -> dict[str, AskedQuery]:
    """Read what queries ask, and their kinds.

    Three forms are known: lines with tabs between (id, question, kind), the kind may be left out; a case file, one JSON
    object a line with `id`, `question` and `kind`; and a BEIR folder's `queries.jsonl`, with `_id` and `text`.

    Raises:
        CaseError: a line has neither form, or an id comes twice.
    """
    found: dict[str, AskedQuery] = {}
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        name, asked = _read_query(line.rstrip(b"\r"), where)
        if name in found:
            raise CaseError(f"{where}: the query {name!r} stands on an earlier line already.")
        found[name] = asked
    return found


def _read_query(line: bytes, where: str) -> tuple[str, AskedQuery]:
    try:
        if not line.lstrip().startswith(b"{"):
            name, *others = line.decode().split("\t")
            if not name.strip() or len(others) not in (1, 2):
                raise CaseError(f"{where}: expected an id, a question and, if it is known, a kind, with tabs between.")
            return name.strip(), AskedQuery(others[0].strip() or name, "".join(others[1:]).strip() or PLAIN)
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CaseError(f"{where}: expected UTF-8, and JSON where a line begins with a brace ({error}).") from None
    name, question = fields.get("id", fields.get("_id")), fields.get("question", fields.get("text"))
    if not isinstance(name, str | int) or not isinstance(question, str):
        raise CaseError(f"{where}: expected a query's id and question: id and question, or _id and text.")
    kind = fields.get("kind")
    return str(name), AskedQuery(question.strip() or str(name), kind if isinstance(kind, str) and kind else PLAIN)


def _cases(qrels: trec.Qrels, asked: Mapping[str, AskedQuery], texts: Mapping[str, str]) -> tuple[LocatedCase, ...]:
    """Make a case of each query. Every one counts, as in trec_eval: one without a relevant document scores zero."""
    cases = []
    for query, judged in qrels.items():
        known = asked.get(query) or AskedQuery(query)
        plain = LocatedCase(id=query, question=known.question, kind=known.kind, answerable=True, evidence=(), groups=())
        cases.append(_judged_whole(plain, judged, texts))
    return tuple(cases)


def _judged_whole(case: LocatedCase, judged: Mapping[str, int], texts: Mapping[str, str]) -> LocatedCase:
    """Give a case whose evidence is any relevant document, whole; one that nothing answers as it is."""
    if not case.answerable:
        return case
    relevant = [document for document, grade in judged.items() if grade > 0]
    spans = tuple(Span(document_id=document, start=0, end=1) for document in relevant)
    return case.model_copy(update={"evidence": (_shown(relevant, texts),), "groups": (spans,)})


def _shown(relevant: Sequence[str], texts: Mapping[str, str]) -> tuple[str, ...]:
    """Write the relevant documents for people: the first few, each with the beginning of its text."""
    shown = [
        f"{one}: {' '.join(shortened(texts[one], _SHOWN_CHARACTERS).split())}" if texts.get(one) else one
        for one in relevant[:_SHOWN_DOCUMENTS]
    ]
    more = [f"and {len(relevant) - _SHOWN_DOCUMENTS} more"] if len(relevant) > _SHOWN_DOCUMENTS else []
    return (*shown, *more) or (NO_RELEVANT,)


def _names(ids: Iterable[str]) -> dict[str, str]:
    return {written: one for one in ids if (written := trec.trec_id(one)) != one}


def _sha256(qrels: trec.Qrels) -> str:
    return sha256_of(sorted((query, sorted(judged.items())) for query, judged in qrels.items()))
