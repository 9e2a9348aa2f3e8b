/* Draws diagrams with Mermaid's library, once for light pages and once for dark ones, as one SVG: what an element looks like stands
   in its own attributes, with both colours where they differ, and no style is left. The build runs this in a browser of its own;
   where it has none, the reader's browser does. */
window.sitegenMermaid = (function () {
  "use strict";

  var namespace = "http://www.w3.org/2000/svg";
  /* The colours of site.css, for light and dark pages. A pair of them becomes the token again, so that a site's own colours hold. */
  var tokens = {
    fg: ["#1c1e21", "#dcdee1"],
    bg: ["#fdfdfb", "#16181b"],
    accent: ["#08665a", "#65cdb6"],
    tint: ["#e5eeeb", "#1e2a2b"],
    soft: ["#f4f4f2", "#1e2023"],
    muted: ["#5f6163", "#a1a3a6"],
    edge: ["#7e7f81", "#858789"],
    info: ["#1f5596", "#8fbcf2"],
    special: ["#6a3d9e", "#c8acef"],
    warn: ["#7a4e00", "#e3b660"],
  };
  var pale = { info: ["#e7edf4", "#22282f"], special: ["#eeeaf2", "#28272f"], warn: ["#f0ece1", "#2b2822"] };
  /* property, and what it is where nothing says so */
  var looks = [
    ["stroke-width", "1px"], ["stroke-dasharray", "none"], ["stroke-linecap", "butt"], ["stroke-linejoin", "miter"],
    ["opacity", "1"], ["fill-opacity", "1"], ["stroke-opacity", "1"],
  ];
  var ofText = [
    ["font-size", ""], ["font-weight", "400"], ["font-style", "normal"], ["text-anchor", "start"], ["dominant-baseline", "auto"],
    ["alignment-baseline", "auto"], ["text-decoration-line", "none"],
  ];

  var hues = [171, 213, 38, 268, 5, 90, 190, 300, 60, 235, 340, 130];

  /* Colours of parts that only differ: slices, branches, sections. */
  function scale(side) {
    var found = {};
    hues.forEach(function (hue, place) {
      var colour = "hsl(" + hue + ", 35%, " + (side ? 30 : 78) + "%)";
      found["cScale" + place] = found["git" + place] = found["pie" + (place + 1)] = colour;
    });
    return found;
  }

  function settings(side) {
    function of(name) { return tokens[name][side]; }
    var plots = ["accent", "warn", "info", "special"].map(of).join(",");
    return {
      startOnLoad: false,
      securityLevel: "strict",
      suppressErrorRendering: true,
      deterministicIds: true,
      deterministicIDSeed: "sitegen",
      handDrawnSeed: 1,
      theme: "base",
      darkMode: side === 1,
      fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
      htmlLabels: false,
      flowchart: { htmlLabels: false, useMaxWidth: false },
      sequence: { useMaxWidth: false },
      gantt: { useMaxWidth: false },
      themeVariables: Object.assign(scale(side), {
        darkMode: side === 1,
        background: of("bg"),
        fontSize: "16px",
        textColor: of("fg"),
        primaryColor: of("tint"), primaryTextColor: of("fg"), primaryBorderColor: of("accent"),
        secondaryColor: pale.info[side], secondaryTextColor: of("fg"), secondaryBorderColor: of("info"),
        tertiaryColor: pale.special[side], tertiaryTextColor: of("fg"), tertiaryBorderColor: of("special"),
        noteBkgColor: pale.warn[side], noteTextColor: of("fg"), noteBorderColor: of("warn"),
        lineColor: of("muted"), defaultLinkColor: of("muted"), titleColor: of("fg"), nodeTextColor: of("fg"),
        clusterBkg: of("soft"), clusterBorder: of("edge"), edgeLabelBackground: of("bg"), labelBackground: of("bg"),
        gridColor: of("edge"), todayLineColor: "none", signalColor: of("fg"), signalTextColor: of("fg"),
        pieStrokeColor: of("bg"), pieOuterStrokeColor: of("edge"), pieOpacity: "1",
        archEdgeColor: of("muted"), archEdgeArrowColor: of("muted"), archGroupBorderColor: of("edge"),
        xyChart: {
          backgroundColor: of("bg"), plotColorPalette: plots, titleColor: of("fg"),
          xAxisLabelColor: of("fg"), xAxisTitleColor: of("fg"), xAxisTickColor: of("muted"), xAxisLineColor: of("muted"),
          yAxisLabelColor: of("fg"), yAxisTitleColor: of("fg"), yAxisTickColor: of("muted"), yAxisLineColor: of("muted"),
        },
        radar: { axisColor: of("muted"), graticuleColor: of("edge"), graticuleOpacity: 0.15 },
        packet: {
          startByteColor: of("fg"), endByteColor: of("fg"), labelColor: of("fg"), titleColor: of("fg"),
          blockStrokeColor: of("accent"), blockFillColor: of("tint"),
        },
      }),
    };
  }

  /* The same numbers for the same diagram: ids of commits, and lines drawn by hand. */
  function seeded() {
    var state = 1;
    return function () {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 4294967296;
    };
  }

  /* --- colours --- */

  function parts(colour) {
    var found = /^rgba?\(([^)]*)\)$/.exec(colour);
    if (!found) return null;
    var numbers = found[1].split(/[\s,/]+/).map(parseFloat);
    return [numbers[0], numbers[1], numbers[2], numbers.length > 3 ? numbers[3] : 1];
  }

  function hex(c) {
    var all = [c[0], c[1], c[2]].concat(c[3] < 1 ? [c[3] * 255] : []);
    return "#" + all.map(function (part) { return ("0" + Math.round(part).toString(16)).slice(-2); }).join("");
  }

  function luminance(c) {
    var linear = c.slice(0, 3).map(function (part) {
      part /= 255;
      return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  function contrast(one, other) {
    var a = luminance(one), b = luminance(other);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  function ofHex(text) {
    return [1, 3, 5].map(function (place) { return parseInt(text.slice(place, place + 2), 16); }).concat(1);
  }

  function over(above, below) {
    return [0, 1, 2].map(function (place) { return above[place] * above[3] + below[place] * (1 - above[3]); }).concat(1);
  }

  function both(light, dark) {
    for (var name in tokens) {
      if (tokens[name][0] === light && tokens[name][1] === dark) {
        return name === "fg" ? "currentColor" : "var(--" + name + ",light-dark(" + light + "," + dark + "))";
      }
    }
    return light === dark ? light : "light-dark(" + light + "," + dark + ")";
  }

  /* --- what a drawing looks like, read from the browser --- */

  function hasText(element) {
    return Array.prototype.some.call(element.childNodes, function (node) { return node.nodeType === 3 && node.data.trim(); });
  }

  function isText(element) { return element.nodeName === "text" || element.nodeName === "tspan"; }

  function isShape(element) { return /^(rect|path|circle|ellipse|polygon|line|polyline)$/.test(element.nodeName); }

  /* The fills and strokes of a drawing, in the order of its elements; letters have the colour that can be read on what is below them. */
  function coloursOf(elements, side) {
    var grounds = [];
    return elements.map(function (element) {
      var style = getComputedStyle(element);
      var fill = parts(style.fill), stroke = parts(style.stroke);
      if (element.closest("defs, marker, clipPath, mask")) return [fill, stroke, style];
      if (isShape(element) && fill && fill[3] * style.fillOpacity * style.opacity > 0.05) {
        var all = [fill[0], fill[1], fill[2], fill[3] * style.fillOpacity * style.opacity];
        grounds.push([element.getBoundingClientRect(), all]);
      } else if (isText(element) && hasText(element) && fill) {
        var box = element.getBoundingClientRect();
        var x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
        var below = ofHex(tokens.bg[side]);
        grounds.forEach(function (ground) {
          var rect = ground[0];
          if (rect.left <= x && x <= rect.right && rect.top <= y && y <= rect.bottom) below = over(ground[1], below);
        });
        if (contrast(fill, below) < 4.5) {
          var own = ofHex(tokens.fg[side]), other = ofHex(tokens.fg[1 - side]);
          fill = contrast(own, below) >= contrast(other, below) ? own : other;
        }
      }
      return [fill, stroke, style];
    });
  }

  function paint(element, name, light, dark) {
    element.setAttribute(name, light && dark ? (light[3] === 0 && dark[3] === 0 ? "none" : both(hex(light), hex(dark))) : "none");
  }

  function isReference(text) { return /^url\(/.test(text); }

  /* Every element of `light` with its look in attributes; `dark` is the same drawing in the other colours. */
  function settled(light, dark) {
    var ofLight = Array.prototype.slice.call(light.querySelectorAll("*"));
    var ofDark = Array.prototype.slice.call(dark.querySelectorAll("*"));
    if (ofLight.length !== ofDark.length) { dark = light; ofDark = ofLight; }
    var lights = coloursOf(ofLight, 0), darks = coloursOf(ofDark, ofDark === ofLight ? 0 : 1);
    var changes = [], gone = [];
    ofLight.forEach(function (element, place) {
      var style = lights[place][2];
      var isToday = element.classList.contains("today"); /* of a Gantt chart: the day of the build */
      if (style.display === "none" || style.visibility === "hidden" || element.nodeName === "style" || isToday) return gone.push(element);
      var isWritten = isText(element), values = {};
      if (element.nodeName === "stop") values["stop-color"] = both(hex(parts(style.stopColor) || [0, 0, 0, 1]), hex(parts(darks[place][2].stopColor) || [0, 0, 0, 1]));
      if (isWritten || isShape(element)) {
        looks.concat(isWritten ? ofText : []).forEach(function (look) {
          var value = style.getPropertyValue(look[0]);
          var outside = isText(element.parentNode) && look[0] !== "alignment-baseline" && look[0] !== "opacity";
          if (value && value !== (outside ? getComputedStyle(element.parentNode).getPropertyValue(look[0]) : look[1])) values[look[0] === "text-decoration-line" ? "text-decoration" : look[0]] = value;
        });
        if (isWritten && /mono|courier/i.test(style.fontFamily)) values["font-family"] = "monospace";
        ["marker-start", "marker-mid", "marker-end", "clip-path"].forEach(function (name) {
          var value = style.getPropertyValue(name);
          if (isReference(value)) values[name] = value;
        });
      }
      changes.push([element, values, style.fill, style.stroke, lights[place], darks[place]]); /* the style itself changes below */
    });
    changes.forEach(function (change) {
      var element = change[0], values = change[1], light = change[4], dark = change[5];
      ["style", "class"].forEach(function (name) { element.removeAttribute(name); });
      looks.concat(ofText).forEach(function (look) { element.removeAttribute(look[0]); });
      Object.keys(values).forEach(function (name) { element.setAttribute(name, values[name]); });
      if (!isText(element) && !isShape(element)) { element.removeAttribute("fill"); element.removeAttribute("stroke"); return; }
      if (isReference(change[2])) element.setAttribute("fill", change[2]);
      else paint(element, "fill", light[0], dark[0]);
      if (isReference(change[3])) element.setAttribute("stroke", change[3]);
      else paint(element, "stroke", light[1], dark[1]);
      if (element.getAttribute("stroke") === "none") element.removeAttribute("stroke");
      if (isText(element.parentNode) && element.getAttribute("fill") === element.parentNode.getAttribute("fill")) element.removeAttribute("fill");
    });
    gone.forEach(function (element) { element.remove(); });
    return light;
  }

  /* HTML in a drawing, as a few kinds of diagrams have it, as lines of text in the middle of its box. */
  function withoutHtml(svg) {
    svg.querySelectorAll("switch").forEach(function (choice) {
      var text = choice.querySelector("text");
      if (text) choice.replaceWith(text);
      else choice.replaceWith.apply(choice, Array.prototype.slice.call(choice.childNodes));
    });
    Array.prototype.slice.call(svg.querySelectorAll("foreignObject")).forEach(function (box) {
      var style = getComputedStyle(box.querySelector("span, p, div") || box);
      var lines = (box.innerText || box.textContent).split("\n").map(function (line) { return line.trim(); }).filter(Boolean);
      var width = parseFloat(box.getAttribute("width")) || 0, height = parseFloat(box.getAttribute("height")) || 0;
      var size = parseFloat(style.fontSize) || 16;
      var x = (parseFloat(box.getAttribute("x")) || 0) + width / 2;
      var y = (parseFloat(box.getAttribute("y")) || 0) + height / 2 - ((lines.length - 1) * size * 1.2) / 2;
      var text = document.createElementNS(namespace, "text");
      text.style.fontSize = size + "px";
      text.style.textAnchor = "middle";
      text.style.dominantBaseline = "central";
      text.style.fill = style.color;
      lines.forEach(function (line, place) {
        var part = document.createElementNS(namespace, "tspan");
        part.setAttribute("x", x);
        part.setAttribute("y", y + place * size * 1.2);
        part.textContent = line;
        text.appendChild(part);
      });
      box.parentNode.replaceChild(text, box);
    });
  }

  function told(svg, name) {
    var element = svg.querySelector("svg > " + name);
    return element ? element.textContent.trim() : "";
  }

  async function drawnOnce(mermaid, source, side, identifier, room) {
    Math.random = seeded();
    mermaid.initialize(settings(side));
    var holder = document.createElement("div");
    room.appendChild(holder);
    var result = await mermaid.render(identifier + (side ? "d" : "l"), source, holder);
    holder.innerHTML = result.svg;
    var svg = holder.querySelector("svg");
    withoutHtml(svg);
    return svg;
  }

  var count = 0;

  /* One diagram: its SVG as text, with the title and the description that it has; or the message of what is wrong, and the line. */
  return async function (mermaid, source) {
    var room = document.createElement("div");
    room.className = "diagram-room";
    document.body.appendChild(room);
    var random = Math.random;
    var identifier = "m" + ++count;
    try {
      var light = await drawnOnce(mermaid, source, 0, identifier, room);
      var dark = await drawnOnce(mermaid, source, 1, identifier, room);
      var title = told(light, "title"), description = told(light, "desc");
      var svg = new XMLSerializer().serializeToString(settled(light, dark));
      return { svg: svg, title: title, description: description };
    } catch (error) {
      var line = error && error.hash && typeof error.hash.line === "number" ? error.hash.line + 1 : null;
      return { error: String((error && error.message) || error), line: line };
    } finally {
      Math.random = random;
      room.remove();
    }
  };
})();
