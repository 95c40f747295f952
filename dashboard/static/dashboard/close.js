// Says how many scans of this desk this browser still keeps, and closes no shift on them: they are counted again
// when it is closed, for the desk's page goes on beside this one, and whenever this page is shown again.
// The store is the desk page's (desk/store.js); it is read here and never made.

const form = document.querySelector("[data-close]");
const said = document.querySelector("[data-waiting]");

form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await nothingWaits()) form.submit();
    else said.setAttribute("role", "alert"); // said once more, and louder
});
addEventListener("pageshow", nothingWaits);

async function nothingWaits() {
    try {
        const scans = await kept(Number(form.dataset.desk));
        tell(scans);
        return scans.length === 0;
    } catch {
        said.textContent = "What this browser keeps cannot be read; close the shift in the desk's own browser.";
        return false;
    }
}

function tell(scans) {
    const count = (state) => scans.filter((one) => one.state === state).length;
    const [pending, failed] = [count("pending"), count("failed")];
    form.elements.pending.value = pending;
    form.elements.failed.value = failed;
    said.textContent =
        pending || failed
            ? `This browser still keeps ${scans.length} ${scans.length === 1 ? "scan" : "scans"}: ${pending} not sent, ${failed} not done. Open the desk's page first.`
            : "This browser keeps no scan that waits.";
}

async function kept(desk) {
    const known = await indexedDB.databases();
    if (!known.some(({ name }) => name === "fleet-desk")) return [];
    const database = await answered(indexedDB.open("fleet-desk"));
    try {
        const within = IDBKeyRange.bound([desk, 0], [desk, Infinity]);
        return await answered(database.transaction("scans").objectStore("scans").index("desk").getAll(within));
    } finally {
        database.close();
    }
}

function answered(asked) {
    return new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
    });
}
