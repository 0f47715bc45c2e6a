"""Tells from the first bytes of a file what kind of file it is, regardless of its name."""

import codecs

from registry.imports.reading.sandbox.limits import Refused

_OTHER_KINDS = [
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"{\\rtf", "document"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
]


def refuse_other_kinds(head: bytes) -> None:
    """Raise `Refused` if the first bytes show neither a workbook nor text, regardless of the file's name."""
    if not head:
        raise Refused("empty")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("password" if "EncryptedPackage".encode("utf-16-le") in head else "old_excel")
    for magic, code in _OTHER_KINDS:
        if head.startswith(magic):
            raise Refused(code)
    start = head[:4096].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style", b"<workbook")):
        raise Refused("web_page")
