/* Presents a deck: keys, touch, steps, notes, full screen. Without this file the deck is a page that scrolls. */
(function () {
  "use strict";

  var root = document.documentElement;
  var slides = Array.from(document.querySelectorAll(".slide"));
  var current = 0;
  var template = document.getElementById("slide-controls");
  if (!template || !slides.length) return;
  root.classList.add("presents");
  document.body.append(template.content.cloneNode(true));
  var controls = document.querySelector(".slide-controls");
  controls.dir = document.querySelector("main").dir || root.dir || "ltr";
  var count = controls.querySelector(".slide-count");

  function steps(slide) {
    return Array.from(slide.querySelectorAll(".incremental > :is(ul, ol) > li, .incremental:is(ul, ol) > li"));
  }
  function reveal(slide, isAll) {
    steps(slide).forEach(function (step) {
      step.classList.toggle("is-to-come", !isAll);
    });
  }
  function tell() {
    count.textContent = current + 1 + " / " + slides.length;
    controls.style.setProperty("--progress", slides.length > 1 ? current / (slides.length - 1) : 1);
    history.replaceState(null, "", "#" + slides[current].id);
  }
  function go(number) {
    current = Math.max(0, Math.min(slides.length - 1, number));
    slides[current].scrollIntoView({ behavior: "instant", block: "start" });
    tell();
    if (controls.contains(document.activeElement)) return;
    /* The next stop of the keyboard is in this slide, and no ring is around it while it is shown. */
    slides[current].focus({ preventScroll: true });
    slides[current].blur();
  }
  function step(direction) {
    var all = steps(slides[current]);
    var next = all.filter(function (each) {
      return each.classList.contains("is-to-come");
    });
    var slide = slides[current];
    if (direction > 0 && next.length) return next[0].classList.remove("is-to-come");
    if (direction < 0 && all.length > next.length) return all[all.length - next.length - 1].classList.add("is-to-come");
    if (slide.scrollHeight > slide.clientHeight + 1) {
      var before = slide.scrollTop;
      slide.scrollBy({ top: direction * slide.clientHeight * 0.85, behavior: "instant" });
      if (Math.abs(slide.scrollTop - before) > 1) return;
    }
    go(current + direction);
  }
  function toggleNotes() {
    var isShown = root.classList.toggle("with-notes");
    controls.querySelector("[data-do=notes]").setAttribute("aria-pressed", String(isShown));
  }
  function toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (root.requestFullscreen) root.requestFullscreen();
  }

  var keys = {
    ArrowRight: [step, 1], ArrowDown: [step, 1], PageDown: [step, 1], " ": [step, 1],
    ArrowLeft: [step, -1], ArrowUp: [step, -1], PageUp: [step, -1],
    Home: [go, 0], End: [go, slides.length - 1], f: [toggleFull], s: [toggleNotes]
  };
  if (controls.dir === "rtl") {
    keys.ArrowRight = [step, -1];
    keys.ArrowLeft = [step, 1];
  }
  addEventListener("keydown", function (event) {
    var target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, video, audio, dialog")) return;
    if (event.key === " " && target.closest("button, summary, a")) return;
    if (/^Arrow/.test(event.key) && target !== slides[current] && target.closest("[tabindex]:not(.slide, main)")) return;
    var key = event.key === " " && event.shiftKey ? "PageUp" : event.key;
    var action = keys[key];
    if (!action) return;
    event.preventDefault();
    action[0](action[1]);
  });
  controls.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.go) step(Number(button.dataset.go));
    else if (button.dataset.do === "notes") toggleNotes();
    else toggleFull();
  });
  /* Wheel and touch scroll the page, as without this file: where that ends is the slide. */
  var observer = new IntersectionObserver(
    function (entries) {
      entries.forEach(function (entry) {
        var number = slides.indexOf(entry.target);
        if (!entry.isIntersecting || number === current) return;
        current = number;
        tell();
      });
    },
    { threshold: 0.6 }
  );
  slides.forEach(function (slide) {
    reveal(slide, false);
    observer.observe(slide);
    if (!slide.hasAttribute("tabindex")) slide.tabIndex = -1;
  });
  /* On paper a slide is one page, so what is too tall there is made smaller: measured under the rules for print, where
     they can be read. From `file://` they cannot, and without this file nobody measures: a long slide goes on, on a second page. */
  var paper_px = { width: 1280, height: 720, leastZoom: 0.4 };

  function rulesForPrint() {
    try {
      return Array.from(document.styleSheets).flatMap(function (sheet) {
        return Array.from(sheet.cssRules);
      }).filter(function (rule) {
        return rule.media && rule.media.mediaText === "print";
      });
    } catch (error) {
      return [];
    }
  }
  function fit(slide) {
    var style = slide.querySelector(".slide-body").style;
    for (var zoom = 0.95; slide.offsetHeight > paper_px.height && zoom > paper_px.leastZoom; zoom -= 0.05) {
      style.zoom = zoom;
      style.width = "calc(var(--measure) / " + zoom + ")";
    }
  }
  addEventListener("beforeprint", function () {
    var rules = rulesForPrint();
    if (!rules.length) return;
    rules.forEach(function (rule) {
      rule.media.mediaText = "all";
    });
    document.body.style.width = paper_px.width + "px";
    slides.forEach(fit);
    document.body.style.width = "";
    rules.forEach(function (rule) {
      rule.media.mediaText = "print";
    });
  });
  addEventListener("afterprint", function () {
    slides.forEach(function (slide) {
      var style = slide.querySelector(".slide-body").style;
      style.zoom = style.width = "";
    });
    go(current);
  });
  /* What the address names: a slide, or what stands in one, as a number or a cell. */
  function named() {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch (error) {
      return null; /* a `%` that stands for nothing */
    }
  }
  var target = named();
  var first = slides.indexOf(target && target.closest(".slide"));
  if (first >= 0) {
    go(first);
    target.scrollIntoView({ behavior: "instant", block: "nearest" });
  } else tell();
  /* A browser focuses what the address names, once all is there; the ring is for readers who tab. */
  addEventListener("load", function () {
    if (document.activeElement === slides[current]) slides[current].blur();
  });
})();
