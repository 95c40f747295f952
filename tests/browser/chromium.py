"""The browser that looks at the pages: where it is, and what it is told to leave alone."""

import shutil

from fleet.provision import BROWSERS

CHROMIUM = next(found for name in BROWSERS if (found := shutil.which(name)))
QUIETLY = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
]
