"""Addresses whose views fail in every way that a view can fail."""

from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.db import connection, transaction
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from config.urls import handler400, handler403, handler404, handler500, pages  # noqa: F401 - Django looks for them here
from registry.directory.urls import once
from registry.models import Organization, SectorTag


class Echo(APIView):
    permission_models = ()
    authentication_classes = ()
    permission_classes = ()

    def get(self, request):
        return Response({"a": 1})

    def post(self, request):
        return Response(request.data)


class Closed(APIView):
    """Declares no permission."""

    def get(self, request):
        return Response({})


class OfOrganizations(APIView):
    queryset = Organization.objects.all()

    def get(self, request):
        return Response({})

    post = put = delete = get


class Failing(Echo):
    def get(self, request, how):
        getattr(self, how)()

    def crash(self):
        raise RuntimeError("SELECT secret FROM /etc/passwd")

    def duplicate(self):
        with transaction.atomic():
            for _ in range(2):
                Organization.objects.create(kind="enterprise", name_zh="甲", uscc="91442000X00000001A")

    def check(self):
        with transaction.atomic():
            Organization.objects.create(kind="enterprise")

    def foreign(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO registry_name (organization_id, kind, name, language) VALUES (0, '', 'a', '')")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def slow(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(5)")

    def suspicious(self):
        raise SuspiciousOperation("/etc/passwd")

    def data(self):
        with transaction.atomic():
            list(SectorTag.objects.extra(where=["1/0 = 1"]))


class Plain(APIView):
    """Outside REST framework's error handling."""


def raising(request):
    raise RuntimeError("SELECT secret")


def suspicious(request):
    raise SuspiciousOperation("/etc/passwd")


urlpatterns = [
    path("", include(([*pages, *once], "directory"))),  # error pages lead on to it
    path("api/echo/", Echo.as_view()),
    path("api/closed/", Closed.as_view()),
    path("api/organizations/", OfOrganizations.as_view()),
    path("api/raising/", raising),
    path("api/suspicious/", suspicious),
    path("api/fail/<str:how>/", Failing.as_view()),
    path("page/suspicious/", suspicious),
    path("admin/", admin.site.urls),  # the page of an error leads there
    path("i18n/", include("django.conf.urls.i18n")),
]
