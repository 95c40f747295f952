// The week by keys: arrows walk, a digit puts on or takes off, Delete takes off, u takes back.
// Without it every cell is a link to the officer's day, which has the same as forms.

const table = document.querySelector("table.week");
const quick = document.getElementById("quick");
const codes = (table?.dataset.codes ?? "").split(" ").filter(Boolean);
const single = document.getElementById("single-keys");


// One stop for Tab; the arrows do the rest.
const rows = [...(table?.querySelectorAll("tbody tr:not(.unit)") ?? [])].map((row) => [
    ...row.querySelectorAll("[data-cell]"),
]);
const every = rows.flat();

function place(cell) {
    const row = rows.findIndex((cells) => cells.includes(cell));
    return [row, rows[row].indexOf(cell)];
}

function stop(cell, { focus = true } = {}) {
    for (const one of every) one.tabIndex = one === cell ? 0 : -1;
    if (focus) cell.focus();
}

if (every.length) {
    const wanted = location.hash && document.getElementById(location.hash.slice(1));
    stop(every.includes(wanted) ? wanted : every[0], { focus: every.includes(wanted) });
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

table?.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("[data-cell]");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const [row, column] = place(cell);
    if (event.key in STEPS) {
        const [down, right] = STEPS[event.key];
        const next = rows[row + down]?.[column + right];
        event.preventDefault();
        if (next) stop(next);
    } else if (event.key === "Home" || event.key === "End") {
        event.preventDefault();
        stop(rows[row].at(event.key === "Home" ? 0 : -1));
    } else if (quick) {
        change(event, cell);
    }
});

function change(event, cell) {
    const on = cell.dataset.on.split(" ").filter(Boolean);
    const code = codes[Number(event.key) - 1];
    if (event.key === "Delete" && on.length === 1) send(event, cell, "take_off", on[0]);
    else if (code && single?.checked) send(event, cell, on.includes(code) ? "take_off" : "put_on", code);
}

function send(event, cell, act, code) {
    event.preventDefault();
    quick.action = `${new URL(cell.href).pathname}change/`;
    quick.elements.act.value = act;
    quick.elements.shift.value = code;
    quick.submit();
}

addEventListener("keydown", (event) => {
    const writing = event.target.matches?.("input, textarea, select");
    if (event.key !== "u" || !single?.checked || writing || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    document.getElementById("undo")?.requestSubmit();
});
