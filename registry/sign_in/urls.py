from django.urls import path

from registry.sign_in.views import BeginView, EndView

urlpatterns = [
    path("", BeginView.as_view(), name="oidc_begin"),
    path("end/", EndView.as_view(), name="oidc_end"),
]
