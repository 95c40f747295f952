// What the desk says to whoever looks at the officer and not at the screen. Sounds differ in rhythm,
// not only in pitch. All are made before the first is needed.

// Each a list of [at, lasts, hertz, how loud], in seconds.
const click = [[0, 0.012, 1800, 0.5]];
const tick = [[0, 0.008, 900, 0.25], [0.09, 0.008, 900, 0.25]]; // twice, like what it tells
export const SOUNDS = {
    badge: click,
    out: [[0, 0.14, 1568, 0.8]],
    back: [[0, 0.09, 784, 0.8], [0.12, 0.13, 1175, 0.8]],
    repeat: tick,
    refused: [[0, 0.16, 330, 1], [0.24, 0.16, 330, 1]],
    error: [[0, 0.45, 147, 1], [0.6, 0.45, 147, 1]],
    pending: [[0, 0.06, 988, 0.8], [0.11, 0.06, 988, 0.8], [0.22, 0.06, 988, 0.8]],
};
const ROUGH = new Set(["refused", "error"]); // a square wave, which buzzes
const EDGE_S = 0.004; // so that it does not crackle
const VOLUME = "desk-volume";

export class Sounds {
    constructor({ onState = () => undefined } = {}) {
        this.onState = onState;
        this.context = new AudioContext({ latencyHint: "interactive" });
        this.gain = new GainNode(this.context, { gain: this.volume });
        this.gain.connect(this.context.destination);
        this.buffers = Object.fromEntries(
            Object.entries(SOUNDS).map(([name, notes]) => [name, drawn(this.context, notes, ROUGH.has(name))]),
        );
        this.context.onstatechange = () => this.tell();
        // A browser is silent until somebody touched the page; a scanner's key is a touch.
        for (const kind of ["keydown", "pointerdown"]) {
            addEventListener(kind, () => this.wake(), { capture: true, passive: true });
        }
        this.tell();
    }

    get volume() {
        const kept = Number(localStorage.getItem(VOLUME) ?? 0.7);
        return kept >= 0 && kept <= 1 ? kept : 0.7;
    }

    set volume(value) {
        localStorage.setItem(VOLUME, String(value));
        this.gain.gain.value = value;
        this.tell();
    }

    wake() {
        if (this.context.state !== "running") this.context.resume().catch(() => undefined);
    }

    tell() {
        this.onState(this.context.state !== "running" ? "blocked" : this.volume === 0 ? "off" : "on");
    }

    play(name, after = 0) {
        this.wake();
        const source = new AudioBufferSourceNode(this.context, { buffer: this.buffers[name] });
        source.connect(this.gain);
        source.start(this.context.currentTime + after);
        document.dispatchEvent(new CustomEvent("sound", { detail: name }));
    }

    /** The volume test at the beginning of a shift: the good one, then the bad one. */
    test() {
        this.play("out");
        this.play("refused", 0.7);
    }
}

function drawn(context, notes, rough) {
    const rate = context.sampleRate;
    const length = Math.max(...notes.map(([at, lasts]) => at + lasts));
    const buffer = new AudioBuffer({ length: Math.ceil(length * rate) + 1, sampleRate: rate });
    const samples = buffer.getChannelData(0);
    for (const [at, lasts, hertz, loud] of notes) {
        const from = Math.round(at * rate);
        for (let n = 0; n < lasts * rate; n++) {
            const wave = Math.sin((2 * Math.PI * hertz * n) / rate);
            const edge = Math.min(1, n / rate / EDGE_S, (lasts - n / rate) / EDGE_S);
            samples[from + n] += (rough ? 0.5 * Math.sign(wave) + 0.3 * wave : wave) * loud * edge * 0.6;
        }
    }
    return buffer;
}
