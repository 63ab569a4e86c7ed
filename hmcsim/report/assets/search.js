// Plots of a search: progress, front, and scores over the mounts. Plotly is inlined before this script.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const data = JSON.parse(one("search-data").textContent);
  const family = getComputedStyle(document.body).fontFamily;
  const options = { responsive: true, displaylogo: false, displayModeBar: false };
  const options3 = { ...options, displayModeBar: true, modeBarButtonsToRemove: ["tableRotation", "resetCameraLastSave3d"] };
  const axis = (given) => ({
    gridcolor: "#eef1f3", linecolor: "#cfd6dc", zeroline: false, automargin: true, ticks: "outside", tickcolor: "#cfd6dc",
    tickfont: { size: 11, color: "#56616c" }, ...given, title: { ...given.title, font: { size: 12, color: "#1b2229" }, standoff: 8 },
  });
  const flat = (layout) => ({
    margin: { l: 70, r: 20, t: 18, b: 48 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "#ffffff",
    font: { family, size: 12, color: "#1b2229" }, hoverlabel: { bgcolor: "#1b2229", font: { color: "#ffffff" } },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { size: 11 } },
    ...layout, xaxis: axis(layout.xaxis), yaxis: axis(layout.yaxis),
  });
  const drawing = [];

  for (const tab of all("[data-set]")) {
    tab.addEventListener("click", () => {
      for (const other of all("[data-set]")) {
        other.setAttribute("aria-selected", String(other === tab));
        one(other.dataset.set).classList.toggle("shown", other === tab);
      }
    });
  }

  data.plots.forEach((plot, i) => drawing.push(Plotly.newPlot(one(`plot-${i}`), plot.data, flat(plot.layout), options)));

  const front = one("front-plot");
  if (front) {
    const draw = () => {
      const [x, y] = [Number(one("front-x").value), Number(one("front-y").value)];
      const named = ({ title, better }) => ({ title: { text: `${title}  <i>(${better})</i>` } });
      const traces = data.front.groups.map((group) => ({
        type: "scatter", mode: "markers", name: group.name,
        x: group.values.map((v) => v[x]), y: group.values.map((v) => v[y]),
        text: group.trials.map((n, k) => `trial ${n}<br>` +
          data.front.axes.map((a, i) => `${a.title}: ${group.values[k][i].toPrecision(4)}`).join("<br>")),
        hovertemplate: "%{text}<extra></extra>",
        marker: { color: group.colour, symbol: group.symbol, size: group.size, line: { color: group.symbol.endsWith("open") ? group.colour : "#ffffff", width: 1 } },
      }));
      const layout = flat({ xaxis: named(data.front.axes[x]), yaxis: named(data.front.axes[y]) });
      return Plotly.react(front, traces, layout, options);
    };
    for (const id of ["front-x", "front-y"]) one(id).addEventListener("change", draw);
    drawing.push(draw());
  }

  const place = one("space-plot");
  if (place) {
    const mounts = data.mounts;
    const axis3 = (title) => ({
      title: { text: title, font: { size: 11 } }, showbackground: false, gridcolor: "#e8ebee", zeroline: false,
      tickfont: { size: 10, color: "#8a949e" }, color: "#56616c", showspikes: false, nticks: 6,
    });
    // Layouts that do not see the region at all would take the colours for themselves.
    const range = (values, objective) => {
      const seen = values.filter((v) => v !== objective.unseen);
      const [low, high] = [Math.min(...seen), Math.max(...seen)];
      return seen.length && high > low ? [low, high] : [undefined, undefined];
    };
    const colours = (values, objective) => {
      const [cmin, cmax] = range(values, objective);
      return { color: values, colorscale: data.scale, reversescale: !objective.more, cmin, cmax };
    };
    const tip = (title) => `trial %{text}<br>%{x:.1f}, %{y:.1f}, %{z:.1f} mm<br>${title}: %{marker.color:.4g}<extra></extra>`;
    const draw = () => {
      const part = mounts.parts[Number(one("space-part").value)];
      const k = Number(one("space-objective").value);
      const objective = mounts.objectives[k];
      const values = part.tried.values.map((v) => v[k]);
      const traces = mounts.still.map((trace) => ({ ...trace, showlegend: false }));
      const chosen = one("space-layout").value;
      for (const layout of mounts.layouts) {
        if (layout.name === chosen) traces.push(...layout.traces.map((trace) => ({ ...trace, showlegend: false })));
      }
      traces.push({ type: "scatter3d", mode: "lines", name: "mount", ...part.outline, hoverinfo: "skip", line: { color: "#56616c", width: 2 } });
      if (one("space-broken").checked && part.broken.x.length) {
        traces.push({ type: "scatter3d", mode: "markers", name: "broke a constraint", ...part.broken, hoverinfo: "skip", marker: { size: 1.8, color: "#9aa4ad", opacity: 0.6 } });
      }
      if (values.length) {
        traces.push({
          type: "scatter3d", mode: "markers", name: "scored", x: part.tried.x, y: part.tried.y, z: part.tried.z, text: part.tried.trials,
          hovertemplate: tip(objective.title), marker: { size: 4.5, ...colours(values, objective), line: { color: "#ffffff", width: 0.5 },
            colorbar: { title: { text: objective.title, side: "right", font: { size: 11 } }, thickness: 12, len: 0.7, tickfont: { size: 10 } } },
        });
      }
      for (const mark of part.marks) {
        traces.push({
          type: "scatter3d", mode: "markers", name: mark.name, x: [mark.at[0]], y: [mark.at[1]], z: [mark.at[2]],
          hovertemplate: `${mark.name}<br>%{x:.1f}, %{y:.1f}, %{z:.1f} mm<extra></extra>`,
          marker: { size: 7, symbol: mark.existing ? "square" : "diamond", color: mark.colour, line: { color: "#ffffff", width: 1 } },
        });
      }
      const layout = {
        margin: { l: 0, r: 0, t: 0, b: 0 }, modebar: { bgcolor: "rgba(0,0,0,0)", color: "#8a949e", activecolor: "#1b2229" }, paper_bgcolor: "#ffffff", uirevision: "kept", font: { family },
        hoverlabel: { bgcolor: "#1b2229", font: { color: "#ffffff", size: 12 }, align: "left" },
        legend: { orientation: "h", x: 0.01, y: 0.01, font: { size: 11 }, bgcolor: "rgba(255,255,255,0.7)" },
        scene: {
          aspectmode: "data", dragmode: "orbit",
          camera: { up: { x: 0, y: 1, z: 0 }, center: { x: 0.05, y: -0.05, z: 0.15 }, eye: { x: 0.75, y: 0.1, z: 0.95 } },
          xaxis: axis3("x, wearer's left, mm"), yaxis: axis3("y, up, mm"), zaxis: axis3("z, forward, mm"),
        },
      };
      return Promise.all([Plotly.react(place, traces, layout, options3), drawMap(part, values, objective)]);
    };

    const drawMap = (part, values, objective) => {
      const map = one("map-plot");
      const marks = part.marks.map((mark) => ({
        type: "scatter", mode: "markers", name: mark.name, x: [mark.flat[0]],
        hovertemplate: `${mark.name}<extra></extra>`,
        marker: { size: 12, symbol: mark.existing ? "square" : "diamond", color: mark.colour, line: { color: "#ffffff", width: 1.5 } }, mark,
      }));
      const shape = { xaxis: { title: { text: part.axes[0].title }, range: part.axes[0].range } };
      if (part.axes.length < 2) {
        const known = marks.map(({ mark, ...trace }) => ({ ...trace, y: [values[part.tried.trials.indexOf(Number(mark.name.split(" ")[1]))] ?? null] }));
        const dots = { type: "scatter", mode: "markers", name: "scored", x: part.flat[0], y: values, marker: { size: 6, color: "#7b8a97" }, hovertemplate: "%{x:.1f}<br>%{y:.4g}<extra></extra>" };
        return Plotly.react(map, [dots, ...known], flat({ ...shape, yaxis: { title: { text: objective.title } } }), options);
      }
      const n = part.cells;
      const cell = (v, [low, high]) => Math.min(n - 1, Math.max(0, Math.floor((n * (v - low)) / (high - low))));
      const middle = ([low, high]) => Array.from({ length: n }, (_, i) => low + ((i + 0.5) * (high - low)) / n);
      const z = Array.from({ length: n }, () => new Array(n).fill(null));
      values.forEach((value, i) => {
        const [column, row] = [cell(part.flat[0][i], part.axes[0].range), cell(part.flat[1][i], part.axes[1].range)];
        const old = z[row][column];
        if (old === null || (objective.more ? value > old : value < old)) z[row][column] = value;
      });
      const heat = {
        type: "heatmap", x: middle(part.axes[0].range), y: middle(part.axes[1].range), z,
        zmin: range(values, objective)[0], zmax: range(values, objective)[1], colorscale: data.scale, reversescale: !objective.more,
        hovertemplate: "%{x:.1f}, %{y:.1f}<br>best %{z:.4g}<extra></extra>", xgap: 1, ygap: 1, name: "",
        colorbar: { title: { text: objective.title, side: "right", font: { size: 11 } }, thickness: 12, tickfont: { size: 10 } },
      };
      const placed = marks.map(({ mark, ...trace }) => ({ ...trace, y: [mark.flat[1]] }));
      return Plotly.react(map, [heat, ...placed], flat({ ...shape, yaxis: { title: { text: part.axes[1].title }, range: part.axes[1].range } }), options);
    };

    for (const id of ["space-part", "space-objective", "space-layout", "space-broken"]) one(id).addEventListener("change", draw);
    drawing.push(draw());
  }

  Promise.all(drawing).then(() => { document.documentElement.dataset.scene = "drawn"; });
})();
