"""The real server of the browser's tests serves devices as well."""

from tests.browser.conftest import server

__all__ = ["server"]
