// What this desk knows: the server's snapshot, and what was done here since it was drawn.

import { TAG, badgeOf, isCard, isNumber, labelOf, looksLike, nameOf, numberOn } from "./codes.js";

const NOBODY = { holder: "", custody: "", holder_left: false, holder_suspended: false, since: null };
const OUT = new Set(["issued", "transferred"]);
const BACK = new Set(["returned", "found"]);
const COMMITTED_WITHIN_MS = 2_000; // a snapshot may be drawn while an act of just before is being committed

/** What a desk knows before it has a snapshot. */
export const NO_FACTS = { at: null, cameras: [], officers: [], order: [] };

/** A camera that the snapshot does not know: it may come back, and nothing else. */
const stranger = (name) => ({
    name, codes: [], place: "", says: "", why: "", ...NOBODY,
    hard: false, critical: false, soft: false, kept_for: "", lost: false, stranger: true,
});

export class Known {
    constructor(cards) {
        this.cards = new Map(cards.map((card) => [card.code, card]));
        this.done = []; // { at, act, code, camera, officer }, by the server's clock
        this.take(NO_FACTS, null);
    }

    /** Another snapshot, and the moment it was asked for, before which it cannot have been drawn. What was
     * done afterwards, or just before, is done to it again; so is what `waits` to be answered. */
    take(snapshot, asked, waits = []) {
        this.snapshot = snapshot;
        this.asked = asked;
        this.cameras = new Map(snapshot.cameras.map((one) => [one.name, { ...one }]));
        this.officers = new Map(snapshot.officers.map((one) => [one.badge, { ...one, holds: [...one.holds] }]));
        this.badges = new Map();
        this.codes = new Map();
        for (const officer of this.officers.values()) {
            for (const code of officer.credentials) this.badges.set(code, officer.badge);
        }
        this.signed = new Map(); // badge numbers by their parts, whatever sign is between; null for two alike
        for (const badge of this.officers.keys()) {
            this.badges.set(badge.toUpperCase(), badge);
            const kept = badgeOf(badge);
            if (kept.includes("-")) this.signed.set(kept, this.signed.has(kept) ? null : badge);
        }
        for (const camera of this.cameras.values()) {
            for (const code of camera.codes) this.codes.set(code, camera.name);
        }
        this.done = this.done.filter((one) => this.lacks(one));
        for (const one of [...this.done, ...waits]) this.apply(one);
    }

    /** How old the snapshot is at most, in ms; without one, or if nobody can tell, infinitely. */
    age(clock) {
        return this.asked ? clock.since(this.asked) : Infinity;
    }

    // Whether the snapshot may have been drawn without it.
    lacks({ at }) {
        return !(at < Date.parse(this.snapshot.at) - COMMITTED_WITHIN_MS);
    }

    /** A scan did this: it counts here until a snapshot has it. False if this one has it already, or what came since. */
    note(act) {
        if (!this.lacks(act)) return false;
        this.done.push(act);
        this.apply(act);
        return true;
    }

    /** What was done last to this camera was undone: it is done to no snapshot again. */
    forget(name) {
        const last = this.done.findLastIndex(({ camera }) => camera === name);
        if (last >= 0) this.done.splice(last, 1);
    }

    apply({ act, code, camera: name, officer: badge }) {
        const camera = this.cameras.get(name);
        if (!camera || !(OUT.has(act) || BACK.has(act))) return;
        const before = this.officers.get(camera.holder);
        if (before) before.holds = before.holds.filter((one) => one !== name);
        if (before && code === "taken_back") before.own = null;
        Object.assign(camera, NOBODY);
        if (act === "found") camera.lost = false;
        if (!OUT.has(act) || !badge) return;
        Object.assign(camera, { holder: badge, custody: "shift", since: new Date().toISOString() });
        this.officers.get(badge)?.holds.push(name);
    }

    /** Whether the server's own facts, without what was done here since, say that this was done. */
    records(does) {
        const camera = this.snapshot.cameras.find(({ name }) => name === does?.camera);
        return Boolean(camera) && camera.holder === (BACK.has(does.act) ? "" : does.officer);
    }

    camera(name) {
        return name ? this.cameras.get(name) ?? stranger(name) : null;
    }

    officer(badge) {
        if (!badge) return null;
        const nothing = { left: false, suspended: false, supervisor: false, holds: [], unit: "", own: null };
        return this.officers.get(badge) ?? { badge, credentials: [], ...nothing };
    }

    /** What a code names; a badge as it is, then with one hyphen for what parts it, then without leading zeros;
     * last, by a badge number whose parts have other signs between them. */
    find(code) {
        if (this.cards.has(code)) return { kind: "card", card: this.cards.get(code) };
        const number = numberOn(code);
        if (number !== null) return { kind: "camera", camera: this.camera(nameOf(number)) };
        const kept = badgeOf(code);
        const badge = this.badges.get(code) ?? this.badges.get(kept) ?? this.badges.get(kept.replace(/^0+/, ""));
        if (badge) return { kind: "badge", officer: this.officer(badge) };
        const name = this.codes.get(code);
        const signed = name ? null : this.signed.get(kept);
        if (signed) return { kind: "badge", officer: this.officer(signed) };
        return name ? { kind: "camera", camera: this.camera(name) } : { kind: "unknown", looks: looksLike(code) };
    }

    /** For the listener: which kind of code this is; empty if it is none of ours. */
    kindOf(code) {
        const { kind } = this.find(code);
        if (kind === "unknown") return isCard(code) ? "card" : "";
        return kind === "camera" && numberOn(code) === null && TAG.test(code) ? "tag" : kind;
    }

    /** The label of the camera that somebody means who types 417; null if there is none. */
    typed(code) {
        const number = Number(code);
        return isNumber(code) && this.cameras.has(nameOf(number)) ? labelOf(number) : null;
    }

    /** Cameras and officers with this in their number, the closest first. */
    search(typed, most = 6) {
        const wanted = typed.trim().toUpperCase();
        if (!wanted) return [];
        const found = [
            ...[...this.officers.values()].map(({ badge }) => ({ kind: "badge", name: badge, code: badge })),
            ...[...this.cameras.values()].map((one) => ({ kind: "camera", name: one.name, code: one.codes[0] })),
        ].filter(({ name }) => name.toUpperCase().includes(wanted));
        const far = ({ name }) => name.toUpperCase().replace(/^C?0*/, "").indexOf(wanted.replace(/^C?0*/, ""));
        const rank = (one) => [far(one) === 0 ? 0 : 1, one.name.length, one.name];
        return found.sort((a, b) => compare(rank(a), rank(b))).slice(0, most);
    }

    /** The camera to take and two others: the officer's own if it is ready, else the best. */
    advise(officer) {
        if (officer.left || officer.suspended) return null;
        const own = officer.own ? this.cameras.get(officer.own) : null;
        const free = this.snapshot.order.map((name) => this.cameras.get(name)).filter((one) => one && !one.holder);
        const mine = own && ["", officer.badge].includes(own.holder) && !isUnfit(own);
        const kept = [...this.cameras.values()].filter((one) => one.kept_for === officer.badge && !one.holder && !isUnfit(one));
        const list = [...(mine ? [own] : []), ...kept, ...free];
        const [best, ...others] = list.slice(0, 3).map(({ name, place, why }) => ({ camera: name, place, why }));
        return best ? { ...best, alternates: others } : null;
    }
}

export const isUnfit = ({ hard, critical, soft, lost }) => hard || critical || soft || lost;

function compare(some, others) {
    const at = some.findIndex((one, place) => one !== others[place]);
    return at < 0 ? 0 : some[at] < others[at] ? -1 : 1;
}
