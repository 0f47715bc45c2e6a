"""Declares what accounts say about the people who use them."""

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from registry.accounts.models import AccountTelephone
from registry.database.personal import PersonalData, declare


def declare_accounts() -> None:
    data = PersonalData(
        names=("last_name", "first_name"),
        numbers=("email",),
        subjects=_("People with an account"),
        purpose=_("Who may do what, and who did it"),
        ground=_("Statutory duty (Cybersecurity Law, article 21; PIPL, article 13 III)"),
        kept=_("As long as the account; it is closed when it is not used, and named by what it did"),
        emptied=True,
    )
    declare(User, data)
    telephone = PersonalData(
        numbers=("phone",),
        subjects=data.subjects,
        purpose=data.purpose,
        ground=data.ground,
        kept=data.kept,
        goes_with="user",
    )
    declare(AccountTelephone, telephone)
