import pytest
from django.contrib.auth.models import User

from devices.inventory.models import Camera, CameraModel, Dock, Station


@pytest.fixture
def station(db):
    return Station.objects.create(code="HQ", name="Headquarters")


@pytest.fixture
def dock(station):
    return Dock.objects.create(code="D01", station=station)


@pytest.fixture
def camera(station, noon):
    model = CameraModel.objects.create(maker="Kestrel", name="Two", radio=True)
    return Camera.objects.create(
        number=417, serial="KT-417", model=model, station=station, enrolled_at=noon
    )


@pytest.fixture
def somebody(db):
    return User.objects.create(username="somebody")
