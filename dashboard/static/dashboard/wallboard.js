// A screen on a wall: shows what the server draws, says when it can no longer be believed, and comes
// back by itself, for years.

const state = document.getElementById("live");
const board = document.getElementById("board");
const clock = document.getElementById("clock");

const SILENCE_MS = 15_000; // the server speaks every 6 s
const LONGEST_WAIT_MS = 30_000;
const YOUNG_MS = 60_000; // so that two servers of different age do not make it load for ever
const OLD_MS = 24 * 3600_000; // a day: a fresh page keeps its cookie, and no leak lives longer
const NOT_ALLOWED = 4403;
const LOOK_AGAIN = 4409;
const DAY_S = 86_400;

let tries = 0;
let asOf = state.dataset.at;
let heardAt = performance.now();

function listen() {
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + state.dataset.socket);
    const again = () => socket.close();
    addEventListener("online", again);
    socket.onmessage = ({ data }) => hear(JSON.parse(data));
    socket.onclose = ({ code }) => {
        removeEventListener("online", again);
        leave(code);
    };
}

function hear(message) {
    tries = 0;
    heardAt = performance.now();
    asOf = message.at;
    // Only now, when the server is known to answer: a page that cannot load heals no more.
    const age = performance.now();
    if (age > OLD_MS || (message.release !== state.dataset.release && age > YOUNG_MS)) return location.reload();
    if (message.board !== undefined) board.innerHTML = message.board;
    document.documentElement.dataset.theme = message.theme;
    return tell();
}

// Taken away, or showing other stations: the page says so itself, and keeps nothing of the old.
function leave(code) {
    if (code === NOT_ALLOWED || code === LOOK_AGAIN) return location.reload();
    const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** tries++) * (0.5 + Math.random() / 2);
    return setTimeout(listen, wait);
}

function tell() {
    const lost = performance.now() - heardAt >= SILENCE_MS;
    document.documentElement.classList.toggle("live", !lost);
    document.documentElement.classList.toggle("not-live", lost);
    const said = lost ? `NOT LIVE since ${asOf}` : `as of ${asOf}`;
    if (state.textContent !== said) state.textContent = said;
    state.setAttribute("aria-live", lost ? "assertive" : "off");
    clock.textContent = timeNow();
}

// The server's time and what went by since: the screen's own clock and zone are not asked.
function timeNow() {
    const [hours, minutes, seconds] = asOf.split(":").map(Number);
    const since = (performance.now() - heardAt) / 1000;
    const at = (hours * 3600 + minutes * 60 + seconds + since) % DAY_S;
    const two = (number) => String(Math.floor(number)).padStart(2, "0");
    return `${two(at / 3600)}:${two((at / 60) % 60)}`;
}

setInterval(tell, 500);
listen();
