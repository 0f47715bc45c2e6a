import codecs
import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.api.errors import InvalidBody
from registry.api.parsers import MAX_DEPTH, parse


def nested(depth):
    inner = []
    for _level in range(depth - 1):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": [1, -2.50, true, null, "\xe4\xb8\xad"]}', {"a": [1, Decimal("-2.50"), True, None, "中"]}),
        (b"\xef\xbb\xbf[]", []),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"1234567890123456.78", Decimal("1234567890123456.78")),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, nested(MAX_DEPTH)),
    ],
)
def test_parse_reads_proper_json(raw, value):
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b"", ""),
        (b"{", ""),
        (b'{"a": 1,}', ""),
        (b'{"a": NaN}', ""),
        (b"[1e999]", "/0"),
        (b'{"\xff": 1}', ""),
        (b'{"a": "x\\u0000y"}', "/a"),
        (b'{"a\\u0000": 1}', ""),
        (b'{"a": ["b", {"c/d": "\\ud800"}]}', "/a/1/c~1d"),
        (b'{"a": 1, "b": 2, "a": 3}', "/a"),
        (b'[{"x": {"a": 1, "a": 1}}]', "/0/x/a"),
        (b'{"a": [' + b"9" * 5000 + b"]}", "/a/0"),
        (b'{"a": 0.' + b"9" * 5000 + b"}", "/a"),
        (b'{"a": 0, "b": ' + b'{"c":' * 100_000, "/b" + "/c" * (MAX_DEPTH - 1)),
        (b'[1, "[[", ' + b"[" * 100_000, "/2" + "/0" * (MAX_DEPTH - 1)),
    ],
)
def test_parse_refuses_what_is_doubtful_and_says_where(raw, pointer):
    with pytest.raises(InvalidBody) as refused:
        parse(raw)
    assert refused.value.pointer == pointer


def test_parse_takes_time_in_proportion_to_the_text():
    started = time.perf_counter()
    for raw in (b'"' + b'\\"' * 1_000_000, b'"\\' * 1_000_000, b"[" * 2_000_000):
        with pytest.raises(InvalidBody):
            parse(raw)
    assert time.perf_counter() - started < 5


def read_or_pointer(raw):
    try:
        return parse(raw), None
    except InvalidBody as refused:
        return None, refused.pointer


@given(st.binary(max_size=200))
def test_parse_reads_any_bytes_as_json_does_or_says_where_it_cannot(raw):
    value, pointer = read_or_pointer(raw)
    if pointer is None:
        assert value == json.loads(raw.removeprefix(codecs.BOM_UTF8), parse_float=Decimal)
    else:
        assert pointer == "" or pointer.startswith("/")
