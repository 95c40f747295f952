from django.urls import path, register_converter

from dashboard.addresses import CameraNumber, DockCode, KeyId
from dashboard.views import (
    alerts,
    batteries,
    board,
    camera,
    cameras,
    devices,
    first_run,
    going,
    importing,
    own,
    signing,
    wall,
)

register_converter(CameraNumber, "camera")
register_converter(DockCode, "dock")
register_converter(KeyId, "key")

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
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/now/", alerts.alerts_now, name="alerts_now"),
    path("alerts/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("alerts/silence/", alerts.silence, name="silence"),
    path("alerts/maintain/", alerts.maintain, name="maintain"),
    path("alerts/quiet/<int:pk>/end/", alerts.end_quiet, name="end_quiet"),
    path("alerts/rules/", alerts.rules, name="alert_rules"),
    path("alerts/rules/<slug:code>/", alerts.rule, name="alert_rule"),
    path("alerts/channels/", alerts.channels, name="alert_channels"),
    path("alerts/channels/<int:pk>/end/", alerts.end_channel, name="end_channel"),
    path("batteries/", batteries.batteries, name="batteries"),
    path("docks/", devices.docks, name="docks"),
    path("docks/<dock:code>/", devices.dock, name="dock"),
    path("docks/<dock:code>/give/", devices.give_dock),
    path("docks/<dock:code>/rotate/", devices.rotate_dock),
    path("docks/<dock:code>/revoke/", devices.revoke_dock),
    path("quarantine/<int:pk>/settle/", devices.settle, name="settle"),
    path("import/", importing.start, name="import"),
    path("me/", own.me, name="me"),
    path("me/tokens/", own.make_token, name="make_token"),
    path("me/tokens/<key:key_id>/revoke/", own.revoke_token, name="revoke_token"),
    path("first-run/", first_run.begin, name="first_run"),
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign_out"),
    path("welcome/", signing.welcome, name="welcome"),
    path("look/", signing.look, name="look"),
    path("go.json", going.destinations, name="destinations"),
]
