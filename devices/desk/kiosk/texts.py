"""What a kiosk says. Only of whoever stands there, and never more than they need: strangers see it.

Why a camera is not given, and who has it, is the quartermaster's to say.
"""

from collections.abc import Mapping

from devices.desk.rules import Act, Code

SEE = "see the quartermaster."
SOMETHING_ELSE = f"That did not work: {SEE}"
UNREADY = f"{{camera}} is not ready: take another one, or {SEE}"
TAKEN_AWAY = f"{{camera}} is not for you to take here: {SEE}"
UNKNOWN = "Not a badge or a camera of ours: scan it again."
NO_CAMERA = f"This badge gets no camera here: {SEE}"

TEXTS: Mapping[tuple[str, str], str] = {
    (Act.HOLD, Code.IN): "{camera} is in: scan your badge to take it.",
    (Act.HOLD, Code.IN_UNFIT): UNREADY,
    (Act.HOLD, Code.OWN): "{camera} is somebody's own: put it in a bay, or scan your badge.",
    (Act.HOLD, Code.KEEP): "{camera} stays here: put it in a bay.",
    (Act.ISSUE, Code.DONE): "You have {camera}.",
    (Act.TAKE, Code.DONE): "You have {camera}, your own.",
    (Act.RETURN, Code.DONE): "{camera} is back. Put it in a bay.",
    (Act.RETURN, Code.SWAPPED): "{camera} is back. Put it in a bay, then take the next one.",
    (Act.RETURN, Code.TAKEN_BACK): "{camera} is back. Put it in a bay.",
    (Act.FOUND, Code.LOST): "{camera} was lost. Take it to the quartermaster.",
    (Act.CLEAR, Code.CANCELLED): "",
    (Act.REPEAT, Code.AGAIN): "Scanned already: nothing changed.",
    (Act.REFUSE, Code.HELD): TAKEN_AWAY,
    (Act.REFUSE, Code.FIRST): TAKEN_AWAY,
    (Act.REFUSE, Code.ANOTHERS): TAKEN_AWAY,
    (Act.REFUSE, Code.SECOND): f"You have a camera already: give that back first, or {SEE}",
    (Act.REFUSE, Code.SOFT): UNREADY,
    (Act.REFUSE, Code.CRITICAL): UNREADY,
    (Act.REFUSE, Code.HARD): UNREADY,
    (Act.REFUSE, Code.LEFT): NO_CAMERA,
    (Act.REFUSE, Code.SUSPENDED): NO_CAMERA,
    (Act.REFUSE, Code.SEE_DESK): f"That is done at the desk: {SEE}",
    (Act.ERROR, Code.UNKNOWN): UNKNOWN,
    (Act.ERROR, Code.UNKNOWN_CARD): f"That is done at the desk: {SEE}",
    (Act.ERROR, Code.NO_SUCH): UNKNOWN,
    (Act.ERROR, Code.BAY): "That is a bay: scan the camera.",
    (Act.ERROR, Code.CUT): UNKNOWN,
}

TAKE = "Take {camera} from {place}."
TAKE_HERE = "Take {camera} and scan it."
HOLDS = "You have {holds}. To give it back, put it in a bay or scan it."
NONE_READY = f"No camera is ready: {SEE}"
TYPE_PIN = "Type your PIN."
NO_PIN = f"You have no PIN yet: {SEE}"
WRONG_PIN = "That PIN is wrong: {left} tries left."
LAST_PIN = "That PIN is wrong: one try left."
LOCKED = f"Your PIN is locked until {{until}}: {SEE}"
AGAIN = "Scan your badge again."
