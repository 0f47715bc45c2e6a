from pathlib import Path

import pytest

from bench import list_functions


@pytest.mark.django_db
def test_list_functions_counts_a_list_that_was_not_asked_for(reference: None, tmp_path: Path) -> None:
    calls = list_functions.measure(tmp_path)
    listed = calls.found["registry/api/lists/list_mixin.py"]
    assert "RowListMixin.list" in {code.co_qualname for code in listed.values()}
