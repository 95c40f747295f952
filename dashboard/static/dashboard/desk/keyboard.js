// The keyboard that most scanners play, whichever one this computer has: where a key lies says which letter was meant.

const LETTER = /^Key([A-Z])$/;
const DIGIT = /^(?:Digit|Numpad)([0-9])$/;
const SIGNS = {
    Space: "  ", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:",
    Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?",
};

/** What this key of an American keyboard types, letters as capitals; empty if that cannot be told by its place alone:
 * a digit with Shift is a sign there, and a digit where somebody types on a French one. */
export function american({ code = "", shift = false }) {
    const digit = DIGIT.exec(code)?.[1];
    if (digit) return shift ? "" : digit;
    return LETTER.exec(code)?.[1] ?? SIGNS[code]?.[shift ? 1 : 0] ?? "";
}
