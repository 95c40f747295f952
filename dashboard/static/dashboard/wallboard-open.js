// Takes the link's token from behind its #, out of the address, and sends it in the form.

const form = document.getElementById("open");
const token = location.hash.slice(1);

if (token) {
    history.replaceState(null, "", location.pathname);
    form.elements.link.value = token;
    form.requestSubmit();
}
