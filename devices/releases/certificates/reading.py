from devices.releases.models import Certificate


def believed() -> list[Certificate]:
    """Whose signatures count. One that has ended is among them, so that it can be said."""
    return list(Certificate.objects.filter(withdrawn_at=None).order_by("pk"))
