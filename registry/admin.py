"""Imports the pages of the staff's site, for Django looks here for them. Their order is the order of the menu."""

from registry.organizations.admin import organizations  # isort: skip
from registry.proposals import admin as proposals  # isort: skip
from registry.duplicates.admin import mergers  # isort: skip
from registry.coverage import measures  # isort: skip
from registry.statistics.figures import admin as releases  # isort: skip
from registry.imports.admin import batches  # isort: skip
from registry.collection import admin as collection  # isort: skip
from registry.reference import admin as reference  # isort: skip
from registry.accounts.admin import accounts, requests, roles  # isort: skip
from registry.site import tokens  # isort: skip
from registry.disclosure import admin as disclosure  # isort: skip
from registry.accounts.admin import log, logins  # isort: skip
from registry.workplace import admin as workplace  # isort: skip
from registry.attachments import admin as attachments  # isort: skip

__all__ = [
    "accounts",
    "attachments",
    "batches",
    "collection",
    "disclosure",
    "log",
    "logins",
    "measures",
    "mergers",
    "organizations",
    "proposals",
    "reference",
    "releases",
    "requests",
    "roles",
    "tokens",
    "workplace",
]
