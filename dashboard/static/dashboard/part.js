// Keeps one part of a page true: the server says that what it shows changed, then it is asked for again.

const state = document.getElementById("live");
const now = document.getElementById("now");
const showing = JSON.parse(state.dataset.showing);

const SILENCE_MS = 12_000; // the server speaks every 5 s
const AT_LEAST_EVERY_MS = 10_000; // a report that changes no tile still makes the facts younger
const AT_MOST_EVERY_MS = 1_000; // a storm is read no more often than this
const SIGNED_OUT = 4401;
const NOT_ALLOWED = 4403;
const LOOK_AGAIN = 4409;
const ENDED = {
    [SIGNED_OUT]: "You are signed out. Load the page to sign in.",
    [NOT_ALLOWED]: "Your role no longer shows this page.",
};

const FOCUSABLE = "a[href], button, input, select, summary";

let socket;
let tries = 0;
let readAt = Date.now();
let trueAt = Date.now(); // when what stands here was last known to be true
let drawn = "";
let asOf = document.getElementById("as-of").textContent;
let ended = "";
let reading = false;
let again = false;

function listen() {
    socket = new WebSocket(location.origin.replace(/^http/, "ws") + state.dataset.socket);
    socket.onopen = () => socket.send(JSON.stringify({ showing }));
    socket.onmessage = ({ data }) => hear(JSON.parse(data));
    socket.onclose = ({ code }) => leave(code);
}

function hear(message) {
    tries = 0;
    const changed = message.changed ?? Object.keys(message.tiles).length > 0;
    if (changed || Date.now() - readAt >= AT_LEAST_EVERY_MS) return read(message.at);
    trueAt = Date.now();
    asOf = message.at;
    return tell();
}

function leave(code) {
    if (code === LOOK_AGAIN) return location.reload();
    ended = ENDED[code] ?? "";
    tell();
    if (ended) return undefined;
    return setTimeout(listen, Math.min(5000, 250 * 2 ** tries++) * (0.5 + Math.random()));
}

// One question at a time; a change while it is asked is asked about afterwards.
async function read(at) {
    again = reading;
    if (reading) return;
    reading = true;
    await new Promise((wait) => setTimeout(wait, readAt + AT_MOST_EVERY_MS - Date.now()));
    try {
        const answer = await fetch(state.dataset.now, { headers: { Accept: "text/html" } });
        if (answer.redirected || answer.status === 404) return location.reload();
        if (answer.ok) paint(await answer.text(), at);
    } catch {
        // no network: the page says NOT LIVE by itself
    } finally {
        reading = false;
    }
    if (again) read(at);
}

function paint(html, at) {
    const focused = now.contains(document.activeElement) ? placeOf(document.activeElement) : -1;
    if (drawn !== html) {
        const opened = [...now.querySelectorAll("details[id][open]")].map(({ id }) => id);
        drawn = now.innerHTML = html;
        for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
        now.querySelectorAll(FOCUSABLE)[focused]?.focus({ preventScroll: true });
    }
    readAt = trueAt = Date.now();
    asOf = at;
    tell();
    document.dispatchEvent(new Event("drawn"));
}

// Focus is never lost: what stood at the same place has it after the change.
function placeOf(element) {
    return [...now.querySelectorAll(FOCUSABLE)].indexOf(element);
}

function tell() {
    const lost = ended || Date.now() - trueAt >= SILENCE_MS;
    document.documentElement.classList.toggle("live", !lost && socket?.readyState === WebSocket.OPEN);
    document.documentElement.classList.toggle("not-live", Boolean(lost));
    const said = lost ? `NOT LIVE since ${asOf}${ended ? `. ${ended}` : ""}` : `as of ${asOf}`;
    if (state.textContent !== said) state.textContent = said;
    state.setAttribute("aria-live", lost ? "assertive" : "off");
}

setInterval(tell, 500);
addEventListener("online", () => socket.close());
listen();
