"""What of an image lies on a camera so far: how much, and the sum of it. Never the bytes."""

from hashlib import sha256


class Image:
    """``sha`` and ``size`` are what was offered; ``tag`` is of what is being fetched."""

    def __init__(self, sha: str, size: int) -> None:
        self.sha, self.size = sha, size
        self.had, self.tag = 0, ""
        self._sum = sha256()

    def begin(self) -> None:
        """Throw away what is there."""
        self.had, self._sum = 0, sha256()

    def add(self, piece: bytes) -> None:
        self._sum.update(piece)
        self.had += len(piece)

    @property
    def whole(self) -> bool:
        return self.had >= self.size

    @property
    def percent(self) -> int:
        return min(100, self.had * 100 // self.size) if self.size else 100

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()

    @property
    def right(self) -> bool:
        """It is all there and is what was offered."""
        return self.had == self.size and self.digest == self.sha
