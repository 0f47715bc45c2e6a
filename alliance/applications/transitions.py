"""The table of what may happen to an application, in which states, and by whom."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.applications.models import EDITABLE, OPEN, Application, ApplicationState
from registry.values.people import Account

ADD, CHECK, CONFIRM = "alliance.add_application", "alliance.check_application", "alliance.confirm_application"
DECIDE = "alliance.record_decision"


@dataclass(frozen=True)
class Transition:
    """One line of the table."""

    name: str
    """The name of the operation, in addresses and in the history."""
    label: str | Promise
    before: tuple[ApplicationState, ...]
    after: ApplicationState
    permission: str
    asks_reason: bool = False


SUBMIT = Transition("submit", _("Submit"), EDITABLE, ApplicationState.SUBMITTED, ADD)
SEND_BACK = Transition(
    "send_back",
    _("Send back to be completed"),
    (ApplicationState.SUBMITTED, ApplicationState.TO_DECIDE),
    ApplicationState.RETURNED,
    CHECK,
    True,
)
ACCEPT = Transition(
    "accept", _("Put to the decision"), (ApplicationState.SUBMITTED,), ApplicationState.TO_DECIDE, CHECK
)
WITHDRAW = Transition("withdraw", _("Note as withdrawn by the applicant"), OPEN, ApplicationState.WITHDRAWN, ADD)
REJECT = Transition("reject", _("Do not pass"), (ApplicationState.TO_DECIDE,), ApplicationState.REJECTED, CONFIRM, True)
CONFIRM_IT = Transition("confirm", _("Confirm"), (ApplicationState.TO_DECIDE,), ApplicationState.PASSED, CONFIRM)
SIMPLE = (SUBMIT, ACCEPT, SEND_BACK, WITHDRAW)
"""The transitions that change nothing but the application; the others are in `deciding`.

Besides `confirm` and `reject`, a decision of a meeting leads from `to_decide` to `passed` or `rejected`.
"""
TRANSITIONS = {one.name: one for one in (*SIMPLE, CONFIRM_IT, REJECT)}


def possible(application: Application, transition: Transition) -> bool:
    """Return whether the state allows it. What a meeting has decided already waits for its second person alone."""
    if application.state not in transition.before:
        return False
    return application.decision_id is None or transition in (CONFIRM_IT, REJECT)


def may(user: Account | None, application: Application, transition: Transition) -> bool:
    """Return whether the account may do it now; None means the program itself."""
    return possible(application, transition) and (user is None or user.has_perm(transition.permission))
