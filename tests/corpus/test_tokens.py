"""Guards the token counts of answers: the encoding is in the package, loses nothing and never fails on a text."""

import socket
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.schema import Document
from corpus.tokens import ENCODING_NAME, count_tokens, encoding

_OFFLINE = """
import socket
def refuse(*args, **kwargs):
    raise OSError("the network was asked for")
socket.socket.connect = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
from corpus.tokens import count_tokens
print(count_tokens("co-production"))
"""


def test_encoding_loads_in_a_fresh_interpreter_without_the_network(tmp_path: object) -> None:
    environment = {"TIKTOKEN_CACHE_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE], capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == count_tokens("co-production") >= 1


def test_encoding_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    encoding.cache_clear()
    assert encoding().name == ENCODING_NAME


def test_encoding_has_4096_tokens_and_none_is_special() -> None:
    assert encoding().n_vocab == 4096
    assert encoding().special_tokens_set == set()


def test_every_single_byte_is_a_token() -> None:
    for value in range(256):
        assert encoding().encode_single_token(bytes([value])) >= 0


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), (" the", 1), ("\n", 1), ("production", 1), ("中", 3), ("🙂", 4)]
)
def test_count_is_the_hand_counted_one(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


@given(text=st.text())
def test_any_text_comes_back(text: str) -> None:
    assert encoding().decode(encoding().encode_ordinary(text)) == text
    assert count_tokens(text) == len(encoding().encode_ordinary(text)) <= len(text.encode("utf-8"))


@pytest.mark.parametrize("text", ["<|endoftext|>", "a <|im_start|> b", "<|fim_prefix|><|endofprompt|>"])
def test_text_that_looks_special_counts_as_text(text: str) -> None:
    assert count_tokens(text) > 2
    assert encoding().decode(encoding().encode_ordinary(text)) == text


def test_report_comes_back_in_fewer_tokens_than_words_twice_over(document: Document) -> None:
    tokens = encoding().encode_ordinary(document.text)
    assert encoding().decode(tokens) == document.text
    assert len(document.text.split()) < len(tokens) < 2 * len(document.text.split())
