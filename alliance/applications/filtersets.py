"""Parameters of the list of applications."""

from django.utils.translation import gettext_lazy

from alliance.applications.models import ApplicationKind, ApplicationState
from alliance.models import Application
from registry.api.lists.filters import StrictFilterSet, ValuesFilter
from registry.spreadsheet import Vocabulary, choice_vocabulary


class ApplicationFilterSet(StrictFilterSet):
    kind = ValuesFilter("kinds", "kind", ApplicationKind.values, help_text=gettext_lazy("What is applied for."))
    state = ValuesFilter("states", "state", ApplicationState.values, help_text=gettext_lazy("How far it has come."))

    @property
    def kinds(self) -> Vocabulary[str]:
        return choice_vocabulary(Application._meta.get_field("kind").verbose_name, ApplicationKind.choices)

    @property
    def states(self) -> Vocabulary[str]:
        return choice_vocabulary(Application._meta.get_field("state").verbose_name, ApplicationState.choices)
