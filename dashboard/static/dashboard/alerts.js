// Keeps the page of alerts true: when the bell says that something is new, its part is asked for again.

const state = document.getElementById("live");
const now = document.getElementById("now");

const SILENCE_MS = 12_000; // the bell speaks every 5 s
const ENDED = { 4401: "You are signed out. Load the page to sign in.", 4403: "Your role no longer shows this page." };

let heardAt = Date.now();
let asOf = document.getElementById("as-of").textContent;
let version = "";
let ended = "";
let reading = false;
let again = false;

document.addEventListener("bell", ({ detail }) => {
    heardAt = Date.now();
    asOf = detail.at;
    if (version && version !== detail.version) read();
    version = detail.version;
    tell();
});
document.addEventListener("bell-lost", ({ detail }) => {
    ended = ENDED[detail] ?? "";
    tell();
});

// One question at a time; what somebody is typing is never taken from under them.
async function read() {
    again = reading;
    if (reading) return;
    reading = true;
    try {
        const answer = await fetch(state.dataset.now, { headers: { Accept: "text/html" } });
        if (answer.redirected) return location.reload();
        if (answer.ok) paint(await answer.text());
    } catch {
        version = " "; // asked again at the bell's next word
    } finally {
        reading = false;
    }
    if (again) read();
}

function paint(html) {
    if (now.querySelector("details[open]") || now.contains(document.activeElement)) {
        version = " ";
        return;
    }
    if (now.innerHTML !== html) now.innerHTML = html;
    document.dispatchEvent(new Event("drawn"));
}

function tell() {
    const lost = ended || Date.now() - heardAt >= SILENCE_MS;
    document.documentElement.classList.toggle("live", !lost && version !== "");
    document.documentElement.classList.toggle("not-live", Boolean(lost));
    const said = lost ? `NOT LIVE since ${asOf}${ended ? `. ${ended}` : ""}` : `as of ${asOf}`;
    if (state.textContent !== said) state.textContent = said;
    state.setAttribute("aria-live", lost ? "assertive" : "off");
}

setInterval(tell, 500);
