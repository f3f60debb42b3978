"""Finds passages: encodes a question, scores what may answer it by meaning and by words, measures how well it fits."""
