from django.urls import path, register_converter

from dashboard.addresses import CameraNumber
from dashboard.views import (
    batteries,
    board,
    camera,
    cameras,
    devices,
    first_run,
    going,
    importing,
    own,
    policy,
    signing,
    wall,
)

register_converter(CameraNumber, "camera")

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
    path("batteries/", batteries.batteries, name="batteries"),
    path("docks/", devices.docks, name="docks"),
    path("docks/<str:code>/", devices.dock, name="dock"),
    path("docks/<str:code>/give/", devices.give_dock),
    path("docks/<str:code>/rotate/", devices.rotate_dock),
    path("docks/<str:code>/revoke/", devices.revoke_dock),
    path("quarantine/<int:pk>/settle/", devices.settle, name="settle"),
    path("import/", importing.start, name="import"),
    path("policy/", policy.policy, name="policy"),
    path("policy/preview/", policy.preview, name="policy_preview"),
    path("policy/decide/", policy.decide, name="policy_decide"),
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
