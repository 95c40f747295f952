// The codes on labels and cards, as `devices/inventory/codes.py` and `devices/desk/cards.py` say them.

const LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"; // no I and no O, which look like digits
const LONGEST = 9; // digits: no camera's number has more
const DIGITS = 4;
const CARD = /^Z([0-9A-Z]{2,30})([A-Z])$/;

/** How people say the camera: C0417. */
export const nameOf = (number) => `C${String(number).padStart(DIGITS, "0")}`;

/** What is printed and scanned: the name and its check letter. */
export const labelOf = (number) => nameOf(number) + LETTERS[number % LETTERS.length];

/** The number on a camera's label, or a bay's (kind B); null if it is not one of ours, whole and right. */
export function numberOn(scanned, kind = "C") {
    const code = scanned.toUpperCase();
    const digits = code.slice(1, -1);
    if (!/^[0-9]+$/.test(digits) || digits.length > LONGEST) return null;
    return kind + labelOf(Number(digits)).slice(1) === code ? Number(digits) : null;
}

/** Whether somebody typed a camera's number. With a C before it, it would be a label that lost its end, and that names
 * another camera: C041 is what is left of C0417A. */
export const isNumber = (typed) => new RegExp(`^[0-9]{1,${LONGEST}}$`).test(typed);

/** The letter of a card's word: the word read as a number in base 36, modulo 23. */
export function checkLetter(word) {
    let rest = 0; // digit by digit, because the number itself is too long for the browser
    for (const one of word) rest = (rest * 36 + parseInt(one, 36)) % LETTERS.length;
    return LETTERS[rest];
}

/** Whether this was meant to be a card of ours, in use or not. */
export function isCard(scanned) {
    const found = CARD.exec(scanned.toUpperCase());
    return found !== null && checkLetter(found[1]) === found[2];
}

export const TAG = /^[0-9A-F]{8,}$/; // how an RFID reader says a tag

/** As a badge is kept: its letters and digits, and a hyphen for whatever signs part them. */
export const badgeOf = (code) => code.toUpperCase().replace(/[^A-Z0-9]+/g, "-").replace(/^-|-$/g, "");

/** What a code that names nothing looks like: a card that is gone, a bay, a label that was cut off or run together. */
export function looksLike(code) {
    if (isCard(code)) return "unknown_card";
    if (numberOn(code) !== null) return "no_such";
    if (numberOn(code, "B") !== null) return "bay";
    return /^([CB][0-9]+[A-Z]?-?)+$/.test(badgeOf(code)) ? "cut" : "unknown";
}

/** Whether a code that looks like nothing of ours could be a badge that nobody has yet. */
export const couldBeBadge = (code) => /^[A-Z0-9-]{3,64}$/.test(badgeOf(code));

/** For a page that knows no badges: what a code is as far as its grammar says; empty if it does not. */
export function kindByGrammar(code) {
    if (isCard(code)) return "card";
    if (numberOn(code) !== null) return "camera";
    return TAG.test(code) ? "tag" : "";
}
