// The desk's page: what is scanned goes to the engine, what comes of it is shown, said and heard.

import { Clock } from "./clock.js";
import { isNumber } from "./codes.js";
import { Engine } from "./engine.js";
import { keepShell } from "./install.js";
import { Known, NO_FACTS } from "./known.js";
import { Listener, fieldOf } from "./listener.js";
import { Live } from "./live.js";
import { only } from "./lock.js";
import { lookOf } from "./looks.js";
import { post } from "./posting.js";
import { PAUSES, Queue } from "./queue.js";
import { Search } from "./search.js";
import { Sounds } from "./sounds.js";
import { Store } from "./store.js";
import * as view from "./view.js";

const part = (id) => document.getElementById(id);
const read = (id) => JSON.parse(part(id).textContent);
const settings = read("desk-settings");
const cards = read("desk-cards");
const texts = read("desk-texts");
const desk = Number(part("desk").dataset.desk);
const UNDO = cards.find(({ order }) => order === "undo").code;
const CANCEL = cards.find(({ order }) => order === "cancel").code;
const KEPT = { snapshot: `snapshot:${desk}`, results: `results:${desk}`, attention: `attention:${desk}`, done: `done:${desk}`, last: `last:${desk}` };

const clock = new Clock();
const known = new Known(cards);
const sounds = new Sounds({ onState: showSound });
let store = null;
let active = false;
let turns = 0; // how often this tab began or ended to work the desk
let results = [];
let attention = [];
const NOBODY = { badge: "", card: null, take: null };
let advice = NOBODY; // the server's, for the officer who stands here

// Whom the page was drawn for, or who has signed in since in another tab. One that was opened without the server does
// not know, until it answers: it was drawn for whoever worked here last.
let operator = part("desk").dataset.kept ? null : settings.operator;

// ---- what is done with a scan

const engine = new Engine({
    known, clock, texts, cards, desk,
    times: settings.times,
    usable: settings.snapshot_usable_s * 1000,
    operator: () => operator,
    on: {
        result: showResult,
        waiting: ({ camera, officer }) => view.showNext("One moment", { lines: [[camera?.name, officer?.badge].filter(Boolean).join(" · ")] }),
        context: showContext,
        attention: (item) => look([item, ...attention]),
        stale: () => live?.read(),
        last: (last) => store?.keep(KEPT.last, last),
    },
});
let live = null;

function scan(code, how) {
    if (!active) return refuse("asleep", part("asleep").hidden ? "The desk is still opening: scan again." : "This tab does not work the desk. Press: Work here.");
    if (isStopped(advice.card)) advice = NOBODY;
    const byHand = how?.by === "hand";
    const label = byHand ? known.typed(code) : null;
    const { kind } = known.find(code);
    if (label && kind === "badge") return which(code);
    // A number that this desk does not know may be a camera of another station: the server knows them all.
    return engine.scan(label ?? code, { typed: byHand && !label && kind === "unknown" && isNumber(code) });
}

// 417 is a camera and a badge. Heard, too: a badge that was read slowly may be taken for typed.
function which(code) {
    view.showTyped("");
    sounds.play("refused");
    search.open(code);
}

const listener = new Listener({
    profile: settings.profile ?? {},
    kindOf: (code) => known.kindOf(code),
    issuing: () => engine.issuing,
    on: {
        scan,
        crowd: (codes) => refuse("crowd", `Read at once: ${[...new Set(codes)].join(", ")}. None was taken: scan one label at a time.`),
        tags: (codes) => refuse("tags", `${codes.length} tags were read at once while an officer waits. None was taken: scan one camera.`),
        bounce: () => sounds.play("repeat"),
        dropped: (typed) => refuse("dropped", `“${typed}” had no end and was dropped: scan again, or end with Enter.`),
        shifted: (typed) => refuse("shifted", `“${typed}” are digits of another keyboard than this computer's. Nothing changed: set up the scanner.`),
        typing: view.showTyped,
        reading: (code) => view.showRead(code, whatIs(code)),
    },
});

// What was read, said at once: what comes of it may take a moment.
function whatIs(code) {
    const { kind, camera, officer, card } = known.find(code);
    const named = { camera: camera?.name, badge: officer?.badge, card: card?.title }[kind];
    return named ? `${kind} ${named}` : "";
}

const search = new Search({ field: part("search"), list: part("found"), known, scan: (code) => scan(code) });

function refuse(code, message) {
    engine.turn += 1; // what is still to be answered is not the latest any more
    showResult({ act: "error", code, message, camera: null, officer: null, at: new Date().toISOString(), raw: "", latest: true });
}

function undo(result) {
    if (active) engine.scan(UNDO, { undo: result?.event_id ?? null });
}

addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    // In a field it takes back what was typed there.
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !fieldOf(event)) {
        event.preventDefault();
        undo(null);
    }
    if (event.key === "Escape" && !event.defaultPrevented && active && engine.busy) engine.scan(CANCEL);
});

// ---- what came of it

function showResult(result) {
    const waiting = queue?.pending.length ?? 0;
    note(result);
    if (result.latest) view.showTyped("");
    // Told already, and now it is so: the band does not go on to say that it is pending.
    if (result.quiet) return result.latest ? view.showBand(result, waiting, settings) : undefined;
    const { sound, tone } = lookOf(result, waiting);
    sounds.play(sound); // each scan has its own, however quickly the next one followed
    if (!result.latest && !["bad", "amber"].includes(tone)) return;
    if (result.officer && result.latest && result.act !== "repeat") advice = { badge: result.officer, card: result.card ?? null, take: result.take ?? null };
    const look = view.showBand(result, waiting, settings);
    view.announce(`${look.word}. ${result.message}`);
}

// Listed once, however often it is heard of: first as pending, then as what it was.
function note(result) {
    if (result.card && result.latest) advice = { badge: result.officer, card: result.card, take: result.take };
    const before = results.find(({ event_id }) => event_id && event_id === result.event_id);
    const { card, take, context, ...kept } = result;
    if (before) Object.assign(before, { pending: false }, kept);
    else results.unshift(kept);
    if (result.act === "undone") markUndone(result);
    results = results.slice(0, 30);
    drawResults();
    store?.keep(KEPT.results, results.slice(0, 10));
}

function markUndone({ undo: named, camera }) {
    const which = results.find((one) => (named ? one.event_id === named : one.undo_until && one.camera === camera && !one.undone));
    if (which) which.undone = true;
}

function drawResults() {
    view.showResults(results, { undo, now: clock.now(), waiting: queue?.pending.length ?? 0 });
}

function look(items) {
    attention = items;
    store?.keep(KEPT.attention, attention);
    drawAttention();
}

function drawAttention() {
    const failed = (queue?.failed ?? []).map(failure);
    const seen = (item) => {
        if (failed.some(({ event_id }) => event_id === item.event_id)) queue.seen(item.event_id);
        look(attention.filter(({ event_id }) => event_id !== item.event_id));
    };
    view.showAttention([...failed, ...attention], { seen, again: (item) => queue.again(item.event_id), settles: settings.conflicts });
}

// What was told as done and is not on record is not forgotten by a touch, until the record says the same.
function failure(entry) {
    const why = entry.why || "The server refused it.";
    const open = Boolean(entry.told) && !known.records(entry.does);
    const message = open ? `${why} Put the record right on the camera's page, or send it again.` : why;
    return { ...entry, at: entry.scanned_at, camera: entry.does?.camera, message, open };
}

function showContext(context) {
    const { officer } = context;
    const told = officer && advice.badge === officer.badge ? advice : NOBODY;
    const turnedAway = isStopped(advice.card) ? advice.card : null; // stands here until the next scan
    view.showOfficer(officer ? told.card ?? drawnHere(officer) : turnedAway);
    const take = officer && (told.card ? told.take : known.advise(officer));
    const { headline, lines } = view.nextOf(context, take);
    view.showNext(headline, { lines });
}

const isStopped = (card) => Boolean(card?.left || card?.suspended);

// The officer's card as this desk knows it, until the server's comes.
function drawnHere(officer) {
    const own = officer.own ? known.camera(officer.own) : null;
    const away = own && !["", officer.badge].includes(own.holder);
    const ready = own && !own.stranger && !away && !(own.hard || own.critical || own.soft || own.lost);
    const says = away ? `${own.name} is with ${own.holder}.` : own?.says;
    return { ...officer, own: own && { camera: own.name, place: own.place, ready, says } };
}

// ---- the line to the server

const LINES = {
    up: "Connected",
    down: "No answer from the server: scans are kept here",
    busy: "The server asks for a pause: scans are kept here",
    "signed out": "You are signed out: scans are kept here.",
    "not yours": "This desk is not yours, or was ended: scans are kept here.",
};
let queue = null;
let lineState = "up";
let lineSaid = [lineState];

function showLine(state, why = "", detail = "") {
    lineState = state;
    lineSaid = [state, why, detail];
    const signedOut = state === "paused" && why === "signed out";
    const link = signedOut && view.draw("a", { href: `${settings.sign_in}?next=/welcome/`, target: "_blank", rel: "opener", text: "Sign in in another tab" });
    const offline = state !== "paused" && !navigator.onLine;
    const text = why === "not allowed" ? `${detail || "You may not work this desk."} Scans are kept here.` : LINES[why] ?? LINES[offline ? "down" : state];
    view.showLine({ state: offline ? "down" : state, text, link });
}

function changed() {
    view.showPending(queue.pending.length);
    drawAttention();
}

function took(snapshot, when) {
    clock.hear(snapshot.at, when);
    known.take(snapshot, clock.moment(when[0]), queue.done);
    keepFacts();
    operator = snapshot.operator ?? operator;
    view.showOperator(operator);
    view.showConflicts(snapshot.conflicts);
    if (queue.failed.length) drawAttention();
    if (lineState !== "up" || queue.pending.length) queue.nudge();
    if (lineState !== "up" && queue.pending.length === 0) queue.set("up");
    showAge();
}

// With when they were asked for by the desk's own clock: the next page has no other that tells.
function keepFacts() {
    store?.keep(KEPT.snapshot, { snapshot: known.snapshot, asked: known.asked.wall, behind: clock.behind });
}

function answered(entry, answer) {
    engine.answered(entry, answer);
    store.keep(KEPT.done, known.done);
}

function showAge() {
    const asked = known.asked && clock.settled(known.asked);
    if (asked !== known.asked) Object.assign(known, { asked }), keepFacts();
    view.showAge(known.asked && known.age(clock));
}

// ---- sound

function showSound(state) {
    const said = { on: "Sound on", off: "Sound is off", blocked: "Sound is blocked: press a key, or touch the page" };
    part("sound-state").textContent = said[state];
    part("sound").dataset.state = state;
}

part("volume").value = sounds.volume;
part("volume").addEventListener("input", (event) => (sounds.volume = Number(event.target.value)));
part("sound-test").addEventListener("click", () => sounds.test());

// ---- beginning

// What the page before this one did, or another tab, counts here before anything is scanned.
async function work() {
    const turn = ++turns;
    await remember();
    if (turn !== turns) return;
    queue.stopped = false;
    await queue.begin();
    if (turn !== turns) return;
    known.take(known.snapshot, known.asked, queue.done);
    active = true;
    part("asleep").hidden = true;
    drawResults();
    drawAttention();
    showContext(engine.context);
    listens();
}

function sleep() {
    turns += 1;
    active = false;
    part("asleep").hidden = false;
    queue.stop();
    listens();
}

function listens() {
    document.documentElement.dataset.ready = "yes";
}

async function remember() {
    results = (await store.kept(KEPT.results)) ?? [];
    attention = (await store.kept(KEPT.attention)) ?? [];
    engine.last = (await store.kept(KEPT.last)) ?? engine.last;
    known.done = (await store.kept(KEPT.done)) ?? [];
    if (!known.asked) recall(await store.kept(KEPT.snapshot));
}

// Facts that another release kept may be of another shape. Without them the desk waits for the server's; it
// works all the same.
function recall(facts) {
    if (!facts?.snapshot) return;
    try {
        known.take(facts.snapshot, clock.recalled(facts.asked));
        clock.behind = facts.behind;
    } catch {
        known.take(NO_FACTS, null);
    }
}

async function opened() {
    try {
        return await Store.open();
    } catch {
        refuse("unkept", "This browser keeps nothing, so this desk cannot work in it. Close the private window.");
        return { add: () => Promise.reject(new Error()), scans: async () => [], keep: () => undefined, kept: async () => undefined };
    }
}

async function begin() {
    store = await opened();
    await remember();
    queue = new Queue({
        store, desk,
        post: post(settings),
        on: { answered, failed: (entry) => engine.failed(entry), line: showLine, changed },
    });
    engine.queue = queue;
    drawResults();
    changed();
    view.showOperator(operator);
    showLine("up");
    showContext(engine.context);
    const lock = only(desk, { active: work, taken: sleep });
    part("wake").addEventListener("click", () => lock.take());
    live = new Live({
        address: settings.snapshot,
        socket: `${settings.socket}?desk=${desk}`,
        on: {
            snapshot: took,
            ended: (status) => queue.set("paused", PAUSES[status] ?? "signed out"),
            lost: () => queue.state === "up" && queue.set("down"),
        },
    });
    for (const kind of ["online", "offline"]) addEventListener(kind, () => showLine(...lineSaid));
    addEventListener("online", () => queue.nudge());
    setInterval(() => (engine.tick(), showAge()), 500);
    setInterval(drawResults, 5_000); // a chance to undo passes
    localStorage.setItem("desk", String(desk)); // the page that asks which desk this is goes here
    localStorage.setItem("scanner", JSON.stringify(settings.profile ?? {})); // and a badge is added as it is read here
    keepShell(settings);
}

addEventListener("beforeunload", (event) => {
    if (queue?.pending.length) event.preventDefault();
});

begin();
