// Moves through the past: draws the board of another moment in place of the one that is shown.
// What is drawn is the server's own page of that moment; without script the form asks for it.

const form = document.getElementById("time");
const slider = document.getElementById("time-slider");
const said = form.querySelector("output");
const past = document.getElementById("past"); // none on the live board

const STEP_MS = 15 * 60_000;
const WAIT_MS = 120;

const inWords = new Intl.DateTimeFormat("en-GB", {
    timeZone: form.dataset.zone, day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit",
});

function momentOf(step) {
    return new Date(Date.parse(slider.dataset.first) + step * STEP_MS);
}

function tell() {
    said.value = inWords.format(momentOf(Number(slider.value))).replace(",", "");
    slider.setAttribute("aria-valuetext", said.value);
}

function addressOf(moment) {
    const address = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
    address.searchParams.set("at", moment.toISOString().replace(".000", ""));
    return address;
}

// ---- one question at a time; of those that came meanwhile only the last is asked

let wanted = null;
let asking = false;

async function show(address, { fromSlider = false } = {}) {
    wanted = { address, fromSlider };
    if (asking) return;
    asking = true;
    past.setAttribute("aria-busy", "true");
    try {
        while (wanted) {
            const next = wanted;
            wanted = null;
            await draw(next);
            if (wanted) await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
        }
    } finally {
        asking = false;
        past.removeAttribute("aria-busy");
    }
}

async function draw({ address, fromSlider }) {
    let answer;
    try {
        answer = await fetch(address, { credentials: "same-origin" });
    } catch {
        return location.assign(address); // the browser says that there is no network
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const drawn = page.getElementById("past");
    if (!drawn) return location.assign(address); // signed out, or not allowed any more
    past.replaceChildren(...drawn.childNodes);
    document.getElementById("time-at").value = page.getElementById("time-at").value;
    take(page.getElementById("time-steps"));
    const now = page.getElementById("time-slider");
    slider.dataset.first = now.dataset.first;
    if (!fromSlider) slider.value = now.value;
    tell();
    history.replaceState(null, "", address);
    return undefined;
}

function take(fresh) {
    const focused = document.activeElement.id;
    const steps = document.getElementById("time-steps");
    steps.replaceChildren(...fresh.childNodes);
    if (focused.startsWith("by")) (document.getElementById(focused) ?? slider).focus();
}

if (past) {
    slider.addEventListener("input", () => {
        tell();
        show(addressOf(momentOf(Number(slider.value))), { fromSlider: true });
    });
    document.getElementById("time-steps").addEventListener("click", (event) => {
        const step = event.target.closest("a");
        if (!step || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        show(new URL(step.href));
    });
} else {
    slider.addEventListener("input", tell);
    slider.addEventListener("change", () => {
        const address = addressOf(momentOf(Number(slider.value)));
        address.hash = "time-slider"; // where the keyboard goes on
        location.assign(address);
    });
}
tell();
