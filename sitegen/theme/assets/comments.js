/* Comments by giscus, asked for by a press: until then nothing is asked of its host. */
(function () {
  "use strict";

  var host = "https://giscus.app";
  var root = document.documentElement;
  var system = matchMedia("(prefers-color-scheme: dark)");

  function setUp(section) {
    var button = section.querySelector("button");

    function theme() {
      var mode = root.dataset.mode || (system.matches ? "dark" : "light");
      return section.dataset[mode];
    }
    function follow() {
      var frame = section.querySelector("iframe.giscus-frame");
      if (frame) frame.contentWindow.postMessage({ giscus: { setConfig: { theme: theme() } } }, host);
    }
    function load() {
      var script = document.createElement("script");
      Object.keys(section.dataset).forEach(function (name) {
        if (!/^(comments|light|dark)$/.test(name)) script.dataset[name] = section.dataset[name];
      });
      script.dataset.theme = theme();
      script.crossOrigin = "anonymous";
      script.src = host + "/client.js";
      var place = document.createElement("div");
      place.className = "giscus";
      place.tabIndex = -1;
      script.addEventListener("error", function () {
        place.remove();
        script.remove();
        button.disabled = false;
      });
      section.append(place, script);
      button.disabled = true;
      place.focus({ preventScroll: true });
      new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-mode"] });
      system.addEventListener("change", follow);
      addEventListener("message", function (event) {
        if (event.origin === host && event.data.giscus) button.hidden = true;
      });
    }

    button.addEventListener("click", load);
  }

  document.querySelectorAll('.comments[data-comments="giscus"]').forEach(setUp);
})();
