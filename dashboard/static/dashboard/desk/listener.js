// What a scanner types, made into codes. It listens to the whole page before anything else does, so
// that it never matters where the focus is; what a code is for, its grammar says.
//
// A code ends with Enter, Tab or a line feed (Ctrl+J), whichever the scanner sends. It never ends on
// time, unless the desk's scanner is known to send no end: every program that cuts codes by a timer
// has had reports of codes cut in two. What is left unfinished is thrown away, and that is told.

export const TIMES = {
    silence: 120, // ends a code of a scanner that sends no end
    unfinished: 1500, // of silence, then a code without its end is thrown away
    after: 150, // what follows a code this closely is the same pull of the trigger
    same: 1200, // the same code again within this is a bounce
    machine: 50, // a key; slower than this may be a person
};

const ENDS = new Set(["Enter", "Tab"]);
const ENDS_WITH_CTRL = new Set(["j", "m"]); // line feed and carriage return as some scanners type them
const QUIET = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "Dead"]);
const NUMPAD = /^Numpad([0-9])$/;
const IN_ADDRESS = /^[A-Z]+:\/\/.*[/=#?]([A-Z0-9]+)\/?$/; // a QR code that is an address ends in the code

/**
 * `profile`: what is known of the desk's scanner; `kindOf(code)`: camera, tag, badge, card or "";
 * `issuing()`: whether an officer waits for a camera. Tells by `on`: `scan(code, how)`,
 * `crowd(codes)`, `tags(codes)` (refused), `bounce(code)`, `dropped(typed)`, `typing(typed)`, and at once
 * `reading(code)`: that something was read, of which more may have to be waited for.
 */
export class Listener {
    constructor({ profile = {}, times = {}, kindOf, issuing = () => false, on, page = window }) {
        Object.assign(this, { kindOf, issuing, on, page });
        this.profile = { terminator: "enter", prefix: "", noise: [], layout: "", ms_per_key: 0, ...profile };
        this.times = { ...TIMES, ...times };
        this.forget();
        this.held = []; // camera codes that wait to be alone
        this.last = { code: "", at: -Infinity };
        this.doneAt = -Infinity;
        this.gap = 0; // between the keys of the last code
        this.numpad = "";
        page.addEventListener("keydown", (event) => this.down(event), { capture: true });
        page.addEventListener("keyup", (event) => this.up(event), { capture: true });
    }

    forget() {
        clearTimeout(this.timer);
        Object.assign(this, { buffer: "", startedAt: 0, keyAt: -Infinity, field: null });
    }

    get running() {
        return this.buffer !== "";
    }

    // ---- keys

    down(event) {
        if (event.isComposing || event.defaultPrevented) return undefined;
        if (event.altKey && NUMPAD.test(event.code)) return this.altCode(event);
        if (QUIET.has(event.key)) return undefined;
        const ends = this.endsIt(event);
        if (ends) return this.end(event, ends);
        const letter = letterOf(event, this.profile);
        if (letter === "") return this.other(event);
        if (event.repeat) return this.running && !this.field ? stop(event) : undefined;
        return this.running || !this.isForThePage(letter, event) ? this.take(letter, event) : undefined;
    }

    // What is no letter: while a scanner types it is nothing, and a person corrects with it.
    other(event) {
        if (!this.running) return undefined;
        if (this.field) return event.ctrlKey && this.isFast(event) ? stop(event) : this.forget();
        if (event.key === "Backspace") return this.erase(event);
        if (event.key === "Escape") return stop(event), this.drop();
        return this.isFast(event) ? stop(event) : undefined;
    }

    // A space presses a button, / and ? are the page's: no code begins with them.
    isForThePage(letter, event) {
        const inField = event.target?.closest?.("input, textarea");
        const key = letter === " " || letter === "/" || letter === "?";
        return key && !inField && !this.profile.prefix.startsWith(letter);
    }

    endsIt(event) {
        if (isLineFeed(event)) return "line feed";
        return ENDS.has(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey ? event.key : "";
    }

    // Some scanners hold Alt and type a letter's number on the number pad, on every keyboard the same.
    altCode(event) {
        this.numpad += NUMPAD.exec(event.code)[1];
        stop(event);
    }

    up(event) {
        if (event.key !== "Alt" || this.numpad === "") return undefined;
        const number = Number(this.numpad);
        this.numpad = "";
        stop(event);
        if (number === 13 || number === 10 || number === 9) return this.running ? this.finish() : undefined;
        return number >= 32 && number < 127 ? this.take(String.fromCharCode(number), event) : undefined;
    }

    isFast(event) {
        return event.timeStamp - this.keyAt < Math.max(this.times.after, 3 * this.pace);
    }

    get pace() {
        return Math.max(this.gap, this.profile.ms_per_key);
    }

    take(letter, event) {
        const at = event.timeStamp;
        if (!this.running) this.begin(event, at);
        this.buffer += letter;
        this.keyAt = at;
        if (!this.field) stop(event);
        this.wait();
        this.on.typing?.(this.field ? "" : this.buffer);
        return undefined;
    }

    // In the search field letters go in as they are typed; if they were a code, they come out again.
    begin(event, at) {
        this.startedAt = at;
        const field = event.target?.closest?.("input, textarea") ?? null;
        this.field = field && { field, value: field.value };
    }

    erase(event) {
        stop(event);
        this.buffer = this.buffer.slice(0, -1);
        this.keyAt = event.timeStamp;
        this.wait();
        this.on.typing?.(this.buffer);
    }

    // ---- the end of a code

    end(event, ends) {
        if (ends === "line feed") stop(event); // else the browser opens its list of downloads
        if (!this.running) {
            // The second half of CR LF must not press what has the focus.
            const echo = event.timeStamp - this.doneAt < Math.max(this.times.after, 3 * this.pace);
            return echo && !event.shiftKey ? stop(event) : undefined;
        }
        if (this.field && !this.isScan(event.timeStamp)) return this.forget();
        stop(event);
        this.keyAt = event.timeStamp;
        return this.finish();
    }

    // In a field only what is a code of ours, or came faster than anybody types.
    isScan(at) {
        const { buffer, startedAt, times, profile } = this;
        const fast = buffer.length >= 4 && (at - startedAt) / buffer.length < times.machine;
        return fast || this.isOurs(clean(buffer, profile));
    }

    isOurs(code) {
        return this.kindOf(code) !== "" || isNoise(code, this.profile);
    }

    wait() {
        clearTimeout(this.timer);
        const { silence, unfinished } = this.times;
        const most = Math.max(unfinished, 5 * this.pace);
        if (this.profile.terminator !== "none") {
            this.timer = setTimeout(() => this.drop(), most);
            return;
        }
        const quiet = Math.max(silence, 3 * this.profile.ms_per_key);
        this.timer = setTimeout(() => {
            if (this.isOurs(clean(this.buffer, this.profile))) this.finish();
            else this.timer = setTimeout(() => (this.field ? this.forget() : this.finish()), Math.max(0, most - quiet));
        }, quiet);
    }

    drop() {
        const { buffer, field } = this;
        this.forget();
        this.on.typing?.("");
        if (!field) this.on.dropped?.(buffer);
    }

    finish() {
        const { buffer, field, startedAt, keyAt } = this;
        const code = clean(buffer, this.profile);
        this.gap = buffer.length > 1 ? (keyAt - startedAt) / buffer.length : 0;
        this.forget();
        this.on.typing?.("");
        if (field) restore(field);
        const before = this.doneAt;
        this.doneAt = keyAt;
        if (code === "" || isNoise(code, this.profile)) return;
        const close = startedAt - before < this.times.after;
        this.read(code, { close, by: this.gap > this.times.machine ? "hand" : "scanner", at: keyAt });
    }

    // ---- one code after another

    read(code, how) {
        const same = this.last.code === code && how.at - this.last.at < this.times.same;
        this.last = { code, at: how.at };
        if (same) return this.on.bounce?.(code);
        const kind = this.kindOf(code);
        if (how.close && kind === "") return undefined; // what follows a code and is none is its echo
        this.on.reading?.(code);
        if (kind === "camera" || kind === "tag") return this.hold(code, kind, how);
        this.release();
        return this.on.scan(code, how);
    }

    // A camera's code waits a moment, for a reader that sees several labels sends them all, and the first
    // is not known from the others until none came. Nothing is kept, sent or beeped before that.
    hold(code, kind, how) {
        if (!how.close) this.release();
        clearTimeout(this.holding);
        this.held.push({ code, kind, how });
        const { after } = this.times;
        // While the next code is being typed the first still waits for it.
        const look = () => {
            const typing = this.running && this.startedAt - this.doneAt < after;
            if (typing) this.holding = setTimeout(look, after);
            else this.release();
        };
        this.holding = setTimeout(look, after);
    }

    release() {
        clearTimeout(this.holding);
        const held = this.held.splice(0);
        if (held.length === 0) return undefined;
        const codes = held.map(({ code }) => code);
        if (held.length === 1) return this.on.scan(codes[0], held[0].how);
        const crowded = held.some(({ kind }) => kind !== "tag");
        if (crowded || this.issuing()) {
            this.last = { code: "", at: -Infinity }; // one of them again, alone, is no bounce
            return crowded ? this.on.crowd?.(codes) : this.on.tags?.(codes);
        }
        for (const { code, how } of held) this.on.scan(code, how);
        return undefined;
    }
}

/** The code in what was typed: without what the scanner puts before it, in capitals. */
export function clean(typed, { prefix = "" } = {}) {
    const whole = typed.trim().toUpperCase();
    const code = prefix && whole.startsWith(prefix.toUpperCase()) ? whole.slice(prefix.length) : whole;
    return IN_ADDRESS.exec(code)?.[1] ?? code.replace(/^[^A-Z0-9]+|[^A-Z0-9]+$/g, "");
}

/** Whether this is what a reader types for nothing, for instance when a card is taken away. */
export function isNoise(code, { noise = [] } = {}) {
    return noise.some((one) => one.toUpperCase() === code);
}

/** The letter a key stands for; empty if for none. With the wrong keyboard layout letters are others; where the
 * key lies says what was meant. */
export function letterOf(event, { layout = "" } = {}) {
    if (event.ctrlKey || event.metaKey || (event.altKey && !event.getModifierState("AltGraph"))) return "";
    const place = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(event.code ?? "");
    if (layout === "us" && place && !(place[2] && event.shiftKey)) return place[1] ?? place[2];
    return event.key.length === 1 ? event.key : "";
}

/** Whether a scanner ends a code by this, as one that sends a line feed does. */
export function isLineFeed(event) {
    return event.ctrlKey && ENDS_WITH_CTRL.has(event.key.toLowerCase());
}

function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
}

function restore({ field, value }) {
    if (field.value === value) return;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
}
