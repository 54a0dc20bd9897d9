// The page works without this script. With it, the page updates by itself, shows local times, and copies codes.
const each = (selector, run) => document.querySelectorAll(selector).forEach(run);
const clock = (at) => at.toDateString() === new Date().toDateString() ? at.toLocaleTimeString() : at.toLocaleString();
const times = () => each("time", (time) => {
    const at = new Date(Number(time.dataset.at));
    time.dateTime = at.toISOString();
    time.textContent = clock(at);
});

document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
});

// Keeps the chosen view for the next email.
document.addEventListener("change", ({ target }) => sessionStorage.setItem("view", target.id));
const view = () => {
    const chosen = document.getElementById(sessionStorage.getItem("view") ?? "wide");
    if (chosen) chosen.checked = true;
};

const update = async () => {
    if (document.hidden) return;
    try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        if (!answer.ok) return;
        // The style of the fetched page carries a different nonce.
        const html = (await answer.text()).replace(/<style[^]*?<\/style>/, "");
        const page = new DOMParser().parseFromString(html, "text/html");
        const [list, now] = [page.getElementById("list"), document.getElementById("list")];
        const ids = (list) => [...list.querySelectorAll("a")].map((link) => link.href).join();
        if (ids(list) !== ids(now)) {
            now.replaceWith(list);
            document.getElementById("count").textContent = page.getElementById("count").textContent;
        }
        const [email, shown] = [page.getElementById("email"), document.getElementById("email")];
        if (email.dataset.id !== shown.dataset.id) shown.replaceWith(email);
        times();
        view();
    } catch {
        // The server may be restarting.
    }
};
times();
view();
setInterval(update, 1500);
document.addEventListener("visibilitychange", update);
