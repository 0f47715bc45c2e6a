"""The two addresses of a sign-in by another system: the way there, and the way back."""

import logging
from typing import Any

import requests
from django.conf import settings
from django.contrib import auth, messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from registry.second_factor.state import is_pending
from registry.sign_in.backend import NAME
from registry.sign_in.provider import metadata
from registry.site import sessions
from registry.site.login import remember_browser

logger = logging.getLogger(__name__)


class BeginView(OIDCAuthenticationRequestView):
    def __init__(self, **kwargs: Any) -> None:
        super(OIDCAuthenticationRequestView, self).__init__(**kwargs)
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            self.OIDC_OP_AUTH_ENDPOINT = metadata()["authorization_endpoint"]
        except (SuspiciousOperation, requests.RequestException, KeyError, ValueError) as error:
            logger.warning("The other system does not say where to sign in: %s", error)
            said = _("%(system)s does not answer. Log in with your password, or try again later.")
            messages.error(request, said % {"system": settings.OIDC_NAME})
            return HttpResponseRedirect(reverse("admin:login"))
        answer: HttpResponse = super().get(request)
        return answer


class EndView(OIDCAuthenticationCallbackView):
    def login_success(self) -> HttpResponse:
        auth.login(self.request, self.user)
        sessions.begin(self.request)
        response = HttpResponseRedirect(self.success_url)
        if not is_pending(self.request):
            remember_browser(self.request, response)
        return response

    def login_failure(self) -> HttpResponse:
        name = getattr(self.request, NAME, "")
        said = (
            _(
                "%(system)s has let you in, but there is no account for “%(name)s” here that may sign in this way. Ask "
                "your administrator."
            )
            if name
            else _("The sign-in by %(system)s was not completed. Try again.")
        )
        messages.error(self.request, said % {"system": settings.OIDC_NAME, "name": name})
        return HttpResponseRedirect(reverse("admin:login"))
