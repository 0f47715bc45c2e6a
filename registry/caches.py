"""Every cache of a process: what it keeps between requests, and how all of them are emptied.

A cache is a function decorated by `functools.cache` or `lru_cache`, or a class with `cache_clear`. None has to be
emptied while the product runs: each keeps what never changes, what belongs to a version of the reference data that is
in its key, what only decides how rows are found (`registry.search.planner.RowSample`), statements without their values
(`registry.api.lists.statements.RememberedStatements`), or what may be a minute old
(`registry.directory.asking.Counts`).
"""

import sys
from collections.abc import Callable

APPS = ("registry", "alliance")


def caches() -> dict[str, Callable[[], None]]:
    """Return name -> function that empties it, for each cache in the modules that are loaded."""
    found: dict[int, tuple[str, Callable[[], None]]] = {}
    for module_name, module in sorted(sys.modules.items()):
        if module_name.partition(".")[0] not in APPS:
            continue
        for name, value in vars(module).items():
            # Other modules import it: it is named by the one that its function is from, if that has it.
            if hasattr(value, "cache_clear") and (id(value) not in found or value.__module__ == module_name):
                found[id(value)] = f"{module_name}.{name}", value.cache_clear
    return dict(found.values())


def clear_caches() -> None:
    for clear in caches().values():
        clear()
