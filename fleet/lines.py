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

    def keepalive_timeout(self) -> None:
        """A peer that left our ping and all else unread is let go at once.

        An orderly end would wait, with its memory, for the peer to read what is before it.
        """
        super().keepalive_timeout()
        if not self.writable.is_set():
            self.transport.abort()
