"""Addresses: the operator's here, the people's in the dashboard."""

from django.urls import include, path

from fleet import health, metrics

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.metrics),
    path("", include("dashboard.urls")),
]
