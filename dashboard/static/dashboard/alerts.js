// Keeps the page of alerts true: when the bell says that something is new, its part is asked for again.

const state = document.getElementById("live");
const now = document.getElementById("now");

const SILENCE_MS = 12_000; // the bell speaks every 5 s
const ENDED = { 4401: "You are signed out. Load the page to sign in.", 4403: "Your role no longer shows this page." };
const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, summary";

let told; // the bell's last word
let heardAt = Date.now();
let trueAt = Date.now(); // when what stands here was last known to be true
let asOf = document.getElementById("as-of").textContent;
let version = ""; // of what stands here
let unlooked = state.dataset.unlooked; // the server answers, and nobody looks whether anything is wrong
let unseen = null; // while somebody writes and something changed: how many new alerts call
let ended = "";
let reading = false;
let again = false;

document.addEventListener("bell", ({ detail }) => {
    told = detail;
    heardAt = Date.now();
    unlooked = detail.unlooked;
    if (version === detail.version) stands(detail);
    else read(); // at its first word too: the page is older than that
    tell();
});
document.addEventListener("bell-lost", ({ detail }) => {
    ended = ENDED[detail] ?? "";
    tell();
});

// What was held back is put in place as soon as nobody writes any more.
for (const act of ["input", "toggle"]) {
    now.addEventListener(act, () => unseen !== null && !writing() && read(), true);
}

// One question at a time; a change while it is asked is asked about afterwards.
async function read() {
    again = reading;
    if (reading) return;
    reading = true;
    const word = told;
    try {
        const answer = await fetch(state.dataset.now, { headers: { Accept: "text/html" } });
        if (answer.redirected) return location.reload();
        if (answer.ok) paint(await answer.text(), word);
    } catch {
        // no network: asked again at the bell's next word, and the page says NOT LIVE by itself
    } finally {
        reading = false;
    }
    if (again) read();
}

// What somebody is writing is never taken from under them; that it keeps news away is said.
function paint(html, word) {
    if (writing()) {
        unseen = newIn(html);
        return tell();
    }
    const focused = now.contains(document.activeElement) ? placeOf(document.activeElement) : null;
    now.innerHTML = html;
    if (focused) focusAt(focused);
    version = word.version;
    stands(word);
    tell();
    return document.dispatchEvent(new Event("drawn"));
}

function stands(word) {
    unseen = null;
    trueAt = Date.now();
    asOf = word.at;
}

function writing() {
    const written = [...now.querySelectorAll("input:not([type=hidden])")].some(({ value }) => value.trim());
    return written || now.querySelector("details[open]") !== null;
}

function newIn(html) {
    const next = document.createElement("template");
    next.innerHTML = html;
    const here = calling(now);
    return [...calling(next.content)].filter((id) => !here.has(id)).length;
}

function calling(part) {
    return new Set([...part.querySelectorAll("[data-calling] [name=alert]")].map(({ value }) => value));
}

// Focus is never lost, and never comes to lie on another alert's button, which a new alert moves.
function placeOf(element) {
    const whole = element.matches("[data-step]");
    return { id: element.closest("[id]").id, what: whole ? null : whatIs(element) };
}

function focusAt({ id, what }) {
    const place = document.getElementById(id);
    const there = [...(place?.querySelectorAll(FOCUSABLE) ?? [])];
    const same = what === null ? place : there.find((one) => whatIs(one) === what);
    (same ?? document.getElementById("sentence")).focus({ preventScroll: true });
}

function whatIs(element) {
    const what = element.name || element.getAttribute("href") || element.textContent;
    return `${element.form?.getAttribute("action") ?? ""} ${what}`;
}

function tell() {
    const silent = Date.now() - heardAt >= SILENCE_MS;
    const stale = unseen === null && Date.now() - trueAt >= SILENCE_MS;
    const lost = ended || silent || stale;
    const look = document.documentElement.classList;
    look.toggle("live", !lost && !unlooked && unseen === null && version !== "");
    look.toggle("not-live", Boolean(lost || unlooked));
    look.toggle("paused", !lost && !unlooked && unseen !== null);
    const said = lost ? `NOT LIVE since ${asOf}${ended ? `. ${ended}` : ""}` : unlooked || standing();
    if (state.textContent !== said) state.textContent = said;
    state.setAttribute("aria-live", lost || unlooked ? "assertive" : unseen === null ? "off" : "polite");
}

function standing() {
    if (unseen === null) return `as of ${asOf}`;
    return `paused at ${asOf} while you write, ${unseen ? `${unseen} new` : "changed since"}`;
}

setInterval(tell, 500);
