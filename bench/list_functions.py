"""`python -m bench.list_functions [--list]`: how many functions of the product answer a list not asked for before.

The list is that of one sector and one kind. Another sector is asked for before, so that nothing is
counted that runs only once in a process. What is counted, and what is not, is said by `bench.import_functions`.
"""

import sys
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from .import_functions import NEW, UNCHANGED, Calls, apply_rows, count

if TYPE_CHECKING:
    from django.test import Client

PATH = "/api/v1/organizations/"


def measure(folder: Path) -> Calls:
    """Return the functions of the second of two requests. Raises RuntimeError where an answer is a wrong one."""
    from django.contrib.auth.models import Permission, User
    from django.test import Client

    from registry.models import ApiToken, Organization, Sector, SectorTag

    apply_rows(folder, [NEW, UNCHANGED], "new 2, changed 0, unchanged 0, refused 0")
    asked, other = Sector.objects.filter(parent=None).order_by("pk")[:2]
    for organization in Organization.objects.all():
        for sector in (asked, other):
            SectorTag.objects.create(organization=organization, sector=sector, is_primary=sector == asked)
    user = User.objects.create_user("functions")
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    _token, key = ApiToken.objects.issue(user, ApiToken.Scope.READ, days=1, label="functions")
    client = Client(headers={"Authorization": f"Bearer {key}", "Host": "127.0.0.1"})
    ask(client, other.code, "enterprise", 2)
    with Calls() as calls:
        ask(client, asked.code, "enterprise", 2)
    return calls


def ask(client: "Client", sector: str, kind: str, expected: int) -> None:
    response = client.get(PATH, {"sector": sector, "kind": kind})
    if response.status_code != HTTPStatus.OK or response.json()["count"] != expected:
        raise RuntimeError(f"{sector}, {kind}: {response.status_code} {response.content[:500]!r}")


def main() -> int:
    return count("bench.list_functions", measure, __doc__ or "")


if __name__ == "__main__":
    sys.exit(main())
