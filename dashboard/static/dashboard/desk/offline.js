// What a desk may do while the server does not answer. Pure.
//
// A camera always comes back. One goes out only as the snapshot had it, free and ready, and only
// while that is young. What goes against a rule waits for the server.

const GOES_OUT = new Set(["issued", "taken"]);
const HARMLESS = new Set(["shown", "held", "info", "cleared", "repeat", "fault", "found"]);
const IS_HERE = new Set(["held", "repeat", "found"]);

/** What the desk may tell of this judgement by itself: `told` goes with the scan; or why not. */
export function alone({ act, code, camera, reason }, { age, usable }) {
    if (camera?.stranger && act === "held") return { may: true, act: "returned", told: "returned" };
    if (act === "returned") return { may: true, act, told: act };
    if (GOES_OUT.has(act) && !reason) return goingOut(act, camera, age, usable);
    if (HARMLESS.has(act) || (act === "armed" && code === "wants_camera")) return { may: true, act, told: "" };
    return { may: false, why: NEEDS_SERVER[code === "wants_reason" ? "transferred" : act] ?? "" };
}

/** Whether what was told already can stand beside what came of it. That a camera is here, in already or found
 * by this, can stand beside a return. */
export function agrees(told, result) {
    return !told || told === result || (told === "returned" && IS_HERE.has(result));
}

function goingOut(act, camera, age, usable) {
    if (camera.stranger) return { may: false, why: "This desk does not know the camera." };
    if (age < usable) return { may: true, act, told: act };
    const old = Number.isFinite(age) ? `What this desk knows is ${Math.round(age / 60_000)} min old` : CLOCK_SET_BACK;
    return { may: false, why: `${old}: nothing is issued without the server.` };
}

const CLOCK_SET_BACK = "This desk's clock was set back, so nobody can tell how old what it knows is";
const AGAINST_A_RULE = "Without the server nothing is issued against a rule.";
const NEEDS_SERVER = {
    issued: AGAINST_A_RULE,
    taken: AGAINST_A_RULE,
    armed: AGAINST_A_RULE,
    transferred: "Without the server nothing is taken over.",
    tested: "Without the server nothing is tested: its facts are there.",
    undone: "Without the server nothing is undone: scan again what was wrong.",
};
