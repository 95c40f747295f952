// A kiosk: sends what is scanned, shows the answer for a while, and knows nothing else. It keeps no
// scan: without the server it says so at once, and comes back by itself.

import { kindByGrammar } from "./desk/codes.js";
import { Listener, TIMES } from "./desk/listener.js";
import { lookOf } from "./desk/looks.js";
import { scannerHere } from "./desk/scanner.js";
import { Sounds } from "./desk/sounds.js";

const told = JSON.parse(document.getElementById("kiosk-settings").textContent);
const main = document.querySelector("main");
const say = document.getElementById("say");
const more = document.getElementById("more");
const dock = document.getElementById("dock");
const pin = document.getElementById("pin");
const dots = document.getElementById("dots");

const IDLE = say.textContent;
const HINT = more.textContent;
const LOST = "Out of order: see the desk";
const ASK_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 1_500;
const PIN_WITHIN_MS = 5_000;
const LOST_AFTER_MS = 2_600; // told before three seconds are over
const TRIES = 3;
const LOOKS = { issued: "good", taken: "good", returned: "good", found: "refused", held: "take", shown: "take" };

const MARKS = { good: "check", take: "out", refused: "warning", error: "refused", pin: "keys" };

const sounds = new Sounds();
const ASKS = new Set(["take", "pin"]); // what a desk does not answer: the badge was known

let shown = null;
let digits = "";
let clearing;
let answeredAt = performance.now();
let busy = Promise.resolve();

// ---- what is shown

function show(answer) {
    shown = answer;
    digits = "";
    main.dataset.result = LOOKS[answer.result] ?? answer.result;
    mark(MARKS[main.dataset.result]);
    say.textContent = answer.says || IDLE;
    more.textContent = answer.result === "take" ? "Take it out of its bay, or scan it." : "";
    draw(answer.place);
    pin.hidden = answer.result !== "pin";
    tellDigits();
    stay(answer.result === "pin" ? told.pin_ms : told.shown_ms);
    listener.times.unfinished = answer.result === "pin" ? told.pin_ms : TIMES.unfinished; // people type slowly
    sounds.play(ASKS.has(answer.result) ? "badge" : lookOf({ act: answer.result }).sound);
    document.dispatchEvent(new CustomEvent("shown", { detail: answer.result }));
    if (!answer.says) clear();
}

function stay(ms) {
    clearTimeout(clearing);
    clearing = setTimeout(clear, ms);
}

function clear() {
    clearTimeout(clearing);
    shown = null;
    digits = "";
    main.dataset.result = "";
    mark(lost() ? "offline" : "officers");
    say.textContent = lost() ? LOST : IDLE;
    more.textContent = HINT;
    draw(null);
    pin.hidden = true;
}

function mark(name = "officers") {
    document.getElementById("mark").setAttribute("href", `#i-${name}`);
}

function draw(place) {
    dock.hidden = !place;
    if (!place) return dock.replaceChildren();
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = place.dock;
    const bays = Array.from({ length: place.bays }, (_, at) => {
        const bay = document.createElement("span");
        bay.className = at + 1 === place.bay ? "bay lit" : "bay";
        bay.textContent = at + 1;
        return bay;
    });
    dock.style.setProperty("--columns", Math.min(place.bays, 8)); // as the dock wall shows them
    return dock.replaceChildren(name, ...bays);
}

function tellDigits() {
    dots.textContent = "•".repeat(digits.length);
}

// ---- what is asked

function post(address, said) {
    busy = busy.then(() => asked(address, said)).catch(() => tell());
    return busy;
}

// The same scan again is answered as before, so a lost answer is asked for again. A PIN is sent once:
// a wrong one counts each time, and to try one costs the server a while.
async function asked(address, said) {
    const once = address === told.pin;
    for (let tries = once ? 1 : TRIES; tries > 0; tries -= 1) {
        try {
            const answer = await fetch(address, {
                method: "POST",
                headers: { "X-CSRFToken": cookie() },
                body: new URLSearchParams(said),
                signal: AbortSignal.timeout(once ? PIN_WITHIN_MS : ANSWER_WITHIN_MS),
            });
            if (answer.status === 403) return location.reload();
            if (answer.status < 500) return heard(await answer.json());
        } catch {
            // no answer: once more
        }
    }
    return show({ result: "error", says: "That did not arrive: scan it again.", scan: "" });
}

function heard(answer) {
    answeredAt = performance.now();
    tell();
    if (answer.result) show(answer);
    else if (answer.says) show({ ...answer, result: "error", scan: "" });
}

async function live() {
    try {
        const about = shown?.result === "take" && shown.scan ? `?about=${shown.scan}` : "";
        const answer = await fetch(told.now + about, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
        if (answer.status === 403) return location.reload();
        if (answer.ok) {
            const news = await answer.json();
            answeredAt = performance.now();
            if (news.scan && news.scan === shown?.scan) show(news);
            if (!shown && setUpAnew(news.profile)) return location.reload();
        }
    } catch {
        // no answer: it is out of order once that lasts
    }
    tell();
    return setTimeout(live, ASK_EVERY_MS);
}

// The scanner was set up since this page was loaded; nobody stands here.
const setUpAnew = (profile) => profile && JSON.stringify(profile) !== JSON.stringify(told.profile);

function lost() {
    return performance.now() - answeredAt > LOST_AFTER_MS;
}

function tell() {
    const was = document.body.classList.contains("out-of-order");
    if (was === lost()) return;
    document.body.classList.toggle("out-of-order", lost());
    clear();
}

function cookie() {
    const name = `${told.csrf_cookie}=`;
    return document.cookie.split("; ").find((one) => one.startsWith(name))?.slice(name.length) ?? "";
}

function made() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http has no randomUUID
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// ---- what is typed

function prove() {
    if (digits) post(told.pin, { scan: shown.scan, pin: digits });
}

function digit(one) {
    if (digits.length < told.most_digits) digits += one;
    tellDigits();
    stay(told.pin_ms);
}

// A scanner types faster than anybody: what it says is a badge or a camera, never a PIN. Nor is what no PIN can be,
// however slowly it came: the next officer's badge must not count against the one before.
const couldBePin = (raw) => /^[0-9]+$/.test(raw) && raw.length <= told.most_digits;

function refuse(says) {
    show({ result: "error", says, scan: "" });
}

const listener = new Listener({
    profile: Object.keys(told.profile).length ? told.profile : scannerHere(),
    kindOf: kindByGrammar,
    issuing: () => true, // one officer, one camera: of several tags at once none is meant
    on: {
        scan: (raw, { by }) => {
            if (document.body.classList.contains("out-of-order")) return;
            if (shown?.result === "pin" && by === "hand" && couldBePin(raw)) {
                digits = raw;
                prove();
            } else post(told.scan, { scan: made(), raw });
        },
        crowd: () => refuse("Two labels were read at once: scan one."),
        tags: () => refuse("Several tags were read at once: hold one camera to the reader."),
        shifted: () => refuse("The reader's keyboard is not this computer's: see the quartermaster."),
        bounce: () => sounds.play("repeat"),
        dropped: (typed) => shown?.result !== "pin" && typed.length > 3 && refuse("That was read in part: scan it again."),
        typing: (text) => {
            if (shown?.result !== "pin") return;
            digits = /^[0-9]*$/.test(text) ? text.slice(0, told.most_digits) : "";
            tellDigits();
        },
    },
});
pin.addEventListener("click", ({ target }) => {
    if (target.dataset.digit) digit(target.dataset.digit);
    if (target.dataset.act === "clear") {
        digits = "";
        tellDigits();
    }
});
pin.addEventListener("submit", (event) => {
    event.preventDefault();
    prove();
});
setInterval(tell, 200);
live();
