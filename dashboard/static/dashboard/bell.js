// The bell of every page: how many alerts call. One socket; the page of alerts listens to it too.

const bell = document.getElementById("bell");
const SIGNED_OUT = 4401;
const NOT_ALLOWED = 4403;
const LOOK_AGAIN = 4409;

let tries = 0;
let said = "";

function listen() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live/alerts`);
    socket.onmessage = ({ data }) => hear(JSON.parse(data));
    socket.onclose = ({ code }) => leave(code);
    addEventListener("online", () => socket.close(), { once: true });
}

function hear(message) {
    tries = 0;
    show(message);
    document.dispatchEvent(new CustomEvent("bell", { detail: message }));
}

function show({ calling, untaken, worst, newest, unlooked }) {
    bell.dataset.worst = worst || (unlooked && "major");
    bell.querySelector(".bell-count").textContent = calling || (unlooked && "?");
    const many = calling ? `${calling} alert${calling > 1 ? "s" : ""}` : !unlooked && "No alerts";
    const words = [unlooked, [many, untaken].filter(Boolean).join(", "), newest].filter(Boolean).join(". ");
    if (words === said) return;
    said = words;
    bell.setAttribute("aria-label", words);
    bell.title = words;
}

function leave(code) {
    document.dispatchEvent(new CustomEvent("bell-lost", { detail: code }));
    if (code === SIGNED_OUT || code === NOT_ALLOWED) return;
    if (code === LOOK_AGAIN) tries = 3;
    setTimeout(listen, Math.min(5000, 250 * 2 ** tries++) * (0.5 + Math.random()));
}

if (bell) listen();
