"""Parameters of the list of applications."""

from django.utils.translation import gettext_lazy

from alliance.applications.models import ApplicationKind, ApplicationState
from alliance.models import Application
from registry.api.lists.filters import StrictFilterSet, ValuesFilter
from registry.spreadsheet import choice_vocabulary


class ApplicationFilterSet(StrictFilterSet):
    kind = ValuesFilter(
        choice_vocabulary(Application._meta.get_field("kind").verbose_name, ApplicationKind.choices),
        "kind",
        ApplicationKind.values,
        help_text=gettext_lazy("What is applied for."),
    )
    state = ValuesFilter(
        choice_vocabulary(Application._meta.get_field("state").verbose_name, ApplicationState.choices),
        "state",
        ApplicationState.values,
        help_text=gettext_lazy("How far it has come."),
    )
