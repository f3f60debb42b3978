"""Cut text into sentences, with offsets."""

Span = tuple[int, int]


def sentence_spans(text: str, offset: int = 0) -> list[Span]:
    """Give the spans of a text's sentences, without the white space around them, moved by `offset`.

    A text in which no sentence is found is one itself.
    """
    from nupunkt import sent_spans  # noqa: PLC0415 - asking imports this file, and cuts no sentences

    spans = []
    for first, last in sent_spans(text):
        words = text[first:last]
        if words.strip():
            left = first + len(words) - len(words.lstrip())
            spans.append((offset + left, offset + first + len(words.rstrip())))
    return spans or [(offset, offset + len(text))]
