/* Visits are counted where a reader has said so by a press, which is remembered; another one takes it back.
   Names are short: with search a page has a hundred bytes left. */
(function () {
  var b = document.querySelector(".count-visits"), s = {};
  try { s = localStorage; } catch (e) { /* then for this page alone */ }
  function count() {
    document.head.append(b.previousElementSibling.content);
    b.textContent = b.dataset.stop;
  }
  b.onclick = function () {
    if (s.visits) {
      delete s.visits;
      location.reload(); /* what runs already cannot be taken back */
    } else count(s.visits = 1);
  };
  if (s.visits) count();
})();
