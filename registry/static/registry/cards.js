"use strict";
// Cards are edited in place: a link or form with `data-card` gets its page by fetch, and only the card is replaced.
// Without this script each of them leads to a page of its own.

const parts = document.querySelector("[data-parts]");
const reading = new Map(); // id of an open card -> the card as it is read
const dirty = new Set();

const load = async (url, options) => {
  const response = await fetch(url, options);
  return new DOMParser().parseFromString(await response.text(), "text/html");
};

// What a form needs is loaded with the first card that is opened, and before it is shown.
const loadScripts = (form) =>
  Promise.all(
    form.dataset.scripts
      .split(" ")
      .filter((src) => ![...document.scripts].some((one) => one.getAttribute("src") === src))
      .map((src) => {
        const script = document.createElement("script");
        script.src = src;
        document.head.append(script);
        return new Promise((done) => (script.onload = script.onerror = done));
      }),
  );

const fieldOf = (form, key) => {
  const [prefix, pk, name] = key.split("/");
  if (!name) return form.elements[prefix];
  const id = [...form.querySelectorAll(`input[type=hidden][name^="${prefix}-"][name$="-id"]`)].find((one) => one.value === pk);
  return id && form.elements[id.name.replace(/id$/, name)];
};

const visible = (form) =>
  [...form.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((one) => one.checkVisibility());

// A field that was opened by its value is like a cell of a sheet: Enter saves it, Esc leaves it while nothing was typed.
const asCell = (field, form, id) => {
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || "finds" in field.dataset) return;
    if (event.key === "Escape" && !dirty.has(id)) close(id);
    if (event.key !== "Enter" || field.matches("textarea")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector(".default[type=submit]"));
  });
  if (field.matches("textarea")) return;
  const hint = document.createElement("small");
  hint.className = "help";
  hint.textContent = parts.dataset.cell;
  field.closest(".field").append(hint);
};

const show = (card, key = "") => {
  const old = document.getElementById(card.id);
  if (!old) return location.assign(card.querySelector("form")?.action ?? location.href);
  if (!reading.has(card.id)) reading.set(card.id, old);
  old.replaceWith(card);
  const form = card.querySelector("form[data-card]");
  prepareRows(form);
  document.dispatchEvent(new CustomEvent("part:shown", { detail: card }));
  form.addEventListener("input", () => dirty.add(card.id));
  const wrong = form.querySelector("[aria-invalid=true], .errors :is(input:not([type=hidden]), select, textarea)");
  const cell = key && fieldOf(form, key);
  if (cell) asCell(cell, form, card.id);
  form.dataset.key = key;
  const field = wrong || cell || form.querySelector("[data-reverted]") || visible(form)[0];
  field?.scrollIntoView({ block: "nearest" });
  field?.focus({ preventScroll: true });
  if (!wrong && field?.matches("input:not([type=checkbox], [type=radio])")) field.select();
  return undefined;
};

const close = (id) => {
  const card = reading.get(id);
  document.getElementById(id).replaceWith(card);
  reading.delete(id);
  dirty.delete(id);
  card.querySelector("a.edit")?.focus();
};

// Takes over all parts of a page that has just been read, except cards that are being edited.
const renew = (page) => {
  for (const name of ["messagelist"]) {
    document.querySelector(`.${name}`)?.remove();
    const told = page.querySelector(`.${name}`);
    if (told) document.getElementById("content").before(told);
  }
  const fresh = page.querySelector("[data-parts]");
  for (const column of [...fresh.children]) {
    const here = parts.querySelector(`:scope > .${column.classList[column.classList.length - 1]}`);
    for (const id of reading.keys()) {
      const read = column.querySelector(`#${id}`);
      if (!read) continue;
      const open = document.getElementById(id);
      read.replaceWith(open);
      reading.set(id, read);
    }
    here.replaceWith(column);
  }
  prepare();
};

const failed = (form) => {
  const told = form.querySelector(".failed") ?? document.createElement("p");
  told.className = "errornote failed";
  told.setAttribute("role", "alert");
  told.textContent = parts.dataset.failed;
  form.prepend(told);
};

const send = async (form, submitter) => {
  const id = form.dataset.card;
  let page;
  try {
    page = await load(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) });
  } catch {
    return failed(form);
  }
  const card = id && page.querySelector(`#${id}:has(form[data-card])`);
  if (card) return show(card, form.dataset.key);
  if (!page.querySelector("[data-parts]")) return failed(form);
  if (id) {
    reading.delete(id);
    dirty.delete(id);
  }
  renew(page);
  return document.querySelector(`#${id || form.dataset.then} :is(a.edit, .reveal)`)?.focus();
};

// --- Rows of a card

const prepareRows = (form) => {
  for (const button of form.querySelectorAll("button[data-adds]")) {
    const rows = () => [...form.querySelectorAll(`fieldset[data-row="${button.dataset.adds}"]`)];
    const blank = rows().find((row) => row.matches(".new") && !row.querySelector(".errorlist"));
    if (blank && rows().length > 1) blank.hidden = true;
    button.hidden = false;
    button.addEventListener("click", () => {
      const total = form.elements[`${button.dataset.adds}-TOTAL_FORMS`];
      if (blank?.hidden) blank.hidden = false;
      else addRow(rows().at(-1), total);
      visible(rows().at(-1))[0].focus();
    });
  }
};

const addRow = (last, total) => {
  const made = last.cloneNode(true);
  const number = Number(total.value);
  for (const one of made.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
    for (const name of ["name", "id", "for", "aria-describedby"]) {
      const value = one.getAttribute(name);
      if (value) one.setAttribute(name, value.replace(/-\d+-/, `-${number}-`));
    }
    if (one.matches("input:not([type=checkbox], [type=hidden]), textarea")) one.value = "";
    if (one.matches("[type=checkbox]")) one.checked = false;
  }
  total.value = number + 1;
  last.after(made);
};

// --- What is clicked

const open = async (url, key) => {
  const page = await load(url).catch(() => null);
  const card = page?.querySelector(".record-card:has(form[data-card])");
  // Where there is no card the page itself says what is wrong.
  if (!card) return location.assign(url);
  await loadScripts(card.querySelector("form"));
  return show(card, key);
};

const prepare = () => {
  for (const button of document.querySelectorAll("button[data-text]")) button.hidden = !navigator.clipboard;
  for (const value of document.querySelectorAll(".record-card:has(a.edit[data-card]) [data-field]"))
    value.title = parts?.dataset.change ?? "";
};

document.addEventListener("click", async (event) => {
  const closes = event.target.closest("[data-close]");
  if (closes && reading.has(closes.dataset.close)) {
    event.preventDefault();
    close(closes.dataset.close);
    return;
  }
  const link = event.target.closest("a[data-card]");
  if (link && parts && !event.ctrlKey && !event.metaKey && !event.shiftKey && document.getElementById(link.dataset.card)) {
    event.preventDefault();
    await open(link.href);
    return;
  }
  const button = event.target.closest("button[data-text]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.text);
  button.textContent = button.dataset.copied;
});

// A click on a value opens it, unless text was marked to be copied; where one taps, it takes two, or scrolling would do it.
document.addEventListener("click", (event) => {
  const value = event.target.closest("[data-field]");
  const link = value?.closest(".record-card")?.querySelector("a.edit[data-card]");
  const needed = matchMedia("(hover: hover)").matches ? 1 : 2;
  if (!link || !parts || event.detail !== needed || event.target.closest("a, button")) return;
  if (getSelection().isCollapsed || needed === 2) open(link.href, value.dataset.field);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!parts || !form.matches("form[data-card], form[data-then]")) return;
  event.preventDefault();
  send(form, event.submitter);
});

window.addEventListener("beforeunload", (event) => {
  if (dirty.size) event.preventDefault();
});

for (const form of document.querySelectorAll("form[data-card], form[data-adding]")) prepareRows(form);
// Of a new record the first step has filled in code and name: what comes next is the first empty field.
const entry = document.querySelector("form[data-adding]:not(:has(.errorlist))");
if (entry) visible(entry).find((field) => !field.value)?.focus();
prepare();
