// The desk's service worker. The server comes first, always; only when it does not answer is the desk's
// own page, and what that is made of, taken from what was kept. Nothing else is ever kept: no other
// page, no answer of the server's.

const SHELL = "desk-shell";
const WITHIN_MS = 4_000;
const WHICH = "/desk/"; // asks which desk this is
const DESK = /^\/desk\/\d+\/$/;

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

addEventListener("fetch", (event) => {
    const { request } = event;
    const address = new URL(request.url);
    if (request.method !== "GET" || address.origin !== location.origin) return;
    const navigates = request.mode === "navigate";
    const page = navigates && DESK.test(address.pathname);
    if (navigates && address.pathname === WHICH) event.respondWith(fetch(request).catch(lastDesk));
    if (page || address.pathname.startsWith("/static/")) event.respondWith(first(request, address));
});

// The app opens with the question which desk this is; without the server, it is the one that was kept.
async function lastDesk(lost) {
    const shell = await caches.open(SHELL);
    const kept = (await shell.keys()).map(({ url }) => new URL(url)).find(({ pathname }) => DESK.test(pathname));
    if (!kept) throw lost;
    return Response.redirect(kept.href);
}

async function first(request, { pathname, href }) {
    const shell = await caches.open(SHELL);
    const kept = await shell.match(request.mode === "navigate" ? pathname : href);
    try {
        const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(WITHIN_MS) } : {});
        return kept && answer.status >= 500 ? kept : answer;
    } catch (lost) {
        if (kept) return kept;
        throw lost;
    }
}
