"""Addresses of the API. Each ends in a slash; none redirects."""

from django.urls import include, path, re_path

from dashboard.api import documents, records, roster, then, views

_v1 = [
    path("stations/", views.Stations.as_view(), name="api-stations"),
    path("stations/<str:code>/", views.OneStation.as_view(), name="api-station"),
    path("docks/", views.Docks.as_view(), name="api-docks"),
    path("docks/<str:code>/", views.OneDock.as_view(), name="api-dock"),
    path("cameras/", views.Cameras.as_view(), name="api-cameras"),
    path("cameras/<str:camera>/", views.OneCamera.as_view(), name="api-camera"),
    path("cameras/<str:camera>/history/", views.History.as_view(), name="api-history"),
    path("cameras/<str:camera>/placements/", views.Placements.as_view(), name="api-placements"),
    path("cameras/<str:camera>/silences/", views.Silences.as_view(), name="api-silences"),
    path("past/", then.Past.as_view(), name="api-past"),
    path("faults/", records.Faults.as_view(), name="api-faults"),
    path("faults/<str:fault>/", records.OneFault.as_view(), name="api-fault"),
    path("tests/", records.Tests.as_view(), name="api-tests"),
    path("tests/<str:test>/", records.OneTest.as_view(), name="api-test"),
    path("officers/", views.Officers.as_view(), name="api-officers"),
    path("officers/<str:badge_number>/", views.OneOfficer.as_view(), name="api-officer"),
    path("shifts/", roster.Shifts.as_view(), name="api-shifts"),
    path("roster/preview/", roster.Preview.as_view(), name="api-roster-preview"),
    path("roster/apply/", roster.Apply.as_view(), name="api-roster-apply"),
    path("schema/", documents.Schema.as_view(), name="api-schema"),
    path("docs/", documents.Docs.as_view(), name="api-docs"),
]

urlpatterns = [
    path("api/v1/", include(_v1)),
    re_path(r"^api(?:/|$)", documents.Nothing.as_view(), name="api-nothing"),
]
