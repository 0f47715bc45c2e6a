"use strict";
// Pages of imports: everything works without this; with it a file can be dropped, and waiting is told.

// --- While the server reads a large list: say so, and take no second click

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.dataset.sure && !window.confirm(button.dataset.sure)) {
      event.preventDefault();
      return;
    }
    // After the browser has collected the fields: a disabled button would not be sent.
    setTimeout(() => {
      for (const one of document.querySelectorAll("#content button[type=submit]")) one.disabled = true;
      const busy = form.querySelector(".busy");
      if (busy) {
        busy.textContent = form.dataset.busy;
        busy.hidden = false;
      }
      document.documentElement.classList.add("working");
    });
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // back again: the buttons are as they were
});

// --- Bringing a list

const upload = document.getElementById("upload");
if (upload) {
  upload.classList.add("js");
  const input = upload.querySelector("input[type=file]");
  const drop = document.getElementById("drop");
  const chosen = document.getElementById("chosen");
  const pasted = document.getElementById("id_pasted");
  const counted = document.getElementById("pasted-count");

  const tell = () => {
    const file = input.files[0];
    chosen.textContent = file ? `${file.name} · ${size(file.size)}` : chosen.dataset.none;
    drop.classList.toggle("has", Boolean(file));
  };
  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
  input.addEventListener("change", tell);
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    input.files = event.dataTransfer.files;
    tell();
  });
  tell();

  const count = () => {
    const cells = pasted.value.replace(/(^|[\t\n])"(?:[^"]|"")*"(?=[\t\n]|$)/g, "$1x"); // with line breaks of their own
    const lines = cells.split("\n").filter((line) => line.trim());
    const columns = lines.length ? Math.max(...lines.slice(0, 50).map((line) => line.split("\t").length)) : 0;
    const said = counted.dataset.rows.replace("{rows}", lines.length).replace("{columns}", columns);
    counted.textContent = lines.length ? said : "";
  };
  pasted.addEventListener("input", count);
  count();
  // Rows copied in Excel and pasted anywhere on the page.
  document.addEventListener("paste", (event) => {
    if (event.target.closest && event.target.closest("input, textarea")) return;
    const files = event.clipboardData.files;
    const text = event.clipboardData.getData("text/plain");
    if (text) {
      pasted.value = text;
      count();
      pasted.focus();
    } else if (files.length) {
      input.files = files;
      tell();
    }
  });
}

// The template of a table has the lists of the chosen alliance.
for (const select of document.querySelectorAll(".card .option select")) {
  const link = select.closest(".card").querySelector(".template");
  const lead = () => {
    const url = new URL(link.href);
    url.searchParams.set(select.name.split("-").slice(1).join("-"), select.value);
    link.href = url;
  };
  select.addEventListener("change", lead);
  lead();
}

// --- Deciding

const all = document.getElementById("tick-all");
if (all) {
  all.hidden = false;
  all.nextElementSibling.hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll("#decisions input[name=row]")) box.checked = all.checked;
  });
}

// --- Choices: what is shown holds for those that were tried

const choices = document.getElementById("choices");
if (choices) {
  const selects = [...choices.querySelectorAll("select")];
  const before = selects.map((select) => select.value);
  const form = document.getElementById("confirm");
  const button = form.querySelector("button.default");
  const blocked = button.disabled;
  const note = choices.querySelector(".note");
  choices.addEventListener("change", () => {
    const changed = selects.some((select, place) => select.value !== before[place]);
    button.disabled = blocked || changed;
    note.hidden = !changed;
  });
}

// --- The list is filtered when a column is chosen

const column = document.getElementById("row-column");
if (column) column.addEventListener("change", () => column.form.submit());
