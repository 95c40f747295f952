// One scan on its way to the server, in the words of its API.

/** The cookie's token at this moment: signing in again, in another tab, changes it. */
export function token(name) {
    const found = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

export const post = ({ scans, csrf_cookie }) => (entry, signal) => {
    const { event_id, desk, seq, raw, scanned_at, context, told, undo, typed, operator } = entry;
    const body = { event_id, desk, seq, raw, scanned_at, context, told, sent_at: new Date().toISOString() };
    return fetch(scans, {
        method: "POST",
        signal,
        headers: {
            Accept: "application/json",
            "Content-Type": "application/json",
            "Idempotency-Key": event_id,
            "X-CSRFToken": token(csrf_cookie),
        },
        body: JSON.stringify({ ...body, ...(undo && { undo }), ...(typed && { typed }), ...((operator || operator === null) && { operator }) }),
    });
};
