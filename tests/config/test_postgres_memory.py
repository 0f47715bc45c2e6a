"""How much memory the embedded server takes, by what the computer or the container has."""

from pathlib import Path

import pytest

from config.postgres import memory

GB = 1024 * memory.MB


def system(root: Path, cgroup: str, limits: dict[str, str]) -> Path:
    """Return a root directory with what Linux says of control groups."""
    for name, text in {"proc/self/cgroup": cgroup, **{f"sys/fs/cgroup/{k}": v for k, v in limits.items()}}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    return root


@pytest.mark.parametrize(
    ("size", "buffers", "cache", "work", "maintenance"),
    [
        (GB // 4, "128MB", "256MB", "4MB", "64MB"),
        (4 * GB, "1024MB", "2048MB", "8MB", "128MB"),
        (16 * GB, "4096MB", "8192MB", "32MB", "512MB"),
        (256 * GB, "4096MB", "131072MB", "32MB", "512MB"),
    ],
)
def test_settings_are_shares_of_the_memory_within_limits(
    size: int, buffers: str, cache: str, work: str, maintenance: str
) -> None:
    assert memory.settings(size, GB) == {
        "shared_buffers": buffers,
        "effective_cache_size": cache,
        "work_mem": work,
        "maintenance_work_mem": maintenance,
        "dynamic_shared_memory_type": "posix",
    }


def test_settings_do_not_rely_on_the_shared_memory_of_a_container() -> None:
    assert memory.settings(4 * GB, 64 * memory.MB)["dynamic_shared_memory_type"] == "mmap"
    assert memory.settings(4 * GB, 0)["dynamic_shared_memory_type"] == "mmap"


@pytest.mark.parametrize(
    ("cgroup", "limits"),
    [
        ("0::/", {"memory.max": "536870912"}),
        ("0::/a/b", {"a/memory.max": "536870912", "a/b/memory.max": "max"}),
        ("0::/", {"memory.max": "536870912", "memory.high": "1"}),
        ("4:memory:/docker/1", {"memory/memory.limit_in_bytes": "536870912"}),  # the group as its container sees it
        ("2:cpu,memory:/a\n0::/", {"memory/a/memory.limit_in_bytes": "536870912"}),
    ],
)
def test_available_memory_is_that_of_the_container(tmp_path: Path, cgroup: str, limits: dict[str, str]) -> None:
    assert memory.available(system(tmp_path, cgroup, limits)) == GB // 2


@pytest.mark.parametrize("limits", [{}, {"memory.max": "max"}, {"memory.max": "9223372036854771712"}])
def test_available_memory_is_that_of_the_computer_without_a_limit(tmp_path: Path, limits: dict[str, str]) -> None:
    whole = memory.available(tmp_path / "no linux")
    assert whole > GB // 8
    assert memory.available(system(tmp_path, "0::/", limits)) == whole
