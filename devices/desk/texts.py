"""What a desk says, by what happened and why. Both the server and the page draw from here.

`{camera}`, `{officer}`, `{holder}`, `{reasons}`, `{holds}`, `{place}` and the like are filled in by
whoever says it; what is not known is left out by them, never shown as a blank.
"""

from collections.abc import Mapping

from devices.desk.rules import FAULT_CARD_WITHIN, TEST_CARD_WITHIN, Act, Code

TEXTS: Mapping[tuple[Act, Code], str] = {
    (Act.SHOW, Code.BADGE): "{officer}: scan a camera.",
    (Act.HOLD, Code.IN): "{camera} is in and ready: scan a badge to issue it.",
    (Act.HOLD, Code.IN_UNFIT): "{camera} is in and not ready. {reasons}",
    (
        Act.HOLD,
        Code.OWN,
    ): "{camera} is {holder}'s own: put it in its bay, or scan {holder}'s badge.",
    (
        Act.HOLD,
        Code.KEEP,
    ): "{camera} is {holder}'s own, who is suspended: keep it here, in its bay.",
    (Act.ISSUE, Code.DONE): "Issued {camera} to {officer}.",
    (Act.ISSUE, Code.OVERRIDDEN): "Issued {camera} to {officer}, against a rule: {why}.",
    (Act.TAKE, Code.DONE): "{officer} takes {camera}, their own.",
    (Act.TAKE, Code.OVERRIDDEN): "{officer} takes {camera}, their own, against a rule: {why}.",
    (Act.RETURN, Code.DONE): "Returned {camera} from {holder}.",
    (Act.RETURN, Code.SWAPPED): "Returned {camera} from {officer}: scan the next camera.",
    (Act.RETURN, Code.TAKEN_BACK): "Taken back {camera} from {holder}, who has left.",
    (Act.TRANSFER, Code.DONE): "{camera} went from {holder} to {officer}: {why}.",
    (Act.FOUND, Code.LOST): "{camera} was lost and is found. Keep it here: the commander is told.",
    (Act.FAULT, Code.DONE): "Fault noted for {camera}: {fault}.",
    (Act.TEST, Code.DONE): "{camera}: {test}",
    (Act.UNDO, Code.UNDO): "Undone: {undone}",
    (Act.INFO, Code.INFO): "{camera}: {who}",
    (Act.ARM, Code.WANTS_CAMERA): "Scan a camera: who holds it?",
    (Act.ARM, Code.WANTS_REASON): "Scan a reason card: why does {officer} take {camera} over?",
    (Act.ARM, Code.WANTS_SUPERVISOR): "{camera} has a critical fault: scan a supervisor's badge.",
    (Act.CLEAR, Code.CANCELLED): "Scan a badge or a camera.",
    (Act.REPEAT, Code.AGAIN): "Scanned again: nothing changed. {already}",
    (
        Act.REFUSE,
        Code.HELD,
    ): "{holder} holds {camera} since {since}{given_at}. Transfer card, or another camera.",
    (
        Act.REFUSE,
        Code.FIRST,
    ): "{camera} was issued {ago} ago at {desk} to {holder}. Transfer card, or another camera.",
    (Act.REFUSE, Code.ANOTHERS): "{camera} is {holder}'s own. Transfer card, or another camera.",
    (Act.REFUSE, Code.SECOND): "{officer} holds {holds}: scan it to return it, or a reason card.",
    (Act.REFUSE, Code.SOFT): "{camera} is not ready. {reasons} Reason card, or another camera.",
    (Act.REFUSE, Code.CRITICAL): "{camera} must not go out. {reasons} Take another camera.",
    (Act.REFUSE, Code.HARD): "{camera} cannot be issued. {reasons} Take another camera.",
    (Act.REFUSE, Code.LEFT): "{officer} has left: no camera. {holding}",
    (Act.REFUSE, Code.SUSPENDED): "{officer} is suspended: no camera. {holding}",
    (Act.REFUSE, Code.NO_SUPERVISOR): "That badge is no supervisor's. Scan a supervisor's badge.",
    (
        Act.REFUSE,
        Code.ONESELF,
    ): "{officer} takes it: scan the badge of a supervisor who is somebody else.",
    (Act.REFUSE, Code.SEE_DESK): "That is done at the desk: see the quartermaster.",
    (
        Act.ERROR,
        Code.UNKNOWN,
    ): "Not a code of ours: scan it again, or type it. A new badge is added on its officer's page.",
    (Act.ERROR, Code.UNKNOWN_CARD): "This card is not in use any more.",
    (
        Act.ERROR,
        Code.NO_SUCH,
    ): "No camera {named} in the inventory. Its label is whole: it is new, or not ours.",
    (Act.ERROR, Code.BAY): "That is a bay{bay}: scan the camera.",
    (Act.ERROR, Code.CUT): "Not a whole label: scan it again, or type the camera's number.",
    (Act.ERROR, Code.TWO): "{named} is a camera and a badge has this number: scan either.",
    (Act.ERROR, Code.NOTHING_ASKED): "That card answers a refusal: scan badge and camera first.",
    (
        Act.ERROR,
        Code.NOT_GIVEN,
    ): f"Issue the camera first, then the test card within {TEST_CARD_WITHIN.seconds} seconds.",
    (
        Act.ERROR,
        Code.NO_CAMERA,
    ): f"Scan the camera first, then the fault card within {FAULT_CARD_WITHIN.seconds} seconds.",
}
