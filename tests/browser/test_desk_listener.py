"""What a scanner types becomes exactly one scan: any speed, any end, wherever the focus is."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from devices.inventory import codes
from tests.browser.bench import bench
from tests.browser.serving import wait_until
from tests.patience import PATIENCE_S

CAMERA, ANOTHER = codes.label(417), codes.label(533)
BADGE, CARD = "04A1B2C3", "ZUNDOK"
TAGS = ["E2003412AAAA0001", "E2003412AAAA0002"]
HTML = """<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Bench</title>
<body><button>Press</button><main><input type=search aria-label=Search></main></body></html>"""
BEGIN = """async (given) => {
  const { Listener } = await import("/static/dashboard/desk/listener.js");
  const { numberOn, isCard } = await import("/static/dashboard/desk/codes.js");
  window.said = [];
  window.readings = []; // each with how much was said before
  window.pressed = 0;
  window.native = [];
  document.querySelector("button").onclick = () => window.pressed++;
  addEventListener("keydown", (event) => window.native.push(event.key));
  const tell = (what) => (code, how) => window.said.push([what, code, ...(how ? [how.by] : [])]);
  const kindOf = (code) => {
    if (numberOn(code) !== null) return "camera";
    if (isCard(code)) return "card";
    if (given.tags.includes(code)) return "tag";
    return code === given.badge ? "badge" : "";
  };
  const on = { scan: tell("scan"), crowd: tell("crowd"), tags: tell("tags"), bounce: tell("bounce"),
    dropped: tell("dropped"), shifted: tell("shifted"),
    reading: (code) => window.readings.push([code, window.said.length]) };
  const { profile, times } = given;
  new Listener({ profile, times, kindOf, issuing: () => window.issuing, on });
}"""
ENDS = {
    "CR": [("Enter", "Enter", 0)],
    "LF": [("j", "KeyJ", 2)],
    "CR+LF": [("Enter", "Enter", 0), ("j", "KeyJ", 2)],
    "CR+CR": [("Enter", "Enter", 0), ("Enter", "Enter", 0)],
    "Tab": [("Tab", "Tab", 0)],
    "none": [],
}
A_LONG_BREATH = 700  # ms: a busy machine types two codes within it
NEVER = 1000 * PATIENCE_S  # ms: a busy machine may stop in the middle of a code
STALLS = {"ms_per_key": 10_000}  # a scanner that may do so too, as far as the desk knows
FOCUS = {"body": "document.body.focus()", "button": "button", "search": "input"}

Open = Callable[..., Page]
Key = tuple[str, str, int]


@pytest.fixture
def open_bench(chromium: Browser) -> Iterator[Open]:
    contexts = []

    def opened(
        focus: str = "body",
        *,
        issuing: bool = False,
        breath: int = 150,
        unfinished: int = NEVER,
        same: int = 1200,
        **profile: Any,
    ) -> Page:
        context = chromium.new_context()
        contexts.append(context)
        page = bench(context, HTML)
        times = {"after": breath, "unfinished": unfinished, "same": same}
        given = {"profile": profile, "times": times, "badge": BADGE, "tags": TAGS}
        page.evaluate(BEGIN, given)
        page.evaluate("(issuing) => { window.issuing = issuing; }", issuing)
        if focus != "body":
            page.locator(FOCUS[focus]).focus()
        return page

    yield opened
    for context in contexts:
        context.close()


class Scanner:
    """A keyboard that types like one: so many milliseconds a key, and an end."""

    def __init__(self, pages: Page | list[Page], ms: float = 0.8, end: str = "CR") -> None:
        self.ms, self.end = ms, end
        heard_by = [pages] if isinstance(pages, Page) else pages
        self.lines = [page.context.new_cdp_session(page) for page in heard_by]
        self.due = time.monotonic()

    def reads(self, *scanned: str) -> None:
        self.due = time.monotonic()
        for code in scanned:
            for key in [*map(_key, code), *ENDS[self.end]]:
                self.types(key)

    def types(self, key: Key) -> None:
        while (early := self.due - time.monotonic()) > 0:
            time.sleep(early) if early > 0.002 else None
        name, code, modifiers = key
        letter = name if len(name) == 1 and not modifiers else "\r" if name == "Enter" else ""
        pressed = {"key": name, "code": code, "modifiers": modifiers}
        pressed["windowsVirtualKeyCode"] = {"Enter": 13, "Tab": 9}.get(name, ord(name.upper()[0]))
        text = {"text": letter} if letter else {}
        for line in self.lines:
            line.send("Input.dispatchKeyEvent", {"type": "keyDown", **pressed, **text})
            line.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
        self.due += self.ms / 1000


def _key(letter: str) -> Key:
    if letter.isdigit():
        return letter, f"Digit{letter}", 0
    shift = 8 if letter.isupper() else 0
    return (letter, f"Key{letter.upper()}", shift) if letter.isalpha() else (letter, "", 0)


def said(page: Page) -> list[list[str]]:
    return [line[:2] for line in page.evaluate("window.said")]


def said_once(page: Page) -> list[list[str]]:
    """What was said, once anything was, and a while longer."""
    wait_until(lambda: len(said(page)) > 0)
    page.evaluate(f"new Promise((quiet) => setTimeout(quiet, {A_LONG_BREATH + 100}))")
    return said(page)


def says(page: Page, *expected: list[str]) -> None:
    """Waits until it said so, and a while longer: it must not say more."""
    wait_until(lambda: len(said(page)) >= len(expected))
    page.evaluate(f"new Promise((quiet) => setTimeout(quiet, {A_LONG_BREATH + 100}))")
    assert said(page) == list(expected)


SPEEDS = [0.8, 7.5, 15, 30, 60, 120, 300]
SEVEN = [codes.label(number) for number in range(417, 424)]


@pytest.mark.parametrize("end", ENDS)
def test_a_code_is_one_scan_at_any_speed(open_bench: Open, end: str) -> None:
    """Three pages hear it at once: the focus on nothing, on a button, in the search field."""
    profile = {
        "none": {"terminator": "none", "ms_per_key": 300},
        "CR+CR": STALLS,  # the second must not press the button, however late it comes
    }.get(end, {})
    pages = [open_bench(focus, **profile) for focus in FOCUS]

    for ms, code in zip(SPEEDS, SEVEN, strict=True):
        before = len(said(pages[0]))
        Scanner(pages, ms, end).reads(code)
        for page in pages:
            wait_until(lambda page=page, before=before: len(said(page)) > before)  # type: ignore[misc]

    for page in pages:
        says(page, *(["scan", code] for code in SEVEN))
        assert page.evaluate("window.pressed") == 0
        assert page.locator("input").input_value() == ""


@pytest.mark.parametrize("ms", SPEEDS[:5])
def test_without_an_end_silence_ends_a_code(open_bench: Open, ms: float) -> None:
    page = open_bench(terminator="none")

    Scanner(page, ms, "none").reads(CAMERA)

    says(page, ["scan", CAMERA])


def test_with_an_end_no_pause_cuts_a_code(open_bench: Open) -> None:
    page = open_bench()

    Scanner(page, 1, "none").reads(CAMERA[:4])
    page.evaluate("new Promise((pause) => setTimeout(pause, 900))")
    Scanner(page).reads(CAMERA[4:])

    says(page, ["scan", CAMERA])
    given = 'import("/static/dashboard/desk/listener.js").then(({ TIMES }) => TIMES)'
    times = page.evaluate(given)  # of a desk, which is not told otherwise
    assert times["unfinished"] >= 1500
    assert (times["after"], times["same"]) == (150, 1200)


def test_what_is_left_unfinished_is_dropped_and_told(open_bench: Open) -> None:
    page = open_bench(unfinished=3000)

    Scanner(page, end="none").reads("C041")
    wait_until(lambda: said(page) != [])
    Scanner(page).reads(CAMERA)

    says(page, ["dropped", "C041"], ["scan", CAMERA])


def test_a_line_feed_opens_no_downloads_and_nothing_else_gets_through(open_bench: Open) -> None:
    page = open_bench("button", **STALLS)
    scanner = Scanner(page, 5)

    for letter in CAMERA[:3]:
        scanner.types((letter, f"Key{letter}", 8))
    for strange in (("]", "BracketRight", 2), ("F5", "F5", 0), ("ArrowDown", "ArrowDown", 0)):
        scanner.types(strange)
    scanner.reads(CAMERA[3:])
    scanner.types(("j", "KeyJ", 2))

    says(page, ["scan", CAMERA])
    assert page.evaluate("window.native") == []


def test_two_cameras_in_one_breath_are_neither(open_bench: Open) -> None:
    page = open_bench(breath=A_LONG_BREATH)

    Scanner(page, 7.5).reads(CAMERA, ANOTHER, SEVEN[2])
    says(page, ["crowd", [CAMERA, ANOTHER, SEVEN[2]]])
    Scanner(page).reads(CAMERA)

    says(page, ["crowd", [CAMERA, ANOTHER, SEVEN[2]]], ["scan", CAMERA])


def test_what_was_read_is_told_at_once_and_a_camera_waits_to_be_alone(open_bench: Open) -> None:
    page = open_bench(breath=A_LONG_BREATH)

    Scanner(page, 7.5).reads(CAMERA, ANOTHER)
    says(page, ["crowd", [CAMERA, ANOTHER]])
    assert page.evaluate("window.readings") == [[CAMERA, 0], [ANOTHER, 0]]
    Scanner(page, 7.5).reads(CAMERA)
    says(page, ["crowd", [CAMERA, ANOTHER]], ["scan", CAMERA])

    assert page.evaluate("window.readings.at(-1)") == [CAMERA, 1]


def test_a_badge_and_a_camera_in_one_breath_are_both_in_their_order(open_bench: Open) -> None:
    page = open_bench(breath=A_LONG_BREATH)

    Scanner(page, 2).reads(CAMERA, BADGE)
    says(page, ["scan", CAMERA], ["scan", BADGE])
    Scanner(page, 2).reads(CARD, ANOTHER)

    says(page, ["scan", CAMERA], ["scan", BADGE], ["scan", CARD], ["scan", ANOTHER])


def test_the_echo_of_a_code_is_nothing(open_bench: Open) -> None:
    page = open_bench(breath=A_LONG_BREATH)

    Scanner(page, 2).reads(BADGE, "B2C3", "FF")

    says(page, ["scan", BADGE])


@pytest.mark.parametrize("before", [BADGE, "98EE58AD"])
def test_a_stranger_close_behind_another_code_is_told(open_bench: Open, before: str) -> None:
    """The next officer's badge, which no desk knows yet: they wait to hear of it."""
    page = open_bench(breath=A_LONG_BREATH)

    Scanner(page, 2).reads(before, "0000FF")

    says(page, ["scan", before], ["scan", "0000FF"])


def test_behind_what_a_reader_types_for_nothing_is_no_echo(open_bench: Open) -> None:
    page = open_bench(breath=A_LONG_BREATH, noise=["gone"])

    Scanner(page, 2).reads("GONE", "0FF")

    says(page, ["scan", "0FF"])


def test_a_bounce_is_swallowed(open_bench: Open) -> None:
    page = open_bench(same=NEVER)

    Scanner(page, 15).reads(BADGE, BADGE)

    says(page, ["scan", BADGE], ["bounce", BADGE])


def test_the_same_code_is_a_scan_again_in_its_time(open_bench: Open) -> None:
    page = open_bench(same=300)

    Scanner(page, 5).reads(BADGE)
    page.evaluate("new Promise((later) => setTimeout(later, 350))")
    Scanner(page, 5).reads(BADGE)

    says(page, ["scan", BADGE], ["scan", BADGE])


def test_what_a_reader_types_for_nothing_is_nothing(open_bench: Open) -> None:
    page = open_bench(noise=["gone"], prefix="X9")

    Scanner(page, 15).reads("GONE", "X9" + BADGE)

    says(page, ["scan", BADGE])


PREFIXED = [
    ("+C1", f"]C1{CAMERA}", CAMERA),  # kept as a German keyboard typed it
    ("C1", f"]C1{CAMERA}", CAMERA),  # and as one on which the sign waits for a letter
    ("]C1", f"]c1{CAMERA}", CAMERA),
    ("+", f"]https://fleet.example/c/{CAMERA}", CAMERA),
    ("+C1", codes.label(1234), codes.label(1234)),  # typed by hand
]


@pytest.mark.parametrize(("prefix", "typed", "code"), PREFIXED)
def test_a_prefix_is_known_whichever_sign_begins_it(
    open_bench: Open, prefix: str, typed: str, code: str
) -> None:
    page = open_bench(layout="us", prefix=prefix)

    Scanner(page, 5).reads(typed)

    says(page, ["scan", code])


@pytest.mark.parametrize(
    "typed", [CAMERA.lower(), f";{CAMERA}?", f"https://fleet.example/c/{CAMERA}", f" {CAMERA} "]
)
def test_a_code_is_found_in_what_surrounds_it(open_bench: Open, typed: str) -> None:
    page = open_bench()

    Scanner(page, 2).reads(typed)

    says(page, ["scan", CAMERA])


def test_two_codes_run_together_are_no_code(open_bench: Open) -> None:
    page = open_bench()

    Scanner(page).reads(CAMERA + ANOTHER)

    says(page, ["scan", CAMERA + ANOTHER])  # and the desk says: not a code of ours


def test_with_the_wrong_layout_the_place_of_a_key_counts(open_bench: Open) -> None:
    page = open_bench(layout="us")
    scanner = Scanner(page, 2)

    for key in [
        ("c", "KeyC", 0),
        *((azerty, f"Digit{n}", 0) for azerty, n in FRENCH),
        ("q", "KeyA", 0),
    ]:
        scanner.types(key)
    scanner.types(("Enter", "Enter", 0))

    says(page, ["scan", CAMERA])


# A badge of two parts, as a scanner that plays an American keyboard types it on others.
PARTED = {
    "American": ({}, (":", "Semicolon", 8), "123:45678"),
    "Italian": ({}, ("'", "Minus", 0), "123'45678"),
    "Spanish": ({}, ("\u00d1", "Semicolon", 8), "123\u00d145678"),
    "German": ({"layout": "us"}, ("\u00df", "Minus", 0), "123-45678"),
    "German, a sign that waits": ({"layout": "us"}, ("Dead", "Equal", 0), "123=45678"),
    "German, with a space": ({"layout": "us"}, (" ", "Space", 0), "123 45678"),
}


@pytest.mark.parametrize("keyboard", PARTED)
def test_a_badge_of_two_parts_is_one_scan(open_bench: Open, keyboard: str) -> None:
    profile, sign, code = PARTED[keyboard]
    page = open_bench(**profile)
    scanner = Scanner(page, 5)

    for key in [*map(_key, "123"), sign, *map(_key, "45678"), *ENDS["CR"]]:
        scanner.types(key)

    says(page, ["scan", code])


FRENCH = [("\u00e0", 0), ("'", 4), ("&", 1), ("\u00e8", 7)]


@pytest.mark.parametrize(
    "typed", ["&\u00e0&\u00e8", "\"'(-\u00e8_\u00e7\u00e0&\u00e9", "&\u00c9\u00c8"]
)
def test_digits_of_another_keyboard_are_said_to_be(open_bench: Open, typed: str) -> None:
    page = open_bench()

    Scanner(page).reads(typed, BADGE)

    says(page, ["shifted", typed], ["scan", BADGE])


@pytest.mark.parametrize("typed", ["&\u00e9", "/=+", "&\u00e91", "--"])
def test_other_signs_are_no_digits_of_another_keyboard(open_bench: Open, typed: str) -> None:
    page = open_bench()

    Scanner(page).reads(typed, BADGE)

    assert "shifted" not in [what for what, _ in said_once(page)]


def test_who_writes_signs_into_a_field_is_no_reader(open_bench: Open) -> None:
    page = open_bench("search")

    page.keyboard.type("&\u00e0&\u00e8", delay=70)
    page.keyboard.press("Enter")
    Scanner(page).reads("&\u00e0&\u00e8")

    says(page, ["shifted", "&\u00e0&\u00e8"])


def test_letters_typed_by_their_numbers_are_read(open_bench: Open) -> None:
    page = open_bench()
    line = page.context.new_cdp_session(page)

    def send(kind: str, key: str, code: str, alt: bool) -> None:
        event = {"type": kind, "key": key, "code": code, "modifiers": 1 if alt else 0}
        line.send("Input.dispatchKeyEvent", event)

    for letter in CAMERA:
        send("rawKeyDown", "Alt", "AltLeft", True)
        for digit in f"0{ord(letter):03d}":
            send("rawKeyDown", digit, f"Numpad{digit}", True)
            send("keyUp", digit, f"Numpad{digit}", True)
        send("keyUp", "Alt", "AltLeft", False)
    Scanner(page).reads("")

    says(page, ["scan", CAMERA])


def test_many_tags_at_once_are_many_scans_but_not_while_an_officer_waits(open_bench: Open) -> None:
    page = open_bench(breath=A_LONG_BREATH)
    Scanner(page).reads(*TAGS)
    says(page, *(["scan", tag] for tag in TAGS))

    waiting = open_bench(issuing=True, breath=A_LONG_BREATH)
    Scanner(waiting).reads(*TAGS)

    says(waiting, ["tags", TAGS])


def test_a_person_types_and_the_page_keeps_its_keys(open_bench: Open) -> None:
    page = open_bench("button")

    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert page.evaluate("window.pressed") == 2
    page.keyboard.press("Tab")
    expect(page.locator("input")).to_be_focused()
    page.keyboard.type("b-07", delay=60)
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")

    assert page.locator("input").input_value() == "b-0"
    assert said(page) == []
    assert page.evaluate("window.native").count("Enter") == 2


def test_a_slider_is_no_field(open_bench: Open) -> None:
    page = open_bench()
    page.evaluate(SLIDER)

    Scanner(page, 80).reads("98EE58AD")

    says(page, ["scan", "98EE58AD"])


SLIDER = """() => {
  const slider = document.body.appendChild(document.createElement("input"));
  slider.type = "range";
  slider.focus();
}"""


def test_what_a_person_took_back_has_no_end_to_want(open_bench: Open) -> None:
    page = open_bench()

    page.keyboard.type("4")
    page.keyboard.press("Backspace")
    page.evaluate("new Promise((longer) => setTimeout(longer, 1600))")

    assert said(page) == []


def test_what_a_person_types_without_a_field_is_read_too(open_bench: Open) -> None:
    page = open_bench()

    page.keyboard.type("418", delay=80)
    page.keyboard.press("Backspace")
    page.keyboard.type("7", delay=80)
    page.keyboard.press("Enter")

    wait_until(lambda: said(page) != [])
    assert page.evaluate("window.said") == [["scan", "417", "hand"]]
