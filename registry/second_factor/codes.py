"""Checks codes of the authenticator app, and recovery codes.

django-otp counts failures of a device and makes the next attempt wait longer each time; it takes a code once, and
follows a clock that drifts. A wrong recovery code counts like any other failure.
"""

import base64
import datetime
import secrets
import time
import unicodedata
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry.api.access.tokens import key_hash
from registry.second_factor.models import RecoveryCode
from registry.security.events import record
from registry.security.models import EventKind
from registry.values.people import Account

APP, RECOVERY = "app", "recovery"
NUMBER_OF_CODES = 10
_RANDOM_BYTES = 10
_GROUP = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a check: `passed` names how; `open_at` is set where too many failures make the next one wait."""

    passed: str = ""
    open_at: datetime.datetime | None = None


def typed(text: str) -> str:
    """Return a code without the blanks and dashes that people type, full-width signs made plain."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


@transaction.atomic
def check(user: User, text: str) -> Answer:
    """Check a code of the account's factor, or one of its recovery codes. The factor is locked meanwhile."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).order_by("-pk").first()
    if device is None:
        return Answer()
    allowed, why = device.verify_is_allowed()
    if not allowed:
        return Answer(open_at=why["locked_until"])
    code = typed(text)
    if code.isdigit() and len(code) == device.digits:
        return Answer(APP if device.verify_token(code) else "")
    if _use(user, code):
        device.throttle_reset()
        return Answer(RECOVERY)
    device.throttle_increment()
    return Answer()


def _use(user: User, code: str) -> bool:
    fresh = RecoveryCode.objects.filter(user=user, code_hash=key_hash(code), used_at=None)
    if not fresh.update(used_at=timezone.now()):
        return False
    record(EventKind.CODE_USED, user.get_username(), by=user, left=left(user))
    return True


def left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def make_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes of an account, and return them: they can be shown only now.

    Their 80 random bits cannot be guessed from a digest, so that a slow one is not needed.
    """
    RecoveryCode.objects.filter(user=user).delete()
    made = [base64.b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode() for _number in range(NUMBER_OF_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=key_hash(code)) for code in made)
    record(EventKind.CODES_MADE, user.get_username(), by=user, codes=len(made))
    return ["-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in made]


def new_device(user: Account, key: str) -> TOTPDevice:
    """Return a factor that is not stored yet."""
    return TOTPDevice(user=user, name="app", key=key, confirmed=True)


@transaction.atomic
def set_up(user: User, key: str, text: str) -> TOTPDevice | None:
    """Store the factor with this key if the code is one of its own; it takes the place of an earlier one."""
    device, code = new_device(user, key), typed(text)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time()
    if not (code.isdigit() and len(code) == device.digits and totp.verify(int(code), device.tolerance)):
        return None
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    replaced = bool(TOTPDevice.objects.filter(user=user).delete()[0])
    device.last_t, device.drift = totp.t(), totp.drift
    device.save()
    record(EventKind.FACTOR_SET_UP, user.get_username(), by=user, replaced=replaced or None)
    return device


def remove(user: User) -> bool:
    """Remove the factor of an account with its recovery codes; return whether there was one."""
    RecoveryCode.objects.filter(user=user).delete()
    return bool(TOTPDevice.objects.filter(user=user).delete()[0])
