// The preview's client: reloads when another site is served, shows the diagnostics above the page.
(() => {
  "use strict";
  const script = document.currentScript;
  const mine = script.dataset.site;
  const address = new URL("live", script.src);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";

  // The site's own style sheets and its content security policy must not matter, nor be touched:
  // a shadow root, and a style sheet made by script.
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; }
    section { position: fixed; inset: 0; z-index: 2147483647; overflow: auto; padding: 2rem;
      background: #1b1b1ff2; color: #f4f4f6; font: 15px/1.5 ui-monospace, Menlo, Consolas, monospace; }
    h2 { margin: 0 0 1rem; font: 600 1.25rem/1.3 system-ui, sans-serif; color: #ff9d9d; }
    pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
    button { position: absolute; top: 1rem; right: 1rem; min-width: 2.5rem; min-height: 2.5rem;
      border: 1px solid #f4f4f6; border-radius: 4px; background: none; color: inherit; font: inherit; cursor: pointer; }
    p { position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483647; margin: 0; padding: .4rem .8rem;
      border-radius: 4px; background: #1b1b1f; color: #f4f4f6; font: 13px/1.5 system-ui, sans-serif; }
    [hidden] { display: none; }`);
  const host = document.createElement("sitegen-preview");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [style];
  const element = (name, parent, text = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const overlay = element("section", root);
  overlay.hidden = true;
  overlay.setAttribute("role", "alert");
  element("h2", overlay, "The site has errors: this is its last good state");
  const problems = element("pre", overlay);
  const close = element("button", overlay, "Close");
  const activity = element("p", root);
  activity.hidden = true;
  activity.setAttribute("role", "status");
  const hide = () => { overlay.hidden = true; };
  close.addEventListener("click", hide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.documentElement.append(host);

  // before there is a site, this page is the server's own and has the problems as its text
  const showOnOwnPage = (text) => {
    const shown = document.getElementById("sitegen-problems");
    if (text === "" || shown === null) return;
    document.querySelector("h1").textContent = "The site could not be built";
    shown.textContent = text;
  };

  const show = (status) => {
    if (status.site !== mine) {
      location.reload();
      return;
    }
    if (mine === "") {
      showOnOwnPage(status.problems);
    } else if (problems.textContent !== status.problems) {
      problems.textContent = status.problems;
      overlay.hidden = status.problems === "";
    }
    activity.textContent = status.activity;
    activity.hidden = status.activity === "";
  };

  let delay_ms = 250;
  const connect = () => {
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => { delay_ms = 250; });
    socket.addEventListener("message", (event) => show(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      setTimeout(connect, delay_ms);
      delay_ms = Math.min(delay_ms * 2, 5000);
    });
  };
  connect();
})();
