// Starts the client if the page is still as the server sent it, and stops the client if it panics. Without the client
// the page is plain HTML, and all of it works.
(() => {
  // Applies the chosen theme before the first paint: light, dark, or without a name the system's.
  const theme = (name) => {
    document.documentElement.dataset.theme = name;
    for (const input of document.querySelectorAll(".theme input")) input.checked = input.value === name;
  };
  const kept = () => {
    try {
      theme(localStorage.getItem("theme") ?? "");
    } catch {
      // The browser blocks storage for this site.
    }
  };
  kept();
  addEventListener("storage", kept);
  // Reserves no room for what this browser can't do.
  if (!self.PublicKeyCredential) document.documentElement.dataset.passkeys = "none";

  // Nodes that are not ours (a password manager's button, say), and where those that were set aside stood.
  const strangers = new Set();
  const aside = [];
  let [parsed, intact, live, dead] = [false, true, false, false];
  let last, from, root;

  // The parser only appends. A node that is inserted before another, or added after the parser is done, is a stranger.
  const note = (records) => {
    for (const { target, addedNodes, removedNodes, nextSibling } of records) {
      if (!(root ?? document.body)?.contains(target)) continue;
      if ([...strangers].some((stranger) => stranger.contains(target))) continue;
      for (const node of addedNodes) if (parsed || nextSibling) strangers.add(node);
      for (const node of removedNodes) if (!strangers.delete(node)) intact = false;
    }
  };
  const observer = new MutationObserver(note);
  observer.observe(document, { childList: true, subtree: true });

  // Whether our nodes are those that the server sent. Sets strangers among them aside.
  const isUntouched = () => {
    note(observer.takeRecords());
    if (!intact) return false;
    for (const node of strangers) {
      if (!node.isConnected || !node.nextSibling) continue;
      aside.push([node, node.parentNode, node.nextSibling]);
      node.remove();
    }
    observer.takeRecords();
    return true;
  };
  const putBack = () => {
    observer.disconnect();
    for (const [node, parent, next] of aside.splice(0).reverse()) {
      parent.insertBefore(node, next.parentNode === parent ? next : null);
    }
  };

  // The events that the client listens for (crates/freshkey/tests/server/architecture.rs compares the list).
  const EVENTS =
    "beforeunload blur cancel change click focus focusin focusout input keydown keyup mousedown offline online pagehide " +
    "pageshow pointerdown pointerenter pointerleave popstate submit visibilitychange";
  const here = () => location.pathname + location.search;

  // Ends a client that has panicked. Its listeners would still take clicks and do nothing, so no event reaches them any
  // more.
  const end = () => {
    if (dead) return;
    dead = true;
    putBack();
    document.body.removeAttribute("data-hydrated");
    const [shown, event] = [here(), last];
    // The page can't show other entries of its history without the client.
    addEventListener("popstate", () => here() === shown || location.reload(), true);
    for (const name of EVENTS.split(" ")) {
      addEventListener(name, (event) => event.stopImmediatePropagation(), true);
    }
    // This tab may hold the lock: other tabs must not wait for it.
    navigator.locks?.request("freshkey.refresh", { steal: true }, () => {}).catch(() => {});
    // The browser carries out what the user did last: the link whose page has not come yet, or the form during whose
    // submit the client panicked.
    if (!event?.defaultPrevented) return;
    const isRecent = performance.now() - event.timeStamp < 10_000;
    const link = event.type === "click" && isRecent && from === location.href && event.target.closest("a");
    const form = event.type === "submit" && event.eventPhase && event.target;
    setTimeout(() => {
      if (link) link.click();
      if (form) form.requestSubmit(event.submitter);
    });
  };
  for (const name of ["click", "submit"]) addEventListener(name, (event) => ([last, from] = [event, location.href]), true);
  // A link in a menu opens a page in this document, so the menu has to be closed.
  addEventListener("click", ({ target }) => target.closest("[popover] a")?.closest("[popover]").hidePopover());
  const isEnd = (error) => error instanceof WebAssembly.RuntimeError && end();
  addEventListener("error", ({ error }) => isEnd(error));
  addEventListener("unhandledrejection", ({ reason }) => isEnd(reason));

  // Reloads a page without a client when the back button shows it.
  addEventListener("pageshow", ({ persisted }) => persisted && (!live || dead) && location.reload(), true);

  // The interface between the client and this script.
  const page = {
    isUntouched,
    live() {
      putBack();
      kept();
      live = true;
      document.body.setAttribute("data-hydrated", "");
      // A page that the back button took from the browser's HTTP cache is outdated, too.
      const [visit] = performance.getEntriesByType("navigation");
      if (visit?.type === "back_forward" && !visit.transferSize) {
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      }
    },
    putBack,
    end,
    theme,
    showTheme: kept,
  };
  addEventListener("DOMContentLoaded", async () => {
    note(observer.takeRecords());
    parsed = true;
    // The framework's last script sets this: without it, the document did not arrive completely.
    if (!self.__INCOMPLETE_CHUNKS) return;
    const { default: init, hydrate } = await import("{js}");
    await init({ module_or_path: "{wasm}" });
    // In another task than the compiler's, so that the browser answers its user in between.
    await new Promise((next) => setTimeout(next));
    if (!isUntouched()) return observer.disconnect();
    // From here on the client makes all other changes, except in the page that waits for its code.
    root = document.querySelector("main");
    hydrate(page);
  });
})();
