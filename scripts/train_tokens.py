"""Train the token encoding again from the bundled report: `python scripts/train_tokens.py`.

The trainer is the one of the `tokenizers` package; its merges, in order, are tiktoken's ranks.
"""

import base64
import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from corpus.load import load_library
from tiktoken_ext import coproduce

SIZE = 4096


def bytes_of_characters() -> dict[str, int]:
    """Invert the byte-level alphabet: which byte each of its characters stands for."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(256) if byte not in printable]
    return table | {chr(256 + number): byte for number, byte in enumerate(others)}


def main() -> None:
    """Train on the report's cleaned text and write the ranks beside the plugin."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(coproduce._PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=SIZE, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([document.text for document in load_library().documents], trainer)
    to_byte = bytes_of_characters()
    merges = [tuple(merge) for merge in json.loads(tokenizer.to_str())["model"]["merges"]]
    tokens = [bytes([byte]) for byte in range(256)]
    tokens += [bytes(to_byte[character] for character in left + right) for left, right in merges]
    unique = list(dict.fromkeys(tokens))
    lines = [f"{base64.b64encode(token).decode()} {rank}" for rank, token in enumerate(unique)]
    Path(coproduce.__file__).with_name("coproduce_4k.tiktoken").write_text(
        "\n".join(lines) + "\n", encoding="ascii", newline="\n"
    )
    print(f"{len(unique)} tokens written")


if __name__ == "__main__":
    main()
