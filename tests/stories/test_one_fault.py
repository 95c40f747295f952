"""The story of one fault, from a failed test to a camera that is ready again, through the doors."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest

from tests.operations.machine import Machine, running, until
from tests.operations.prepared import prepared
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
WEST_HARTFORD = ROOT / "examples" / "west-hartford"
BADGE, HAS_A_RADIO = "217", "Patrol 3 Link"


class Department:
    """West Hartford as `manage.py demo` sets it up, and nobody has spoken to it yet."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.address = machine, f"http://127.0.0.1:{machine.port}"
        self.manage("demo")
        self.cameras = [Camera(self, one) for one in _rows(WEST_HARTFORD / "cameras.csv")]
        self.approved = {one["name"]: one for one in _rows(WEST_HARTFORD / "models.csv")}
        self.tokens = {
            one["device"]: one["token"] for one in _rows(machine.var / "demo-tokens.csv")
        }
        logins = (machine.var / "demo-logins.txt").read_text().splitlines()
        self.logins = {
            role: (name, word) for role, name, word in csv.reader(logins, delimiter="\t")
        }

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.machine.environment,
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout

    def person(self, role: str) -> "Person":
        return Person(self.address, *self.logins[role])

    def camera(self, **known: str) -> "Camera":
        return next(self.those(**known))

    def those(self, **known: str) -> "Iterator[Camera]":
        return (one for one in self.cameras if known.items() <= one.row.items())


class Camera:
    """A camera in its bay, which speaks through its dock."""

    def __init__(self, department: Department, row: dict[str, str]) -> None:
        self.department, self.row, self.sequence = department, row, 0
        self.name = f"C{int(row['number']):04d}"
        self.page = f"/cameras/{self.name}/"
        self.test = f"{self.page}test/"

    def says(self, *faults: str) -> None:
        """It is charged and emptied, runs what is approved, and has these faults."""
        self.sequence += 1
        dock, _, bay = self.row["home_bay"].rpartition("-")
        approved = self.department.approved[self.row["model"]]
        at = datetime.now(UTC).isoformat()
        report: dict[str, Any] = {
            "serial": self.row["serial"],
            "boot": 1,
            "sequence": self.sequence,
            "device_time": at,
            "docked": True,
            "bay": int(bay),
            "mode": "off",
            "battery_percent": 100,
            "battery_state": "full",
            "battery_health_percent": 98,
            "storage_used_mb": 4000,
            "storage_free_mb": 60_000,
            "firmware_version": approved["firmware_version"],
            "profile_version": approved["profile_version"],
            "faults": faults,
        }
        asked = Request(
            f"{self.department.address}/gateway/v1/reports",
            json.dumps(
                {"id": f"{self.name}-{self.sequence}", "sent_at": at, "reports": [report]}
            ).encode(),
            {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.department.tokens[dock]}",
            },
        )
        with urlopen(asked, timeout=PATIENCE_S) as answer:
            assert json.load(answer)["reports"] == [{"result": "stored"}]


class Person:
    """Somebody who signed in, reads pages and sends the forms that stand on them."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address = address
        self._browser = build_opener(HTTPCookieProcessor(CookieJar()))
        self.send("/sign-in/", username=name, password=password)

    def reads(self, path: str) -> str:
        return _words(self._get(path))

    def send(self, path: str, to: str = "", **said: str) -> str:
        """Fill in the form on a page, as it stands there; what is read then."""
        page = self._get(path)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', page))
        form = urlencode({**hidden, **said}).encode()
        with self._browser.open(self.address + (to or path), form, PATIENCE_S) as answer:
            self.at = answer.url.removeprefix(self.address)
            return _words(answer.read().decode())

    def follow(self, path: str, words: str) -> str:
        """Where the link with these words leads."""
        links = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', self._get(path), re.DOTALL)
        return next(unescape(address) for address, link in links if words in _words(link))

    def _get(self, path: str) -> str:
        with self._browser.open(self.address + path, timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())


def _words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    with running(prepared(tmp_path_factory, "fault")) as machine:
        machine.ready()
        yield Department(machine)


def test_one_fault_from_the_failed_test_to_the_camera_that_is_ready(department: Department) -> None:
    camera = department.camera(officer=BADGE)
    officer, commander = department.person("Officer"), department.person("Commander")
    no_spare_is_lent_yet(camera, commander, department.person("Quartermaster"))

    the_test_fails(camera, officer)
    fault = the_commander_learns_of_it(camera, commander)
    spare = a_spare_is_promised(department, camera, commander, fault)
    the_commander_answers_for_it(commander, fault)
    repair = it_leaves_with_a_statement(camera, commander, fault)
    assert f"{camera.name} is in repair: only a camera in service" in officer.reads(camera.test)
    it_comes_back(commander, repair)
    assert "will not pass" in officer.reads(camera.test)
    it_clears_the_fault(camera, department.person("IT"), fault)

    assert f"{camera.name} passed its test." in officer.send(camera.test)
    page = officer.reads(camera.page)
    assert f"{camera.name} is docked" in page
    assert "No open fault." in page
    auditor = department.person("Auditor")
    its_page_tells_the_whole_story(spare, auditor.reads(fault))
    every_step_is_in_the_ledger(camera, auditor)
    assert "spare promised" in auditor.reads(spare.page)
    department.manage("verify_ledger")


def no_spare_is_lent_yet(camera: Camera, commander: Person, quartermaster: Person) -> None:
    """The demonstration lends spares to some of those who are on duty at this hour; who has one
    needs no other, whatever becomes of their own."""
    words = rf"\b{BADGE}: own camera {camera.name}, on spare (C\d+)"
    if lent := re.search(words, commander.reads("/shift/")):
        page = f"/cameras/{lent[1]}/"
        said = quartermaster.send(page, to=f"{page}custody/check-in/", reason="Not needed")
        assert f"{lent[1]} is checked in." in said


def the_test_fails(camera: Camera, officer: Person) -> None:
    camera.says("lens_blocked")

    assert "will not pass" in officer.reads("/test/")
    said = officer.send(camera.test)

    assert f"{camera.name} failed its test." in said
    assert "ask for a spare" in said


def the_commander_learns_of_it(camera: Camera, commander: Person) -> str:
    assert "to be acknowledged" in commander.reads("/faults/")
    fault = commander.follow("/faults/", camera.name)
    said = commander.reads(fault)
    assert f"{camera.name}: lens is covered, critical. Somebody must acknowledge it by" in said
    return fault


def a_spare_is_promised(
    department: Department, camera: Camera, commander: Person, fault: str
) -> Camera:
    """No spare is known to be good until the station's cameras speak; then one is offered. Who
    comes first and has one lent or out of service may want one as well, so which it is the page
    says."""
    station = list(department.those(station=camera.row["station"]))
    spares = [one for one in station if not one.row["officer"]]
    assert "lasts for it: ask another station" in commander.reads(fault)
    for one in station:
        if one.name != camera.name:
            one.says()
    offered = re.search(r"Promise (C\d+)", commander.reads(fault))
    assert offered is not None
    spare = next(one for one in spares if one.name == offered[1])

    said = commander.send(fault, to=f"{fault}promise/")

    assert f"{spare.name} is promised for" in said
    assert f"Spare {spare.name} in {spare.row['home_bay']} stands in for the" in said
    return spare


def the_commander_answers_for_it(commander: Person, fault: str) -> None:
    said = commander.send(fault, to=f"{fault}acknowledge/")

    assert "It is acknowledged and waits to be mended" in said


def it_leaves_with_a_statement(camera: Camera, commander: Person, fault: str) -> str:
    said = commander.send(
        commander.follow(fault, "Send to repair"),
        maintainer="Northlight Service",
        rma_number="RMA-2231",
        reason="lens cover jammed",
        sanitised_at="2026-01-05T07:10",
        sanitised_how="erased and verified",
    )

    assert "Statement on maintenance and sanitisation" in said
    assert "erased and verified" in said
    assert "is in repair: lens cover jammed" in commander.reads(camera.page)
    return commander.at


def it_comes_back(commander: Person, repair: str) -> None:
    said = commander.send(
        repair,
        to=f"{repair}back/",
        work_done="cover replaced",
        parts_replaced="cover N-12, serial 8801",
        checked_after="recorded and played a clip",
    )

    assert "is back from Northlight Service" in said


def it_clears_the_fault(camera: Camera, it: Person, fault: str) -> None:
    """Only once the camera itself no longer says that anything is wrong."""
    words = "cover replaced, picture is clear"
    camera.says()

    said = it.send(fault, to=f"{fault}clear/", resolution="repaired", words=words)

    assert "critical. Repaired after" in said


def its_page_tells_the_whole_story(spare: Camera, page: str) -> None:
    story = page.partition(" What happened ")[2]
    # The sweep may have heard the camera say it before the officer came to their test.
    by_itself = "Told by the camera itself the fleet"
    steps = [
        by_itself if by_itself in story else "Found by a pre-shift test officer",
        f"Spare {spare.name} promised for",
        "A commander knew of it",
        "Acknowledged commander",
        "Sent to Northlight Service, RMA-2231 commander",
        "Back from Northlight Service commander",
        "Repaired it",
    ]

    places = [story.find(step) for step in steps]

    assert -1 not in places
    assert places == sorted(places)


def every_step_is_in_the_ledger(camera: Camera, auditor: Person) -> None:
    acts = auditor.reads(camera.page).partition(" Ledger ")[2]
    steps = [
        "pre-shift test failed",
        "fault acknowledged",
        "sent to repair: lens cover jammed",
        "repair begun: lens cover jammed",
        "put back in service: back from Northlight Service",
        "repair ended: cover replaced",
        "fault cleared: cover replaced, picture is clear",
        "pre-shift test passed",
    ]

    places = [acts.find(step) for step in reversed(steps)]  # the newest stands first

    assert -1 not in places
    assert places == sorted(places)
    assert "fault opened" in acts


def test_what_a_camera_says_is_told_without_anybody(department: Department) -> None:
    commander, machine = department.person("Commander"), department.machine
    camera = department.camera(model=HAS_A_RADIO)

    camera.says("microphone_fault", "battery_low")
    until(lambda: "Microphone does not work" in commander.reads("/faults/"), machine)

    fault = commander.follow("/faults/", camera.name)
    assert "Told by the camera itself the fleet" in commander.reads(fault)
    assert "Battery is low" not in commander.reads("/faults/")
    camera.says()
    until(lambda: "The camera no longer reports it" in commander.reads(fault), machine)
    assert "Somebody must acknowledge it" in commander.reads(fault)
