"""Asking at the door of update clients: the ASGI application, without a server in between."""

import json
from dataclasses import dataclass
from typing import Any

from asgiref.testing import ApplicationCommunicator

from fleet.asgi import application
from tests.patience import PATIENCE_S

HOST = "fleet.test"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def ask(
    method: str,
    path: str,
    token: str = "",
    said: Any = None,
    *,
    headers: dict[str, str] | None = None,
) -> Reply:
    """One request; ``said`` is bytes, or something to say as JSON. `?` begins a query."""
    path, _, query = path.partition("?")
    told = {"host": HOST, **_authorization(token), **(headers or {})}
    door = ApplicationCommunicator(
        application,
        {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in told.items()],
        },
    )
    body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
    await door.send_input({"type": "http.request", "body": body, "more_body": False})
    start = await door.receive_output(PATIENCE_S)
    pieces, more = [], True
    while more:
        piece = await door.receive_output(PATIENCE_S)
        pieces.append(bytes(piece["body"]))
        more = piece.get("more_body", False)
    await door.wait(PATIENCE_S)
    return Reply(start["status"], dict(start["headers"]), b"".join(pieces))


def _authorization(token: str) -> dict[str, str]:
    if not token:
        return {}
    scheme = "GatewayToken" if token.startswith("d.") else "TargetToken"
    return {"authorization": f"{scheme} {token}"}


def feedback(execution: str, finished: str = "none", *details: str, **status: Any) -> Any:
    return {
        "id": "1",
        "time": "20140511T121314",
        "status": {
            "execution": execution,
            "result": {"finished": finished},
            "details": list(details),
            **status,
        },
    }
