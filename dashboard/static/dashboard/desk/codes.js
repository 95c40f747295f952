// The codes on labels and cards, as `devices/inventory/codes.py` and `devices/desk/cards.py` say them.

const LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"; // no I and no O, which look like digits
const LONGEST = 9; // digits: no camera's number has more
const DIGITS = 4;
const CARD = /^Z([0-9A-Z]{2,30})([A-Z])$/;

/** How people say the camera: C0417. */
export const nameOf = (number) => `C${String(number).padStart(DIGITS, "0")}`;

/** What is printed and scanned: the name and its check letter. */
export const labelOf = (number) => nameOf(number) + LETTERS[number % LETTERS.length];

/** The number on a camera's label; null if it is not one of ours, whole and right. */
export function numberOn(scanned) {
    const code = scanned.toUpperCase();
    const digits = code.slice(1, -1);
    if (!/^[0-9]+$/.test(digits) || digits.length > LONGEST) return null;
    return labelOf(Number(digits)) === code ? Number(digits) : null;
}

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

/** Whether a code that is none of ours could be a badge that nobody has yet: no label of a camera that was cut off or run together. */
export const couldBeBadge = (code) => /^[A-Z0-9]{3,64}$/.test(code) && !isCard(code) && !/^(C[0-9]+[A-Z]?)+$/.test(code);

/** For a page that knows no badges: what a code is as far as its grammar says; empty if it does not. */
export function kindByGrammar(code) {
    if (isCard(code)) return "card";
    if (numberOn(code) !== null) return "camera";
    return TAG.test(code) ? "tag" : "";
}
