// The desk's page: what is scanned goes to the engine, what comes of it is shown, said and heard.

import { Clock } from "./clock.js";
import { Engine } from "./engine.js";
import { keepShell } from "./install.js";
import { Known, NO_FACTS } from "./known.js";
import { Listener } from "./listener.js";
import { Live } from "./live.js";
import { only } from "./lock.js";
import { lookOf } from "./looks.js";
import { post } from "./posting.js";
import { Queue } from "./queue.js";
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

// ---- what is done with a scan

const engine = new Engine({
    known, clock, texts, cards, desk,
    usable: settings.snapshot_usable_s * 1000,
    within: settings.answer_within_ms,
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
    const label = how?.by === "hand" ? known.typed(code) : null;
    const isBadge = known.find(code).kind === "badge";
    if (label && isBadge) return view.showTyped(""), search.open(code); // 417 is a camera and a badge: which?
    return engine.scan(label ?? code);
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
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
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
    const bad = ["bad", "amber"].includes(lookOf(result).tone);
    if (result.quiet || !(result.latest || bad)) return;
    if (result.officer && result.latest && result.act !== "repeat") advice = { badge: result.officer, card: result.card ?? null, take: result.take ?? null };
    const look = view.showBand(result, waiting, settings.enrol);
    sounds.play(look.sound);
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
    const failed = (queue?.failed ?? []).map((one) => ({ ...one, at: one.scanned_at, message: one.why || "The server refused it." }));
    view.showAttention([...failed, ...attention], (item) => {
        if (failed.some(({ event_id }) => event_id === item.event_id)) queue.seen(item.event_id);
        look(attention.filter(({ event_id }) => event_id !== item.event_id));
    });
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
};
let queue = null;
let lineState = "up";

function showLine(state, why = "") {
    lineState = state;
    const signedOut = state === "paused" && why === "signed out";
    const link = signedOut && view.draw("a", { href: `${settings.sign_in}?next=/welcome/`, target: "_blank", rel: "opener", text: "Sign in in another tab" });
    const offline = state !== "paused" && !navigator.onLine;
    view.showLine({ state: offline ? "down" : state, text: LINES[why] ?? LINES[offline ? "down" : state], link });
}

function changed() {
    view.showPending(queue.pending.length);
    drawAttention();
}

function took(snapshot, when) {
    clock.hear(snapshot.at, when);
    known.take(snapshot, clock.moment(when[0]), queue.done);
    keepFacts();
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
    showLine("up");
    showContext(engine.context);
    const lock = only(desk, { active: work, taken: sleep });
    part("wake").addEventListener("click", () => lock.take());
    live = new Live({
        address: settings.snapshot,
        socket: `${settings.socket}?desk=${desk}`,
        on: {
            snapshot: took,
            ended: () => queue.set("paused", "signed out"),
            lost: () => queue.state === "up" && queue.set("down"),
        },
    });
    for (const kind of ["online", "offline"]) addEventListener(kind, () => showLine(lineState));
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
