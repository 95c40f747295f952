from django.urls import path, register_converter

from dashboard.addresses import CameraNumber, Day
from dashboard.views import (
    board,
    camera,
    cameras,
    devices,
    first_run,
    going,
    importing,
    own,
    roster,
    roster_day,
    roster_shifts,
    signing,
    wall,
)

register_converter(CameraNumber, "camera")
register_converter(Day, "day")

urlpatterns = [
    path("", board.board, name="board"),
    path("wall/", wall.wall, name="wall"),
    path("cameras/", cameras.cameras, name="cameras"),
    path("cameras.csv", cameras.cameras_csv, name="cameras_csv"),
    path("cameras/<camera:number>/", camera.camera, name="camera"),
    path("cameras/<camera:number>/now/", camera.camera_now, name="camera_now"),
    path("cameras/<camera:number>/service/", camera.change_service, name="change_service"),
    path("cameras/<camera:number>/tokens/", devices.camera_tokens, name="camera_tokens"),
    path("cameras/<camera:number>/tokens/give/", devices.give_camera),
    path("cameras/<camera:number>/tokens/rotate/", devices.rotate_camera),
    path("cameras/<camera:number>/tokens/revoke/", devices.revoke_camera),
    path("docks/", devices.docks, name="docks"),
    path("docks/<str:code>/", devices.dock, name="dock"),
    path("docks/<str:code>/give/", devices.give_dock),
    path("docks/<str:code>/rotate/", devices.rotate_dock),
    path("docks/<str:code>/revoke/", devices.revoke_dock),
    path("quarantine/<int:pk>/settle/", devices.settle, name="settle"),
    path("roster/", roster.roster, name="roster"),
    path("roster/undo/", roster.undo, name="roster_undo"),
    path("roster/kinds/", roster_shifts.kinds, name="roster_kinds"),
    path("roster/kinds/define/", roster_shifts.define_kind, name="define_kind"),
    path("roster/<str:code>/plan/<day:on>/", roster.plan, name="plan_week"),
    path("roster/<str:code>/officers/<str:badge>/<day:on>/", roster_day.day, name="roster_day"),
    path(
        "roster/<str:code>/officers/<str:badge>/<day:on>/change/",
        roster_day.change,
        name="change_duty",
    ),
    path("roster/<str:code>/shifts/<str:kind>/<day:on>/", roster_shifts.shift, name="roster_shift"),
    path(
        "roster/<str:code>/shifts/<str:kind>/<day:on>/reserve/",
        roster_shifts.set_reserve,
        name="set_reserve",
    ),
    path(
        "roster/<str:code>/shifts/<str:kind>/<day:on>/put-on/",
        roster_shifts.put_on,
        name="put_on_shift",
    ),
    path("import/", importing.start, name="import"),
    path("me/", own.me, name="me"),
    path("me/tokens/", own.make_token, name="make_token"),
    path("me/tokens/<str:key_id>/revoke/", own.revoke_token, name="revoke_token"),
    path("first-run/", first_run.begin, name="first_run"),
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign_out"),
    path("welcome/", signing.welcome, name="welcome"),
    path("look/", signing.look, name="look"),
    path("go.json", going.destinations, name="destinations"),
]
