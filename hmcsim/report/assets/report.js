// The page's two moving parts: picture tabs and the 3D view. Plotly is inlined before this script.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  for (const tab of all("[data-set]")) {
    tab.addEventListener("click", () => {
      for (const other of all("[data-set]")) {
        const shown = other === tab;
        other.setAttribute("aria-selected", String(shown));
        document.getElementById(other.dataset.set).classList.toggle("shown", shown);
      }
    });
  }

  const data = JSON.parse(document.getElementById("scene-data").textContent);
  const place = document.getElementById("scene");
  const shown = new Set([data.layouts[0]]);
  const axis = (title) => ({
    title: { text: title, font: { size: 11 } }, showbackground: false, gridcolor: "#e8ebee", zeroline: false,
    tickfont: { size: 10, color: "#8a949e" }, color: "#56616c", showspikes: false, nticks: 6,
  });
  const eyes = {
    three: { x: 0.85, y: 0.35, z: 1.25 }, front: { x: 0, y: 0.05, z: 1.6 }, side: { x: 1.6, y: 0.05, z: 0.05 },
    below: { x: 0.0, y: -1.25, z: 0.95 }, above: { x: 0, y: 1.5, z: 0.55 },
  };
  const look = (key) => ({ up: { x: 0, y: 1, z: 0 }, center: { x: 0, y: -0.02, z: 0.08 }, eye: eyes[key] });
  const visible = (owner, trace) =>
    owner === "head" ||
    (shown.has(owner) &&
      (trace.name !== "shell" || document.getElementById("show-shell").checked) &&
      (!trace.name.startsWith("LED") || document.getElementById("show-leds").checked));
  const bytes = (spec) => Uint8Array.from(atob(spec.bdata), (c) => c.charCodeAt(0));

  const traces = data.traces.map((trace, i) => ({ ...trace, showlegend: false, visible: visible(data.owners[i], trace) }));
  const layout = {
    margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "#ffffff", uirevision: "kept",
    font: { family: getComputedStyle(document.body).fontFamily },
    hoverlabel: { bgcolor: "#1b2229", font: { color: "#ffffff", size: 12 }, align: "left" },
    scene: {
      aspectmode: "data", dragmode: "orbit", camera: look("three"),
      xaxis: axis("x, wearer's left, mm"), yaxis: axis("y, up, mm"), zaxis: axis("z, forward, mm"),
    },
  };
  const options = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["tableRotation", "resetCameraLastSave3d"] };

  const redraw = () => Plotly.restyle(place, { visible: data.traces.map((trace, i) => visible(data.owners[i], trace)) });

  function colourFace(choice) {
    const key = document.getElementById("scene-key");
    key.hidden = !choice;
    if (!choice) return Plotly.restyle(place, { vertexcolor: [null] }, [0]);
    const cut = choice.lastIndexOf("/");
    const levels = bytes(data.heat[choice.slice(0, cut)][choice.slice(cut + 1)]);
    return Plotly.restyle(place, { vertexcolor: [Array.from(levels, (level) => data.palette[level])] }, [0]);
  }

  Plotly.newPlot(place, traces, layout, options)
    .then(() => Plotly.toImage(place, { format: "png", width: 1200, height: 700 }))
    .then((uri) => {
      document.getElementById("scene-print").src = uri;
      document.documentElement.dataset.scene = "drawn";
    });

  for (const button of all("[data-layout]")) {
    button.addEventListener("click", () => {
      const name = button.dataset.layout;
      if (!shown.delete(name)) shown.add(name);
      button.setAttribute("aria-pressed", String(shown.has(name)));
      redraw();
    });
  }
  for (const button of all("[data-view]")) {
    button.addEventListener("click", () => Plotly.relayout(place, { "scene.camera": look(button.dataset.view) }));
  }
  for (const id of ["show-shell", "show-leds"]) document.getElementById(id).addEventListener("change", redraw);
  document.getElementById("face-colour").addEventListener("change", (event) => colourFace(event.target.value));
})();
