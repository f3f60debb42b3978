"""Reads a question, alone and in its conversation: what it asks for, whose voice, in which form."""
