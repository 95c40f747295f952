// What this desk keeps in the browser, so that a refresh, a crash or a night lose nothing: the scans
// that were not answered, and the last snapshot. A scan is on the disk before anybody hears of it.

const NAME = "fleet-desk";
const SCANS = "scans";
const KEPT = "kept";

export class Store {
    /** Opens it. Fails where the browser keeps nothing: a private window, a full disk. */
    static async open() {
        const asked = indexedDB.open(NAME, 1);
        asked.onupgradeneeded = () => {
            asked.result.createObjectStore(SCANS, { keyPath: "event_id" }).createIndex("desk", ["desk", "seq"]);
            asked.result.createObjectStore(KEPT);
        };
        const store = new Store();
        store.database = await answered(asked);
        store.database.onversionchange = () => store.database.close();
        return store;
    }

    /** The scan is kept, with the next number of its desk; so it is when this resolves. */
    async add(scan) {
        const { done, of } = this.write([SCANS, KEPT]);
        const name = `seq:${scan.desk}`;
        const last = await answered(of(KEPT).get(name));
        // By the time, so that another browser at this desk does not begin again at one.
        const seq = Math.max((last ?? 0) + 1, Date.now());
        const entry = { state: "pending", told: "", undo: null, ...scan, seq };
        of(KEPT).put(seq, name);
        of(SCANS).add(entry);
        await done;
        return entry;
    }

    /** The scan as it is now; one that was answered meanwhile stays away. */
    async change(entry) {
        const { done, of } = this.write([SCANS]);
        if (await answered(of(SCANS).getKey(entry.event_id))) of(SCANS).put(entry);
        await done;
    }

    async remove(event_id) {
        const { done, of } = this.write([SCANS]);
        of(SCANS).delete(event_id);
        await done;
    }

    /** Every scan of this desk that is kept, in the order of scanning. */
    async scans(desk) {
        const within = IDBKeyRange.bound([desk, 0], [desk, Infinity]);
        return answered(this.database.transaction(SCANS).objectStore(SCANS).index("desk").getAll(within));
    }

    // A scan waits for what is kept before it: nobody beeps for this, so no disk is waited for.
    async keep(name, value) {
        const { done, of } = this.write([KEPT], "relaxed");
        of(KEPT).put(value, name);
        await done;
    }

    async kept(name) {
        return answered(this.database.transaction(KEPT).objectStore(KEPT).get(name));
    }

    write(names, durability = "strict") {
        const writing = this.database.transaction(names, "readwrite", { durability });
        const done = new Promise((resolve, reject) => {
            writing.oncomplete = resolve;
            writing.onabort = () => reject(writing.error ?? new Error("Nothing was kept."));
        });
        return { done, of: (name) => writing.objectStore(name) };
    }
}

function answered(asked) {
    return new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
    });
}

/** A name for a scan that no other has, sorted by time (UUID version 7, RFC 9562). */
export function newId(now = Date.now()) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    for (let at = 0; at < 6; at++) bytes[at] = Math.floor(now / 256 ** (5 - at)) % 256;
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const text = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
