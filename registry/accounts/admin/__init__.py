"""Pages of accounts, roles and log-ins, which replace Django's own."""

import django.contrib.auth.admin  # noqa: F401 - registers its pages, which would come later and be in the way
from django.contrib import admin
from django.contrib.auth.models import Group, User

admin.site.unregister([User, Group])
