"""Imports files into the registry: opens a file, recognises its columns, matches and compares its rows, writes them."""
