"""Say how well questions are read: each intent on a writer's examples, each slot on whole questions in conversation."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.progress import track
from rich.table import Table

from assistant import open_assistant
from assistant.reading.intents import load_intents
from assistant.reading.meaning import ASKS
from assistant.schema import Query
from assistant.serving.terminal.console import err, out
from assistant.settings import load_settings
from corpus.errors import UnknownName
from eval.cases import load_cases, split_path
from eval.reading import FOLDER, HELD_OUT, IntentScore, load_examples, score, see

_NOBODY = "(nobody)"


def score_writer(writer: str | None, data_dir: Path | None) -> list[IntentScore]:
    """Score every intent on a writer's examples; on those of the one held out, if none is named. Raises UnknownName."""
    known = sorted(path.stem.removeprefix("writer-") for path in FOLDER.glob("writer-*.jsonl"))
    if (writer := writer or HELD_OUT) not in known:
        raise UnknownName(f"there is no writer {writer!r}. There are: {', '.join(known)}.")
    assistant = open_assistant(load_settings(data_dir=data_dir))
    return score(load_intents().with_vectors, see(load_examples(writer), assistant.retriever.plain))


def score_split(split: str, data_dir: Path | None) -> list[IntentScore]:
    """Score each value of each slot on cases that are labelled with them. Raises UnknownName."""
    assistant = open_assistant(load_settings(data_dir=data_dir))
    pairs: list[tuple[str, str, str]] = []
    for case in track(load_cases(split_path(split)), "Reading", console=err):
        parsed = assistant.read(Query(question=case.question, history=case.history))
        pairs.append(("act", case.act, parsed.act))
        if case.act != ASKS or parsed.act != ASKS:
            continue
        if case.lean is not None and case.history:
            pairs.append(("lean", case.lean, parsed.lean))
        pairs.append(("speaker", case.speaker or _NOBODY, " and ".join(parsed.speakers) or _NOBODY))
        if case.speaker is None:
            pairs.append(("side", case.role or _NOBODY, parsed.role or _NOBODY))
    return [
        IntentScore.of(slot, value, [(wanted == value, said == value) for name, wanted, said in pairs if name == slot])
        for slot, value in dict.fromkeys((slot, wanted) for slot, wanted, _ in pairs)
    ]


def show_scores(scores: Sequence[IntentScore], *, as_json: bool) -> None:
    """Print precision and recall of every intent, and how often one of a slot was right."""
    if as_json:
        rows = [{**vars(one), "precision": one.precision, "recall": one.recall} for one in scores]
        out.print(json.dumps(rows), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(box=SIMPLE_HEAD)
    for name in ("slot", "intent", "wanted", "told", "precision", "recall"):
        table.add_column(name, justify="left" if name in ("slot", "intent") else "right", no_wrap=True)
    for one in sorted(scores, key=lambda score: (score.slot, score.intent)):
        shares = ["–" if share is None else f"{share:.2f}" for share in (one.precision, one.recall)]
        table.add_row(one.slot, one.intent, str(one.wanted), str(one.told), *shares)
    out.print(table)
