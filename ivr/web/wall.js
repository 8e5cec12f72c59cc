"use strict";
// The wall reads /api/snapshot twice a second and draws what it says. It keeps nothing but the time of
// the last answer: a picture that has stopped must not look like one that is live.
const SHOWN = 25;
const PATIENCE_MS = 3000;
const USUAL = ["http://127.0.0.1:8080", "http://localhost:8080"];
const byId = (id) => document.getElementById(id);
const span = (ms) => {
  const s = Math.round(ms / 1000);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
};
const cell = (text, className = "") => {
  const td = document.createElement("td");
  td.textContent = text;
  td.className = className;
  return td;
};
const row = (...cells) => {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
};
// On a narrow screen a row is a card and has no heading above it, so each cell carries its own.
const fill = (id, rows) => {
  const body = byId(id);
  const labels = [...body.parentElement.querySelectorAll("th")].map((th) => th.textContent);
  for (const tr of rows) [...tr.cells].forEach((td, place) => { td.dataset.label = labels[place]; });
  body.replaceChildren(...rows);
};
const plural = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;
const words = (state) => state.replaceAll("_", " ");
const counted = ([state, n]) => `${n} ${words(state)}`.replaceAll(" ", "\u00a0"); // a line breaks between states only
const withWhom = (c) => {
  if (!c.consults) return c.party || "–";
  return c.consult_mode === "conference" ? `${c.party} and ${c.consults}` : `${c.party}, consulting ${c.consults}`;
};

const draw = (now) => {
  byId("name").textContent = now.plan;
  document.title = `${now.waiting} waiting · ${now.plan}`;
  byId("summary").textContent =
    `${plural(now.calls_total, "call")}: ${now.in_flow} in menus, ${now.waiting} waiting, ${now.talking} talking` +
    (now.callbacks ? `, ${plural(now.callbacks, "callback")} pending` : "");
  fill("queues", now.queues.map((q) => row(
    cell(q.name), cell(q.waiting, "n"),
    cell(q.waiting ? span(q.oldest_ms) : "–", q.oldest_ms > 60000 ? "n late" : "n"),
    cell(q.estimate_ms === null ? "unknown" : span(q.estimate_ms), "n"), cell(q.callbacks, "n"),
    cell(Object.entries(q.agents).map(counted).join(", ")))));
  byId("agents").replaceChildren(...now.agents.map((a) => {
    const li = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = a.name;
    const state = document.createElement("span");
    state.className = a.state;
    state.textContent = ` ${words(a.state)} ${span(a.for_ms)}`;
    li.append(name, state);
    return li;
  }));
  fill("calls", now.calls.slice(0, SHOWN).map((c) => row(
    cell(`c-${String(c.call).padStart(6, "0")}`), cell(c.caller || "withheld"), cell(c.number),
    cell(c.queue && !c.party ? `waiting for ${c.queue}, number ${c.position}` : `${c.flow} / ${c.state}`),
    cell(withWhom(c)), cell(span(c.for_ms), "n"))));
  byId("more").textContent = now.calls_total > SHOWN ? `and ${now.calls_total - SHOWN} more` : "";
};

let answered = null;
const stale = (fault) => {
  document.body.classList.add("stale");
  document.title = `no answer · ${byId("name").textContent}`;
  byId("summary").textContent = answered === null
    ? `No picture: ${fault.message}`
    : `The center has not answered since ${answered.toLocaleTimeString()}. Below is how it was then.`;
};
const look = async () => {
  try {
    const answer = await fetch("/api/snapshot", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(await answer.text());
    draw(await answer.json());
    answered = new Date();
    document.body.classList.remove("stale");
  } catch (fault) {
    stale(fault);
  }
  setTimeout(look, 500);
};
if (!USUAL.includes(location.origin)) byId("call").textContent += ` --url ${location.origin}`;
look();
