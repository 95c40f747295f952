"""How long a test waits for something before it fails. No promise is measured by it (`make bench`
does that): it is only longer than a slow machine takes that the rest of the suite keeps busy."""

PATIENCE_S = 300.0
