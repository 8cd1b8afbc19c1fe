
// One task: what it runs, what it waits for, and where each of its values comes from.

let opener = null;

function openTask(path, from) {
  const task = taskOf(path);
  if (!task) return;
  const panel = byId("panel");
  // Where the focus returns to: what is in the panel goes with it.
  if (from && !panel.contains(from)) opener = from;
  state.task = path;
  const after = state.workflow.tasks.filter((other) => other.needs.includes(path)).map((other) => other.path);
  replace(
    panel,
    make("div", { class: "head" },
      make("h2", { id: "panel-title", tabindex: -1 }, icon(task.kind), path),
      make("button", { type: "button", class: "close", "aria-label": "Close", click: closeTask }, icon("cross"))),
    make("p", { class: "kind" }, KINDS[task.kind]),
    facts(task.facts),
    links("Waits for", task.needs),
    links("Waited for by", after),
    layers(task.values),
    podOf(task),
  );
  panel.hidden = false;
  panel.scrollTop = 0;
  document.body.classList.add("has-panel");
  if (state.view === "graph") markTask(path);
  byId("panel-title").focus({ preventScroll: true });
  remember();
}

function podOf(task) {
  if (!task.pod) return [];
  const isRepeated = task.facts.some(([word]) => word === "Repeated");
  const hint = isRepeated ? "That of the first item; those of the others differ in the item alone." : "As the cluster gets it.";
  return [make("h3", {}, "The pod"), make("p", { class: "hint" }, hint), opening(task.pod, true)];
}

function closeTask() {
  byId("panel").hidden = true;
  state.task = null;
  document.body.classList.remove("has-panel");
  if (state.view === "graph") markTask(null);
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  else byId("view").focus({ preventScroll: true });
  remember();
}

const taskOf = (path) => state.workflow.tasks.find((task) => task.path === path);
const facts = (pairs) => make("dl", {}, pairs.map(([word, text]) => [make("dt", {}, word), make("dd", {}, make("bdi", {}, text))]));

/** Tasks and groups, each of which can be gone to. */
function links(title, paths) {
  if (paths.length === 0) return [];
  const go = (path) => (taskOf(path) ? openTask(path) : (closeTask(), show("graph"), look(path)));
  const link = (path) => make("li", {}, make("button", { type: "button", class: "link", click: () => go(path) }, path));
  return [make("h3", {}, title), inParts(paths, 20, link, make("ul", { class: "links" }))];
}

function layers(values) {
  if (values.length === 0) return [];
  const origin = (place, isOverridden) => {
    const [value, layer, where] = data.origins[place];
    return make("div", { class: isOverridden ? "overridden" : "given" },
      make(isOverridden ? "del" : "code", { class: "value" }, make("bdi", {}, value)),
      make("span", { class: "from" },
        make("span", { class: `layer ${layer}` }, isOverridden ? `over ${layer}` : layer),
        make("code", { class: "where" }, where)));
  };
  const all = ([first, ...rest]) => make("td", {}, origin(first, false), rest.map((place) => origin(place, true)));
  const row = ([key, places]) => make("tr", {}, make("th", { scope: "row" }, key), all(places));
  return [make("h3", {}, "Where its values come from"), make("table", { class: "layers" }, make("tbody", {}, values.map(row)))];
}
