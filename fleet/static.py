"""Files for browsers, under names that carry their digest so that they may be kept for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class DigestNamedFiles(CompressedManifestStaticFilesStorage):
    """Until `collectstatic` has run (a test, a fresh checkout) files go by their plain names.

    A script imports others by their digests too: a page never runs parts of two releases.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name
