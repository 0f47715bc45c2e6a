"use strict";
// Nothing typed is lost: leaving a form with unsaved input is asked about, and its values survive the end of a session.
//
// Drafts stand in sessionStorage: they outlive the log-in page in the same tab and end with the tab. Their keys name the
// account; another account that logs in, and logging out, remove them (page.js). Passwords and files are never kept.

// --- What a form holds: name -> values; of a choice also its words, which a list that is searched does not hold

const kept = (field) =>
  field.name &&
  !["csrfmiddlewaretoken", "_version"].includes(field.name) &&
  !["password", "file", "submit", "button"].includes(field.type) &&
  !field.name.includes("__prefix__");

const valuesOf = (field, asLoaded) => {
  if (field.options) {
    const chosen = [...field.options].filter((option) => (asLoaded ? option.defaultSelected : option.selected));
    const shown = chosen.length || field.multiple ? chosen : [...field.options].slice(0, 1);
    return shown.map((option) => [option.value, option.text]);
  }
  if (["checkbox", "radio"].includes(field.type)) {
    return (asLoaded ? field.defaultChecked : field.checked) ? [[field.value]] : [];
  }
  return [[field.type !== "hidden" && asLoaded ? field.defaultValue : field.value]];
};

const stateOf = (form, asLoaded = false) => {
  const state = {};
  for (const field of form.elements) {
    if (kept(field)) (state[field.name] ??= []).push(...valuesOf(field, asLoaded));
  }
  return state;
};

const plain = (values) => JSON.stringify((values ?? []).map(([value]) => value));
const differing = (one, other) =>
  Object.keys({ ...one, ...other }).filter((name) => plain(one[name]) !== plain(other[name]));

// --- Putting values back

const addRows = (form, state) => {
  for (const total of form.querySelectorAll("input[name$=-TOTAL_FORMS]")) {
    const prefix = total.name.replace(/-TOTAL_FORMS$/, "");
    const add =
      total.closest(".inline-group")?.querySelector(".add-row a") ?? form.querySelector(`button[data-adds="${prefix}"]`);
    const wanted = Number(state[total.name]?.[0][0] ?? 0);
    for (let left = wanted - Number(total.value); add && left > 0; left -= 1) add.click();
  }
};

const putBack = (field, values, place) => {
  if (field.options) {
    for (const [value, text] of values) {
      if (![...field.options].some((option) => option.value === value)) field.add(new Option(text, value));
    }
    for (const option of field.options) option.selected = values.some(([value]) => value === option.value);
  } else if (["checkbox", "radio"].includes(field.type)) {
    field.checked = values.some(([value]) => value === field.value);
  } else if (values[place]) {
    field.value = values[place][0];
  }
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
};

const restore = (form, draft) => {
  addRows(form, draft.now);
  const names = differing(draft.before, draft.now).filter((name) => !name.endsWith("_FORMS"));
  for (const name of names) {
    const fields = [...form.elements].filter((field) => field.name === name && kept(field));
    fields.forEach((field, place) => putBack(field, draft.now[name] ?? [], place));
  }
  // The values were typed into this version: what others have changed since is told when they are saved.
  const version = form.elements._version;
  if (version && draft.version) version.value = draft.version;
};

// --- The form of the page

const watch = (form) => {
  const query = new URLSearchParams(location.search);
  query.delete("_changelist_filters");
  const key = `${own}${location.pathname}?${query}`;
  const read = () => JSON.parse(sessionStorage.getItem(key) ?? "null");
  const stored = read();
  // A form that came back with errors holds what was typed: it differs from what is saved.
  const refused = Boolean(form.querySelector(".errornote, .errorlist"));
  const before = (refused && stored?.before) || (refused ? {} : stateOf(form, true));
  let leaving = false;

  const isDirty = () => differing(before, stateOf(form)).length > 0;
  const save = () => {
    const draft = { before, now: stateOf(form), version: form.elements._version?.value, at: Date.now() };
    if (!differing(before, draft.now).length) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(draft));
  };
  let waiting;
  const later = () => {
    leaving = false;
    clearTimeout(waiting);
    waiting = setTimeout(save, 200);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  document.addEventListener("formset:added", later);
  document.addEventListener("formset:removed", later);
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    save();
    sessionStorage.setItem(SENT, key);
    leaving = true;
  });
  document.getElementById("logout-form")?.addEventListener("submit", () => clearTimeout(waiting));
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && isDirty()) event.preventDefault();
  });
  window.addEventListener("pageshow", () => (leaving = false));

  if (refused) save();
  else if (stored && differing(stored.now, stateOf(form)).length) offer(form, stored, save, () => sessionStorage.removeItem(key));
};

const offer = (form, draft, save, discard) => {
  const bar = document.createElement("div");
  bar.className = "draft";
  bar.setAttribute("role", "status");
  const words = document.createElement("p");
  const time = new Date(draft.at).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  words.textContent = account.dataset.unsaved.replace("{time}", time);
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = label;
    made.addEventListener("click", () => {
      act();
      bar.remove();
    });
    return made;
  };
  const put = button(account.dataset.restore, () => {
    restore(form, draft);
    save();
  });
  bar.append(words, put, button(account.dataset.discard, discard));
  form.prepend(bar);
};

// After the scripts of the rows have made their buttons.
document.addEventListener("DOMContentLoaded", () => {
  // A page may have small forms above the one that is saved.
  const forms = document.querySelectorAll(".change-form #content-main form[method=post]:not([data-final])");
  const saved = [...forms].find((form) => form.querySelector(".submit-row [type=submit]"));
  if (saved) watch(saved);
});
