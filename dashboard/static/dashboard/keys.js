// Keys, Ctrl+K, the look and the offline notice: what every page has. Pages work without it.

const root = document.documentElement;
root.classList.add("scripts");

const A_YEAR_S = 365 * 24 * 3600;
const goto = document.getElementById("goto");
const keys = document.getElementById("keys");
const single = document.getElementById("single-keys");

// ---- the look: at once, and remembered for the server's next page

document.querySelector("form[data-look]")?.addEventListener("submit", (event) => {
    const { name, value } = event.submitter ?? {};
    if (!name) return;
    event.preventDefault();
    root.dataset[name] = value;
    document.cookie = `${name}=${value}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
    for (const button of event.target.querySelectorAll(`button[name="${name}"]`)) {
        button.setAttribute("aria-pressed", String(button.value === value));
    }
});

document.querySelector("[data-print]")?.addEventListener("click", () => print());

// ---- a link to what is folded unfolds it

function unfold() {
    const wanted = document.getElementById(location.hash.slice(1));
    if (!(wanted instanceof HTMLDetailsElement)) return;
    wanted.open = true;
    if (document.activeElement === document.body) wanted.querySelector("summary").focus();
}
addEventListener("hashchange", unfold);
addEventListener("load", () => setTimeout(unfold)); // once the browser has gone there

// ---- menus close when one looks elsewhere

document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
        if (!menu.contains(event.target)) menu.open = false;
    }
    const opener = event.target.closest?.("[data-open]");
    if (opener) open(document.getElementById(opener.dataset.open));
    if (event.target instanceof HTMLDialogElement) event.target.close();
});

function open(dialog) {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    if (dialog === goto) find("");
}

// ---- single keys (WCAG 2.1.4: they can be turned off)

if (single) {
    single.checked = localStorage.getItem("single-keys") !== "off";
    single.addEventListener("change", () => {
        localStorage.setItem("single-keys", single.checked ? "on" : "off");
    });
}

const SINGLE = {
    "/": () => {
        const field = document.querySelector("main input[type=search]");
        if (field) field.focus(), field.select();
        else open(goto);
    },
    "?": () => open(keys),
    j: () => step(1),
    k: () => step(-1),
};

document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return open(goto);
    }
    if (event.key === "Escape") return leave(event);
    if (event.ctrlKey || event.metaKey || event.altKey || !single?.checked) return undefined;
    if (writing(event.target) || document.querySelector("dialog[open]")) return undefined;
    const act = SINGLE[event.key] ?? pressing(event);
    if (act) event.preventDefault(), act();
    return undefined;
});

// A page names its own keys on its buttons. One that is held down presses once.
function pressing({ key, repeat }) {
    const button = !repeat && /^[a-z]$/.test(key) && document.querySelector(`main button[data-key="${key}"]`);
    return button ? () => button.click() : undefined;
}

function writing(element) {
    return element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
}

function leave(event) {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
    } else if (event.target.matches?.("main input[type=search]")) {
        event.preventDefault();
        event.target.value = "";
        event.target.dispatchEvent(new Event("input", { bubbles: true }));
        event.target.blur();
    }
}

// j and k walk over whatever a page marks with data-step: tiles, rows.
function step(by) {
    const stops = [...document.querySelectorAll("[data-step]")].filter((stop) => stop.offsetParent);
    if (!stops.length) return;
    const here = stops.indexOf(document.activeElement);
    const next = here < 0 ? (by > 0 ? 0 : stops.length - 1) : here + by;
    stops[Math.max(0, Math.min(stops.length - 1, next))].focus();
}

// ---- Ctrl+K

let asked = 0;

async function find(typed) {
    const field = goto.querySelector("input");
    if (typed === "") field.value = "";
    const turn = ++asked;
    let found = [];
    try {
        const answer = await fetch(`${goto.dataset.source}?q=${encodeURIComponent(typed)}`);
        if (answer.redirected) return location.reload();
        found = (await answer.json()).destinations;
    } catch {
        return undefined; // no network: the list stays as it was
    }
    if (turn === asked) show(found);
    return undefined;
}

function show(found) {
    goto.querySelector("ul").replaceChildren(...found.map(option));
    goto.querySelector(".empty").hidden = found.length > 0;
    pick(0);
}

function option({ label, hint, href, icon }, index) {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `goto-${index}`;
    const link = document.createElement("a");
    link.href = href;
    link.tabIndex = -1;
    link.innerHTML = `<svg class="icon" aria-hidden="true"><use href="#i-${encodeURIComponent(icon)}"/></svg>`;
    const tail = document.createElement("span");
    tail.textContent = hint;
    link.append(label, tail);
    item.append(link);
    return item;
}

function pick(index) {
    const options = [...goto.querySelectorAll("li")];
    const chosen = Math.max(0, Math.min(options.length - 1, index));
    options.forEach((one, place) => one.setAttribute("aria-selected", String(place === chosen)));
    options[chosen]?.scrollIntoView({ block: "nearest" });
    goto.querySelector("input").setAttribute("aria-activedescendant", options[chosen]?.id ?? "");
    goto.dataset.picked = String(chosen);
}

goto?.addEventListener("input", (event) => find(event.target.value));
goto?.addEventListener("keydown", (event) => {
    const at = Number(goto.dataset.picked ?? 0);
    if (event.key === "ArrowDown") event.preventDefault(), pick(at + 1);
    if (event.key === "ArrowUp") event.preventDefault(), pick(at - 1);
    if (event.key === "Enter") event.preventDefault(), goto.querySelectorAll("a")[at]?.click();
});

// ---- ages, counted here so that the server need not redraw them

const LEFT = [[3600, "min", 60], [Infinity, "h", 3600]]; // of 96 h: hours are what is counted
const STEPS = [[60, "s", 1], [3600, "min", 60], [48 * 3600, "h", 3600], [Infinity, "d", 86400]];

function countAges() {
    for (const time of document.querySelectorAll("time.age")) {
        const seconds = Math.max(0, (Date.now() - Date.parse(time.dateTime)) / 1000);
        const [, unit, length] = STEPS.find(([most]) => seconds < most);
        const number = Math.floor(seconds / length);
        const said = time.classList.contains("short") ? number + unit[0] : `${number} ${unit}`;
        if (time.textContent !== said) time.textContent = said;
    }
    for (const time of document.querySelectorAll("time.left")) {
        const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
        const [, unit, length] = LEFT.find(([most]) => Math.abs(seconds) < most);
        const number = Math.floor(Math.abs(seconds) / length);
        const said = seconds < 0 ? `over since ${number} ${unit}` : `${number} ${unit} left`;
        if (time.textContent !== said) time.textContent = said;
    }
}

countAges();
setInterval(countAges, 1000);
document.addEventListener("drawn", countAges); // said by whoever puts new html on the page

// ---- no network

function tellOffline() {
    const notice = document.getElementById("offline");
    if (notice) notice.hidden = navigator.onLine;
}
addEventListener("online", tellOffline);
addEventListener("offline", tellOffline);
tellOffline();
