// Draws the desk: the officer's card, what to do next, what came of the last ten scans.

import { couldBeBadge } from "./codes.js";
import { lookOf } from "./looks.js";
import { moment } from "./texts.js";

const MOST = 10;
const part = (id) => document.getElementById(id);

/** An element with what it holds; a text is a text, never html. */
export function draw(tag, { text = "", ...set } = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(set)) {
        if (name.startsWith("on")) element[name] = value;
        else if (value === true) element.setAttribute(name, "");
        else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    if (text) element.append(text);
    element.append(...children.filter(Boolean));
    return element;
}

export function icon(name) {
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    drawn.setAttribute("class", "icon");
    drawn.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#i-${name}`);
    drawn.append(use);
    return drawn;
}

// ---- what to do next

export function showNext(headline, { lines = [] } = {}) {
    const say = part("say");
    if (say.textContent !== headline) say.textContent = headline;
    part("hint").replaceChildren(...lines.map((text) => draw("span", { text })));
}

/** What to do next, in one line: the desk's whole purpose. */
export function nextOf({ officer, camera, info, transfer, reason }, take) {
    if (info) return { headline: "Scan a camera", lines: ["Who holds it?"] };
    if (officer && camera) return { headline: asked(transfer, reason), lines: [`${camera.name} for ${officer.badge}`, ...orRather(take)] };
    if (camera) return { headline: "Scan a badge", lines: [[camera.name, camera.why].filter(Boolean).join(", ")] };
    if (!officer) return { headline: "Scan a badge or a camera", lines: [] };
    if (!take) return { headline: "Scan a camera", lines: ["None is known to be ready."] };
    const best = [take.place, take.camera].filter(Boolean).join(", ");
    const others = take.alternates.map(({ place, camera: name }) => [place, name].filter(Boolean).join(" "));
    const lines = [take.why, others.length ? `or ${others.join(", ")}` : ""].filter(Boolean);
    return { headline: `Scan a camera: take ${best}`, lines };
}

function orRather(take) {
    return take ? [`or take ${[take.place, take.camera, take.why].filter(Boolean).join(", ")}`] : [];
}

function asked(transfer, reason) {
    if (reason) return "Scan a supervisor's badge";
    return transfer ? "Scan a reason card" : "Another camera, or a card";
}

// ---- the officer

/** The card as the server drew it, or as this desk knows it; null when nobody stands here. */
export function showOfficer(card) {
    const place = part("officer");
    if (!card) {
        place.replaceChildren(icon("officers"), draw("p", { class: "nobody", text: "No badge yet" }));
        place.dataset.state = "";
        return;
    }
    const stopped = card.left ? "Has left" : card.suspended ? "Suspended" : "";
    place.dataset.state = stopped ? "stopped" : "here";
    place.replaceChildren(
        icon("person"),
        draw("h2", { class: "badge", text: card.badge }),
        card.unit && draw("p", { class: "muted", text: card.unit }),
        stopped && draw("p", { class: "stopped" }, icon("refused"), stopped),
        draw("dl", {}, ...heldBy(card), ...ownOf(card)),
    );
}

function heldBy({ holds }) {
    const lines = holds.map((one) => (typeof one === "string" ? draw("dd", { class: "mono", text: one }) : held(one)));
    return [draw("dt", { text: "Holds" }), ...(lines.length ? lines : [draw("dd", { text: "nothing" })])];
}

function held({ camera, custody, since, due_at, overdue }) {
    const kind = custody === "loan" ? "on loan" : "";
    const due = overdue ? `overdue since ${moment(due_at)}` : due_at ? `due ${moment(due_at)}` : "";
    const rest = [kind, since && `since ${moment(since)}`].filter(Boolean).join(", ");
    return draw("dd", {}, draw("span", { class: "mono", text: camera }), rest && ` ${rest}`,
        due && draw("span", { class: overdue ? "overdue" : "muted" }, overdue && icon("clock"), ` ${due}`), " ", find(camera));
}

// Where it is, in a window of its own: the desk goes on.
function find(camera) {
    const href = `/cameras/${Number(camera.slice(1))}/#find`;
    return draw("a", { class: "button find", href, target: "_blank", rel: "noopener", text: "Find", "aria-label": `Find ${camera}` });
}

function ownOf({ own }) {
    if (!own) return [];
    const said = own.ready ? ["Ready", own.place].filter(Boolean).join(", ") : own.says || "Not ready";
    const state = draw("span", { class: own.ready ? "own-ready" : "own-not" }, icon(own.ready ? "docked" : "fault"), ` ${said}`);
    return [draw("dt", { text: "Own camera" }), draw("dd", {}, draw("span", { class: "mono", text: own.camera }), " ", find(own.camera), " ", state)];
}

// ---- what came of a scan

/** `enrol` is where a badge is added, if whoever works here may add one; `set_up` where the scanner is learnt. */
export function showBand(result, waiting, { enrol = "", set_up: setUp = "" } = {}) {
    const band = part("band");
    const look = lookOf(result, waiting);
    band.hidden = !look.band;
    if (!look.band) return look;
    band.dataset.tone = look.tone;
    const words = draw("p", {}, draw("b", { text: look.word }), draw("span", { text: result.message }));
    const unknown = result.act === "error" && result.code === "unknown" && couldBeBadge(result.raw.toUpperCase());
    // In a window of its own: the desk goes on.
    const add = enrol && unknown && draw("a", { class: "button", href: enrol, target: "_blank", rel: "noopener", text: "Add a badge" });
    const learn = result.code === "shifted" && draw("a", { class: "button", href: setUp, text: "Set up scanner" });
    band.replaceChildren(...[icon(look.icon), words, add, learn].filter(Boolean));
    return look;
}

export function hideBand() {
    part("band").hidden = true;
}

/** For those who do not see the screen; the same words again are said again. */
export function announce(words) {
    const region = part("told");
    region.replaceChildren();
    requestAnimationFrame(() => region.append(draw("span", { text: words })));
}

/** The last ten, the newest on top; each that can be is undone from here. */
export function showResults(results, { undo, now, waiting }) {
    const list = part("results");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.undo : "";
    list.replaceChildren(...results.slice(0, MOST).map((one) => row(one, undo, now, waiting)));
    part("no-results").hidden = results.length > 0;
    if (focused) (list.querySelector(`[data-undo="${focused}"]`) ?? list).focus({ preventScroll: true });
}

function row(result, undo, now, waiting) {
    const look = lookOf(result, waiting);
    const may = result.undo_until && Date.parse(result.undo_until) > now && !result.undone;
    const what = [result.camera, result.officer].filter(Boolean).join(" · ") || result.raw;
    return draw("li", { "data-tone": look.tone, "data-act": result.act },
        icon(look.icon),
        draw("span", { class: "what" },
            draw("b", { text: result.undone ? "UNDONE" : result.pending ? "PENDING" : look.word }), " ",
            draw("span", { class: "mono", text: what }),
            draw("time", { datetime: result.at, text: moment(result.at, { second: "2-digit" }) }),
            result.message && draw("span", { class: "message", text: result.message })),
        may && draw("button", { type: "button", text: "Undo", "data-undo": result.event_id, "aria-label": `Undo: ${result.message}`, onclick: () => undo(result) }));
}

/** What somebody must look at before the shift ends; what is `open` cannot be put away, only sent again. */
export function showAttention(items, { seen, again, settles }) {
    const list = part("attention-list");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.seen : null;
    part("attention").hidden = items.length === 0;
    part("attention-title").textContent = items.length === 1 ? "1 scan to look at" : `${items.length} scans to look at`;
    list.replaceChildren(...items.map((item) => draw("li", {},
        draw("span", {}, draw("b", { class: "mono", text: item.camera ?? item.raw ?? "" }), ` ${moment(item.at)}. `,
            item.told ? `You were told: ${item.told}. ` : "", item.message),
        draw("span", { class: "acts" }, item.conflict && settle(item, settles),
            item.open ? press("Send again", item, again) : press("Seen", item, seen)))));
    if (focused === null) return;
    const next = list.querySelector(`[data-seen="${focused}"]`) ?? list.querySelector("button") ?? part("results");
    next.focus({ preventScroll: true });
}

// In a window of its own: the desk goes on.
function settle({ conflict, message }, settles) {
    return draw("a", { class: "button", href: `${settles}#told-${conflict}`, target: "_blank", rel: "noopener", text: "Settle", "aria-label": `Settle: ${message}` });
}

function press(text, item, act) {
    return draw("button", { type: "button", text, "data-seen": item.event_id, "aria-label": `${text}: ${item.message}`, onclick: () => act(item) });
}

// ---- the line along the bottom

export function showLine({ state, text, link }) {
    const line = part("line");
    line.dataset.state = state;
    const words = draw("span", { text });
    if (line.firstElementChild?.textContent !== text) line.replaceChildren(words, ...(link ? [link] : []));
}

export function showOperator(name) {
    const place = part("operator");
    const text = name ?? "who works here is not known";
    if (place.textContent !== text) place.textContent = text;
}

/** How many things that this desk told somebody has to settle. */
export function showConflicts(count) {
    const link = part("to-settle");
    link.hidden = !count;
    link.textContent = `${count} to settle`;
}

export function showPending(count) {
    const place = part("pending");
    place.dataset.some = count ? "yes" : "no";
    const text = count ? `${count} waiting to be sent` : "Nothing waits";
    if (place.textContent !== text) place.textContent = text;
}

/** How old the facts are; `ms` is null without any, and infinite if nobody can tell. */
export function showAge(ms) {
    const place = part("age");
    const text = ms === null ? "No facts yet" : Number.isFinite(ms) ? `Facts ${age(ms)} old` : "Facts of unknown age";
    place.dataset.old = ms > 120_000 ? "yes" : "no";
    if (place.textContent !== text) place.textContent = text;
}

function age(ms) {
    const seconds = Math.round(ms / 1000);
    return seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

export function showTyped(typed) {
    const place = part("typed");
    place.dataset.read = "no";
    place.hidden = !typed;
    place.textContent = typed;
}

/** A whole code was read, and what it is as far as this desk knows: no more was done yet. */
export function showRead(code, what) {
    const place = part("typed");
    place.dataset.read = "yes";
    place.hidden = false;
    place.textContent = `Read ${code}${what ? `: ${what}` : ""}`;
}
