from django.urls import path

from dashboard.views import board, going, signing, wall

urlpatterns = [
    path("", board.board, name="board"),
    path("wall/", wall.wall, name="wall"),
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign_out"),
    path("welcome/", signing.welcome, name="welcome"),
    path("look/", signing.look, name="look"),
    path("go.json", going.destinations, name="destinations"),
]
