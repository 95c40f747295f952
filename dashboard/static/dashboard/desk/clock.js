// How far this desk's clock is from the server's. The quickest answer tells it best.

export class Clock {
    constructor() {
        this.offset = 0; // ms to add to the desk's clock
        this.doubt = Infinity;
    }

    /** The server said this time, somewhere between when it was asked and when it answered. */
    hear(serverTime, [askedAt, heardAt]) {
        const at = Date.parse(serverTime);
        const doubt = (heardAt - askedAt) / 2;
        // An old measurement is worth less each minute: clocks drift, and people set them.
        if (Number.isNaN(at) || doubt > this.doubt + (heardAt - (this.heardAt ?? 0)) / 1000) return;
        Object.assign(this, { offset: at - (askedAt + heardAt) / 2, doubt, heardAt });
    }

    now() {
        return Date.now() + this.offset;
    }
}
