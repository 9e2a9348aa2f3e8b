/* Draws the figures that cells made with Plotly or Vega: each library is loaded once, and only when a figure comes
   near the window or the page has nothing else to do. A classic script, so it runs from file:// too. */
(function () {
  "use strict";

  var root = document.documentElement;
  var printedWidth = 640; /* px: the text column of A4 and of Letter at the theme's margins, about 17 cm */
  var isPrinting = false;

  /* --- colours: whatever the page's style says right now --- */

  var canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  var brush = canvas.getContext("2d", { willReadFrequently: true });

  /* Any CSS colour as [red, green, blue, alpha]: the libraries do not know color-mix() or oklch(). */
  function rgba(colour) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = "#000";
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    var data = brush.getImageData(0, 0, 1, 1).data;
    return [data[0], data[1], data[2], data[3] / 255];
  }

  function isLight(colour) {
    var c = rgba(colour);
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] > 127;
  }

  function coloursOf(box) {
    var text = isPrinting ? [0, 0, 0, 1] : rgba(getComputedStyle(box).color);
    var numbers = text.slice(0, 3).join(",");
    return {
      isDark: isLight("rgb(" + numbers + ")"),
      text: "rgb(" + numbers + ")",
      line: "rgba(" + numbers + ",0.45)",
      grid: "rgba(" + numbers + ",0.18)",
    };
  }

  /* `above` laid over `below`; neither is changed. */
  function merged(below, above) {
    var result = Object.assign({}, below);
    Object.keys(above).forEach(function (key) {
      var value = above[key];
      var isTable = value && typeof value === "object" && !Array.isArray(value);
      result[key] = isTable ? merged(result[key] || {}, value) : value;
    });
    return result;
  }

  /* --- Plotly: what the author sets stands in the layout, which wins over the template that we colour --- */

  var clear = "rgba(0,0,0,0)";

  function plotlyTemplate(template, colours) {
    var layout = { paper_bgcolor: clear };
    if (!colours.isDark) return merged(template, { layout: layout });
    var axis = { gridcolor: colours.grid, linecolor: colours.line, zerolinecolor: colours.line, tickcolor: colours.line };
    var plane = merged(axis, { backgroundcolor: clear, showbackground: false });
    var data = {};
    Object.keys(template.data || {}).forEach(function (kind) {
      data[kind] = template.data[kind].map(function (trace) {
        return trace.marker && trace.marker.line ? merged(trace, { marker: { line: { color: clear } } }) : trace;
      });
    });
    data.table = [{ cells: { fill: { color: clear }, line: { color: colours.line } }, header: { fill: { color: colours.grid }, line: { color: colours.line } } }];
    return merged(template, {
      data: data,
      layout: merged(layout, {
        plot_bgcolor: clear,
        font: { color: colours.text },
        xaxis: axis,
        yaxis: axis,
        scene: { xaxis: plane, yaxis: plane, zaxis: plane },
        polar: { bgcolor: clear, angularaxis: axis, radialaxis: axis },
        ternary: { bgcolor: clear, aaxis: axis, baxis: axis, caxis: axis },
        geo: { bgcolor: clear, landcolor: colours.grid, lakecolor: clear, subunitcolor: colours.line },
        annotationdefaults: { arrowcolor: colours.text },
        shapedefaults: { line: { color: colours.line } },
      }),
    });
  }

  function plotlyLayout(layout, colours) {
    var template = layout.template || {};
    var paper = layout.paper_bgcolor || (template.layout || {}).paper_bgcolor || "white";
    var isOwn = layout.paper_bgcolor || !isLight(paper); /* a paper of the author's choice keeps the colours on it */
    var changed = { uirevision: layout.uirevision || "page" };
    if (!isOwn) changed.template = plotlyTemplate(template, colours);
    if (isPrinting) changed.width = Math.min(layout.width || printedWidth, printedWidth);
    return Object.assign({}, layout, changed);
  }

  function drawPlotly(box) {
    var figure = JSON.parse(box.data); /* anew each time: plotly.js changes what it is given */
    return window.Plotly.react(box.target, {
      data: figure.data,
      layout: plotlyLayout(figure.layout || {}, coloursOf(box.element)),
      config: Object.assign({ responsive: true, displaylogo: false }, figure.config),
      frames: figure.frames,
    });
  }

  /* --- Vega: a configuration below the chart's own --- */

  function vegaConfig(colours) {
    var config = { background: "transparent" };
    if (!colours.isDark) return config;
    return merged(config, {
      axis: { domainColor: colours.line, gridColor: colours.grid, tickColor: colours.line },
      style: {
        "guide-label": { fill: colours.text },
        "guide-title": { fill: colours.text },
        "group-title": { fill: colours.text },
        "group-subtitle": { fill: colours.text },
        cell: { stroke: colours.grid },
      },
      title: { color: colours.text, subtitleColor: colours.text },
      header: { labelColor: colours.text, titleColor: colours.text },
      legend: { labelColor: colours.text, titleColor: colours.text },
      view: { stroke: colours.grid },
      text: { color: colours.text },
      rule: { color: colours.text },
    });
  }

  function drawVega(box) {
    var chart = JSON.parse(box.data);
    var spec = chart.spec;
    var isOwn = spec.background || (spec.config || {}).background;
    var options = merged({ actions: { export: true, source: false, compiled: false, editor: false }, renderer: "svg" }, chart.options || {});
    if (!isOwn) options.config = merged(vegaConfig(coloursOf(box.element)), options.config || {});
    options.ast = true; /* expressions are interpreted: the page's policy lets nobody make code of text */
    if (box.view) box.view.finalize();
    return window.vegaEmbed(box.target, spec, options).then(function (result) {
      box.view = result;
      var menu = box.target.querySelector("details > summary"); /* three dots without a name: the title is the details' */
      if (menu) menu.setAttribute("aria-label", menu.parentElement.title || "Save the chart");
    });
  }

  /* --- the page's figures --- */

  var libraries = {
    plotly: { draw: drawPlotly, loaded: null },
    vega: { draw: drawVega, loaded: null },
  };

  function load(name) {
    var library = libraries[name];
    if (library.loaded) return library.loaded;
    library.loaded = new Promise(function (resolve, reject) {
      var first = 'template.plot-library[data-library="' + name; /* the strict plotly.js draws all, where it is there */
      var template = document.querySelector(first + '-strict"]') || document.querySelector(first + '"]');
      var script = document.createElement("script");
      script.src = template.content.querySelector("script").getAttribute("src");
      script.onload = resolve;
      script.onerror = function () {
        reject(new Error("the script did not come"));
      };
      document.head.append(script);
    });
    return library.loaded;
  }

  function failed(box) {
    return function (error) {
      box.element.dataset.failed = "";
      box.note.hidden = false;
      console.error(error);
    };
  }

  function draw(box) {
    if (box.isDrawing) return;
    box.isDrawing = true;
    load(box.library)
      .then(function () {
        if (!box.target) {
          box.target = document.createElement("div");
          box.target.className = "plot-target";
          box.element.append(box.target);
        }
        box.note.hidden = true;
        return libraries[box.library].draw(box);
      })
      .then(function () {
        box.element.dataset.drawn = coloursOf(box.element).text;
        box.isDrawn = true;
      })
      .catch(failed(box));
  }

  function redraw() {
    boxes.forEach(function (box) {
      if (!box.isDrawn) return;
      Promise.resolve(libraries[box.library].draw(box)).then(function () {
        box.element.dataset.drawn = coloursOf(box.element).text;
      }, failed(box));
    });
  }

  var boxes = Array.from(document.querySelectorAll(".plot[data-library]")).map(function (element) {
    return {
      element: element,
      library: element.dataset.library,
      note: element.querySelector(".plot-note"),
      data: element.querySelector('script[type="application/json"]').textContent,
      target: null,
      view: null,
      isDrawing: false,
      isDrawn: false,
    };
  });

  function drawWhatHasRoom() {
    boxes.forEach(function (box) {
      if (box.element.clientWidth) draw(box);
    });
  }

  if (window.IntersectionObserver) {
    var observer = new IntersectionObserver(
      function (entries) {
        entries.forEach(function (entry) {
          var box = boxes.find(function (each) {
            return each.element === entry.target;
          });
          if (entry.isIntersecting && entry.target.clientWidth) draw(box);
        });
      },
      { rootMargin: "100% 0px 100% 0px" }
    );
    boxes.forEach(function (box) {
      observer.observe(box.element);
    });
  }
  function whenIdle() {
    if (window.requestIdleCallback) requestIdleCallback(drawWhatHasRoom, { timeout: 3000 });
    else setTimeout(drawWhatHasRoom, 1000);
  }
  if (document.readyState === "complete") whenIdle();
  else addEventListener("load", whenIdle);

  /* The mode switch sets an attribute of the root; the system's mode and paper are media. */
  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-mode", "class", "style"] });
  ["(prefers-color-scheme: dark)", "print"].forEach(function (query) {
    matchMedia(query).addEventListener("change", redraw);
  });
  addEventListener("beforeprint", function () {
    isPrinting = true;
    redraw();
  });
  addEventListener("afterprint", function () {
    isPrinting = false;
    redraw();
  });
})();
