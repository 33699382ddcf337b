// Charts from data-chart: {x, series: [{name, values}], unit, band: [low, high], limits: [{name, value}], forecast_from}.

let echarts; // comes with the first chart: most pages have none
const drawn = new Map();
const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
const number = (v) => (v === null ? null : Number(v));

function option({ x, series, unit = "", band, limits = [], forecast_from: from }, kind) {
  const ink = colour("--ink"), soft = colour("--ink-soft"), rule = colour("--rule"), hues = ["--chart-1", "--chart-2", "--chart-3", "--chart-4"].map(colour);
  const lines = [];
  series.forEach(({ name, values }, i) => {
    const type = kind === "bar" ? "bar" : "line", step = kind === "step" && "end";
    const base = { name, type, step, symbolSize: 5, itemStyle: { color: hues[i % 4] }, barMaxWidth: 28 };
    const points = values.map(number);
    if (from == null || kind === "bar") lines.push({ ...base, data: points });
    else {
      const ahead = { ...base, name: _("%(name)s, forecast", { name }), lineStyle: { type: "dashed" } };
      lines.push({ ...base, data: points.map((v, k) => (k < from ? v : null)) }, { ...ahead, data: points.map((v, k) => (k >= from - 1 ? v : null)) });
    }
  });
  lines[0].markArea = band && { silent: true, itemStyle: { color: colour("--band") }, data: [[{ yAxis: number(band[0]) }, { yAxis: number(band[1]) }]] };
  lines[0].markLine = {
    silent: true, symbol: "none", lineStyle: { color: soft, type: "dashed" },
    label: { color: ink, position: "insideEndTop", formatter: "{b} {c}" },
    data: limits.map(({ name, value }) => ({ name, yAxis: number(value) })),
  };
  const reach = [...(band ?? []), ...limits.map((l) => l.value)].map(Number);
  const edge = (v) => { // round figures just outside everything that is drawn; a line that never moves lies in the middle
    let low = Math.min(v.min, ...reach), high = Math.max(v.max, ...reach);
    if (!Number.isFinite(high - low)) return { low: 0, high: 1 };
    if (high === low) { const room = Math.abs(low) / 10 || 1; low -= room; high += room; }
    const ten = 10 ** Math.floor(Math.log10(high - low)), step = (high - low) / ten < 2.5 ? ten / 2 : ten;
    const round = (towards, value) => Number((towards(value / step) * step).toPrecision(12));
    return { low: round(Math.floor, low), high: round(Math.ceil, high) };
  };
  const whole = series.every(({ values }) => values.every((v) => v === null || Number.isInteger(Number(v))));
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: "inherit", color: ink },
    grid: { left: 8, right: 16, top: lines.length > 1 ? 32 : 14, bottom: 4, containLabel: true },
    legend: { show: lines.length > 1, top: 0, left: 0, icon: "roundRect", itemHeight: 3, textStyle: { color: ink } },
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (v) => (v == null ? "" : `${v} ${unit}`) },
    xAxis: {
      type: "category", data: x, boundaryGap: kind === "bar",
      axisLabel: { color: soft, hideOverlap: true, ...(kind !== "bar" && { alignMinLabel: "left", alignMaxLabel: "right" }) },
      axisLine: { lineStyle: { color: rule } }, axisTick: { show: false },
    },
    yAxis: {
      type: "value", scale: kind !== "bar", minInterval: whole ? 1 : 0,
      min: kind === "bar" ? 0 : (v) => edge(v).low, max: kind === "bar" && whole ? null : (v) => edge(v).high,
      axisLabel: { color: soft }, splitLine: { lineStyle: { color: rule } },
    },
    series: lines,
  };
}

async function draw(root) {
  for (const [place, chart] of drawn) {
    if (!place.isConnected) { chart.dispose(); drawn.delete(place); }
    else if (chart.figures !== place.dataset.chart) paint(place, chart); // morphed under us
  }
  const places = [...root.querySelectorAll("[data-chart]")].filter((e) => !drawn.has(e));
  if (!places.length) return;
  echarts ??= await import(document.querySelector("meta[name=charts]").content);
  for (const place of places.filter((e) => !drawn.has(e))) {
    const chart = echarts.init(place);
    drawn.set(place, chart);
    new ResizeObserver(() => place.isConnected && chart.resize()).observe(place);
    paint(place, chart);
  }
}
function paint(place, chart) {
  chart.figures = place.dataset.chart;
  chart.setOption(option(JSON.parse(chart.figures), place.dataset.kind), true);
}

draw(document);
document.addEventListener("htmx:after:process", ({ target }) => target.querySelectorAll && draw(target));
document.body.addEventListener("theme", () => drawn.forEach((chart, place) => paint(place, chart)));
