"""An open page's line is asked about again and again, also when asking fails."""

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import OperationalError

from dashboard import consumers

pytestmark = pytest.mark.django_db(transaction=True)


class Doubtful(consumers.PageConsumer):
    """A page of somebody who can be asked about once."""

    ask_again_every_s = 0.01
    asked = 0

    async def who(self) -> str:
        self.asked += 1
        if self.asked > 1:
            raise OperationalError("the database restarts")
        return "somebody"


async def test_a_line_about_which_nobody_can_be_asked_is_let_go() -> None:
    own = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    scope = {"type": "websocket", "path": "/live/", "headers": own}
    line = ApplicationCommunicator(Doubtful.as_asgi(), scope)
    await line.send_input({"type": "websocket.connect"})

    accepted, closed = await line.receive_output(5), await line.receive_output(5)

    assert accepted["type"] == "websocket.accept"
    assert (closed["type"], closed["code"]) == ("websocket.close", consumers.TROUBLE)
