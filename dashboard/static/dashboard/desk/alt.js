// Some scanners hold Alt and type a letter's number on the number pad, on every keyboard the same.

const NUMPAD = /^Numpad([0-9])$/;
const ENDS = { 9: "Tab", 10: "Enter", 13: "Enter" };

export class AltCodes {
    digits = "";

    /** Whether this key is a digit of a letter's number. */
    takes(event) {
        const digit = event.altKey && NUMPAD.exec(event.code)?.[1];
        if (!digit) return false;
        this.digits += digit;
        return true;
    }

    /** The key that was meant, once Alt is let go; null if none was: "" for a number that is no letter's. */
    meant({ key }) {
        if (key !== "Alt" || this.digits === "") return null;
        const number = Number(this.digits);
        this.digits = "";
        if (number in ENDS) return ENDS[number];
        return number >= 32 && number < 127 ? String.fromCharCode(number) : "";
    }
}
