// Scans that the server has not answered yet. They are kept by the browser before anything is shown,
// so that neither a crash nor a network that went away loses one; sent again they count once.

const MOST = 100; // in one request

export class Unsent {
    constructor(count) {
        this.name = `count-${count}`;
    }

    get all() {
        try {
            return JSON.parse(localStorage.getItem(this.name)) ?? [];
        } catch {
            return [];
        }
    }

    put(raw, typed) {
        const scan = { event_id: crypto.randomUUID?.() ?? made(), raw, typed };
        this.keep([...this.all, scan]);
        return scan;
    }

    first() {
        return this.all.slice(0, MOST);
    }

    // Another tab may have added some in the meantime: what was answered goes, nothing else.
    drop(answered) {
        const gone = new Set(answered.map(({ event_id }) => event_id));
        this.keep(this.all.filter(({ event_id }) => !gone.has(event_id)));
    }

    keep(scans) {
        localStorage.setItem(this.name, JSON.stringify(scans));
    }
}

// Where a page has no secure context (plain http on a name of its own) browsers make no UUIDs.
function made() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
