// Keeps the board true: replaces tiles with the ones the server drew, says when it cannot.

const board = document.getElementById("board");
const counts = document.getElementById("counts");
const state = document.getElementById("live");
const search = document.querySelector("form[data-filter] input[type=search]");
const wall = board.dataset.wall === "yes";
const asked = new URLSearchParams(location.search);
const bucket = asked.get("bucket") ?? "";
const ready = asked.get("ready") ?? "";

const SILENCE_MS = 12_000; // the server speaks every 5 s
const LOST_FOR_MS = 60_000; // after this long cameras may have come or gone: load anew
const MARKED_MS = 2_000;
const SIGNED_OUT = 4401;
const NOT_ALLOWED = 4403;
const LOOK_AGAIN = 4409;
const ENDED = {
    [SIGNED_OUT]: "You are signed out. Load the page to sign in.",
    [NOT_ALLOWED]: "Your role no longer shows this page.",
};

let socket;
let version = 0;
let tries = 0;
let heardAt = Date.now();
let asOf = document.getElementById("as-of")?.textContent ?? "";
let ended = "";

// ---- listening

function listen() {
    version = 0;
    socket = new WebSocket(location.origin.replace(/^http/, "ws") + state.dataset.socket);
    socket.onopen = () => socket.send(JSON.stringify(shown()));
    socket.onmessage = ({ data }) => hear(JSON.parse(data));
    socket.onclose = ({ code }) => leave(code);
}

function shown() {
    const ids = [...board.querySelectorAll(wall ? "[id^=b]" : "li[id^=c]")];
    const showing = ids.map((place) => Number(place.id.slice(1))).filter(Number.isInteger);
    return wall ? { showing, wall } : { showing };
}

function hear(message) {
    if (message.version !== version + 1) return socket.close();
    version = message.version;
    if (message.others || Date.now() - heardAt > LOST_FOR_MS) return location.reload();
    const first = version === 1;
    for (const [id, html] of Object.entries(message.tiles)) paint(document.getElementById(id), html, first);
    if (message.counts) say(message.counts);
    heardAt = Date.now();
    asOf = message.at;
    tries = 0;
    tell();
    document.dispatchEvent(new Event("drawn"));
    return undefined;
}

function leave(code) {
    if (code === LOOK_AGAIN) return location.reload();
    ended = ENDED[code] ?? "";
    tell();
    if (ended) return undefined;
    const wait = Math.min(5000, 250 * 2 ** tries++) * (0.5 + Math.random());
    return setTimeout(listen, wait);
}

// ---- painting

const drawn = document.createElement("template");

function paint(place, html, first) {
    if (!place) return;
    drawn.innerHTML = html;
    const next = drawn.content.firstElementChild;
    const old = place.querySelector(".tile");
    if (old && old.dataset.face === next.dataset.face) return;
    const focused = place.contains(document.activeElement);
    if (old) old.replaceWith(next);
    else place.append(next);
    if (focused) next.focus({ preventScroll: true });
    sift(place);
    if (!first) mark(place);
}

function mark(place) {
    place.classList.remove("changed");
    void place.offsetWidth; // begins the animation again
    place.classList.add("changed");
    setTimeout(() => place.classList.remove("changed"), MARKED_MS);
}

let said = counts?.innerHTML.trim();

function say(html) {
    // What is drawn anew under somebody's finger loses their click.
    if (!counts || html.trim() === said) return;
    said = html.trim();
    const focused = counts.contains(document.activeElement) ? document.activeElement.dataset.part : null;
    counts.innerHTML = html;
    for (const part of counts.querySelectorAll("[data-part]")) {
        if (part.dataset.part === bucket || (part.dataset.part === "ready" && ready === "yes")) part.setAttribute("aria-current", "true");
        if (part.dataset.part === focused) part.focus({ preventScroll: true });
    }
}

// ---- the filter, the same as the server's, so that a tile that changes comes and goes

function sift(place) {
    const tile = place.querySelector(".tile");
    const typed = search?.value.trim().toLowerCase() ?? "";
    const stands = (!bucket || tile.dataset.bucket === bucket) && (!ready || tile.dataset.ready === ready);
    const fits = stands && (tile.dataset.find ?? "").includes(typed);
    if (wall || place.hidden === !fits) return;
    place.hidden = !fits;
    for (const group of [place.closest(".strip"), place.closest(".station")]) {
        group.hidden = !group.querySelector("li:not([hidden])");
    }
    document.getElementById("none").hidden = Boolean(board.querySelector("li:not([hidden])"));
}

function siftAll() {
    for (const place of board.querySelectorAll("li[id^=c]")) sift(place);
    const typed = search.value.trim();
    document.getElementById("all").hidden = !(typed || location.search);
}

// On a fleet of many pages typing cannot find what is not here: there the form asks the server.
if (search && board.dataset.whole === "yes") {
    search.addEventListener("input", () => {
        siftAll();
        const address = new URL(location.href);
        if (search.value.trim()) address.searchParams.set("q", search.value.trim());
        else address.searchParams.delete("q");
        history.replaceState(null, "", address);
    });
    search.form.addEventListener("submit", (event) => {
        if (event.submitter) return;
        event.preventDefault();
        board.querySelector("li:not([hidden]) [data-step]")?.focus();
    });
}
for (const choice of document.querySelectorAll("form[data-filter] select")) {
    choice.addEventListener("change", () => choice.form.submit());
}
document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") board.classList.add("quiet-why");
});
for (const kind of ["pointermove", "focusin"]) {
    board.addEventListener(kind, () => board.classList.remove("quiet-why"), { passive: true });
}

// ---- saying how true this is

function tell() {
    const live = !ended && version > 0 && Date.now() - heardAt < SILENCE_MS;
    const lost = ended || Date.now() - heardAt >= SILENCE_MS;
    document.documentElement.classList.toggle("live", live);
    document.documentElement.classList.toggle("not-live", Boolean(lost));
    const said = lost ? `NOT LIVE since ${asOf}${ended ? `. ${ended}` : ""}` : `as of ${asOf}`;
    if (state.textContent !== said) state.textContent = said;
    state.setAttribute("aria-live", lost ? "assertive" : "off");
}

setInterval(tell, 500);
addEventListener("online", () => socket.close());
listen();
