from datetime import datetime

from devices.releases.models import Certificate


def believed() -> list[Certificate]:
    """Whose signatures count. One that has ended is among them, so that it can be said."""
    return list(Certificate.objects.filter(withdrawn_at=None).order_by("pk"))


def why_not_believed(certificate: Certificate, now: datetime) -> str:
    """Why it vouches for nothing new; empty while it does."""
    if certificate.withdrawn_at is not None:
        return "which was withdrawn"
    if certificate.ends_at <= now:
        return f"which ended on {certificate.ends_at:%Y-%m-%d}"
    return ""
