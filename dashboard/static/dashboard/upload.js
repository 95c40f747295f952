// Sends a release: first what is said of it, to be refused early; then that line and the file in
// one request, from the disk as it goes; then asks what became of it.

const form = document.getElementById("upload");
const at = (id) => document.getElementById(id);
const said = at("said");
const listed = (id) => at(id).value.split(",").map((one) => one.trim()).filter(Boolean);
const ASK_EVERY_MS = 1500;
let going = null;

function signedInside() {
    const file = at("file").files[0];
    return !file || file.name.toLowerCase().endsWith(".swu");
}

async function base64(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
}

async function line(file) {
    const signature = signedInside() ? null : at("signature").files[0];
    if (signature && signature.size > 64 * 1024) throw new Error("A signature has at most 64 KB.");
    return JSON.stringify({
        file_name: file.name,
        size: file.size,
        version: at("version").value.trim(),
        models: Array.from(form.querySelectorAll("[name=model]:checked"), (one) => Number(one.value)),
        hardware: listed("hardware"),
        from_versions: listed("from"),
        notes: at("notes").value,
        urgency: at("urgency").value,
        minimum_battery_percent: Number(at("battery").value),
        signature: signature ? await base64(signature) : "",
    });
}

function post(address, body, type, onProgress) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("POST", address);
        request.setRequestHeader("Content-Type", type);
        request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
        if (onProgress) request.upload.onprogress = onProgress;
        request.onload = () => {
            let told = {};
            try { told = JSON.parse(request.responseText); } catch { /* a page, not an answer */ }
            if (request.status === 200) resolve(told);
            else reject(new Error(told.says || `The server answered ${request.status}. Nothing was kept.`));
        };
        request.onerror = () => reject(new Error("The line was cut. Nothing was kept; send it again."));
        request.onabort = () => reject(new Error("Stopped. Nothing was kept."));
        request.send(body);
        going = request;
    });
}

async function verified(key) {
    for (;;) {
        const answer = await fetch(`${form.dataset.state}?key=${encodeURIComponent(key)}`);
        const now = answer.ok ? await answer.json() : { state: "received" };
        if (now.state === "refused") throw new Error(`${now.says} Nothing was kept.`);
        if (now.address && now.state !== "received") return now.address;
        await new Promise((go) => setTimeout(go, ASK_EVERY_MS));
    }
}

function progress(event) {
    const percent = Math.floor((100 * event.loaded) / event.total);
    at("progress").value = percent;
    at("progress-label").textContent = `Sending: ${percent} %`;
}

async function send(event) {
    event.preventDefault();
    const button = form.querySelector(".primary");
    const file = at("file").files[0];
    said.className = "";
    said.textContent = "";
    button.disabled = true;
    try {
        const told = await line(file);
        await post(form.dataset.check, told, "application/json");
        at("sending").hidden = at("stop").hidden = false;
        const kept = await post(form.dataset.send, new Blob([told, "\n", file]), "application/vnd.fleet.release", progress);
        at("stop").hidden = true;
        said.textContent = "It came whole and is being verified.";
        window.location.assign(await verified(kept.key));
    } catch (error) {
        said.className = "notice refused";
        said.textContent = error.message;
        said.tabIndex = -1;
        said.focus();
    } finally {
        at("sending").hidden = at("stop").hidden = true;
        button.disabled = false;
    }
}

at("file").addEventListener("change", () => {
    at("signature-field").hidden = signedInside();
    at("signature").required = !signedInside();
});
at("stop").addEventListener("click", () => going && going.abort());
form.addEventListener("submit", send);
