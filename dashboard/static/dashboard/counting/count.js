// One count: each scan is kept, sent and answered; the lists are asked for again whenever they may
// have changed, for others scan too.

import { isNumber, kindByGrammar } from "../desk/codes.js";
import { Listener } from "../desk/listener.js";
import { scannerHere } from "../desk/scanner.js";
import { Sounds } from "../desk/sounds.js";
import { Unsent } from "./unsent.js";

const state = document.getElementById("live");
const now = document.getElementById("now");
const said = document.getElementById("said");
const waiting = document.getElementById("waiting");
const refused = document.getElementById("refused");
const form = document.getElementById("scan");
const unsent = new Unsent(state.dataset.count);
const sounds = new Sounds();

const EVERY_MS = 2_000;
const SILENCE_MS = 12_000;
const WAITS_MS = [1_000, 2_000, 5_000, 15_000];
const FOCUSABLE = "a[href], button, .lines";
// Who counts looks at the shelves: as at a desk, each result has its sound.
const SOUNDS = { counted: "out", again: "repeat", unexpected: "refused", contradiction: "refused" };
const soundOf = ({ result }) => SOUNDS[result] ?? "error";

let sending = false;
let tries = 0;
let trueAt = Date.now();
let asOf = document.getElementById("as-of").textContent;
let stopped = "";

// Of what came by hand only a number is one: a label that a slow scanner cut names another camera.
function take(raw, byHand) {
    const typed = byHand && isNumber(raw);
    const again = unsent.all.some((one) => one.raw === raw); // a reader tells a tag many times
    if (!again) unsent.put(raw, typed);
    if (tries || stopped) sounds.play("pending");
    tell();
    return send();
}

// In order, one request at a time; what is not answered is sent again, and counts once.
async function send() {
    const scans = unsent.first();
    if (sending || scans.length === 0) return;
    sending = true;
    const wait = await sent(scans).catch(() => WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)]);
    sending = false;
    tell();
    if (unsent.all.length > 0) setTimeout(send, wait);
}

// How long to wait before the next ones.
async function sent(scans) {
    const answer = await fetch(state.dataset.scans, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": cookie() },
        body: JSON.stringify({ scans }),
        signal: AbortSignal.timeout(10_000),
    });
    if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
    tries = 0;
    if (answer.ok) {
        const { answers } = await answer.json();
        unsent.drop(answers);
        stopped = "";
        show(answers.at(-1));
        sounds.play(worstOf(answers.map(soundOf)));
        await read();
        return 0;
    }
    const { detail } = await answer.json().catch(() => ({ detail: "" }));
    if (answer.status === 422) return giveUp(scans, detail);
    stopped = answer.status === 409 ? detail : "You are signed out, or may not count here. Load the page to sign in.";
    return WAITS_MS[1];
}

// Final: nothing of it counts, and somebody has to know which.
function giveUp(scans, detail) {
    unsent.drop(scans);
    refused.hidden = false;
    sounds.play("error");
    for (const { raw } of scans) {
        const line = document.createElement("li");
        line.textContent = `${raw} does not count. ${detail}`;
        refused.append(line);
    }
    return 0;
}

// Of many at once what is wrong is heard, else the last.
function worstOf(heard) {
    return ["error", "refused"].find((one) => heard.includes(one)) ?? heard.at(-1);
}

function refuse(message) {
    show({ result: "refused", message });
    sounds.play("error");
}

function show({ result, message }) {
    said.dataset.result = result;
    said.textContent = message;
    document.dispatchEvent(new CustomEvent("counted", { detail: result }));
}

async function read() {
    const answer = await fetch(state.dataset.now, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 404) {
        stopped = "You are signed out. Load the page to sign in.";
        return;
    }
    if (!answer.ok) return;
    const html = await answer.text();
    const focusable = [...now.querySelectorAll(FOCUSABLE)];
    const focused = focusable.indexOf(document.activeElement);
    if (now.innerHTML !== html) {
        const scrolled = [...now.querySelectorAll(".lines")].map((one) => [one.closest("section").className, one.scrollTop]);
        now.innerHTML = html;
        now.querySelectorAll(FOCUSABLE)[focused]?.focus({ preventScroll: true });
        for (const [name, top] of scrolled) {
            const list = now.querySelector(`section[class="${name}"] .lines`);
            if (list) list.scrollTop = top;
        }
    }
    trueAt = Date.now();
    asOf = new Date().toTimeString().slice(0, 8);
}

function tell() {
    const many = unsent.all.length;
    waiting.hidden = many === 0;
    const told = many ? `${many} not sent yet${stopped ? `. ${stopped}` : ""}` : "";
    if (waiting.textContent !== told) waiting.textContent = told;
    const lost = Date.now() - trueAt >= SILENCE_MS;
    document.documentElement.classList.toggle("live", !lost);
    document.documentElement.classList.toggle("not-live", lost);
    const as = lost ? `NOT LIVE since ${asOf}` : `as of ${asOf}`;
    if (state.textContent !== as) state.textContent = as;
    state.setAttribute("aria-live", lost ? "assertive" : "off");
}

// What is typed with the focus nowhere is shown in the field, and is gone when it ends.
function showTyped(text) {
    if (document.activeElement !== form.elements.code) form.elements.code.value = text;
}

function cookie() {
    const name = `${state.dataset.csrfCookie}=`;
    return document.cookie.split("; ").find((one) => one.startsWith(name))?.slice(name.length) ?? "";
}

// What a scanner types, the listener takes, out of the field too: what is sent from it was typed by
// hand, and only then are digits a number.
form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = form.elements.code.value.trim();
    form.elements.code.value = "";
    if (code) take(code, true);
});
new Listener({
    profile: scannerHere(),
    kindOf: kindByGrammar,
    on: {
        scan: (code, { by }) => take(code, by === "hand"),
        crowd: (codes) => codes.forEach((code) => take(code, false)), // each counts once: none is wrong
        bounce: () => sounds.play("repeat"),
        dropped: (typed) => refuse(`“${typed}” had no end and was dropped: scan it again, or end with Enter.`),
        shifted: (typed) => refuse(`“${typed}” are digits of another keyboard than this computer's: set the scanner up at a desk.`),
        typing: showTyped,
    },
});
addEventListener("online", send);
setInterval(tell, 500);
setInterval(() => read().catch(() => {}), EVERY_MS);
tell();
send();
