// From a code to what the clerk sees and hears. It decides nothing that lasts: the server is the judge.
// It keeps the scan, says at once what changes nothing, waits a moment for the answer to what does, and
// says PENDING when none comes.

import { CHANGES, IDLE, NOTHING_YET, context, isOver, judge } from "./judge.js";
import { agrees, alone } from "./offline.js";
import { newId } from "./store.js";
import { alreadyDid, factsOf, say } from "./texts.js";

export const ANSWER_WITHIN_MS = 1_500; // then it is pending: a desk never freezes
const MOVES = new Set([...CHANGES, "undone"]); // after these a camera is with somebody else
const AT_ONCE = new Set(["shown", "held", "armed", "cleared", "repeat"]); // they change no custody

/**
 * `times` are the judgement's, from the server. Tells by `on`: `result(result)` to be shown, `waiting(judgement)`, `context(context)`,
 * `attention(item)` for what somebody must look at, `stale()` when the snapshot is wrong, `last(last)` what
 * the next page of this desk has to know of the scan before its first.
 */
export class Engine {
    constructor({ known, clock, texts, cards, desk, times, usable, on, within = ANSWER_WITHIN_MS, operator = () => "" }) {
        Object.assign(this, { known, clock, texts, cards, desk, times, usable, on, within, operator });
        this.names = namesOf(IDLE);
        this.last = NOTHING_YET;
        this.turn = 0;
        this.turns = new Map(); // by event_id: what was made of a scan before it was answered
    }

    /** What counts now, with officer and camera as they are known now. */
    get context() {
        const { officer, camera, ...rest } = this.names;
        return context({ ...rest, officer: this.known.officer(officer), camera: this.known.camera(camera) });
    }

    get issuing() {
        return Boolean(this.names.officer) && !isOver(this.names, Date.now(), this.times);
    }

    /** Whether something waits for a second scan. */
    get busy() {
        return namesOf(IDLE).at !== this.names.at;
    }

    /** One scan; `undo` names the scan that an undo takes back, `typed` says that a camera's number was typed by hand.
     * Resolves when it is kept. */
    async scan(raw, { undo = null, typed = false } = {}) {
        const at = Date.now();
        const before = this.context;
        const found = this.known.find(raw);
        const judgement = judge(before, { ...found, at }, this.last, this.times);
        const scan = { event_id: newId(at), desk: this.desk, raw, scanned_at: iso(at), context: plain(before), undo, typed, operator: this.operator(), does: doing(judgement) };
        const turn = { number: ++this.turn, before: namesOf(before), judgement, at, raw };
        this.go(judgement, found, at);
        return this.queue.clear ? this.ask(scan, turn) : this.act(scan, turn);
    }

    go(judgement, found, at) {
        this.names = namesOf(judgement.then);
        this.scannedLast(lastOf(judgement, found, at, this.last));
        this.on.context(this.context);
    }

    scannedLast(last) {
        this.last = last;
        this.on.last(last);
    }

    // ---- with the server

    async ask(scan, turn) {
        const entry = await this.keep(scan, turn);
        if (!entry || !this.turns.has(entry.event_id)) return; // answered before this went on
        const { act, camera } = turn.judgement;
        // Of a camera that this desk does not know only the server can say that it is in.
        if (AT_ONCE.has(act) && !camera?.stranger) this.tell(entry, turn);
        else this.on.waiting(turn.judgement);
        turn.timer = setTimeout(() => this.pending(entry, turn), this.within);
    }

    async keep(scan, turn) {
        const { event_id } = scan;
        const error = (code, message) => this.on.result(this.result(turn, { event_id, act: "error", code, message }));
        // A disk may take its time; whoever stands there is not left without a word for as long.
        const stalls = setTimeout(() => error("keeping", KEEPING), this.within);
        this.turns.set(event_id, turn);
        try {
            return await this.queue.add(scan);
        } catch {
            this.turns.delete(event_id);
            error("unkept", UNKEPT);
            return null;
        } finally {
            clearTimeout(stalls);
        }
    }

    tell(entry, turn, more = {}) {
        turn.told = turn.judgement;
        this.on.result(this.result(turn, { event_id: entry.event_id, ...more }));
    }

    // No answer in time.
    async pending(entry, turn) {
        if (turn.told || !this.turns.has(entry.event_id)) return;
        const verdict = this.alone(turn.judgement);
        const kept = await this.tells(entry, verdict, turn);
        if (!this.turns.has(entry.event_id)) return; // answered while that was kept
        if (kept && verdict.may) {
            turn.told = turn.judgement;
            this.promise(entry, turn, verdict);
        } else this.unanswered(entry, turn, verdict);
    }

    // Whether it is kept what is going to be told: without that nothing is promised.
    async tells(entry, verdict, { judgement }) {
        const does = verdict.may ? doing(judgement, verdict.act) : entry.does;
        return this.queue.tell(entry, verdict, does).then(() => true, () => false);
    }

    // Nothing is promised: the answer is told when it comes. It may have been done all the same.
    unanswered(entry, turn, { why = "" }) {
        if (entry.does) this.known.apply(entry.does);
        const wait = turn.judgement.act === "error" ? this.waits(turn) : `: ${NOT_YET}. ${why}`.trim();
        const message = `The server has not answered${wait}`;
        this.on.result(this.result(turn, { event_id: entry.event_id, act: "refused", code: "unanswered", message }));
    }

    // A new badge, perhaps, a bay, or a card that comes too late: there is nothing to hand out.
    waits({ raw }) {
        const strange = this.known.find(raw).kind === "unknown";
        return strange ? `, and this desk does not know ${raw}: wait.` : ": wait.";
    }

    // ---- without it

    alone(judgement) {
        return alone(judgement, { age: this.known.age(this.clock), usable: this.usable });
    }

    async act(scan, turn) {
        const verdict = this.alone(turn.judgement);
        if (!verdict.may) {
            const why = scan.typed ? NUMBER_UNKNOWN : verdict.why;
            const told = why ? { act: "refused", code: "offline", message: why } : {};
            if (verdict.why) this.names = turn.before; // as if it had not been scanned
            this.on.result(this.result(turn, told));
            this.on.context(this.context);
            return;
        }
        const does = doing(turn.judgement, verdict.act);
        const entry = await this.keep({ ...scan, told: verdict.told, said: verdict, does }, turn);
        if (!entry || !this.turns.has(entry.event_id)) return;
        turn.told = turn.judgement;
        this.promise(entry, turn, verdict);
    }

    promise(entry, turn, { act, told }) {
        const code = act === turn.judgement.act ? turn.judgement.code : "done";
        const message = this.sentence({ ...turn.judgement, act, code }); // names who held it until now
        if (entry.does) this.known.apply(entry.does);
        const pending = told !== "" || CHANGES.has(act);
        this.on.result(this.result(turn, { event_id: entry.event_id, act, code, message, pending }));
        this.on.context(this.context);
    }

    // ---- answers

    answered(entry, answer) {
        const turn = this.turns.get(entry.event_id);
        this.turns.delete(entry.event_id);
        clearTimeout(turn?.timer);
        if (!this.learns(answer) || (entry.does && entry.does.act !== answer.result)) this.stale();
        const said = entry.said ?? null;
        const stands = agrees(said?.told, answer.result);
        if (!stands || answer.result === "conflict") this.disagree(entry, answer, said);
        else if (said?.may === false && MOVES.has(answer.result) && turn?.number !== this.turn) this.look(entry, answer, NOT_YET);
        else if (said?.act === "fault" && answer.result !== "fault") this.look(entry, answer, "fault noted");
        this.show(entry, answer, turn, stands);
    }

    // Whether what this desk knows is right with this answer, which may be an old one that was lost before; else
    // only another snapshot can tell.
    learns({ result: act, code, camera, officer, server_time }) {
        if (CHANGES.has(act)) return this.known.note({ at: Date.parse(server_time), act, code, camera, officer });
        if (act === "undone") this.known.forget(camera);
        return act !== "undone";
    }

    // What was told meanwhile is taken off the snapshot, which may be the newer of the two; and another is read.
    stale() {
        this.known.take(this.known.snapshot, this.known.asked, this.queue.done);
        this.on.stale();
    }

    disagree(entry, answer, said) {
        this.stale();
        this.look(entry, answer, said?.told ?? "");
    }

    look(entry, answer, told) {
        this.on.attention({
            event_id: entry.event_id,
            at: entry.scanned_at,
            message: answer.message,
            told,
            camera: answer.camera,
            officer: answer.officer,
            conflict: answer.conflict,
        });
    }

    show(entry, answer, turn, stands) {
        const latest = turn?.number === this.turn;
        if (latest) this.adopt(answer, turn);
        this.on.result({
            ...answer,
            act: answer.result,
            at: entry.scanned_at,
            raw: entry.raw,
            latest,
            quiet: stands && answer.result !== "conflict" && this.wasTold(entry, answer, turn),
        });
        if (latest) this.on.context(this.context);
    }

    // What was told already is not told again; what a page before this one scanned, and told nothing of, is only
    // listed. A camera that was lost and is found by a return is news, whatever was told.
    wasTold({ said }, { result, code }, turn) {
        if (said?.may) return said.act === result || (said.told !== "" && result !== "found");
        return turn ? turn.told?.act === result && turn.told.code === code : true;
    }

    // The server's word on what counts afterwards, unless something was scanned since.
    adopt(answer, turn) {
        const { at, ...rest } = answer.context;
        this.names = { ...rest, at: at === null ? null : Date.parse(at) };
        if (turn.judgement.camera && !CHANGES.has(answer.result) && answer.result !== "repeat") {
            this.scannedLast({ ...this.last, changed_at: null });
        } else if (CHANGES.has(answer.result) && answer.camera) {
            this.scannedLast({ camera: answer.camera, at: turn.at, changed_at: turn.at });
        }
    }

    // The server could not take it at all.
    failed(entry) {
        const turn = this.turns.get(entry.event_id);
        this.turns.delete(entry.event_id);
        clearTimeout(turn?.timer);
        if (entry.does) this.stale();
        const message = `The server refused ${entry.raw}. ${entry.why}`.trim();
        this.on.result({ event_id: entry.event_id, act: "error", code: "failed", message, at: entry.scanned_at, raw: entry.raw, latest: true });
    }

    /** Forgets what was scanned when nobody waits for it any longer. */
    tick() {
        if (!isOver(this.names, Date.now(), this.times)) return;
        this.names = namesOf(IDLE);
        this.on.context(this.context);
    }

    // ---- words

    result(turn, more) {
        const { judgement } = turn;
        return {
            act: judgement.act,
            code: judgement.code,
            message: this.sentence(judgement),
            camera: judgement.camera?.name ?? null,
            officer: judgement.officer?.badge ?? null,
            at: iso(turn.at),
            raw: turn.raw,
            latest: turn.number === this.turn,
            ...more,
        };
    }

    sentence(judgement) {
        const template = this.texts[`${judgement.act}.${judgement.code}`] ?? "";
        const already = this.awaits(judgement.camera) ? "" : alreadyDid(judgement, this.last);
        return say(template, { ...factsOf(judgement, this.cards), already });
    }

    // Whether what was last done with this camera is neither answered nor told: what is known of it is from before.
    awaits(camera) {
        return [...this.turns.values()].some(({ told, judgement }) => !told && CHANGES.has(judgement.act) && judgement.camera?.name === camera?.name);
    }
}

const UNKEPT = "This browser cannot keep scans: nothing was done. Close other windows, or use another browser.";
const KEEPING = "Not kept yet: wait, do not hand it out.";
const NUMBER_UNKNOWN = "Without the server this desk knows no camera of this number: scan its label.";
const NOT_YET = "do not hand it out yet";

// What a scan does to custody if it is done as it was judged; null if it changes none.
function doing({ act: judged, code, camera, officer }, act = judged) {
    if (!CHANGES.has(act)) return null;
    return { act, code: act === judged ? code : "done", camera: camera?.name, officer: officer?.badge };
}

function namesOf({ officer, camera, ...rest }) {
    return { ...rest, officer: officer?.badge ?? null, camera: camera?.name ?? null };
}

function plain(said) {
    const names = namesOf(said);
    return { ...names, at: names.at === null ? null : iso(names.at) };
}

function iso(at) {
    return new Date(at).toISOString();
}

// The same as the server keeps: the camera that was scanned last, and when that changed something.
function lastOf({ act, camera }, found, at, last) {
    if (act === "fault") return last;
    if (found.kind !== "camera" && !(CHANGES.has(act) && camera)) return NOTHING_YET;
    const changed_at = CHANGES.has(act) ? at : act === "repeat" ? last.changed_at : null;
    return { camera: camera.name, at, changed_at };
}
