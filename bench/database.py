"""A database of its own for each size, below var/bench, made when it is first asked for and then reused."""

from django.contrib.auth import get_user_model
from django.core.management import call_command

from registry.models import ApiToken, Organization


def prepare(organizations: int) -> str:
    """Migrated and filled; the key of a token for an administrator."""
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_reference", verbosity=0)
    if not Organization.objects.exists():
        call_command("generate_registry", organizations=organizations, alliance="bench", verbosity=0)
    users = get_user_model()._default_manager
    user = users.filter(username="bench").first() or users.create_superuser("bench", "", None)
    _token, key = ApiToken.objects.issue(user, ApiToken.Scope.READ, days=1, label="bench")
    return key
