"use strict";
// Tells, while a clerk types, what a USCC says and whether the organization is in the registry already.
const watchFields = () => {
  const uscc = document.getElementById("id_uscc");
  const checked = ["uscc", "name_zh", "name_en"];
  const latest = {};

  const place = (input) => {
    let note = document.getElementById(input.id + "_check");
    if (!note) {
      note = document.createElement("div");
      note.id = input.id + "_check";
      note.className = "check";
      note.setAttribute("role", "status");
      (input.closest(".form-row") || input.parentElement).append(note);
    }
    return note;
  };

  const show = (input, told) => {
    const note = place(input);
    note.replaceChildren();
    note.className = "check " + (told ? told.level : "");
    for (const line of told ? told.lines : []) {
      const p = document.createElement("p");
      p.textContent = line;
      note.append(p);
    }
    for (const record of told ? told.existing : []) {
      const a = document.createElement("a");
      a.href = record.url;
      a.textContent = record.label;
      note.append(a);
    }
  };

  const ask = async (field, input) => {
    const value = input.value.trim();
    if (!value || (field === "uscc" && value.length < 18)) {
      latest[field] = "";
      show(input, null);
      return;
    }
    if (latest[field] === value) return;
    latest[field] = value;
    const query = new URLSearchParams({ [field]: value, own: uscc.dataset.own });
    const response = await fetch(uscc.dataset.checkUrl + "?" + query, { headers: { Accept: "application/json" } });
    if (response.ok && latest[field] === value) {
      const told = (await response.json())[field];
      show(input, told);
    }
  };

  // Why a name changes is asked where it does.
  const reason = document.querySelector(".field-name_change")?.closest(".form-row, .fields");
  const names = ["name_zh", "name_en"].map((field) => document.getElementById("id_" + field)).filter(Boolean);
  if (reason && !reason.matches(".errors") && !reason.querySelector(".errorlist, input:checked")) {
    const reveal = () => {
      reason.hidden = names.every((input) => input.value.trim() === input.defaultValue.trim() || !input.defaultValue);
    };
    for (const input of names) input.addEventListener("input", reveal);
    reveal();
  }

  // Industries are offered by any part of their code or name.
  const industry = document.getElementById("id_industry");
  if (industry?.matches("input") && isNew(industry)) {
    const offered = document.createElement("datalist");
    offered.id = "industries";
    industry.after(offered);
    let waiting;
    industry.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const words = industry.value.trim();
        if (!words || [...offered.options].some((option) => option.value === words)) return;
        const query = new URLSearchParams({ industry: words });
        const response = await fetch(`${industry.dataset.checkUrl}?${query}`, { headers: { Accept: "application/json" } });
        if (!response.ok || industry.value.trim() !== words) return;
        offered.replaceChildren(...(await response.json()).industry.map((text) => new Option(text, text)));
      }, 200);
    });
  }

  if (uscc?.dataset.checkUrl && isNew(uscc)) {
    for (const field of checked) {
      const input = document.getElementById("id_" + field);
      if (!input) continue;
      let waiting;
      input.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => ask(field, input), 300);
      });
      input.addEventListener("change", () => ask(field, input));
    }
  }

  for (const input of document.querySelectorAll("input[data-organizations]")) if (isNew(input)) offerOrganizations(input);
};

const seen = new WeakSet();
const isNew = (element) => !seen.has(element) && Boolean(seen.add(element));

// Other organizations are offered while part of a name, of its pinyin or of a code is typed.
const offerOrganizations = (input) => {
  const offered = document.createElement("datalist");
  offered.id = `${input.id}_offered`;
  input.after(offered);
  input.setAttribute("list", offered.id);
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const words = input.value.trim();
      if (!words || [...offered.options].some((option) => option.value === words)) return;
      const query = new URLSearchParams({ app_label: "registry", model_name: "relation", field_name: "related", term: words });
      const response = await fetch(`${input.dataset.organizations}?${query}`, { headers: { Accept: "application/json" } });
      if (!response.ok || input.value.trim() !== words) return;
      // What was typed stands beside each name: a browser shows only what fits it.
      const found = (await response.json()).results.slice(0, 10);
      offered.replaceChildren(...found.map(({ text }) => new Option(`${text} ${words}`, text)));
    }, 200);
  });
};

document.addEventListener("DOMContentLoaded", watchFields);
document.addEventListener("part:shown", watchFields);
if (document.readyState === "complete") watchFields();
