// The search field: for whoever has no scanner. Enter picks, Enter again scans. What is listed is found
// at once and without a wait, so that Enter never picks from an older list.

import { draw, icon } from "./view.js";

export class Search {
    constructor({ field, list, known, scan }) {
        Object.assign(this, { field, list, known, scan, found: [], at: 0, picked: false });
        field.addEventListener("input", () => this.look());
        field.addEventListener("keydown", (event) => this.key(event));
        field.addEventListener("blur", () => setTimeout(() => this.clear(), 150)); // a click comes after
        list.addEventListener("click", (event) => {
            const option = event.target.closest("[role=option]");
            if (option) this.choose(this.found[Number(option.dataset.at)]);
        });
    }

    open(typed = "") {
        this.field.focus();
        this.field.value = typed;
        this.look();
    }

    look() {
        this.found = this.known.search(this.field.value);
        Object.assign(this, { at: 0, picked: false });
        this.draw();
    }

    key(event) {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const last = this.found.length - 1;
            this.at = Math.max(0, Math.min(last, this.at + (event.key === "ArrowDown" ? 1 : -1)));
            this.picked = false;
            this.draw();
        }
        if (event.key === "Escape") {
            event.stopPropagation();
            this.close();
        }
        if (event.key !== "Enter" || !this.found.length) return;
        event.preventDefault();
        if (this.picked) this.choose(this.found[this.at]);
        else this.picked = true, this.draw();
    }

    choose(one) {
        if (!one) return;
        this.close();
        this.scan(one.code);
    }

    close() {
        this.clear();
        this.field.blur();
    }

    clear() {
        this.field.value = "";
        this.found = [];
        this.draw();
    }

    draw() {
        this.list.replaceChildren(...this.found.map((one, at) => this.option(one, at)));
        const some = this.found.length > 0;
        this.list.hidden = !some;
        this.field.setAttribute("aria-expanded", String(some));
        if (some) this.field.setAttribute("aria-activedescendant", `found-${this.at}`);
        else this.field.removeAttribute("aria-activedescendant");
    }

    option({ kind, name }, at) {
        const chosen = at === this.at;
        const hint = chosen ? (this.picked ? "Enter: scan it" : "Enter: pick it") : "";
        return draw("li", { role: "option", id: `found-${at}`, "data-at": at, "aria-selected": String(chosen) },
            icon(kind === "camera" ? "camera" : "officers"), draw("span", { class: "mono", text: name }),
            draw("span", { class: "hint", text: hint }));
    }
}
