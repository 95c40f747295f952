// The field into which a badge is scanned. What is sent from it is the code as the desk of this browser reads
// it, whatever the scanner sends around a code and whichever keyboard it plays.

import { clean, isLineFeed, isNoise, letterOf } from "./desk/listener.js";
import { scannerHere } from "./desk/scanner.js";

const profile = scannerHere();
const field = document.getElementById("new_value");
let sent = false;

field.addEventListener("keydown", (event) => {
    if (isLineFeed(event)) {
        event.preventDefault(); // else the browser opens its list of downloads
        field.form.requestSubmit();
    }
    const letter = letterOf(event, profile);
    if (letter === "" || letter === event.key) return;
    event.preventDefault();
    field.setRangeText(letter, field.selectionStart, field.selectionEnd, "end");
});

// Once: what a reader types after a code is no second badge.
field.form.addEventListener("submit", (event) => {
    const code = clean(field.value, profile);
    const noise = isNoise(code, profile);
    if (sent || noise) event.preventDefault();
    if (sent) return;
    field.value = noise ? "" : code; // what a reader says as a card leaves it begins no badge
    sent = !noise;
});
addEventListener("pageshow", () => (sent = false));
