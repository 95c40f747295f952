// The desk as an app of its own: its page and what that is made of are kept by the browser, so that a
// refresh while the server is away still opens the desk.

const SHELL = "desk-shell";

/** Asks the browser to keep this page; the worker then answers for it when the server does not. */
export async function keepShell({ worker }) {
    if (!worker || !("serviceWorker" in navigator)) return;
    try {
        await navigator.serviceWorker.register(worker, { scope: "/desk/" });
        await navigator.serviceWorker.ready;
        if (navigator.onLine) await keep();
    } catch {
        // without it the desk works as long as nobody refreshes
    }
}

// Whoever opens it later, without the server, need not be who has it kept now: the page can tell.
async function marked(page) {
    const { headers } = page;
    const text = await page.text();
    return new Response(text.replace('id="desk"', 'id="desk" data-kept="yes"'), { headers });
}

// What the page was made of, as the browser loaded it: names that carry a digest need no list.
async function keep() {
    const parts = performance.getEntriesByType("resource").map(({ name }) => name);
    const ours = new Set(parts.filter((one) => one.startsWith(`${location.origin}/static/`)));
    const shell = await caches.open(SHELL);
    const page = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!page.ok || page.redirected) return;
    await shell.put(location.pathname, await marked(page));
    await Promise.all([...ours].map(async (one) => (await shell.match(one)) ?? shell.add(one)));
    for (const { url } of await shell.keys()) {
        if (url.includes("/static/") && !ours.has(url)) await shell.delete(url); // of an older release
    }
}
