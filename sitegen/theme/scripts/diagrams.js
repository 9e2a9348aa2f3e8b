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

  /* What a reader has before their eyes does not move: the drawing gets the place that was kept for it, and is made smaller
     for it, but to no less than half its size; then it scrolls. */
  function keepPlace(box, svg, height) {
    var share = Math.min(1, Math.max(0.5, height / svg.getAttribute("height")));
    ["width", "height"].forEach(function (name) {
      svg.setAttribute(name, Math.floor(svg.getAttribute(name) * share));
    });
    box.classList.add("is-kept");
    box.style.height = height + "px";
  }

  var waiting = Promise.resolve(); /* one after the other: they share the library's settings */

  function draw(diagram) {
    waiting = waiting.then(async function () {
      var mermaid = await loaded();
      var source = JSON.parse(diagram.querySelector("script").textContent);
      var made = await window.sitegenMermaid(mermaid, source);
      if (made.error) throw made.error;
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
      var place = box.getBoundingClientRect();
      if (place.bottom > 0 && place.top < innerHeight) keepPlace(box, svg, place.height);
      box.replaceChildren(svg);
      box.hidden = false;
      diagram.querySelector("details").open = false;
      diagram.classList.remove("is-waiting");
    }).catch(function () {
      diagram.classList.remove("is-waiting"); /* the source is shown */
    });
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
