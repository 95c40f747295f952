"""Addresses: the operator's here, the people's in the dashboard."""

from django.urls import include, path

from fleet import health, metrics

handler400 = "dashboard.api.problems.bad_request"
handler500 = "dashboard.api.problems.server_error"

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.metrics),
    path("", include("dashboard.api.urls")),
    path("", include("dashboard.urls")),
]
