"""Looks for a person everywhere: in tables about persons, in all other texts, in files."""
