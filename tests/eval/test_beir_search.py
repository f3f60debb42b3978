"""A BEIR corpus is searched as it is: with a readable encoder by hand, and with the real one through the command."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant.serving.terminal.cli import app
from corpus.errors import CaseError
from eval.beir import BeirFolder
from eval.beir_search import measure_beir, search_beir

CORPUS = {
    "d1": "The bus leaves the station at nine.",
    "d2": "Bread is made of flour and water.",
    "d3": "A dog must be walked twice a day.",
    "d4": "",
}
QUERIES = {"q1": "How often does a puppy need exercise?", "q2": "What do bakers mix?", "q3": "When does the bus go?"}
QRELS = [("q1", "d3"), ("q2", "d2"), ("q3", "d1")]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"_id": name, "title": "", "text": text}) for name, text in CORPUS.items())
    )
    (tmp_path / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": name, "text": text}) for name, text in QUERIES.items())
    )
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n" + "".join(f"{query}\t{document}\t1\n" for query, document in QRELS)
    )
    return tmp_path


class FirstLetter:
    """Vectors that are read by eye: one axis for each first letter."""

    max_tokens = 100

    def encode(self, texts):
        axes = np.zeros((len(texts), 26), dtype=np.float32)
        for row, text in enumerate(texts):
            axes[row, ord((text.strip().lower() or "z")[0]) - 97] = 1
        return axes

    def count(self, text):
        return len(text)


def test_meaning_and_words_are_fused_by_rank():
    """By meaning (first letter) b1 is first, then a1, a2 in order; by words a2 alone is found.

    a2 has 1/63 and 1/61, b1 has 1/61, a1 has 1/62: so a2, b1, a1.
    """
    texts = {"a1": "apples", "a2": "an orange", "b1": "bananas"}
    found = BeirFolder(texts, texts, {"q": "big oranges"}, {}, {}, {"q": {"a2": 1}})
    rankings = search_beir(found, FirstLetter(), lambda *_: None)
    assert [name for name, _ in rankings["q"]] == ["a2", "b1", "a1"]


def test_the_real_encoder_finds_what_is_meant(folder, settings_built):
    steps = []
    found = measure_beir(folder, settings_built, lambda done, total: steps.append((done, total)))
    assert (found.documents, found.queries) == (4, 3)
    assert found.measures["R@1"] == found.measures["nDCG@10"] == 1
    assert steps[-1] == (7, 7)


def test_the_command_prints_tables_or_json(folder, settings_built):
    arguments = ["eval", "run", "--beir", str(folder), "--data-dir", str(settings_built.data_dir)]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert "3 queries, 4 documents" in " ".join(shown.stdout.split())
    printed = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert printed["measures"]["RR@10"] == 1


def test_a_folder_without_judgements_is_refused(folder, settings_built):
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(CaseError, match="found 4 documents and 0 judged queries"):
        measure_beir(folder, settings_built, lambda *_: None)


def test_a_run_is_kept_that_ir_measures_reads_the_same(folder, settings_built, tmp_path):
    import ir_measures

    kept = tmp_path / "kept"
    arguments = ["eval", "run", "--beir", str(folder), "--data-dir", str(settings_built.data_dir), "--out", str(kept)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    read = ir_measures.calc_aggregate(
        [ir_measures.nDCG @ 10, ir_measures.R @ 1],
        ir_measures.read_trec_qrels(str(kept / "qrels.trec")),
        ir_measures.read_trec_run(str(kept / "run.trec")),
    )
    summary = json.loads((kept / "summary.json").read_text(encoding="utf-8"))
    assert {str(name): value for name, value in read.items()} == {
        name: pytest.approx(summary["measures"][name], abs=1e-9) for name in ("nDCG@10", "R@1")
    }
    assert (kept / "per_query.csv").read_text(encoding="utf-8").splitlines()[1].startswith("q1,")
    again = CliRunner().invoke(app, arguments)
    assert "is there already" in str(again.exception)
