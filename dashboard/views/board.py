"""Every camera at a glance."""

from django.http import HttpResponseBase
from django.shortcuts import render

from dashboard.doors import Entered, door
from devices.roles import Act


@door(Act.VIEW_BOARD)
def board(request: Entered) -> HttpResponseBase:
    return render(request, "dashboard/board.html")
