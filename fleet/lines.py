"""The web process's end of a websocket."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class Line(WebSocketsSansIOProtocol):
    """A websocket whose peer cannot fill our memory by asking and never reading."""

    def handle_ping(self) -> None:
        """A pong is sent unless so much lies unread that it would only be put on top."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # the pong that was made for it is let go
