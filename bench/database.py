"""A database of its own for each size, below var/bench, made when it is first asked for and then reused."""

from django.contrib.auth.models import Permission, User
from django.core.management import call_command

from registry.models import ApiToken, Organization


def prepare(organizations: int) -> str:
    """Migrated and filled; the key of a token that may read everything."""
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_reference", verbosity=0)
    if not Organization.objects.exists():
        call_command("generate_registry", organizations=organizations, alliance="bench", verbosity=0)
    # May read everything, but as programs do: by permissions.
    user, _is_new = User.objects.update_or_create(username="bench", defaults={"is_superuser": False})
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    _token, key = ApiToken.objects.issue(user, ApiToken.Scope.READ, days=1, label="bench")
    return key
