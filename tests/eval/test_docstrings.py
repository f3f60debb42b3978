"""The examples in docstrings hold."""

import doctest
import importlib

import pytest

from eval.cases import DATA

MODULES = [f"eval.{path.stem}" for path in sorted(DATA.parent.glob("*.py")) if path.stem != "__init__"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_some_modules_have_examples():
    assert sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES) > 5
