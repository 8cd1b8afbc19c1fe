"use strict";
// What workflows say was written by others. It gets into the page as text and as the values of a few attributes only, by `make` below, and the
// page's policy refuses everything else.

const data = JSON.parse(document.getElementById("data").textContent);
const state = { workflow: data.workflows[0], view: "graph", drawing: "", task: null };
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const byId = (id) => document.getElementById(id);

/** Characters that a reader would not see, and that turn the order of others around, are told by their number. */
function shown(text) {
  const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
  return String(text).replace(hidden, (character) => `‹U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

const SVG = new Set(["svg", "g", "path", "rect", "text", "defs", "marker", "title"]);

/** An element. Attributes that are functions are listeners; children are elements, texts, or nothing. */
function make(tag, attributes, ...children) {
  const element = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, shown(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child != null && child !== "") element.append(child instanceof Node ? child : shown(child));
  }
  return element;
}

function replace(element, ...children) {
  const present = children.flat(Infinity).filter((child) => child != null && child !== "");
  element.replaceChildren(...present.map((child) => (child instanceof Node ? child : shown(child))));
}

/** Tells those who hear the page what has changed. */
function say(text) {
  byId("said").textContent = shown(text);
}

const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** A list whose first items are there at once, and more when they are asked for. */
function inParts(items, size, render, list) {
  let next = 0;
  const more = make("button", { type: "button", class: "more", click: () => show(true) });
  const place = make("div", {}, list, more);
  function show(isAsked) {
    const fresh = items.slice(next, next + size).map(render);
    next += fresh.length;
    list.append(...fresh);
    more.textContent = `Show ${Math.min(size, items.length - next)} more of ${items.length.toLocaleString("en")}`;
    more.hidden = next >= items.length;
    if (isAsked) (fresh[0]?.querySelector("button, summary") ?? fresh[0])?.focus();
  }
  show(false);
  return place;
}

const ICONS = {
  container: "M2 4.6 8 1.5l6 3.1v6.8l-6 3.1-6-3.1zM2 4.6l6 3 6-3M8 7.6v6.9",
  operator: "M8 1.6 14.4 8 8 14.4 1.6 8z",
  wait: "M8 1.5a6.5 6.5 0 1 0 .01 0M8 4.5V8l2.6 1.8",
  group: "M1.5 3.5h4.6l1.4 1.8h7v7.2h-13z",
  open: "M1.5 3.5h4.6l1.4 1.8h7v7.2h-13z",
  fold: "M4.5 4.5v-3h10v8h-3M1.5 5.5h10v8h-10z",
  // Not characters: a machine's fonts may lack them.
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  whole: "M9.5 2H14v4.5M14 2 9.5 6.5M6.5 14H2V9.5M2 14l4.5-4.5",
  cross: "M3.5 3.5l9 9M12.5 3.5l-9 9",
};
const KINDS = {
  container: "runs a pod",
  operator: "operator",
  wait: "waits for another workflow",
  group: "group",
  open: "group",
  fold: "many alike",
};
const icon = (kind) => make("svg", { class: `icon ${kind}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, make("path", { d: ICONS[kind] }));

// The marks of a text in YAML and in Python, in the order in which they are looked for.
const GRAMMARS = {
  yaml:
    /(?<comment>(?<=^|\s)#.*$)|(?<key>^[ \t]*(?:- )*[\w.\/"'$-][^:#\n]*?(?=:(?:\s|$)))|(?<string>"(?:\\.|[^"\\\n])*"|'(?:''|[^'\n])*')|(?<word>(?<=[:\[,-] {0,4})(?:true|false|null)\b)|(?<number>(?<=[:\[,-] {1,4})-?\d[\w.]*(?=\s|,|\]|$))/gm,
  python:
    /(?<comment>#.*$)|(?<string>[rbf]?(?:"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(?<word>\b(?:and|as|assert|def|elif|else|False|for|from|if|import|in|is|lambda|None|not|or|return|True|while|with|yield)\b)|(?<number>\b\d[\d_.]*\b)|(?<key>\b[a-z_]\w*(?=\s*=(?!=)))|(?<call>\b[A-Za-z_]\w*(?=\())/gm,
};
/** Behind so many characters a text stays plain: a browser is slow with a hundred thousand marks. */
const COLOURED = 150_000;

/** A generated text, with colours. */
function code(text, name) {
  const grammar = GRAMMARS[name.endsWith(".py") ? "python" : "yaml"];
  const start = text.slice(0, COLOURED);
  const parts = [];
  let at = 0;
  for (const match of start.matchAll(grammar)) {
    const kind = Object.keys(match.groups).find((key) => match.groups[key] !== undefined);
    parts.push(start.slice(at, match.index), make("span", { class: kind }, match[0]));
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return make("pre", { tabindex: 0, role: "region", "aria-label": name }, make("code", {}, parts));
}

/** A text that is put into the page once it is opened. */
function opening({ name, text, missing }, isOpen) {
  const fill = () => {
    if (!element.open || element.childElementCount > 1) return;
    element.append(code(text, name), missing ? make("p", { class: "notice" }, missing) : "");
  };
  const element = make("details", { class: "text", toggle: fill, open: isOpen }, make("summary", {}, make("code", {}, name)));
  fill();
  return element;
}
