from django.urls import path, register_converter

from dashboard.addresses import CameraNumber
from dashboard.views import board, camera, cameras, going, signing, wall

register_converter(CameraNumber, "camera")

urlpatterns = [
    path("", board.board, name="board"),
    path("wall/", wall.wall, name="wall"),
    path("cameras/", cameras.cameras, name="cameras"),
    path("cameras.csv", cameras.cameras_csv, name="cameras_csv"),
    path("cameras/<camera:number>/", camera.camera, name="camera"),
    path("cameras/<camera:number>/now/", camera.camera_now, name="camera_now"),
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign_out"),
    path("welcome/", signing.welcome, name="welcome"),
    path("look/", signing.look, name="look"),
    path("go.json", going.destinations, name="destinations"),
]
