"use strict";
// The box in the head of every page: / or Ctrl+K goes there, and while one types it lists what the server finds.
// Without this script it is a form that leads to the page of results.
const find = document.getElementById("find");
if (find) {
  const WAIT = 120; // milliseconds after the last key
  const text = find.querySelector("input");
  const list = document.getElementById("find-list");
  const status = document.getElementById("find-status");
  let asked = null; // the request that is under way
  let timer = 0;
  let shown = ""; // the text that the list is about

  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id }))
    text.setAttribute(name, value);

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) text.setAttribute("aria-activedescendant", option.id);
    else text.removeAttribute("aria-activedescendant");
  };
  const open = (yes) => {
    list.hidden = !yes;
    text.setAttribute("aria-expanded", String(yes));
    if (!yes) choose(null);
  };
  open(false);

  const stop = () => {
    clearTimeout(timer);
    asked?.abort();
    asked = null;
  };
  const show = (html, about) => {
    list.innerHTML = html;
    shown = about;
    const found = options();
    open(Boolean(list.textContent.trim()));
    choose(found[0]);
    status.textContent = found.length ? status.dataset.count.replace("{count}", found.length) : status.dataset.none;
  };
  const ask = async (about) => {
    asked = new AbortController();
    try {
      const query = new URLSearchParams({ q: about, live: "1" });
      const answer = await fetch(`${find.action}?${query}`, { signal: asked.signal });
      // A session that has ended leads to the log-in: the form itself goes there.
      if (answer.ok && !answer.redirected) show(await answer.text(), about);
    } catch (error) {
      if (error.name !== "AbortError") open(false);
    }
  };

  text.addEventListener("input", (event) => {
    stop();
    const about = text.value.trim();
    if (event.isComposing) return; // half-typed pinyin of an input method
    if (!about) {
      shown = "";
      open(false);
    } else timer = setTimeout(ask, WAIT, about);
  });
  text.addEventListener("compositionend", () => text.dispatchEvent(new Event("input")));
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const found = options();
      if (!found.length) return;
      event.preventDefault();
      if (list.hidden) open(true);
      const place = found.indexOf(chosen()) + (event.key === "ArrowDown" ? 1 : -1);
      choose(found[(place + found.length) % found.length]);
    } else if (event.key === "Enter" && !list.hidden && chosen() && shown === text.value.trim()) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Escape") {
      stop();
      if (list.hidden) text.value = "";
      else event.preventDefault();
      open(false);
    }
  });
  text.addEventListener("focus", () => shown && shown === text.value.trim() && open(true));
  // A click on an option keeps the focus in the box until the page is left.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  text.addEventListener("blur", () => open(false));

  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const palette = key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const typing = event.target.closest?.("input, select, textarea, [contenteditable], [role=combobox]");
    const slash = key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!palette && !slash) return;
    event.preventDefault();
    text.focus();
    text.select();
  });
}
