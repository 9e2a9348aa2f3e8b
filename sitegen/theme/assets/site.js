/* Enhancements only: the page is whole without this file. A classic script, so it runs from file:// too. */
(function () {
  "use strict";

  var root = document.documentElement;
  var modes = ["system", "light", "dark"];

  function remember(mode) {
    try {
      if (mode === "system") localStorage.removeItem("mode");
      else localStorage.setItem("mode", mode);
    } catch (error) {
      /* storage is off: the choice holds for this page */
    }
  }

  /* Colour mode: system -> light -> dark -> system. */
  function setUpModeSwitch(button) {
    function current() {
      return root.dataset.mode || "system";
    }
    function after(mode) {
      return modes[(modes.indexOf(mode) + 1) % modes.length];
    }
    function nameOf(mode) {
      return button.dataset.names ? button.dataset.names.split(" ")[modes.indexOf(mode)] : mode;
    }
    function say() {
      var label = button.dataset.label.replace("{now}", nameOf(current())).replace("{next}", nameOf(after(current())));
      button.setAttribute("aria-label", label);
      button.title = label;
    }
    button.addEventListener("click", function () {
      var mode = after(current());
      if (mode === "system") delete root.dataset.mode;
      else root.dataset.mode = mode;
      remember(mode);
      say();
    });
    say();
  }

  /* Line numbers and marks are not part of the code. */
  function codeOf(block) {
    var code = (block.querySelector(".lntd:last-child pre") || block.querySelector("pre")).cloneNode(true);
    code.querySelectorAll(".ln, .lnt, .linenos, .code-mark").forEach(function (number) {
      number.remove();
    });
    return code.textContent.replace(/\n$/, "");
  }

  /* For browsers and contexts without navigator.clipboard. */
  function copyBySelection(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    var isCopied = document.execCommand("copy");
    area.remove();
    return isCopied ? Promise.resolve() : Promise.reject(new Error("copying is not allowed"));
  }

  function copy(text) {
    if (!navigator.clipboard) return copyBySelection(text);
    return navigator.clipboard.writeText(text).catch(function () {
      return copyBySelection(text);
    });
  }

  /* A block without a language has no frame yet that a button can stay in while its code scrolls. */
  function blockOf(pre) {
    var frame = pre.closest(".highlight");
    if (frame) return frame;
    var block = document.createElement("div");
    block.className = "highlight";
    pre.replaceWith(block);
    block.append(pre);
    return block;
  }

  function addCopyButton(template, block) {
    var button = template.content.firstElementChild.cloneNode(true);
    var label = button.querySelector(".copy-label");
    var timer;
    function show(text, isDone) {
      label.textContent = text;
      button.classList.toggle("copy-done", isDone);
      clearTimeout(timer);
      timer = setTimeout(function () {
        label.textContent = "";
        button.classList.remove("copy-done");
      }, 2000);
    }
    button.addEventListener("click", function () {
      var focused = document.activeElement;
      copy(codeOf(block)).then(
        function () {
          show(button.dataset.done, true);
        },
        function () {
          show(button.dataset.failed, false);
        }
      );
      if (focused) focused.focus();
    });
    block.append(button);
  }

  /* The section that is being read is that of the last heading in the upper fifth of the window or above it. What is watched
     goes up without end, so that a jump over headings is seen too. */
  var readingShare = 0.2;

  function setUpScrollspy(toc) {
    var links = new Map();
    toc.querySelectorAll('a[href*="#"]').forEach(function (link) {
      var heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (heading) links.set(heading, link);
    });
    if (!links.size || !window.IntersectionObserver) return;
    var headings = Array.from(links.keys());
    var box = toc.firstElementChild;
    var marked = null;
    function mark() {
      var read = headings.filter(function (heading) {
        return heading.getBoundingClientRect().top < innerHeight * readingShare;
      });
      var link = links.get(read[read.length - 1]) || null;
      if (link === marked) return;
      if (marked) marked.removeAttribute("aria-current");
      marked = link;
      if (!link) return;
      link.setAttribute("aria-current", "true");
      box.scrollTop += link.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 2;
    }
    var observer = new IntersectionObserver(mark, { rootMargin: "9999999px 0px " + (readingShare - 1) * 100 + "% 0px" });
    headings.forEach(function (heading) {
      observer.observe(heading);
    });
  }

  /* On paper everything is unfolded, for browsers that the style sheet cannot tell to, nothing scrolls, and no address stands
     behind itself. */
  var paperWidth_em = 41; /* in the text of formulas: of a slide, and more on A4 */

  function prepareForPrint() {
    var opened = [];
    var formulas = [];
    addEventListener("beforeprint", function () {
      opened = Array.from(document.querySelectorAll("details:not([open])"));
      opened.forEach(function (details) {
        details.open = true;
      });
      document.querySelectorAll('.prose a[href^="http"]').forEach(function (link) {
        link.classList.toggle("is-address", link.textContent === link.getAttribute("href"));
      });
      formulas = Array.from(document.querySelectorAll(".math.display"));
      formulas.map(function (formula) {
        return (paperWidth_em * parseFloat(getComputedStyle(formula).fontSize)) / formula.scrollWidth;
      }).forEach(function (share, place) {
        if (share < 1) formulas[place].style.fontSize = share * 0.92 + "em";
      });
    });
    addEventListener("afterprint", function () {
      opened.forEach(function (details) {
        details.open = false;
      });
      formulas.forEach(function (formula) {
        formula.style.fontSize = "";
      });
    });
  }

  /* A box is a stop of the keyboard while it scrolls; without this file every box that may scroll is one. */
  function watchScrollers() {
    var watch = new ResizeObserver(function (entries) {
      entries.forEach(function (entry) {
        var box = entry.target;
        var isTall = box.scrollHeight > box.clientHeight && !box.matches(".math");
        if (box.scrollWidth > box.clientWidth || isTall) box.tabIndex = 0;
        else if (box.clientWidth && box !== document.activeElement) box.removeAttribute("tabindex");
      });
    });
    document.querySelectorAll("pre, .table-scroll, .math, .diagram:not(.is-waiting) .diagram-drawing, .output-html, .prose > table").forEach(function (box) {
      watch.observe(box);
    });
  }

  /* Cards: what a citation, a note or a cross-reference leads to, beside it. Escape and a press elsewhere close one. */
  function setUpCards() {
    var cardLinks = 'a.citation, a.reference, a.footnote-ref, a[href^="#eq-"]';
    var card, link, timer, isTouch;

    function later(step, delay_ms) {
      clearTimeout(timer);
      timer = setTimeout(step, delay_ms);
    }
    function close() {
      clearTimeout(timer);
      if (card) card.remove();
      card = link = null;
    }
    function contentOf(target) {
      var parts = [target.closest(".math, figure, .cell") || target];
      if (/^H\d$/.test(target.tagName)) {
        parts = [target, target.nextElementSibling].filter(Boolean);
      }
      return parts.map(function (part) {
        var copy = part.cloneNode(true);
        copy.querySelectorAll('[role="doc-backlink"], .copy, .sidenote, .plot-target, script').forEach(function (item) {
          item.remove();
        });
        [copy].concat(Array.from(copy.querySelectorAll("[id]"))).forEach(function (item) {
          item.removeAttribute("id");
        });
        if (!/^(LI|T[DRH]|SECTION)$/.test(copy.tagName)) return copy;
        var block = document.createElement("div");
        block.append.apply(block, copy.childNodes);
        return block;
      });
    }
    function place() {
      var at = link.getClientRects()[0];
      var height = card.offsetHeight;
      var isAbove = at.bottom + height + 8 > innerHeight && at.top > height + 8;
      var left = Math.max(16, Math.min(at.left, root.clientWidth - card.offsetWidth - 16));
      card.style.left = left + scrollX + "px";
      card.style.top = (isAbove ? at.top - height - 6 : at.bottom + 6) + scrollY + "px";
    }
    function open(from) {
      if (from === link) return true;
      var target = document.getElementById(decodeURIComponent(from.hash.slice(1)));
      var note = from.parentElement.nextElementSibling;
      if (!target || (note && note.matches(".sidenote") && note.offsetParent)) return false;
      close();
      link = from;
      card = document.createElement("div");
      card.className = "peek";
      card.popover = "auto";
      card.append.apply(card, contentOf(target));
      if (isTouch) {
        var way = document.createElement("p");
        way.className = "peek-go";
        way.append(link.cloneNode(true), " \u2193");
        way.firstChild.removeAttribute("id");
        way.firstChild.className = "";
        card.append(way);
      }
      (link.closest("math, sup") || link).after(card);
      var own = card;
      card.addEventListener("toggle", function (event) {
        if (event.newState === "closed" && own === card) close();
      });
      card.showPopover();
      place();
      return true;
    }
    function linkOf(event) {
      var found = event.target.closest && event.target.closest(cardLinks);
      return found && !found.closest(".peek-go") ? found : null;
    }
    function isInCard(node) {
      return Boolean(card && node && card.contains(node));
    }

    addEventListener("pointerdown", function (event) {
      isTouch = event.pointerType !== "mouse";
    }, true);
    document.addEventListener("pointerover", function (event) {
      if (event.pointerType !== "mouse") return;
      var over = linkOf(event);
      isTouch = false;
      if (over) later(function () { open(over); }, 300);
      else if (isInCard(event.target)) clearTimeout(timer);
      else if (card) later(close, 300);
      else clearTimeout(timer);
    });
    document.addEventListener("focusin", function (event) {
      var from = linkOf(event);
      if (from && !isInCard(from) && from.matches(":focus-visible")) {
        isTouch = false;
        open(from);
      } else if (card && event.target !== link && !isInCard(event.target)) close();
    });
    document.addEventListener("click", function (event) {
      var from = linkOf(event);
      if (from && isTouch && !isInCard(from) && open(from)) event.preventDefault();
      else if (from || isInCard(event.target.closest("a"))) close();
    });
  }

  /* A picture that is larger than it is shown, in one dialog; its link leads to it all the same. */
  function setUpZoom(links) {
    var dialog = document.createElement("dialog");
    var button = document.createElement("button");
    if (!dialog.showModal) return;
    dialog.className = "zoomed";
    button.textContent = "\u00d7";
    button.setAttribute("aria-label", root.dataset.close || "Close");
    dialog.addEventListener("click", function () {
      dialog.close();
    });
    links.forEach(function (link) {
      link.addEventListener("click", function (event) {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        var shown = link.querySelector("img");
        var large = new Image();
        large.alt = shown.alt;
        large.src = link.href;
        dialog.replaceChildren(large, button);
        dialog.setAttribute("aria-label", shown.alt);
        document.body.append(dialog);
        dialog.showModal();
        event.preventDefault();
      });
    });
  }

  /* Two pictures in one place, and how much of each is seen. */
  function setUpCompare(box) {
    var pictures = Array.from(box.querySelectorAll("img"));
    if (pictures.length !== 2) return;
    var stage = document.createElement("div");
    var captions = document.createElement("div");
    var range = document.createElement("input");
    stage.className = "compare-stage";
    captions.className = "compare-captions";
    range.type = "range";
    range.setAttribute("aria-label", pictures[0].alt + " | " + pictures[1].alt);
    box.querySelectorAll("figcaption").forEach(function (caption) {
      var text = document.createElement("span");
      text.append.apply(text, Array.from(caption.childNodes));
      captions.append(text);
    });
    pictures.forEach(function (picture) {
      stage.append(picture.closest("picture") || picture);
    });
    range.addEventListener("input", function () {
      stage.style.setProperty("--at", range.value + "%");
    });
    box.classList.add("compare-both");
    box.replaceChildren(stage, range, captions);
  }

  /* Search: the link to its page opens a dialog, whose script and style come with it. */
  function setUpSearch(link) {
    var template = document.getElementById("search-dialog");
    var dialog;
    function open() {
      if (!template) document.getElementById("search-field").focus();
      else if (dialog) dialog.dispatchEvent(new Event("search-open"));
      else {
        document.body.append(template.content);
        dialog = document.body.lastElementChild;
        dialog.querySelector("script").onerror = function () {
          location = link.href;
        };
      }
    }
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open();
    });
    addEventListener("keydown", function (event) {
      var isCommand = event.ctrlKey || event.metaKey;
      var isTyping = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.altKey || (isCommand ? event.key !== "k" : event.key !== "/" || isTyping)) return;
      event.preventDefault();
      open();
    });
  }

  document.querySelectorAll(".mode-switch").forEach(setUpModeSwitch);
  document.querySelectorAll(".search-open").forEach(setUpSearch);
  document.querySelectorAll(".toc-margin").forEach(setUpScrollspy);
  document.querySelectorAll(".toc-inline a").forEach(function (link) {
    link.addEventListener("click", function () {
      link.closest("details").open = false;
    });
  });
  var template = document.getElementById("copy-button");
  if (template) {
    document.querySelectorAll(".prose pre > code:not(.lntd:first-child *)").forEach(function (code) {
      addCopyButton(template, blockOf(code.parentElement));
    });
  }
  /* All folded code of the page at once; the button is there only where some is folded. */
  document.querySelectorAll(".show-code").forEach(function (button) {
    button.addEventListener("click", function () {
      var isShown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isShown));
      document.querySelectorAll(".cell-fold").forEach(function (fold) {
        fold.open = isShown;
      });
    });
  });
  prepareForPrint();
  if (window.ResizeObserver) watchScrollers();
  document.querySelectorAll(".compare").forEach(setUpCompare);
  var zoomable = document.querySelectorAll("a.zoom");
  if (zoomable.length) setUpZoom(zoomable);
  if (root.showPopover && document.querySelector('.prose :is(a.citation, a.reference, a.footnote-ref, a[href^="#eq-"])')) setUpCards();
})();
