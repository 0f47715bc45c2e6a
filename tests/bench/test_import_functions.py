from pathlib import Path

import pytest

from bench import import_functions


@pytest.mark.django_db
def test_import_functions_counts_named_functions_of_this_process(reference: None, tmp_path: Path) -> None:
    calls = import_functions.measure(tmp_path)
    engine = calls.found["registry/imports/pipeline/engine.py"]
    assert {code.co_qualname for code in engine.values()} >= {"Import.run", "Import._stage"}
    assert not any("/sandbox/" in path for path in calls.found)
    names = [code.co_name for functions in calls.found.values() for code in functions.values()]
    assert not any(name.startswith("<") for name in names)
    *listed, total = calls.lines(True)
    assert total.startswith(f"{len(names)} functions in {len(calls.found)} files")
    assert len(listed) == len(names) + len(calls.found)
