"""Keeps things on disk: the exported embedding model, the index, and what people say of answers."""
