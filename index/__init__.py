"""Passages become an index bundle: vectors, words, and the files they came from."""
