// Arrow keys walk along a chart; each chart is one stop of the Tab key. Hovering needs no script.

for (const chart of document.querySelectorAll("[data-chart]")) {
    chart.addEventListener("keydown", (event) => {
        const stops = [...chart.querySelectorAll(".value")];
        const here = stops.indexOf(event.target.closest(".value"));
        const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: stops.length - 1 }[event.key];
        if (here < 0 || to === undefined || !stops[to]) return;
        event.preventDefault();
        stops[here].tabIndex = -1;
        stops[to].tabIndex = 0;
        stops[to].focus();
    });
    const said = chart.parentElement.querySelector("[data-said]");
    if (!said) continue;
    for (const kind of ["pointerover", "focusin"]) {
        chart.addEventListener(kind, (event) => {
            said.textContent = event.target.closest(".value")?.getAttribute("aria-label") ?? "";
        });
    }
}
