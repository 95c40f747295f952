"""A door of update clients with one update to offer; it cuts lines when told to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

CONTENT = bytes(range(256)) * 4000  # a megabyte in which every place is known
TAG = '"one-content"'


class Offering:
    """Offers ``content`` to every camera until it is closed; hears what is said."""

    def __init__(self, *, version="4.3.0", part="os", content=CONTENT) -> None:
        self.version, self.part, self.content = version, part, content
        self.offered, self.cancelling, self.wanted = True, False, True
        self.sha256 = sha256(content).hexdigest()
        self.words: list[tuple[str, str, str]] = []
        self.said_of_cancel: list[tuple[str, str]] = []
        self.ranges: list[str] = []
        self.tokens: set[str] = set()
        self.polls, self.gets, self.most_at_once, self._at_once = 0, 0, 0, 0
        self.cut_after: list[int] = []  # bytes, of one download after the other
        self.proceeding_is = 200
        self.url = ""

    def closed(self) -> list[str]:
        return [finished for execution, finished, _ in self.words if execution == "closed"]

    async def serve(self, reader, writer) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
            said = await reader.readexactly(int(headers.get("content-length", 0)))
            self.tokens.add(headers["authorization"])
            method, path, _ = first.split(" ")
            await self._answer(method, path.split("/controller/v1/")[1], headers, said, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, method, path, headers, said, writer) -> None:
        serial, *rest = path.split("/")
        base = f"{self.url.replace('ws', 'http')}/DEFAULT/controller/v1/{serial}"
        match rest:
            case []:
                self.polls += 1
                _reply(writer, 200, self._poll(base))
            case ["deploymentBase", _]:
                _reply(writer, 200, self._deployment(base))
            case ["deploymentBase", _, "feedback"]:
                _reply(writer, self._hear(json.loads(said)["status"]), {})
            case ["cancelAction", _, "feedback"]:
                status = json.loads(said)["status"]
                self.said_of_cancel.append((status["execution"], status["result"]["finished"]))
                self.cancelling = False
                self.offered = status["execution"] == "rejected"
                _reply(writer, 200, {})
            case ["file"]:
                await self._file(method, headers, writer)

    def _poll(self, base):
        links = {}
        if self.cancelling:
            links["cancelAction"] = {"href": f"{base}/cancelAction/7"}
        elif self.offered:
            links["deploymentBase"] = {"href": f"{base}/deploymentBase/7"}
        return {"config": {"polling": {"sleep": "00:00:01"}}, "_links": links}

    def _deployment(self, base):
        how = "forced" if self.wanted else "skip"
        artifact = {
            "filename": "camera.swu",
            "size": len(self.content),
            "hashes": {"sha256": self.sha256},
            "_links": {"download-http": {"href": f"{base}/file"}},
        }
        chunk = {"part": self.part, "version": self.version, "artifacts": [artifact]}
        return {"id": "7", "deployment": {"download": how, "update": how, "chunks": [chunk]}}

    def _hear(self, status) -> int:
        execution, finished = status["execution"], status["result"]["finished"]
        self.words.append((execution, finished, (status.get("details") or [""])[-1]))
        if execution == "closed":
            self.offered = False
        return self.proceeding_is if execution == "proceeding" else 200

    async def _file(self, method, headers, writer) -> None:
        size, begin, head = len(self.content), 0, {"etag": TAG}
        if asked := headers.get("range"):
            self.ranges.append(asked)
            begin = int(asked.removeprefix("bytes=").rstrip("-"))
            head["content-range"] = f"bytes {begin}-{size - 1}/{size}"
            assert headers["if-range"] == TAG
        _head(writer, 206 if asked else 200, {**head, "content-length": str(size - begin)})
        if method == "HEAD":
            return
        self.gets += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            end = begin + self.cut_after.pop(0) if self.cut_after else size
            writer.write(self.content[begin:end])
            await writer.drain()
        finally:
            self._at_once -= 1


def _reply(writer, status, document) -> None:
    said = json.dumps(document).encode()
    _head(writer, status, {"content-length": str(len(said))})
    writer.write(said)


def _head(writer, status, headers) -> None:
    lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())


@asynccontextmanager
async def open_offering(offering: Offering) -> AsyncIterator[Offering]:
    server = await asyncio.start_server(offering.serve, "127.0.0.1", 0)
    offering.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield offering
    finally:
        server.close()
