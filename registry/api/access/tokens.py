import datetime
import hashlib
import secrets

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from registry.database.tracking import tracked
from registry.security.events import record
from registry.security.models import EventKind

PREFIX = "zsai_"


def key_hash(key: str) -> str:
    """Return the SHA-256 of a key. It suffices for random 256 bits; a slow password hash would delay every request."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    @transaction.atomic
    def issue(
        self, user: AbstractBaseUser, scope: str, days: int, label: str = "", with_factor: bool = False
    ) -> "tuple[ApiToken, str]":
        """Create a token and return it with its key, which is stored nowhere and can be shown only now.

        `with_factor` says that the person who makes it has passed a second factor.
        """
        key = PREFIX + secrets.token_urlsafe(32)
        token = self.create(
            user=user,
            label=label,
            scope=scope,
            key_hash=key_hash(key),
            key_start=key[: len(PREFIX) + 4],
            password_state=key_hash(user.password),
            with_factor=with_factor,
            expires_at=timezone.now() + datetime.timedelta(days=days),
        )
        record(EventKind.TOKEN_MADE, user.get_username(), key=token.key_start, scope=scope, days=days, label=label)
        return token, key

    def revoke(self) -> int:
        """Revoke those that are not revoked yet; return their number."""
        with transaction.atomic():
            tokens = list(self.filter(revoked_at=None).select_related("user").select_for_update(of=("self",)))
            ApiToken.objects.filter(pk__in=[token.pk for token in tokens]).update(revoked_at=timezone.now())
            for token in tokens:
                record(EventKind.TOKEN_REVOKED, token.user.get_username(), key=token.key_start, label=token.label)
        return len(tokens)


@tracked("key_hash", "password_state", "last_used_at")
class ApiToken(models.Model):
    """A bearer token of a program. It ends with its account, the account's password, its expiry or its revocation."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("account")
    )
    label = models.CharField(_("label"), max_length=100, blank=True, help_text=_("The program that uses it."))
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.READ)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    key_start = models.CharField(_("begins with"), max_length=12, editable=False)
    password_state = models.CharField(max_length=64, editable=False)
    with_factor = models.BooleanField(_("made with a second factor"), default=False, editable=False)
    """Whether it was made in a session that had passed a second factor, or by the operator of the server. Where the
    account needs a factor, another token ends."""
    created_at = models.DateTimeField(_("created at"), db_default=models.functions.Now(), editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.key_start}…"

    def is_usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active

    def belongs_to_password_of(self, user: AbstractBaseUser) -> bool:
        return constant_time_compare(self.password_state, key_hash(user.password))
