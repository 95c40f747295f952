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
        since: camera?.since ? clockTime(camera.since) : "",
        holds: officer?.holds.join(", "),
        holding: officer?.holds.length ? `Holds ${officer.holds.join(", ")}: scan it to return it.` : "",
        why: card?.title.toLowerCase(),
        fault: act === "fault" ? card?.title.replace(/^Fault: /, "") : "",
        who: camera?.holder ? `${camera.holder} holds it.` : "nobody holds it.",
    };
}

/** By the department's clocks, whatever this computer's zone is. */
export function clockTime(iso, rest = {}) {
    const timeZone = document.getElementById("desk").dataset.zone;
    return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false, timeZone, ...rest });
}
