// What a scanner sends, learnt from the keys of three codes whose text is known. Pure.

import { american } from "./keyboard.js";

const SLOW_MS = 40; // a key; a scanner that is slower than this makes people wait
const ENDS = { Enter: "enter", Tab: "tab" };

/**
 * What these keys of one code show: { works, text, prefix, suffix, terminator, layout, caps, ms_per_key }.
 * A key is { key, code, shift, ctrl, at }, `at` in ms.
 */
export function readingOf(expected, keys) {
    const letters = keys.filter(({ key, ctrl }) => key.length === 1 && !ctrl);
    const end = keys.find((one) => endOf(one));
    const typed = letters.map(({ key }) => key).join("");
    const placed = letters.map(placeOf).join("");
    const layout = !typed.toUpperCase().includes(expected) && placed.includes(expected) ? "us" : "";
    const text = layout ? placed : typed;
    const starts = text.toUpperCase().indexOf(expected);
    const body = text.slice(Math.max(0, starts), starts + expected.length);
    const span = letters.length > 1 ? letters.at(-1).at - letters[0].at : 0;
    return {
        works: starts >= 0,
        text,
        prefix: starts > 0 ? text.slice(0, starts).toUpperCase() : "",
        suffix: starts >= 0 ? text.slice(starts + expected.length).toUpperCase() : "",
        terminator: end ? endOf(end) : "none",
        layout,
        caps: !layout && body !== body.toUpperCase(),
        ms_per_key: letters.length > 1 ? Math.ceil(span / (letters.length - 1)) : 0,
    };
}

function endOf({ key, ctrl }) {
    if (ctrl) return ["j", "m"].includes(key.toLowerCase()) ? "enter" : "";
    return ENDS[key] ?? "";
}

const placeOf = ({ key, ...where }) => american(where) || key;

/** The profile of the readings of all codes, and the verdict in sentences; no profile if it fails. */
export function verdictOf(readings, codes) {
    const bad = readings.findIndex(({ works }) => !works);
    if (bad >= 0) return { works: false, sentences: failing(readings[bad], codes[bad]) };
    const longer = readings.find(({ suffix }) => /[A-Z0-9]/.test(suffix)); // signs around a code are no harm
    if (longer) return { works: false, sentences: trailing(longer) };
    const [first, ...others] = readings;
    if (others.some((one) => one.terminator !== first.terminator || one.prefix !== first.prefix)) {
        return { works: false, sentences: ["The three codes did not end alike. Scan them again, one by one."] };
    }
    const ms_per_key = Math.max(...readings.map((one) => one.ms_per_key));
    const layout = readings.find((one) => one.layout)?.layout ?? "";
    const { terminator, prefix } = first;
    const profile = { terminator, prefix, layout, ms_per_key, noise: [] };
    return { works: true, profile, sentences: praising(profile, readings.some(({ caps }) => caps)) };
}

function failing({ text }, expected) {
    return [`It sent “${text || "nothing"}” where ${expected} is printed.`, "Set the scanner to the keyboard of this computer (its handbook has a barcode for it), then scan again."];
}

function trailing({ suffix }) {
    return [`It sends “${suffix}” after a code, and no code would be known with it.`, "Set the scanner to send nothing after a code but Enter, then scan again."];
}

const END_WORDS = { enter: "Every code ends with Enter.", tab: "Every code ends with Tab.", none: "No code has an end: codes are told apart by silence, which is slower. Set the scanner to send Enter." };

function praising({ terminator, prefix, layout, ms_per_key }, caps) {
    return [
        "This scanner works.",
        END_WORDS[terminator],
        prefix && `It sends “${prefix}” before a code, which is taken off.`,
        layout && "Its keyboard is another one than this computer's. The places of the keys are read instead of their letters.",
        caps && "Letters come small: Caps Lock is on, or the scanner sends them so. It does no harm here.",
        ms_per_key > SLOW_MS && `It is slow, ${ms_per_key} ms a key. Set its delay between characters to 0.`,
    ].filter(Boolean);
}
