"""Guards the direction of the arrows: who may import whom, and where heavy packages may be met."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("corpus", "assistant", "eval")

WEB_PACKAGES = {"gradio", "fastapi", "starlette", "uvicorn"}
# Package → the files that may import it.
HOMES = {
    "faiss": ("assistant/finding/vectors.py",),
    "bm25s": (),  # tests compare our own BM25 with it
    "onnxruntime": ("assistant/finding/encoder.py",),
    "pptx": ("assistant/room/exports/slides.py",),
    "segno": ("assistant/serving/web/rooms/network.py",),
    "mcp": ("assistant/serving/mcp_server.py",),
    "torch": ("assistant/keeping/model.py", "assistant/keeping/tuned.py"),
    **dict.fromkeys(["sentence_transformers", "transformers", "huggingface_hub"], ("assistant/keeping/model.py",)),
}
# Formats that can run code when they are read.
BANNED = {"pickle", "shelve", "marshal", "dill", "cloudpickle", "joblib"}
LEAVES = ("assistant.schema", "assistant.settings")
#: Room of the assistant → the rooms that it may import besides its own and the leaves. `pipeline.py` composes them all,
#: `desk.py` asks several.
INNER_ROOMS = {
    "reading": (),
    "quoting": (),
    "finding": ("reading",),
    "keeping": ("reading", "finding"),
    "answering": ("reading", "finding", "quoting"),
    "room": ("quoting",),
    "serving": ("reading", "finding", "keeping", "answering", "quoting", "room", "pipeline", "desk"),
}
HEAVY = ("torch", "transformers", "sentence_transformers", "gradio", "scipy", "bm25s")

# Strings that write or read a citation's marker: "[%d]", "[{}]", r"\[(\d+)\]", "[0-9]+" in escaped brackets.
MARKER_IN_STRING = re.compile(r"(?<!\w)\[%[ds]\]|(?<!\w)\[\{\w*\}\]|\\\[\(?(?:\?P<\w+>|\?:)?(?:\\d|\[0-9\])")


@dataclass(frozen=True)
class Import:
    """One imported module, and how it is imported."""

    importer: str
    target: str
    file: str
    line: int
    at_top: bool
    only_typing: bool

    def __str__(self) -> str:
        """Say where the import stands."""
        return f"{self.file}:{self.line} imports {self.target}"


def files_of(root: Path) -> list[Path]:
    """List every Python file of the three rooms."""
    return sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))


def module_of(path: Path, root: Path) -> str:
    """Name the module that a file is."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(root: Path) -> list[Import]:
    """Find every import of every file, those inside functions and under TYPE_CHECKING too."""
    modules = {module_of(path, root) for path in files_of(root)}
    return [found for path in files_of(root) for found in _imports_in(path, root, modules)]


def _imports_in(path: Path, root: Path, modules: set[str]) -> Iterator[Import]:
    def walk(node: ast.AST, *, at_top: bool, only_typing: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            for target in _targets(child, importer, path.name == "__init__.py", modules):
                file = path.relative_to(root).as_posix()
                yield Import(importer, target, file, getattr(child, "lineno", 0), at_top, only_typing)
            yield from walk(child, at_top=at_top and not inside, only_typing=only_typing or typing)

    importer = module_of(path, root)
    yield from walk(ast.parse(path.read_text(encoding="utf-8")), at_top=True, only_typing=False)


def _targets(node: ast.AST, importer: str, is_package: bool, modules: set[str]) -> Iterator[str]:
    """Name the modules that a statement imports; `from assistant import cite` imports `assistant.cite`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = importer.split(".")
            outer = parts[: len(parts) - node.level + is_package]
            base = ".".join([*outer, *([base] if base else [])])
        for alias in node.names:
            yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules else base
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
        "__import__",
        "importlib.import_module",
        "import_module",
    ):
        yield from (arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def top(module: str) -> str:
    """Give the outermost package of a module."""
    return module.partition(".")[0]


def wrong_arrows(root: Path) -> list[str]:
    """corpus imports nothing of ours; assistant imports corpus; eval imports both; nobody else imports eval."""
    allowed = {"corpus": {"corpus"}, "assistant": {"assistant", "corpus"}, "eval": set(ROOMS)}
    return [
        str(found)
        for found in imports_of(root)
        if top(found.target) in ROOMS and top(found.target) not in allowed[top(found.importer)]
    ]


def leaves_with_arrows(root: Path) -> list[str]:
    """`schema` and `settings` of the assistant import none of the assistant's modules."""
    return [str(found) for found in imports_of(root) if found.importer in LEAVES and top(found.target) == "assistant"]


def wrong_inner_arrows(root: Path) -> list[str]:
    """Each room of the assistant imports only what `INNER_ROOMS` allows it."""
    wrong = []
    for found in imports_of(root):
        _, _, importer = found.importer.partition("assistant.")
        _, _, target = found.target.partition("assistant.")
        here, there = top(importer), top(target)
        if here in INNER_ROOMS and there and f"assistant.{there}" not in LEAVES and not found.only_typing:
            wrong += [] if there in (here, *INNER_ROOMS[here]) else [str(found)]
    return wrong


def rooms_without_a_sentence(root: Path) -> list[str]:
    """Each folder's first file says who lives there."""
    folders = {path.parent for path in files_of(root)}
    return [
        folder.relative_to(root).as_posix()
        for folder in sorted(folders)
        if not (folder / "__init__.py").is_file()
        or not ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    ]


def web_outside_its_folder(root: Path) -> list[str]:
    """Only assistant/serving/web imports the web's packages."""
    return [
        str(found)
        for found in imports_of(root)
        if top(found.target) in WEB_PACKAGES and not found.file.startswith("assistant/serving/web/")
    ]


def heavy_outside_its_home(root: Path) -> list[str]:
    """Each heavy package is imported by its own files."""
    return [str(found) for found in imports_of(root) if found.file not in HOMES.get(top(found.target), (found.file,))]


def banned_imports(root: Path) -> list[str]:
    """Nobody imports a format that can run code when it is read."""
    return [str(found) for found in imports_of(root) if top(found.target) in BANNED]


def files_named_utils(root: Path) -> list[str]:
    """No file is a drawer for odds and ends."""
    return [str(path.relative_to(root)) for path in files_of(root) if path.stem in ("utils", "util", "helpers")]


def markers_outside_cite(root: Path) -> list[str]:
    """Only assistant/quoting/cite.py writes or reads `[n]`."""
    return [
        f"{path.relative_to(root).as_posix()}:{line}"
        for path in files_of(root)
        if path.relative_to(root).as_posix() != "assistant/quoting/cite.py"
        for line in _markers_in(ast.parse(path.read_text(encoding="utf-8")))
    ]


def _markers_in(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            written = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            written = node.value
        else:
            continue
        if MARKER_IN_STRING.search(written):
            yield node.lineno


def cycles(root: Path) -> list[str]:
    """No module imports itself by way of others when it is loaded."""
    arrows: dict[str, set[str]] = {}
    ours = {module_of(path, root) for path in files_of(root)}
    for found in imports_of(root):
        if found.at_top and not found.only_typing and found.target in ours:
            arrows.setdefault(found.importer, set()).add(found.target)
    rings: list[str] = []
    done: set[str] = set()

    def visit(module: str, trail: list[str]) -> None:
        if module in trail:
            rings.append(" → ".join([*trail[trail.index(module) :], module]))
        elif module not in done:
            for target in sorted(arrows.get(module, ())):
                visit(target, [*trail, module])
            done.add(module)

    for module in sorted(arrows):
        visit(module, [])
    return rings


Rule = Callable[[Path], list[str]]

# Each rule, with files that break it and words of what it then says; and files that look alike and do not.
BROKEN: list[tuple[Rule, dict[str, str], str]] = [
    (
        wrong_arrows,
        {"corpus/a.py": "from assistant.quoting.cite import write"},
        "corpus/a.py:1 imports assistant.quoting.cite",
    ),
    (wrong_arrows, {"corpus/a.py": "def f():\n    import eval.run"}, "corpus/a.py:2 imports eval.run"),
    (
        wrong_arrows,
        {"assistant/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from eval.cases import Case"},
        "assistant/a.py:3 imports eval.cases",
    ),
    (wrong_arrows, {"assistant/a.py": "import importlib\nimportlib.import_module('eval.run')"}, "imports eval.run"),
    (
        leaves_with_arrows,
        {"assistant/schema.py": "from assistant.quoting import cite", "assistant/quoting/cite.py": ""},
        "assistant.quoting.cite",
    ),
    (
        leaves_with_arrows,
        {"assistant/settings.py": "def f():\n    from .index import g"},
        "imports assistant.index",
    ),
    (
        wrong_inner_arrows,
        {"assistant/reading/a.py": "from assistant.finding.b import c", "assistant/finding/b.py": ""},
        "assistant/reading/a.py:1 imports assistant.finding.b",
    ),
    (
        wrong_inner_arrows,
        {"assistant/quoting/a.py": "def f():\n    from assistant.pipeline import b", "assistant/pipeline.py": ""},
        "assistant/quoting/a.py:2 imports assistant.pipeline",
    ),
    (rooms_without_a_sentence, {"assistant/__init__.py": '"""Answers."""', "assistant/a/b.py": ""}, "assistant/a"),
    (
        web_outside_its_folder,
        {"assistant/serving/terminal/cli.py": "def f():\n    import gradio as gr"},
        "imports gradio",
    ),
    (web_outside_its_folder, {"eval/cli.py": "from starlette.testclient import TestClient"}, "starlette.testclient"),
    (heavy_outside_its_home, {"assistant/finding/retriever.py": "import faiss"}, "imports faiss"),
    (heavy_outside_its_home, {"assistant/finding/index.py": "import faiss"}, "imports faiss"),
    (heavy_outside_its_home, {"assistant/finding/bm25.py": "from bm25s import BM25"}, "imports bm25s"),
    (heavy_outside_its_home, {"assistant/keeping/model.py": "import onnxruntime"}, "imports onnxruntime"),
    (heavy_outside_its_home, {"assistant/finding/encoder.py": "class A:\n    import torch.nn"}, "imports torch.nn"),
    (
        heavy_outside_its_home,
        {"assistant/serving/terminal/cli.py": "def f():\n    from mcp.server import MCPServer"},
        "imports mcp.server",
    ),
    (heavy_outside_its_home, {"corpus/chunk.py": "import transformers"}, "imports transformers"),
    (banned_imports, {"corpus/a.py": "try:\n    import pickle\nexcept ImportError:\n    pass"}, "imports pickle"),
    (banned_imports, {"eval/a.py": "from marshal import loads"}, "imports marshal"),
    (files_named_utils, {"assistant/serving/web/utils.py": ""}, "assistant/serving/web/utils.py"),
    (
        markers_outside_cite,
        {"assistant/answering/select.py": "def f(n):\n    return f'words [{n}]'"},
        "assistant/answering/select.py:2",
    ),
    (
        markers_outside_cite,
        {"assistant/answering/select.py": "A = 'words [%d]' % 1"},
        "assistant/answering/select.py:1",
    ),
    (
        markers_outside_cite,
        {"assistant/answering/select.py": "A = '[{}]'.format(1)"},
        "assistant/answering/select.py:1",
    ),
    (markers_outside_cite, {"eval/a.py": "import re\nA = re.compile(r'\\[(\\d+)\\]')"}, "eval/a.py:2"),
    (markers_outside_cite, {"eval/a.py": "import re\nA = re.compile(r'\\[(?P<n>[0-9]+)\\]')"}, "eval/a.py:2"),
    (
        cycles,
        {"corpus/a.py": "import corpus.b", "corpus/b.py": "from corpus import c", "corpus/c.py": "import corpus.a"},
        "corpus.a → corpus.b → corpus.c → corpus.a",
    ),
]
SOUND: list[tuple[Rule, dict[str, str]]] = [
    (
        wrong_arrows,
        {"eval/a.py": "import corpus.b\nfrom assistant.quoting.cite import c", "assistant/a.py": "import corpus.b"},
    ),
    (wrong_arrows, {"corpus/a.py": "eval_result = 'eval.run'\nimport evaluate"}),
    (leaves_with_arrows, {"assistant/schema.py": "from corpus.schema import Kind"}),
    (
        wrong_inner_arrows,
        {
            "assistant/finding/a.py": "from assistant.reading.b import c\nfrom assistant.schema import d",
            "assistant/reading/b.py": "",
            "assistant/schema.py": "",
        },
    ),
    (rooms_without_a_sentence, {"assistant/__init__.py": '"""Answers."""'}),
    (web_outside_its_folder, {"assistant/serving/web/server.py": "import gradio, fastapi, uvicorn"}),
    (
        heavy_outside_its_home,
        {"assistant/finding/vectors.py": "import faiss", "assistant/keeping/model.py": "import torch"},
    ),
    (banned_imports, {"corpus/a.py": "import json"}),
    (files_named_utils, {"corpus/clean.py": ""}),
    (
        markers_outside_cite,
        {"assistant/quoting/cite.py": "def f(n):\n    return f'[{n}]'", "corpus/a.py": "A = f'{1}[0] list[{2}]'"},
    ),
    (
        cycles,
        {
            "corpus/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import corpus.b",
            "corpus/b.py": "import corpus.a\ndef f():\n    import corpus.b",
        },
    ),
]
RULES = list(dict.fromkeys(rule for rule, *_ in BROKEN))


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write a small source tree."""
    for name, code in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(code, encoding="utf-8")
    return root


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_our_source_keeps_the_rule(rule: Rule) -> None:
    assert rule(ROOT) == []


def test_our_source_is_found_with_its_imports() -> None:
    found = {(one.importer, one.target) for one in imports_of(ROOT)}
    assert ("corpus.load", "corpus.readers.report") in found
    assert ("assistant.finding.vectors", "faiss") in found
    assert ("assistant.keeping.store", "assistant.finding.index") in found  # under TYPE_CHECKING
    assert {top(importer) for importer, _ in found} == set(ROOMS)
    assert len(files_of(ROOT)) > 30


@pytest.mark.parametrize(("rule", "files", "said"), BROKEN, ids=[f"{one[0].__name__}-{one[2]}" for one in BROKEN])
def test_broken_rule_is_noticed(tmp_path: Path, rule: Rule, files: dict[str, str], said: str) -> None:
    (complaint,) = rule(plant(tmp_path, files))
    assert said in complaint


@pytest.mark.parametrize(("rule", "files"), SOUND, ids=[one[0].__name__ for one in SOUND])
def test_kept_rule_is_not_complained_of(tmp_path: Path, rule: Rule, files: dict[str, str]) -> None:
    assert rule(plant(tmp_path, files)) == []


def loaded_by(statement: str) -> set[str]:
    """Run a statement in a fresh interpreter and give the outermost packages that it loaded."""
    code = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return {top(module) for module in done.stdout.split()}


@pytest.mark.parametrize("module", ["assistant.pipeline", "assistant.serving.terminal.cli"])
def test_asking_loads_no_heavy_package(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert "assistant" in loaded
    assert loaded.isdisjoint(HEAVY), sorted(loaded.intersection(HEAVY))


def test_loaded_package_is_noticed() -> None:
    assert "bm25s" in loaded_by("import bm25s")
    assert "bm25s" not in loaded_by("pass")
