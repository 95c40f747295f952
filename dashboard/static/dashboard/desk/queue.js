// Sends what was scanned: in order, one at a time, again and again under the same name until it is
// answered. Nothing is thrown away: what the server cannot take is kept until somebody has seen it.

import { agrees } from "./offline.js";

export const TIMES = {
    answer: 10_000, // then the server is asked again
    again: [1_000, 2_000, 5_000, 15_000],
    paused: 3_000, // somebody signs in again in another tab, which nobody tells us
};
// A desk that ended, or of which whoever signed in next may know nothing, has lost no scan.
export const PAUSES = { 401: "signed out", 403: "not allowed", 404: "not yours", 429: "busy" };

/**
 * `post(entry, signal)` fetches. Tells by `on`: `answered(entry, answer)`, `failed(entry)`,
 * `line(state, why)` with state "up", "down" or "paused", `changed()`.
 */
export class Queue {
    constructor({ store, desk, post, on, times = {} }) {
        Object.assign(this, { store, desk, post, on });
        this.times = { ...TIMES, ...times };
        this.entries = [];
        this.tries = 0;
        this.state = "up";
        this.sending = null;
        this.stopped = false;
    }

    /** What an earlier page left comes first. */
    async begin() {
        const kept = await this.store.scans(this.desk);
        if (this.stopped) return; // another tab has taken over meanwhile
        const here = new Set(this.entries.map(({ event_id }) => event_id));
        this.entries = [...kept.filter(({ event_id }) => !here.has(event_id)), ...this.entries];
        this.on.changed?.();
        this.go();
    }

    get pending() {
        return this.entries.filter(({ state }) => state === "pending");
    }

    get failed() {
        return this.entries.filter(({ state }) => state === "failed");
    }

    /** What the waiting scans did to custody, or may have done, in their order. */
    get done() {
        return this.pending.map(({ does }) => does).filter(Boolean);
    }

    /** Whether a scan may be answered in time: the line works, as far as is known. A slow scan before it is no
     * obstacle: its own answer may be awaited as long as that of any other. */
    get clear() {
        return this.state === "up" && navigator.onLine;
    }

    /** Kept when this resolves; then it is sent. */
    async add(scan) {
        const entry = await this.store.add(scan);
        this.entries.push(entry);
        this.on.changed?.();
        this.go();
        return entry;
    }

    /** The page is about to tell the clerk by itself: once that is kept, what was told goes with the scan whenever it is sent. */
    async tell(entry, said, does) {
        const told = { said, does, told: said.told ?? "" };
        await this.store.change({ ...entry, ...told });
        Object.assign(entry, told);
    }

    /** Somebody has seen why this could not be done. */
    async seen(event_id) {
        this.entries = this.entries.filter((one) => one.event_id !== event_id);
        await this.store.remove(event_id);
        this.on.changed?.();
    }

    /** What the server could not take is sent once more, in its place. */
    async again(event_id) {
        const entry = this.failed.find((one) => one.event_id === event_id);
        if (!entry) return;
        Object.assign(entry, { state: "pending", why: "" });
        this.on.changed?.();
        await this.store.change(entry).catch(() => undefined);
        this.nudge();
    }

    /** Tries at once: the network is back, somebody signed in. */
    nudge() {
        this.tries = 0;
        clearTimeout(this.timer);
        this.go();
    }

    /** Another tab has taken this desk over: it sends the rest, which it has from the store. */
    stop() {
        this.stopped = true;
        this.entries = [];
        clearTimeout(this.timer);
    }

    async go() {
        if (this.sending || this.stopped) return;
        const [entry] = this.pending;
        if (!entry) return;
        clearTimeout(this.timer);
        this.sending = entry;
        let wait = this.times.again[0]; // whatever goes wrong here, the next try comes
        try {
            wait = await this.send(entry);
        } finally {
            this.sending = null;
            this.goesOn(wait);
        }
    }

    goesOn(wait) {
        if (this.stopped) return;
        if (wait === 0) this.go();
        else this.timer = setTimeout(() => this.go(), wait);
    }

    // How long to wait before the next try, in ms.
    async send(entry) {
        const { told } = entry;
        let answer;
        let said;
        try {
            answer = await this.post(entry, AbortSignal.timeout(this.times.answer));
            if (answer.ok && !answer.redirected) said = await answer.json();
        } catch {
            return this.lost();
        }
        if (!said) return this.refused(entry, answer);
        // The clerk was told otherwise meanwhile, which the server must hear: it makes a conflict of it.
        if (entry.told !== told && !agrees(entry.told, said.result)) return 0;
        await this.settle(entry, said);
        return 0;
    }

    async settle(entry, said) {
        this.entries = this.entries.filter((one) => one !== entry);
        this.set("up");
        try {
            this.on.answered(entry, said);
        } finally {
            this.on.changed?.();
            await this.store.remove(entry.event_id);
        }
    }

    async refused(entry, answer) {
        const why = await reason(answer);
        const pause = answer.redirected ? "signed out" : PAUSES[answer.status];
        if (pause) {
            this.set("paused", pause, why);
            return this.times.paused;
        }
        if (answer.status >= 500) return this.lost();
        Object.assign(entry, { state: "failed", why });
        await this.store.change(entry).catch(() => undefined); // still kept as pending: the next page sends it again
        this.set("up");
        this.on.failed(entry);
        this.on.changed?.();
        return 0;
    }

    lost() {
        this.set("down");
        const { again } = this.times;
        return again[Math.min(this.tries++, again.length - 1)];
    }

    set(state, why = "", detail = "") {
        if (state === "up") this.tries = 0;
        this.state = state;
        this.on.line?.(state, why, detail);
    }
}

async function reason(answer) {
    try {
        const said = await answer.json();
        return said.detail ?? said.title ?? "";
    } catch {
        return "";
    }
}
