// How far this desk's clock is from the server's, and how long ago something was. What measures here is
// a clock that nobody can set, as long as the page lives; the desk's own is needed only across a reload.

const SET_BY_MS = 1_000; // less is the two clocks drifting apart

export class Clock {
    constructor() {
        this.offset = Date.now() - performance.now(); // ms to add to the clock that cannot be set
        this.doubt = Infinity;
        this.heardAt = -Infinity;
    }

    /** The server said this time, somewhere between when it was asked and when it answered. The quickest
     * answer tells it best; one that denies what was believed shows that this computer slept. */
    hear(serverTime, [askedAt, heardAt]) {
        const at = Date.parse(serverTime);
        if (Number.isNaN(at)) return;
        const [doubt, offset] = [(heardAt - askedAt) / 2, at - (askedAt + heardAt) / 2];
        // An old measurement is worth less each minute: clocks drift.
        const believed = this.doubt + (heardAt - this.heardAt) / 1000;
        if (doubt <= believed || Math.abs(offset - this.offset) > doubt + believed) {
            Object.assign(this, { offset, doubt, heardAt });
        }
    }

    /** The time by the server's clock, as far as it is known. */
    now() {
        return performance.now() + this.offset;
    }

    /** Ms to add to the desk's own clock: what the next page begins with, until it hears the server. */
    get behind() {
        return this.now() - Date.now();
    }

    set behind(ms) {
        if (this.doubt === Infinity) this.offset = Date.now() - performance.now() + ms;
    }

    // ---- how long ago

    /** A moment of this page, by both clocks. */
    moment(steady = performance.now()) {
        return { steady, wall: Date.now() - (performance.now() - steady) };
    }

    /** A moment of an earlier page, of which only the desk's own clock tells. One that is yet to come was
     * before the clock was set back, nobody knows how long. */
    recalled(wall) {
        const ago = Date.now() - wall;
        return ago >= 0 ? this.moment(performance.now() - ago) : { steady: -Infinity, wall: -Infinity };
    }

    /** How long ago, in ms. A computer that sleeps stops the one clock, and who sets the other back turns
     * that: the longer time counts. */
    since({ steady, wall }) {
        return Math.max(performance.now() - steady, Date.now() - wall);
    }

    /** The same moment by both clocks as they are now: the same object, unless one was set or stopped. */
    settled(moment) {
        const apart = performance.now() - moment.steady - (Date.now() - moment.wall);
        return Math.abs(apart) > SET_BY_MS ? this.moment(performance.now() - this.since(moment)) : moment;
    }
}
