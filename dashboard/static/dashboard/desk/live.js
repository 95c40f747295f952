// Keeps the snapshot young: the socket says that something changed, then it is read again; every
// fifteen seconds it is read anyway.

const EVERY_MS = 15_000;
const AT_MOST_EVERY_MS = 1_000;
const WITHIN_MS = 8_000;
const REFUSES = new Set([401, 403, 404]);
const ENDED = new Set([4401, 4403]); // signed out, or not allowed: reading tells that too

export class Live {
    /** Tells by `on`: `snapshot(snapshot, [askedAt, heardAt])`, by the clock that cannot be set; `ended()`
     * with the answer's status when nobody is signed in or the desk is not theirs, `lost()` when the server does not
     * answer. */
    constructor({ address, socket, on }) {
        Object.assign(this, { address, socket, on, tries: 0, readAt: -Infinity, reading: false, again: false });
        setInterval(() => this.read(), EVERY_MS);
        for (const kind of ["online", "focus"]) addEventListener(kind, () => this.read());
        document.addEventListener("visibilitychange", () => document.hidden || this.read());
        this.listen();
        this.read();
    }

    listen() {
        const line = new WebSocket(location.origin.replace(/^http/, "ws") + this.socket);
        line.onmessage = ({ data }) => {
            this.tries = 0;
            if (JSON.parse(data).type === "changed") this.read();
        };
        line.onopen = () => this.read(); // what changed while nobody listened
        line.onclose = ({ code }) => {
            if (!this.tries) this.read(); // is only the line gone, or the server?
            const wait = ENDED.has(code) ? EVERY_MS : Math.min(5000, 250 * 2 ** this.tries++) * (0.5 + Math.random());
            setTimeout(() => this.listen(), wait);
        };
    }

    /** One question at a time; a change while it is asked is asked about afterwards. */
    async read() {
        this.again = this.reading;
        if (this.reading) return;
        this.reading = true;
        await new Promise((wait) => setTimeout(wait, this.readAt + AT_MOST_EVERY_MS - performance.now()));
        const askedAt = performance.now();
        this.readAt = askedAt;
        try {
            const answer = await fetch(this.address, { signal: AbortSignal.timeout(WITHIN_MS), headers: { Accept: "application/json" } });
            if (answer.redirected || REFUSES.has(answer.status)) this.on.ended(answer.redirected ? 401 : answer.status);
            else if (answer.ok) this.on.snapshot(await answer.json(), [askedAt, performance.now()]);
        } catch (lost) {
            // One that is only slow is told by the age that is shown.
            if (lost.name !== "TimeoutError") this.on.lost();
        } finally {
            this.reading = false;
        }
        if (this.again) this.read();
    }
}
