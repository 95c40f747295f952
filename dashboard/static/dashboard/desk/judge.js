// What a scan at a desk means: `devices/desk/rules.py`, said to the browser. Pure; the server judges.
// A test holds the two to each other over every case of `tests/desk/vectors.py`. Times are ms; `times` are the
// server's (`rules.TIMES`), which the page was drawn with.

export const CHANGES = new Set(["issued", "taken", "returned", "transferred", "found"]);
export const IDLE = context();
export const NOTHING_YET = { camera: "", at: null, changed_at: null };

/** What was scanned before and still counts. Both of officer and camera: it was refused. */
export function context(said = {}) {
    return { officer: null, camera: null, info: false, transfer: false, reason: "", at: null, ...said };
}

/** What this scan means at a desk where `said` was scanned before. */
export function judge(said, scanned, last, times) {
    const before = isOver(said, scanned.at, times) ? IDLE : said;
    if (scanned.kind === "camera" && scanned.camera) return judgeCamera(before, scanned, last, times);
    if (scanned.kind === "badge" && scanned.officer) return judgeBadge(before, scanned, times);
    if (scanned.kind === "card" && scanned.card) return judgeCard(before, scanned, last, times);
    return verdict("error", scanned.looks ?? "unknown", before); // what a code that names nothing looks like
}

/** Whether nobody waits any longer for what was scanned. */
export function isOver(said, at, { waits }) {
    return said.at !== null && !within(waits, said.at, at);
}

// Either way: a clock that was set back must not make what was long ago look like just now for ever.
function within(span, before, at) {
    return Math.abs(at - before) <= span;
}

function verdict(act, code, then, more = {}) {
    const nothing = { camera: null, officer: null, reason: "", authority: "", extra: false };
    return { act, code, then, ...nothing, ...more };
}

// ---- a camera

function judgeCamera(before, { camera, at }, last, times) {
    if (before.info) return verdict("info", "info", { ...before, info: false }, { camera });
    if (isRepeat(camera, at, last, times)) return verdict("repeat", "again", before, { camera });
    if (camera.lost) return verdict("found", "lost", IDLE, { camera });
    const { officer } = before;
    if (!officer || (isStopped(officer) && comesBack(camera))) return alone(camera, at);
    return pair(officer, camera, context({ officer, at }), { returning: true });
}

// Whether a scan of it alone says that it is back.
function comesBack({ holder, custody, holder_left: left }) {
    return holder !== "" && (custody !== "personal" || left);
}

// A camera without a badge before it: it comes back, or waits for a badge.
function alone(camera, at) {
    const personal = camera.custody === "personal";
    if (comesBack(camera)) {
        return verdict("returned", personal ? "taken_back" : "done", IDLE, { camera });
    }
    if (personal && camera.holder_suspended) return verdict("held", "keep", IDLE, { camera }); // no badge takes it out
    const then = context({ camera, at });
    if (personal) return verdict("held", "own", then, { camera });
    const unfit = camera.hard || camera.critical || camera.soft || Boolean(camera.kept_for);
    return verdict("held", unfit ? "in_unfit" : "in", then, { camera });
}

function isRepeat(camera, at, last, { repeat }) {
    return last.camera === camera.name && last.changed_at !== null && within(repeat, last.changed_at, at);
}

// ---- officer and camera

/** What becomes of this officer and this camera, given what was said for it. */
function pair(officer, camera, said, { returning = false, authority = "" } = {}) {
    const both = { camera, officer };
    if (isStopped(officer)) return getsNone(both);
    const own = camera.custody === "personal" && camera.holder === officer.badge;
    const here = context({ officer, at: said.at });
    if (returning && camera.holder === officer.badge && !own) {
        return verdict("returned", "swapped", here, both);
    }
    if (camera.hard) return verdict("refused", "hard", here, both);
    const stuck = { ...said, officer, camera };
    return wanting(stuck, own, authority !== "") ?? granted(officer, camera, said, authority);
}

// Whether they are given nothing; what is out comes back all the same.
function isStopped({ left, suspended }) {
    return left || suspended;
}

// Somebody who has left or is suspended is given nothing, this camera or any.
function getsNone(both) {
    return verdict("refused", both.officer.left ? "left" : "suspended", IDLE, both);
}

// What has to be said before this camera goes out with this officer; null when all is.
function wanting(stuck, own, supervised) {
    const { officer, camera } = stuck;
    const both = { camera, officer };
    if (camera.holder && !own && !(stuck.transfer && stuck.reason)) {
        return verdict("refused", camera.custody === "personal" ? "anothers" : "held", stuck, both);
    }
    if (stuck.reason) {
        return camera.critical && !supervised ? verdict("armed", "wants_supervisor", stuck, both) : null;
    }
    if (camera.critical || wantsReason(camera, officer)) {
        return verdict("refused", camera.critical ? "critical" : "soft", stuck, both);
    }
    return officer.holds.length && !own ? verdict("refused", "second", stuck, both) : null;
}

// Of what is kept for somebody else, as of what is not quite ready.
function wantsReason({ soft, kept_for: keptFor }, { badge }) {
    return soft || Boolean(keptFor && keptFor !== badge);
}

function granted(officer, camera, said, authority) {
    const own = camera.holder === officer.badge;
    const anothers = camera.holder !== "" && !own;
    const act = own ? "taken" : anothers ? "transferred" : "issued";
    const code = said.reason && !anothers ? "overridden" : "done";
    const extra = officer.holds.length > 0 && !own;
    return verdict(act, code, IDLE, { camera, officer, reason: said.reason, authority, extra });
}

// ---- a badge

function judgeBadge(before, { officer, at }, times) {
    if (before.officer && before.camera && before.reason && before.camera.critical) {
        return supervised(before, officer);
    }
    const waiting = before.officer ? null : before.camera;
    const anothers = waiting?.custody === "personal" && waiting.holder !== officer.badge;
    if (waiting && !anothers) return pair(officer, waiting, context({ officer, at })); // another's own came back: no pair
    if (isStopped(officer)) return getsNone({ camera: null, officer });
    const same = before.officer?.badge === officer.badge && !before.camera;
    if (same && before.at !== null && Math.abs(at - before.at) < times.same_badge) {
        return verdict("repeat", "again", before, { officer });
    }
    return verdict("shown", "badge", context({ officer, at }), { officer });
}

// A critical fault stands against the camera, a reason was given: who answers for it?
function supervised(before, supervisor) {
    const { officer, camera } = before;
    if (isStopped(supervisor) || !supervisor.supervisor) {
        return verdict("refused", "no_supervisor", before, { camera, officer });
    }
    if (supervisor.badge === officer.badge) return verdict("refused", "oneself", before, { camera, officer });
    return pair(officer, camera, before, { authority: supervisor.badge });
}

// ---- a card

function judgeCard(before, { card, at }, last, times) {
    switch (card.order) {
        case "cancel":
            return verdict("cleared", "cancelled", IDLE);
        case "undo":
            return verdict("undone", "undo", IDLE);
        case "info":
            return verdict("armed", "wants_camera", { ...before, info: true, at });
        case "fault":
            return fault(before, { card, at }, last, times);
        case "test":
            return test(before, at, last, times);
        default:
            return answered(before, card, at);
    }
}

function fault(before, { card, at }, last, times) {
    const recent = last.at !== null && within(times.fault_card, last.at, at);
    if (!last.camera || !recent) return verdict("error", "no_camera", before);
    const camera = { name: last.camera };
    return verdict("fault", "done", before, { camera, officer: before.officer, reason: card.word });
}

// About the camera that just changed hands; whether it was given out the server knows.
function test(before, at, last, times) {
    const recent = last.changed_at !== null && within(times.test_card, last.changed_at, at);
    if (!last.camera || !recent) return verdict("error", "not_given", before);
    return verdict("tested", "done", before, { camera: { name: last.camera }, officer: before.officer });
}

// A transfer or a reason: about the pair that was just refused.
function answered(before, card, at) {
    const { officer, camera } = before;
    if (!officer || !camera) return verdict("error", "nothing_asked", before);
    if (card.order === "reason") return pair(officer, camera, { ...before, reason: card.word, at });
    if (!camera.holder || camera.holder === officer.badge) return verdict("error", "nothing_asked", before);
    return verdict("armed", "wants_reason", { ...before, transfer: true, at }, { camera, officer });
}
