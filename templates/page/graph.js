
// The graph. It was laid out before: what is done here is to draw it, to move it, and to walk in it.

const STEP = 1.25;
const NEAREST = 2.5;
const FARTHEST = 0.05;
/** The first look at a drawing makes it no smaller than this: what is behind the edge is a drag away. A phone is held nearer, and is narrow. */
const READABLE = matchMedia("(max-width: 720px)").matches ? 0.85 : 0.64;

const graph = { boxes: [], here: 0, x: 0, y: 0, scale: 1 };

function graphView() {
  graph.scene = make("g", {});
  graph.canvas = make(
    "svg",
    {
      class: "canvas",
      role: "application",
      "aria-roledescription": "graph",
      keydown: walk,
      wheel: turn,
      pointerdown: press,
      pointermove: drag,
      pointerup: lift,
      pointercancel: lift,
    },
    make("defs", {}, tip("tip", "arrowhead"), tip("tip-near", "arrowhead near")),
    graph.scene,
  );
  // The wheel is the graph's own here, so that the page must not move with it.
  graph.canvas.addEventListener("wheel", (event) => event.preventDefault(), { passive: false });
  graph.trail = make("nav", { class: "trail", "aria-label": "Groups around what is drawn" });
  graph.facts = make("p", { class: "hint about-group" });
  graph.note = make("p", { class: "notice", hidden: true });
  const button = (name, sign, action) => make("button", { type: "button", "aria-label": name, title: name, click: action }, icon(sign));
  const zoom = make(
    "div",
    { class: "zoom", role: "group", "aria-label": "Zoom" },
    button("Zoom in", "plus", () => zoomBy(STEP)),
    button("Zoom out", "minus", () => zoomBy(1 / STEP)),
    button("Show all", "whole", () => fit(FARTHEST)),
  );
  graph.legend = make("ul", { class: "legend", "aria-label": "Kinds of boxes" });
  const help = make("p", { class: "help" }, "Arrow keys walk along the arrows, Enter opens, Escape goes back, + − 0 zoom.");
  const stage = make("div", { class: "stage" }, graph.canvas, zoom);
  return make("div", { class: "graph" }, graph.trail, graph.facts, graph.note, stage, make("div", { class: "under" }, graph.legend, help));
}

function tip(id, name) {
  const size = { viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" };
  return make("marker", { id, ...size }, make("path", { class: name, d: "M0 .8 7.5 4 0 7.2z" }));
}

/** Draws the whole, a group or a fold. */
function look(id, focused) {
  const drawing = state.workflow.drawings[id];
  state.drawing = id;
  graph.boxes = drawing.boxes.map((box) => ({ ...box, from: [], to: [], arrows: [] }));
  const arrows = drawing.arrows.map(({ ends: [from, to], line }) => {
    const arrow = make("path", { class: "arrow", d: line, "marker-end": "url(#tip)" });
    graph.boxes[from].to.push(to);
    graph.boxes[to].from.push(from);
    for (const end of [from, to]) graph.boxes[end].arrows.push(arrow);
    return arrow;
  });
  graph.boxes.forEach((box, at) => (box.element = drawBox(box, at)));
  const elements = (isOpen) => graph.boxes.filter((box) => (box.kind === "open") === isOpen).map((box) => box.element);
  replace(graph.scene, elements(true), arrows, elements(false));
  graph.canvas.setAttribute("aria-label", `${shown(drawing.title)}: ${count(graph.boxes.length, "box", "boxes")}, ${count(arrows.length, "arrow")}`);
  graph.note.hidden = !drawing.missing;
  const missing = count(drawing.missing ?? 0, "task or group", "tasks and groups");
  graph.note.textContent = drawing.missing ? `${missing} more than can be drawn: all of them are under Tasks.` : "";
  replace(graph.trail, trail(id));
  graph.facts.textContent = shown((drawing.facts ?? []).map(([word, text]) => `${word} ${text}`).join(" · "));
  // An open group is a group too.
  const kinds = new Set(graph.boxes.map((box) => (box.kind === "open" ? "group" : box.kind)));
  replace(graph.legend, [...kinds].map((kind) => make("li", {}, icon(kind), KINDS[kind])));
  graph.here = Math.max(0, graph.boxes.findIndex((box) => box.id === focused));
  graph.boxes[graph.here]?.element.setAttribute("tabindex", "0");
  fit(READABLE);
  if (state.task !== null) markTask(state.task);
  if (focused !== undefined) step(graph.here);
  remember();
}

function trail(id) {
  const steps = [];
  for (let at = id; at !== undefined; at = state.workflow.drawings[at].around) steps.unshift(at);
  if (steps.length < 2) return [];
  return steps.map((step) => {
    const { title } = state.workflow.drawings[step];
    return step === id ? make("span", { "aria-current": "location" }, title) : make("button", { type: "button", click: () => look(step, id) }, title);
  });
}

function drawBox(box, at) {
  const [x, y, width, height] = box.at;
  const isStack = box.times !== undefined || box.kind === "fold";
  const card = (by) => make("rect", { class: "card", x: by, y: by, width, height, rx: 9 });
  const label = [box.name, KINDS[box.kind], box.times && `repeated ${box.times}`, box.note, box.starts].filter(Boolean).join(", ");
  return make(
    "g",
    {
      class: `box ${box.kind}`,
      transform: `translate(${x} ${y})`,
      role: "button",
      tabindex: -1,
      "aria-label": label,
      click: () => enter(at),
      focus: () => near(at),
      pointerenter: () => near(at),
    },
    isStack && box.kind !== "open" ? [card(8), card(4)] : [],
    card(0),
    make("path", { class: "edge", d: `M9 0H6Q0 0 0 9V${height - 9}Q0 ${height} 6 ${height}H9Z` }),
    make("path", { class: `icon ${box.kind}`, d: ICONS[box.kind], transform: "translate(16 9) scale(.95)" }),
    make("text", { class: "name", x: 38, y: 21 }, box.name),
    box.times ? make("text", { class: "times", x: width - 12, y: 21 }, box.times) : "",
    box.kind === "open" ? "" : make("text", { class: "note", x: 38, y: 39 }, box.note),
    box.starts ? make("text", { class: "starts", x: 38, y: box.note ? 57 : 39 }, make("title", {}, box.starts), short(box.starts)) : "",
  );
}

/** So much of a text as a box has room for. */
const short = (text) => (text.length > 32 ? `${text.slice(0, 31)}…` : text);

function enter(at) {
  if (graph.moved) return;
  const { kind, id } = graph.boxes[at];
  graph.here = at;
  if (kind === "group" || kind === "open" || kind === "fold") {
    look(id);
    step(0);
    say(`${graph.boxes.length} boxes in ${id}`);
  } else openTask(id, graph.boxes[at].element);
}

/** Marks a box's arrows. */
function near(at) {
  for (const arrow of graph.scene.querySelectorAll(".arrow.near")) mark(arrow, false);
  for (const arrow of graph.boxes[at]?.arrows ?? []) mark(arrow, true);
}

function mark(arrow, isNear) {
  arrow.classList.toggle("near", isNear);
  arrow.setAttribute("marker-end", isNear ? "url(#tip-near)" : "url(#tip)");
}

function step(at) {
  graph.boxes[graph.here]?.element.setAttribute("tabindex", "-1");
  graph.here = at;
  graph.boxes[at].element.setAttribute("tabindex", "0");
  graph.boxes[at].element.focus({ preventScroll: true });
  reveal(at);
}

/** How much of the drawing's room an open task leaves to see: it may lie over its right, or on a phone over its foot. */
function uncovered() {
  const { left, top, width, height } = graph.canvas.getBoundingClientRect();
  const panel = byId("panel").getBoundingClientRect();
  const [across, down] = [panel.left - left, panel.top - top];
  if (byId("panel").hidden || (across <= 0 && down <= 0)) return { across: width, down: height };
  return across > 0 ? { across: Math.min(width, across), down: height } : { across: width, down: Math.min(height, down) };
}

/** Moves only as far as it takes to see a box. */
function reveal(at) {
  const [x, y, width, height] = graph.boxes[at].at;
  const { across, down } = uncovered();
  const into = (start, length, room, shift) => Math.min(Math.max(shift, 24 - start * graph.scale), room - 24 - (start + length) * graph.scale);
  move(into(x, width, across, graph.x), into(y, height, down, graph.y), graph.scale, true);
}

function walk(event) {
  const box = graph.boxes[graph.here];
  if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
  // Along arrows to the box that is nearest in height; up and down in the order of reading.
  const middle = ({ at: [, y, , height] }) => y + height / 2;
  const distance = (place) => Math.abs(middle(graph.boxes[place]) - middle(box));
  const nearest = (places) => [...places].sort((a, b) => distance(a) - distance(b))[0];
  const keys = {
    ArrowRight: () => step(nearest(box.to) ?? graph.here),
    ArrowLeft: () => step(nearest(box.from) ?? graph.here),
    ArrowDown: () => step(Math.min(graph.here + 1, graph.boxes.length - 1)),
    ArrowUp: () => step(Math.max(graph.here - 1, 0)),
    Home: () => step(0),
    End: () => step(graph.boxes.length - 1),
    Enter: () => enter(graph.here),
    " ": () => enter(graph.here),
    "+": () => zoomBy(STEP),
    "=": () => zoomBy(STEP),
    "-": () => zoomBy(1 / STEP),
    0: () => fit(FARTHEST),
  };
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  graph.moved = false;
  keys[event.key]();
}

/** Marks the box of the task that is open. */
function markTask(path) {
  for (const box of graph.boxes) box.element.classList.toggle("chosen", box.id === path);
  const at = graph.boxes.findIndex((box) => box.id === path);
  if (at >= 0) reveal(at);
}

/** The drawing that has a task's box: the whole, unless the task is in a closed group or a fold. */
function drawingOf(path) {
  const has = ([, drawing]) => drawing.boxes.some((box) => box.id === path);
  return Object.entries(state.workflow.drawings).find(has)?.[0] ?? "";
}

/** Out of a group, to the drawing around it. */
function leave() {
  const { around } = state.workflow.drawings[state.drawing];
  if (around === undefined) return false;
  look(around, state.drawing);
  return true;
}

function move(x, y, scale, isSmooth) {
  Object.assign(graph, { x, y, scale });
  graph.scene.classList.toggle("smooth", Boolean(isSmooth) && !isCalm.matches);
  graph.scene.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
}

/** All of the drawing, in the middle; from its beginning when that would be smaller than `least`. */
function fit(least) {
  const { width, height } = state.workflow.drawings[state.drawing];
  const room = graph.canvas.getBoundingClientRect();
  const margin = Math.min(32, room.width / 16);
  const scale = Math.min(1.2, Math.max(least, Math.min((room.width - 2 * margin) / width, (room.height - 2 * margin) / height)));
  const centred = (inside, length) => Math.max(margin, (length - inside * scale) / 2);
  // What is too high begins where the first box stands, as long as that leaves no room empty.
  const first = graph.boxes.reduce((best, box) => (box.at[0] < best.at[0] ? box : best), graph.boxes[0]);
  const overflow = height * scale > room.height;
  const beside = () => Math.max(room.height / 2 - (first.at[1] + first.at[3] / 2) * scale, room.height - margin - height * scale);
  const top = overflow && first ? Math.min(margin, beside()) : centred(height, room.height);
  move(centred(width, room.width), top, scale, false);
}

function zoomBy(by, point) {
  const room = graph.canvas.getBoundingClientRect();
  const { x, y } = point ?? { x: room.width / 2, y: room.height / 2 };
  const scale = Math.min(NEAREST, Math.max(FARTHEST, graph.scale * by));
  const ratio = scale / graph.scale;
  move(x - (x - graph.x) * ratio, y - (y - graph.y) * ratio, scale, false);
}

function turn(event) {
  zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), place(event));
}

function place(event) {
  const room = graph.canvas.getBoundingClientRect();
  return { x: event.clientX - room.left, y: event.clientY - room.top };
}

// One finger, or the mouse, moves; two fingers zoom.
const fingers = new Map();

function press(event) {
  if (event.button !== 0) return;
  fingers.set(event.pointerId, place(event));
  graph.moved = false;
}

function drag(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = place(event);
  // A finger is never quite still while it taps.
  if (!graph.moved && Math.hypot(now.x - before.x, now.y - before.y) < 5) return;
  if (!graph.moved) graph.canvas.setPointerCapture(event.pointerId);
  graph.moved = true;
  fingers.set(event.pointerId, now);
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  if (!other) return move(graph.x + now.x - before.x, graph.y + now.y - before.y, graph.scale, false);
  const apart = (point) => Math.hypot(point.x - other.x, point.y - other.y);
  zoomBy(apart(now) / Math.max(1, apart(before)), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
}

function lift(event) {
  fingers.delete(event.pointerId);
}
