// Starts the client in a page that is as the server sent it, and takes the client away again where it can't go on.
// Without the client the page is plain HTML, and all of it works.
(() => {
  // The theme that the person chose, before the first paint: light, dark, or without a name the system's.
  const theme = (name) => {
    document.documentElement.dataset.theme = name;
    for (const input of document.querySelectorAll(".theme input")) input.checked = input.value === name;
  };
  const kept = () => {
    try {
      theme(localStorage.getItem("theme") ?? "");
    } catch {
      // A browser that keeps nothing for this site.
    }
  };
  kept();
  addEventListener("storage", kept);
  // No room is kept for what this browser can't do.
  if (!self.PublicKeyCredential) document.documentElement.dataset.passkeys = "none";

  // Nodes that are not ours (a password manager's button, say), and where those stood that are set aside.
  const strangers = new Set();
  const aside = [];
  let [parsed, intact, live, dead] = [false, true, false, false];
  let last, from, root;

  // The parser only appends. What is put before something, or comes after the parser, is a stranger.
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

  // Whether our nodes are those that the server sent. Strangers among them are set aside.
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

  // The events that the client listens for (crates/freshkey/tests/server/architecture.rs has the list compared).
  const EVENTS =
    "beforeunload blur cancel change click focus focusin focusout input keydown keyup mousedown offline online pagehide " +
    "pageshow pointerdown pointerenter pointerleave popstate submit visibilitychange";
  const here = () => location.pathname + location.search;

  // The client has panicked. Its listeners would still take clicks and do nothing: no event reaches them any more.
  const end = () => {
    if (dead) return;
    dead = true;
    putBack();
    document.body.removeAttribute("data-hydrated");
    const [shown, event] = [here(), last];
    // The page can't show what another entry of its history was.
    addEventListener("popstate", () => here() === shown || location.reload(), true);
    for (const name of EVENTS.split(" ")) {
      addEventListener(name, (event) => event.stopImmediatePropagation(), true);
    }
    // Other tabs don't wait for the turn that this one may have.
    navigator.locks?.request("freshkey.refresh", { steal: true }, () => {}).catch(() => {});
    // What the person had just asked for is the browser's as well: the link whose page has not come yet, the
    // form during whose submit it panicked.
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
  // A link in a menu opens a page in this document: the menu has done its work.
  addEventListener("click", ({ target }) => target.closest("[popover] a")?.closest("[popover]").hidePopover());
  const isEnd = (error) => error instanceof WebAssembly.RuntimeError && end();
  addEventListener("error", ({ error }) => isEnd(error));
  addEventListener("unhandledrejection", ({ reason }) => isEnd(reason));

  // A page that nothing updates is asked for again when the back button shows it.
  addEventListener("pageshow", ({ persisted }) => persisted && (!live || dead) && location.reload(), true);

  // What the client asks of this script, and tells it.
  const page = {
    isUntouched,
    live() {
      putBack();
      kept();
      live = true;
      document.body.setAttribute("data-hydrated", "");
      // One that the back button took from the browser's cache of files, too, is as it was.
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
    // The framework's last script sets this: without it, the document did not arrive as a whole.
    if (!self.__INCOMPLETE_CHUNKS) return;
    const { default: init, hydrate } = await import("{js}");
    await init({ module_or_path: "{wasm}" });
    if (!isUntouched()) return observer.disconnect();
    // What else changes from here on is the client's doing, but for the page that waits for its code.
    root = document.querySelector("main");
    hydrate(page);
  });
})();
