"""The addresses of the public directory. They stay: what is printed on paper or linked from elsewhere must lead on."""

from django.urls import path, re_path

from registry.directory import correcting, files, landscape, lists, organization, statistics
from registry.organizations.views.organizations import REGISTRY_NO

_ONE = rf"o/(?P<registry_no>{REGISTRY_NO})"

pages = [
    path("", lists.home, name="home"),
    path("list/", lists.listing, name="list"),
    path("s/<str:code>/", lists.sector, name="sector"),
    path("t/<str:code>/", lists.township, name="township"),
    path("institutes/", lists.institutes, name="institutes"),
    path("landscape/", landscape.landscape, name="landscape"),
    path("statistics/", statistics.statistics, name="statistics"),
    re_path(rf"^{_ONE}/$", organization.organization, name="organization"),
    re_path(rf"^{_ONE}\.csv$", organization.as_csv, name="organization-csv"),
    re_path(rf"^{_ONE}/correct/$", correcting.correct, name="correct"),
    path("download/", files.download, name="download"),
    path("sitemap/", files.sitemap, name="sitemap"),
    path("privacy/", files.privacy, name="privacy"),
]
# What is the same in both languages has one address.
once = [
    re_path(rf"^{_ONE}\.json$", organization.as_json, name="organization-json"),
    re_path(rf"^{_ONE}\.jsonld$", organization.as_linked_data, name="organization-linked"),
    re_path(r"^download/organizations\.(?P<form>csv|xlsx)$", files.file, name="file"),
    re_path(r"^download/organizations\.(?P<form>csv|xlsx)\.sha256$", files.checksum, name="checksum"),
    path("sitemap.xml", files.sitemap_index, name="sitemap-index"),
    path("sitemap-<int:number>.xml", files.sitemap_part, name="sitemap-part"),
    path("robots.txt", files.robots, name="robots"),
]
