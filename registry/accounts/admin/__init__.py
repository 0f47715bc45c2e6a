"""Pages of accounts, roles and log-ins, which replace Django's own."""

import django.contrib.auth.admin  # noqa: F401 - registers its pages, which would come later and be in the way
import django_otp.plugins.otp_totp.admin  # noqa: F401 - likewise; it would show the secrets of second factors
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django_otp.plugins.otp_totp.models import TOTPDevice

admin.site.unregister([User, Group, TOTPDevice])
