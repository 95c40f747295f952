"""As much of S3 as a store of releases needs, on this machine: objects, parts, ranges, lists."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@contextmanager
def bucket() -> Iterator[str]:
    """The address of an empty bucket, as RELEASES_STORE has it; afterwards it is out of reach."""
    with serving() as (address, _):
        yield address


@contextmanager
def serving() -> Iterator[tuple[str, Any]]:
    """The same beside the server itself, which keeps ``objects``, and ``parts`` of none yet. What
    it is sent waits until it ``goes``; ``reached``: something was sent."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    server.objects, server.parts, server.away = {}, {}, False
    server.reached, server.goes = threading.Event(), threading.Event()
    server.goes.set()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"s3+http://key:secret@127.0.0.1:{server.server_port}/fleet?region=us-east-2", server
    finally:
        server.away = True
        server.goes.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def parse_request(self) -> bool:
        """Lines that were open before are of no use either."""
        self.close_connection = self.server.away
        return not self.server.away and super().parse_request()

    def do_POST(self) -> None:
        asked, said = self._asked(), self._body()
        if "uploads" in asked:
            number = str(len(self.server.parts) + 1)
            self.server.parts[number] = {}
            return self._xml("InitiateMultipartUploadResult", f"<UploadId>{number}</UploadId>")
        if "delete" in asked:
            keys = [key.decode() for key in re.findall(rb"<Key>(.*?)</Key>", said)]
            for key in keys:
                self.server.objects.pop(key, None)
            gone = (f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return self._xml("DeleteResult", "".join(gone))
        parts = self.server.parts.pop(asked["uploadId"][0])
        self.server.objects[self._key()] = b"".join(parts[n] for n in sorted(parts))
        return self._xml("CompleteMultipartUploadResult", '<ETag>"whole"</ETag>')

    def do_PUT(self) -> None:
        self.server.reached.set()
        self.server.goes.wait()
        if self.server.away:
            self.close_connection = True
            return
        asked, said = self._asked(), self._body()
        if "uploadId" in asked:
            self.server.parts[asked["uploadId"][0]][int(asked["partNumber"][0])] = said
        else:
            self.server.objects[self._key()] = said
        self._answer(200, b"", ETag='"part"')

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if "list-type" in self._asked():
            return self._list()
        found = self.server.objects.get(self._key())
        if found is None:
            return self._answer(404, b"")
        dated = {"Last-Modified": "Tue, 01 Jan 2030 12:00:00 GMT", "ETag": '"whole"'}
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if asked is None:
            return self._answer(200, found, **dated)
        first, last = int(asked[1]), int(asked[2])
        span = f"bytes {first}-{last}/{len(found)}"
        return self._answer(206, found[first : last + 1], **dated, **{"Content-Range": span})

    def do_DELETE(self) -> None:
        if "uploadId" in (asked := self._asked()):
            self.server.parts.pop(asked["uploadId"][0])
        else:
            self.server.objects.pop(self._key(), None)
        self._answer(204, b"")

    def _list(self) -> None:
        self._xml(
            "ListBucketResult",
            "".join(
                f"<Contents><Key>{key}</Key><Size>{len(raw)}</Size><ETag>whole</ETag>"
                "<LastModified>2030-01-01T12:00:00.000Z</LastModified></Contents>"
                for key, raw in self.server.objects.items()
            ),
        )

    def _asked(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/fleet/")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _xml(self, name: str, inner: str) -> None:
        self._answer(200, f'<?xml version="1.0"?><{name}>{inner}</{name}>'.encode())

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
