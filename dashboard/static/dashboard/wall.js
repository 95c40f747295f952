// The bay that the address names (#D03-5) is marked, brought into view and given the focus.

const board = document.getElementById("board");

function seek() {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const bay = named?.closest("li[id^=b]");
    for (const other of board.querySelectorAll("li.sought")) {
        other.classList.remove("sought");
        other.querySelector(".here")?.remove();
    }
    if (!bay) return;
    bay.classList.add("sought");
    const here = document.createElement("small");
    here.className = "here";
    here.textContent = "Here";
    bay.append(here);
    bay.scrollIntoView({ block: "center" });
    (bay.querySelector("a.tile") ?? named).focus({ preventScroll: true });
}

addEventListener("hashchange", seek);
// The browser gives the focus to what the address names once the page is there; then it is ours.
if (document.readyState === "complete") seek();
else addEventListener("load", () => setTimeout(seek));
