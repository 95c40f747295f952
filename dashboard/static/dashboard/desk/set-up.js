// The scanner set-up page: three codes are scanned, then the desk knows what its scanner sends.

import { AltCodes } from "./alt.js";
import { readingOf, verdictOf } from "./learning.js";
import { token } from "./posting.js";
import { draw } from "./view.js";

const QUIET_MS = 1_500; // a code without an end is over then
const AFTER_MS = 250; // the line feed after a carriage return belongs to the same code
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"]);

const settings = JSON.parse(document.getElementById("desk-settings").textContent);
const steps = [...document.querySelectorAll("[data-code]")];
const codes = steps.map((step) => step.dataset.code);
const verdict = document.getElementById("verdict");
const noise = document.getElementById("noise");
let readings = [];
let keys = [];
const alt = new AltCodes();
let timer;

noise.value = (settings.profile?.noise ?? []).join(", ");

addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, dialog") || event.metaKey) return;
    if (alt.takes(event)) return stop(event);
    if (event.altKey) return;
    const lineFeed = event.ctrlKey && event.key.toLowerCase() === "j"; // opens the browser's downloads
    const begins = event.key.length === 1 && event.key !== " " && !event.ctrlKey;
    if (MODIFIERS.has(event.key) || !(keys.length || begins || lineFeed)) return;
    stop(event);
    if ((!keys.length && lineFeed) || readings.length === codes.length) return;
    press({ key: event.key, code: event.code, shift: event.shiftKey, ctrl: event.ctrlKey, at: event.timeStamp });
}, { capture: true });

addEventListener("keyup", (event) => {
    const meant = alt.meant(event);
    if (meant === null) return;
    stop(event);
    const begins = keys.length || (meant.length === 1 && meant !== " ");
    if (!meant || !begins || readings.length === codes.length) return;
    press({ key: meant, code: "", shift: false, ctrl: false, at: event.timeStamp }); // of no place on a keyboard
}, { capture: true });

function press(key) {
    keys.push(key);
    const ended = key.key === "Enter" || key.key === "Tab" || key.ctrl;
    clearTimeout(timer);
    timer = setTimeout(learn, ended ? AFTER_MS : QUIET_MS);
}

function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
}

function learn() {
    readings.push(readingOf(codes[readings.length], keys));
    keys = [];
    show();
}

function show() {
    steps.forEach((step, at) => {
        const reading = readings[at];
        step.toggleAttribute("data-done", Boolean(reading));
        if (at === readings.length) step.setAttribute("aria-current", "step");
        else step.removeAttribute("aria-current");
        step.querySelector("[data-said]").textContent = reading ? (reading.works ? "Read" : `Read “${reading.text}”`) : "";
    });
    if (readings.length === codes.length) tell(verdictOf(readings, codes));
}

function tell({ works, profile, sentences }) {
    verdict.hidden = false;
    verdict.dataset.works = works ? "yes" : "no";
    const [first, ...others] = sentences;
    const save = works && draw("button", { type: "button", class: "primary", text: `Keep this for the ${settings.kind}`, onclick: () => keep(profile) });
    verdict.replaceChildren(
        draw("h2", { class: "verdict", text: first }),
        ...others.map((text) => draw("p", { text })),
        works && draw("p", { class: "muted", text: `End: ${profile.terminator}. Before a code: ${profile.prefix || "nothing"}. ${profile.ms_per_key} ms a key.` }),
        draw("div", { class: "row" }, save, draw("button", { type: "button", text: "Scan them again", onclick: again }), draw("button", { type: "button", text: "Print this", onclick: () => print() })),
        draw("p", { id: "kept", role: "status" }),
    );
}

function again() {
    readings = [];
    verdict.hidden = true;
    show();
}

async function keep(profile) {
    const said = noise.value.split(",").map((one) => one.trim()).filter(Boolean);
    const answer = await fetch(settings.scanner, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token(settings.csrf_cookie) },
        body: JSON.stringify({ ...profile, noise: said }),
    }).catch(() => null);
    const why = answer && !answer.ok ? (await answer.json().catch(() => ({}))).detail : "";
    document.getElementById("kept").textContent = answer?.ok && !answer.redirected
        ? `Kept. The ${settings.kind} reads this scanner so from now on.` : why || "The server did not take it. Sign in, or try again.";
}

show();
