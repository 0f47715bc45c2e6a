import pytest

from registry.directory.asking import Counts


@pytest.fixture(autouse=True)
def no_kept_counts() -> None:
    """All of a test is one transaction and so one moment, by which counts are kept."""
    Counts.cache_clear()
