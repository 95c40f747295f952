// The server's sentences, filled in here when the server does not answer.

const BLANK = /\s*(?:\b(?:since|from)\s+|[:,]\s*)?\{(\w+)\}/g;

/** The sentence; what is not known is left out with the word that leads to it. */
export function say(template, facts) {
    const filled = template.replace(/\{(\w+)\}/g, (blank, name) => facts[name] || blank);
    return filled.replace(BLANK, "").replace(/\s+/g, " ").replace(/\s+([.,:])/g, "$1").trim();
}

/** What this desk can say of a judgement by itself. */
export function factsOf({ camera, officer, reason, act }, cards) {
    const card = cards.find(({ word }) => word && word === reason);
    return {
        camera: camera?.name,
        officer: officer?.badge,
        holder: camera?.holder,
        reasons: camera?.says,
        since: camera?.since ? moment(camera.since) : "",
        holds: officer?.holds.join(", "),
        holding: officer?.holds.length ? `Holds ${officer.holds.join(", ")}: scan it to return it.` : "",
        why: card?.title.toLowerCase(),
        fault: act === "fault" ? card?.title.replace(/^Fault: /, "") : "",
        who: camera?.holder ? `${camera.holder} holds it.` : "nobody holds it.",
    };
}

/** What the scan that this one repeats did, and how long before it; `last` is this one. Of an own camera that is
 * not told: taken and returned look alike. */
export function alreadyDid({ act, camera }, { at, changed_at: changedAt }) {
    if (act !== "repeat" || !camera || changedAt === null || camera.lost || camera.custody === "personal") return "";
    const did = camera.holder ? `Given to ${camera.holder}` : "Returned";
    return `${did} ${Math.round(Math.abs(at - changedAt) / 1000)} s ago.`;
}

/** When it was, as people say it: its time, after its day if that is not today's by the department's clocks. */
export function moment(iso, rest = {}) {
    const day = dayOf(new Date(iso));
    return [day === dayOf(new Date()) ? "" : day, clockTime(iso, rest)].filter(Boolean).join(" ");
}

// 24 Nov: as the server's sentences have it.
function dayOf(at) {
    const timeZone = zone();
    const parts = new Intl.DateTimeFormat("en-US", { timeZone, day: "2-digit", month: "short" }).formatToParts(at);
    return ["day", "month"].map((wanted) => parts.find(({ type }) => type === wanted).value).join(" ");
}

/** By the department's clocks, whatever this computer's zone is. */
export function clockTime(iso, rest = {}) {
    const timeZone = zone();
    return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false, timeZone, ...rest });
}

const zone = () => document.getElementById("desk").dataset.zone;
