// What a scanner types, made into codes. It listens to the whole page before anything else does, so
// that it never matters where the focus is; what a code is for, its grammar says.
//
// A code ends with Enter, Tab or a line feed (Ctrl+J), whichever the scanner sends. It never ends on
// time, unless the desk's scanner is known to send no end: every program that cuts codes by a timer
// has had reports of codes cut in two. What is left unfinished is thrown away, and that is told.

import { AltCodes } from "./alt.js";
import { american } from "./keyboard.js";

export const TIMES = {
    silence: 120, // ends a code of a scanner that sends no end
    unfinished: 1500, // of silence, then a code without its end is thrown away
    after: 150, // what follows a code this closely is the same pull of the trigger
    same: 1200, // the same code again within this is a bounce
    machine: 50, // a key; slower than this may be a person, unless the desk's scanner is as slow
};

const ENDS = new Set(["Enter", "Tab"]);
const ENDS_WITH_CTRL = new Set(["j", "m"]); // line feed and carriage return as some scanners type them
const QUIET = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "Dead"]);
const NO_TEXT = new Set(["range", "checkbox", "radio", "button", "submit", "reset", "image", "file", "color"]);
const SHORTEST = 4; // letters: less is no code, unless the desk knows it
const IN_ADDRESS = /^[A-Z]+:\/\/.*[/=#?]([A-Z0-9]+)\/?$/; // a QR code that is an address ends in the code
const SIGNS = /^[^A-Z0-9]*/;
const SHIFTED = /^[&é"'(\-è_çà]{3,}$/i; // what digits are on a French keyboard, where they want Shift
const UNSEEN = /\p{C}/u; // controls, and what changes how a code looks: in no code, as the server says

/**
 * `profile`: what is known of the desk's scanner; `kindOf(code)`: camera, tag, badge, card or "";
 * `issuing()`: whether an officer waits for a camera. Tells by `on`: `scan(code, how)`,
 * `crowd(codes)`, `tags(codes)` (refused), `bounce(code)`, `dropped(typed)`, `shifted(typed)` (digits,
 * by another keyboard than the scanner's), `typing(typed)`, and at once
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
        this.readAt = -Infinity; // the end of the last code
        this.doneAt = -Infinity; // or of what was none
        this.gap = 0; // between the keys of the last code
        this.alt = new AltCodes();
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
        if (this.alt.takes(event)) return stop(event);
        if (QUIET.has(event.key) && !this.isSign(event)) return undefined;
        const ends = this.endsIt(event);
        if (ends) return this.end(event, ends);
        const letter = letterOf(event, this.profile);
        if (letter === "") return this.other(event);
        if (event.repeat) return this.running && !this.field ? stop(event) : undefined;
        return this.running || !this.isForThePage(letter, event) ? this.take(letter, event) : undefined;
    }

    // A sign that waits for a letter on this computer's keyboard, and does not on the scanner's.
    isSign(event) {
        return event.key === "Dead" && letterOf(event, this.profile) !== "";
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
        const key = letter === " " || letter === "/" || letter === "?";
        return key && !fieldOf(event) && !this.profile.prefix.startsWith(letter);
    }

    endsIt(event) {
        if (isLineFeed(event)) return "line feed";
        return ENDS.has(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey ? event.key : "";
    }

    up(event) {
        const meant = this.alt.meant(event);
        if (meant === null) return undefined;
        stop(event);
        if (ENDS.has(meant)) return this.running ? this.finish() : undefined;
        return meant ? this.take(meant, event) : undefined;
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
        const field = fieldOf(event);
        this.field = field && { field, value: field.value };
    }

    erase(event) {
        stop(event);
        this.buffer = this.buffer.slice(0, -1);
        this.keyAt = event.timeStamp;
        if (this.running) this.wait();
        else this.forget(); // nothing is left that could want its end
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
        this.doneAt = keyAt;
        if (SHIFTED.test(buffer)) return this.on.shifted?.(buffer);
        if (code === "" || isNoise(code, this.profile)) return; // after which nothing is an echo
        const close = startedAt - this.readAt < this.times.after;
        this.readAt = keyAt;
        this.read(code, { close, by: this.byHand ? "hand" : "scanner", at: keyAt });
    }

    // Only what is far slower than this desk's scanner: of a slow one's code cut short no number is made.
    get byHand() {
        return this.gap > Math.max(this.times.machine, 2 * this.profile.ms_per_key);
    }

    // ---- one code after another

    read(code, how) {
        const { code: before, at } = this.last;
        const kind = this.kindOf(code);
        if (how.close && kind === "" && before !== code && isEcho(code, before)) return undefined;
        this.last = { code, at: how.at };
        if (before === code && how.at - at < this.times.same) return this.on.bounce?.(code);
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

/** The field into which this key writes; null if none. A slider or a box to tick is none. */
export function fieldOf({ target }) {
    const field = target?.closest?.("input, textarea");
    return field && !NO_TEXT.has(field.type) ? field : null;
}

/** The code in what was typed: without what the scanner puts before it, in capitals. */
export function clean(typed, { prefix = "" } = {}) {
    const whole = typed.trim().toUpperCase();
    if (UNSEEN.test(whole)) return "";
    const code = without(prefix.toUpperCase(), whole);
    return IN_ADDRESS.exec(code)?.[1] ?? code.replace(/^[^A-Z0-9]+|[^A-Z0-9]+$/g, "");
}

// Which sign a prefix begins with is the keyboard's: ]C1 was kept as +C1 by a desk that learnt it on another one. That
// there is one counts, for C1 alone begins a label.
function without(prefix, whole) {
    const [kept, came] = [prefix, whole].map((text) => SIGNS.exec(text)[0].length);
    const rest = prefix.slice(kept);
    const has = prefix !== "" && (kept === 0 || came > 0) && whole.startsWith(rest, came);
    return has ? whole.slice(came + rest.length) : whole;
}

/** Whether this is what a reader types for nothing, for instance when a card is taken away. */
export function isNoise(code, { noise = [] } = {}) {
    return noise.some((one) => one.toUpperCase() === code);
}

// What follows a code closely: a piece of it, or too little to be a code. Anything else may be a badge that this desk
// does not know, and whoever holds it must hear so.
const isEcho = (code, before) => code.length < SHORTEST || before.includes(code);

/** The letter a key stands for; empty if for none. With the wrong keyboard layout letters and signs are others; where
 * the key lies says what was meant. */
export function letterOf(event, { layout = "" } = {}) {
    if (event.ctrlKey || event.metaKey || (event.altKey && !event.getModifierState("AltGraph"))) return "";
    const meant = layout === "us" ? american({ code: event.code, shift: event.shiftKey }) : "";
    return meant || (event.key.length === 1 ? event.key : "");
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
