"use strict";
// The wall reads /api/snapshot twice a second and draws what it says; it keeps nothing.
const SHOWN = 25;
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
const words = (state) => state.replaceAll("_", " ");

const draw = (now) => {
  byId("name").textContent = now.plan;
  document.title = `${now.waiting} waiting · ${now.plan}`;
  byId("summary").textContent =
    `${now.calls_total} calls: ${now.in_flow} in menus, ${now.waiting} waiting, ${now.talking} talking` +
    (now.callbacks ? `, ${now.callbacks} callbacks pending` : "");
  byId("queues").replaceChildren(...now.queues.map((q) => row(
    cell(q.name), cell(q.waiting, "n"),
    cell(q.waiting ? span(q.oldest_ms) : "–", q.oldest_ms > 60000 ? "n late" : "n"),
    cell(q.estimate_ms === null ? "unknown" : span(q.estimate_ms), "n"), cell(q.callbacks, "n"),
    cell(Object.entries(q.agents).map(([state, n]) => `${n} ${words(state)}`).join(", ")))));
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
  byId("calls").replaceChildren(...now.calls.slice(0, SHOWN).map((c) => row(
    cell(`c-${String(c.call).padStart(6, "0")}`), cell(c.caller || "withheld"), cell(c.number),
    cell(c.queue && !c.party ? `waiting for ${c.queue}, number ${c.position}` : `${c.flow} / ${c.state}`),
    cell(c.party || "–"), cell(span(c.for_ms), "n"))));
  byId("more").textContent = now.calls_total > SHOWN ? `and ${now.calls_total - SHOWN} more` : "";
};

const look = async () => {
  try {
    const answer = await fetch("/api/snapshot", { cache: "no-store" });
    if (!answer.ok) throw new Error(await answer.text());
    draw(await answer.json());
  } catch (fault) {
    byId("summary").textContent = `No picture: ${fault.message}`;
  }
  setTimeout(look, 500);
};
look();
