/* Search: the form of the search page, and the dialog of every other page. Pagefind comes with the first query. */
(function () {
  "use strict";

  var atOnce = 10; /* results that are read and shown together */
  var index;

  function load(address) {
    if (!index) {
      index = import(address).then(function (api) {
        return Promise.resolve(api.options({ excerptLength: 24 }))
          .then(api.init)
          .then(api.filters)
          .then(function (filters) {
            return { search: api.search, kinds: Object.keys(filters.kind || {}) };
          });
      });
      index.catch(function () {
        index = null; /* the next query tries again */
      });
    }
    return index;
  }

  function element(name, parent, text) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    parent.append(made);
    return made;
  }

  function setUp(form, isPage) {
    var field = form.elements.q;
    var status = form.querySelector(".search-status");
    var list = form.querySelector(".search-results");
    var more = form.querySelector(".search-more");
    var kinds = form.querySelector(".search-kinds");
    var address = form.querySelector("link").href;
    var all = isPage && document.querySelector(".search-all");
    var wanted = [];
    var asked = 0;
    var timer, found;

    function say(text) {
      status.textContent = text.replace("{query}", field.value.trim());
    }
    function chosen() {
      var boxes = kinds.querySelectorAll("input");
      if (!boxes.length) return wanted;
      return Array.from(boxes).filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    }
    function showKinds(names) {
      if (names.length < 2 || kinds.querySelector("input")) return;
      names.forEach(function (name) {
        var label = element("label", kinds);
        var box = element("input", label);
        box.type = "checkbox";
        box.value = name;
        box.checked = wanted.includes(name);
        label.append(" " + name + " ");
        element("span", label).className = "count";
      });
      kinds.hidden = false;
    }
    function count(counts) {
      kinds.querySelectorAll("input").forEach(function (box) {
        box.parentElement.querySelector(".count").textContent = counts[box.value] || 0;
      });
    }
    function show(pages) {
      pages.forEach(function (page) {
        var item = element("li", list);
        var title = page.meta.title || page.url;
        var part = page.sub_results.reduce(function (best, each) {
          return best && best.locations.length >= each.locations.length ? best : each;
        }, null) || page;
        element("a", item, title).href = part.url;
        var facts = (page.filters.kind || []).slice(0, 1).concat(part.title && part.title !== title ? part.title : []);
        element("span", item, facts.join(" \u203a ")).className = "count";
        element("p", item).innerHTML = part.excerpt; /* Pagefind escapes all but its marks */
      });
    }
    function next() {
      var number = asked;
      var shown = list.children.length;
      return Promise.all(found.slice(shown, shown + atOnce).map(function (each) { return each.data(); })).then(function (pages) {
        if (number !== asked || shown !== list.children.length) return;
        show(pages);
        more.hidden = list.children.length >= found.length;
      });
    }
    function search() {
      var query = field.value.trim();
      var number = ++asked;
      var names = chosen();
      clearTimeout(timer);
      if (isPage) {
        var state = new URLSearchParams(query ? { q: query } : "");
        names.forEach(function (name) { state.append("kind", name); });
        history.replaceState(null, "", location.pathname + (String(state) && "?" + state));
      }
      if (!query) {
        say("");
        list.replaceChildren();
        more.hidden = true;
        if (all) all.hidden = false;
        return;
      }
      if (!list.children.length) say(form.dataset.loading);
      load(address)
        .then(function (api) {
          showKinds(api.kinds);
          return api.search(query, names.length ? { filters: { kind: { any: names } } } : {});
        })
        .then(function (result) {
          if (number !== asked) return;
          found = result.results;
          count(result.totalFilters.kind || {});
          list.replaceChildren();
          more.hidden = true;
          if (all) all.hidden = true;
          say(found.length ? form.dataset.results.replace("{count}", found.length) : form.dataset.none);
          return next();
        })
        .catch(function () {
          if (number !== asked) return;
          list.replaceChildren();
          say(form.dataset.failed);
          if (all) all.hidden = false;
        });
    }

    field.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(search, 150);
    });
    kinds.addEventListener("change", search);
    more.addEventListener("click", function () {
      var last = list.lastElementChild;
      next().then(function () {
        var link = last.nextElementSibling;
        if (link) link.querySelector("a").focus();
      });
    });
    form.addEventListener("submit", function (event) {
      if (!isPage) return;
      event.preventDefault();
      search();
    });
    form.addEventListener("keydown", function (event) {
      var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      var stops = [field].concat(Array.from(list.querySelectorAll("a")));
      var at = stops.indexOf(document.activeElement);
      if (!step || at < 0 || !stops[at + step]) return;
      event.preventDefault();
      stops[at + step].focus();
    });
    if (isPage) {
      var state = new URLSearchParams(location.search);
      wanted = state.getAll("kind");
      if (state.get("q")) {
        field.value = state.get("q");
        search();
      }
    }
  }

  /* Opened when its style is there, so that it is not seen without one. */
  function setUpDialog(dialog) {
    var style = dialog.querySelector('link[rel="stylesheet"]');
    function open() {
      if (!dialog.open) dialog.showModal();
      dialog.querySelector("input").select();
    }
    setUp(dialog.querySelector("form"), false);
    dialog.querySelector(".search-close").addEventListener("click", function () {
      dialog.close();
    });
    dialog.addEventListener("click", function (event) {
      if (event.target === dialog || event.target.closest(".search-results a")) dialog.close();
    });
    dialog.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      event.preventDefault(); /* a search field would only be emptied */
      dialog.close();
    });
    dialog.addEventListener("search-open", open);
    if (style.sheet) open();
    else style.onload = style.onerror = open;
  }

  var dialog = document.querySelector(".search-dialog");
  if (dialog) setUpDialog(dialog);
  else setUp(document.querySelector(".search-form"), true);
})();
