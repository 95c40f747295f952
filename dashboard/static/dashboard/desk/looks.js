// How each result looks and sounds: colour always with an icon and a word.

const GOOD = { tone: "good", icon: "docked" };
const GREY = { tone: "grey", icon: "info", sound: "repeat" };
const NOTE = { tone: "note", icon: "info", sound: "badge" };
const BAD = { tone: "bad", icon: "refused", sound: "error" };
const AMBER = { tone: "amber", icon: "fault", word: "REFUSED", sound: "refused" };

const BY_ACT = {
    shown: { ...NOTE, word: "BADGE", icon: "officers", band: false },
    held: { ...NOTE, word: "CAMERA", icon: "camera" },
    issued: { ...GOOD, word: "ISSUED", sound: "out" },
    taken: { ...GOOD, word: "TAKEN", sound: "out" },
    transferred: { ...GOOD, word: "TRANSFERRED", sound: "out" },
    returned: { ...GOOD, word: "RETURNED", sound: "back" },
    undone: { ...GOOD, word: "UNDONE", sound: "back" },
    fault: { ...GOOD, word: "FAULT NOTED", icon: "repair", sound: "out" },
    tested: { ...NOTE, word: "TESTED", icon: "test" },
    info: { ...NOTE, word: "INFO" },
    armed: { ...NOTE, word: "NEXT", icon: "next" },
    cleared: { ...GREY, word: "CLEARED", band: false },
    repeat: { ...GREY, word: "AGAIN" },
    found: { ...BAD, word: "FOUND", icon: "lost" },
    refused: AMBER,
    conflict: { ...BAD, word: "CONFLICT" },
    error: { ...BAD, word: "ERROR" },
};
// No card sets these aside; or another desk was first, and who stands here must hear so.
const FOR_GOOD = new Set(["hard", "left", "suspended", "first"]);
const PENDING = { tone: "pending", icon: "waiting", sound: "pending" };

/** The tone, icon, word and sound of a result; `waiting` is how many are not answered yet. */
export function lookOf({ act, code, pending }, waiting = 0) {
    if (pending) return { ...PENDING, word: `PENDING ${Math.max(1, waiting)}`, band: true };
    const look = act === "refused" && FOR_GOOD.has(code) ? { ...BAD, word: "REFUSED" } : BY_ACT[act] ?? BAD;
    return { band: true, ...look };
}
