/* Visits are counted where a reader has said so by a press, which is remembered; another one takes it back. */
(function () {
  "use strict";

  var button = document.querySelector(".count-visits");
  var counter = document.getElementById("analytics");
  if (!button || !counter) return;

  function remembered() {
    try { return localStorage.getItem("visits") === "yes"; } catch (error) { return false; }
  }
  function remember(answer) {
    try { localStorage.setItem("visits", answer); } catch (error) { /* for this page alone */ }
  }
  function show(isCounted) {
    button.textContent = isCounted ? button.dataset.stop : button.dataset.allow;
    button.dataset.counted = isCounted;
  }
  function count() {
    document.head.append(document.importNode(counter.content, true));
    show(true);
  }

  button.addEventListener("click", function () {
    if (button.dataset.counted !== "true") {
      remember("yes");
      count();
    } else {
      remember("no");
      location.reload(); /* what runs already cannot be taken back */
    }
  });
  if (remembered()) count(); else show(false);
})();
