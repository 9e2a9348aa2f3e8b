/* Diagrams that the build had no browser to draw: the library is loaded once, when the first of them comes near the window. */
(function () {
  "use strict";

  var library;

  function loaded() {
    library = library || new Promise(function (resolve, reject) {
      var named = document.querySelector("template.diagram-library").content.querySelector("script");
      var script = document.createElement("script");
      script.src = named.src;
      script.onload = function () { resolve(window.mermaid); };
      script.onerror = reject;
      document.head.appendChild(script);
    });
    return library;
  }

  var waiting = Promise.resolve(); /* one after the other: they share the library's settings */

  function draw(diagram) {
    waiting = waiting.then(async function () {
      var mermaid = await loaded();
      var source = JSON.parse(diagram.querySelector("script").textContent);
      var made = await window.sitegenMermaid(mermaid, source);
      if (made.error) return;
      var svg = document.importNode(new DOMParser().parseFromString(made.svg, "image/svg+xml").documentElement, true);
      var box = diagram.querySelector(".diagram-drawing");
      var size = svg.getAttribute("viewBox").split(/[\s,]+/);
      svg.removeAttribute("style");
      svg.setAttribute("width", Math.round(size[2]));
      svg.setAttribute("height", Math.round(size[3]));
      svg.setAttribute("role", "img");
      svg.removeAttribute("aria-labelledby");
      svg.removeAttribute("aria-describedby");
      svg.removeAttribute("aria-roledescription");
      svg.setAttribute("aria-label", made.title || box.dataset.name);
      box.replaceChildren(svg);
      box.hidden = false;
      diagram.querySelector("details").open = false;
    }).catch(function () { /* the source stays */ });
  }

  var near = new IntersectionObserver(function (seen) {
    seen.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      near.unobserve(entry.target);
      draw(entry.target);
    });
  }, { rootMargin: "800px 0px" });
  document.querySelectorAll(".diagram.is-waiting").forEach(function (diagram) { near.observe(diagram); });
})();
