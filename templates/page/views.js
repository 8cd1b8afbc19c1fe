
// The other views, the tabs, and what the address remembers.

function tasksView() {
  const list = make("tbody", {});
  const place = make("div", { class: "wide" });
  const columns = ["Task", "Image", "Profile", "Requests", "Limits", "Repeated"];
  const row = (task) => {
    const known = Object.fromEntries(task.facts);
    const open = (event) => openTask(task.path, event.currentTarget);
    const name = make("button", { type: "button", class: "link", click: open }, icon(task.kind), task.path);
    // What runs no pod has no image, and says there what it is.
    const what = task.kind === "container" ? ["Image", known.Image] : ["What", task.note];
    const cells = [what, ...columns.slice(2).map((column) => [column, known[column]])];
    const cell = ([column, text]) => make("td", { "data-column": column }, make("bdi", {}, text ?? ""));
    return make("tr", {}, make("th", { scope: "row" }, name), cells.map(cell));
  };
  const fill = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (task) => [task.path, ...task.facts.flat()].join(" ").toLowerCase();
    const { tasks } = state.workflow;
    const found = words.length ? tasks.filter((task) => words.every((word) => text(task).includes(word))) : tasks;
    list.replaceChildren();
    const head = make("thead", {}, make("tr", {}, columns.map((column) => make("th", { scope: "col" }, column))));
    const table = make("table", { class: "tasks" }, head);
    const parts = inParts(found, 100, row, list);
    place.replaceChildren(table, parts.querySelector(".more"));
    table.append(list);
    amount.textContent = `${count(found.length, "task")} of ${tasks.length.toLocaleString("en")}`;
  };
  const search = make("input", { type: "search", id: "search", placeholder: "name, image, profile…", autocomplete: "off", input: fill });
  const amount = make("span", { role: "status" });
  fill();
  return [make("p", { class: "search" }, make("label", { for: "search" }, "Find"), search, amount), place];
}

function filesView() {
  const { files } = state.workflow;
  const hint = files.length === 1 ? "What a publish writes into the central repository." : `What a publish writes into the central repository: ${files.length} files.`;
  return [make("p", { class: "hint" }, hint), files.map((file, at) => opening(file, at === 0))];
}

function podsView() {
  const pods = state.workflow.tasks.filter((task) => task.pod).map((task) => task.pod);
  const hint = "The pods as the cluster gets them, one for each task; of a fan-out the first item's.";
  return [make("p", { class: "hint" }, pods.length ? hint : "No task runs a pod."), inParts(pods, 50, (pod) => opening(pod, pods.length === 1), make("div", {}))];
}

const DAY = 86_400_000;
const utc = (date) => Date.parse(`${date}T00:00:00Z`);
const told = (time, options) => new Date(time).toLocaleDateString("en-GB", { timeZone: "UTC", ...options });

function runsView() {
  const { zone, from, until, days } = state.workflow.calendar;
  if (days.length === 0) return [make("p", { class: "hint" }, `It runs ${state.workflow.schedule}: no run is known beforehand.`)];
  const runs = new Map(days.map((day) => [day.date, day]));
  const total = days.reduce((sum, day) => sum + day.runs.length, 0);
  const monday = utc(from) - ((new Date(utc(from)).getUTCDay() + 6) % 7) * DAY;
  const last = utc(days.at(-1).date);
  const weeks = [];
  let abbreviation = days[0].zone;
  for (let week = monday; week <= last; week += 7 * DAY) {
    const cells = [0, 1, 2, 3, 4, 5, 6].map((day) => {
      const time = week + day * DAY;
      const date = new Date(time).toISOString().slice(0, 10);
      const found = runs.get(date);
      const changes = found && found.zone !== abbreviation;
      if (found) abbreviation = found.zone;
      return dayCell(time, date, found, changes, time < utc(from) || time > utc(until));
    });
    weeks.push(make("tr", {}, cells));
  }
  const names = [0, 1, 2, 3, 4, 5, 6].map((day) => make("th", { scope: "col" }, told(monday + day * DAY, { weekday: "short" })));
  const end = told(utc(until), { day: "numeric", month: "long", year: "numeric" });
  const caption = make("caption", { class: "unseen" }, `Runs in ${zone}`);
  return [
    make("p", { class: "hint" }, `${count(total, "run")} until ${end}, told in `, make("strong", {}, zone), "."),
    make("table", { class: "calendar" }, caption, make("thead", {}, make("tr", {}, names)), make("tbody", {}, weeks)),
  ];
}

/** Runs of a day that are shown at once. */
const RUNS = 4;

function dayCell(time, date, found, changes, isOutside) {
  const number = new Date(time).getUTCDate();
  const weekday = make("span", { class: "weekday" }, `${told(time, { weekday: "short" })} `);
  const month = number === 1 || found ? ` ${told(time, { month: "short" })}` : "";
  const label = make("time", { datetime: date }, weekday, `${number}${month}`);
  const runs = found?.runs ?? [];
  const item = (run) => make("li", {}, run);
  const few = make("ul", {}, runs.slice(0, RUNS).map(item));
  const more = () => make("details", {}, make("summary", {}, `${runs.length - RUNS} more`), make("ul", {}, runs.slice(RUNS).map(item)));
  const rest = runs.length > RUNS ? more() : "";
  const zone = changes ? make("span", { class: "changes" }, found.zone ? `clocks change: ${found.zone}` : "clocks change") : "";
  return make("td", { class: `${found ? "busy" : "free"}${isOutside ? " outside" : ""}` }, label, found ? few : "", rest, zone);
}

/** What is said of the workflow that is shown. */
const ownFindings = () => data.findings.filter((finding) => finding.files.includes(state.workflow.file));

function findingsView() {
  if (data.findings.length === 0) return [make("p", { class: "hint" }, "check has nothing to say.")];
  const one = ({ code: id, severity, title, help, places }) => make("li", { class: `finding ${severity}` },
    make("p", {}, make("strong", {}, `${severity} ${id}`), " ", make("bdi", {}, title)),
    make("ul", {}, places.map((place) => make("li", {}, make("code", {}, place)))),
    help ? make("p", { class: "hint" }, help) : "");
  const list = (findings) => (findings.length ? inParts(findings, 100, one, make("ul", { class: "findings" })) : "");
  const own = ownFindings();
  const others = data.findings.filter((finding) => !own.includes(finding));
  const hint = own.length ? "What check says of this workflow." : "check has nothing to say of this workflow.";
  const elsewhere = make("p", { class: "hint" }, `What check says elsewhere: ${count(others.length, "finding")}.`);
  return [make("p", { class: "hint" }, hint), list(own), others.length ? [elsewhere, list(others)] : []];
}

const VIEWS = {
  graph: ["Graph", graphView],
  tasks: ["Tasks", tasksView, () => state.workflow.tasks.length],
  files: ["Files", filesView, () => state.workflow.files.length],
  pods: ["Pods", podsView],
  runs: ["Runs", runsView],
  findings: ["Findings", findingsView, () => ownFindings().length],
};

function tabs() {
  replace(byId("tabs"), Object.entries(VIEWS).map(([id, [title, , size]]) => make("button",
    { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": "view", "aria-selected": "false", tabindex: -1, click: () => show(id) },
    title, size?.() ? make("span", { class: "size" }, size().toLocaleString("en")) : "")));
}

function show(id) {
  state.view = id;
  for (const tab of byId("tabs").children) {
    const isChosen = tab.id === `tab-${id}`;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.setAttribute("tabindex", isChosen ? "0" : "-1");
    if (isChosen) bring(tab);
  }
  byId("view").setAttribute("aria-labelledby", `tab-${id}`);
  byId("view").dataset.view = id;
  replace(byId("view"), VIEWS[id][1]());
  // A drawing is fitted into the room that it has, which is known once it is in the page.
  if (id === "graph") look(state.drawing);
  remember();
}

function choose(name) {
  state.workflow = data.workflows.find((workflow) => workflow.name === name) ?? data.workflows[0];
  state.drawing = "";
  tell("");
  const { workflow } = state;
  byId("workflow").value = workflow.name;
  byId("name").textContent = shown(workflow.name);
  byId("schedule").textContent = shown(`Runs ${workflow.schedule}`);
  byId("description").textContent = shown(workflow.description ?? "");
  const [[, inRun], [, load]] = workflow.facts;
  // Tasks that are repeated count once as they are written, and each time in a run.
  const written = count(workflow.tasks.length, "task");
  const sizes = [inRun === workflow.tasks.length.toLocaleString("en") ? written : `${written}, ${inRun} in a run with repeats`, `at the most ${load} at once`];
  replace(byId("sizes"), sizes.map((text) => make("li", {}, text)));
  byId("facts").replaceChildren(...facts(workflow.facts).children);
  tabs();
}

/** Moves the tabs as far as it takes to see one: on a phone they are wider than it. */
function bring(tab) {
  const bar = byId("tabs");
  const left = tab.offsetLeft - bar.offsetLeft;
  bar.scrollLeft = Math.min(Math.max(bar.scrollLeft, left + tab.offsetWidth + 1 - bar.clientWidth), left);
}

let isNoting = false;

/** The address names what is shown, so that it can be sent to somebody with the file, and Back leads to what was shown before. */
function remember() {
  if (isNoting) return;
  isNoting = true;
  // Once for all that one click does.
  queueMicrotask(() => {
    isNoting = false;
    const parts = [state.workflow.name, state.view, state.task ?? (state.view === "graph" ? state.drawing : "")];
    const address = `#${parts.filter(Boolean).map(encodeURIComponent).join("/")}`;
    if (address === location.hash) return;
    if (state.isRecalled) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    state.isRecalled = false;
  });
}

/** Shows what the address names. */
function recall() {
  const decoded = (part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return "";
    }
  };
  const [name, view, what] = location.hash.slice(1).split("/").map(decoded);
  if (state.task !== null) closeTask();
  choose(name);
  const isTask = what !== undefined && taskOf(what) !== undefined;
  const isDrawing = what !== undefined && Object.hasOwn(state.workflow.drawings, what);
  if (isDrawing) state.drawing = what;
  else if (isTask) state.drawing = drawingOf(what);
  show(Object.hasOwn(VIEWS, view ?? "") ? view : "graph");
  if (isTask) openTask(what);
  if (name && state.workflow.name !== name) tell(`This page has no workflow ${name}: it shows ${state.workflow.name}.`);
  else if (what && !isTask && !isDrawing) tell(`${name} has no task or group ${what}.`);
  state.isRecalled = true;
  remember();
}

/** Says above all else what the address asked for in vain. */
function tell(text) {
  byId("vain").textContent = shown(text);
  byId("vain").hidden = text === "";
}

byId("workflow").addEventListener("change", (event) => {
  if (state.task !== null) closeTask();
  choose(event.target.value);
  show(state.view);
  say(`${state.workflow.name} is shown`);
});
byId("tabs").addEventListener("keydown", (event) => {
  const ids = Object.keys(VIEWS);
  const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const at = event.key === "Home" ? 0 : event.key === "End" ? ids.length - 1 : to && (ids.indexOf(state.view) + to + ids.length) % ids.length;
  if (at === undefined) return;
  event.preventDefault();
  show(ids[at]);
  byId(`tab-${ids[at]}`).focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (state.task !== null) closeTask();
  else if (state.view === "graph" && document.activeElement?.closest?.(".graph")) leave();
});
// A phone's window changes its height while one scrolls: that must not undo what the reader has moved.
let across = innerWidth;
addEventListener("resize", () => {
  if (across !== innerWidth && state.view === "graph" && graph.boxes.length) fit(READABLE);
  across = innerWidth;
});
document.querySelector(".skip").addEventListener("click", (event) => {
  // The address is that of what is shown.
  event.preventDefault();
  byId("view").focus();
});
if (data.workflows.length) {
  recall();
  // Somebody followed a link, wrote an address, or went back.
  addEventListener("popstate", recall);
}
