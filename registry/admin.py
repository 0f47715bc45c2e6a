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
from registry.second_factor import pages as second_factor  # isort: skip
from registry.security import admin as security  # isort: skip
from registry.disclosure import admin as disclosure  # isort: skip
from registry.erasure.admin import records as erasures  # isort: skip
from registry.accounts.admin import log, logins  # isort: skip
from registry.preview import admin as preview  # isort: skip
from registry.workplace import admin as workplace  # isort: skip
from registry.attachments import admin as attachments  # isort: skip

__all__ = [
    "accounts",
    "attachments",
    "batches",
    "collection",
    "disclosure",
    "erasures",
    "log",
    "logins",
    "measures",
    "mergers",
    "organizations",
    "preview",
    "proposals",
    "reference",
    "releases",
    "requests",
    "roles",
    "second_factor",
    "security",
    "tokens",
    "workplace",
]
