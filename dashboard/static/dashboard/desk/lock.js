// One tab works a desk. Another says so, and may take it over.

/** Calls `on.active()` when this tab works the desk, `on.taken()` when another one does. */
export function only(desk, on) {
    if (!navigator.locks) return on.active(), { take: () => undefined };
    const name = `desk-${desk}`;
    const held = () => new Promise(() => on.active()); // as long as the page lives
    const wait = () => navigator.locks.request(name, held).catch(() => on.taken());
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
        if (lock) return held();
        on.taken();
        wait();
        return undefined;
    }).catch(() => on.taken());
    return { take: () => navigator.locks.request(name, { steal: true }, held).catch(() => on.taken()) };
}
