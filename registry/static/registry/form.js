"use strict";
// Forms that save a record. Enter moves on to the next field and never saves, but finds in a field that is for that;
// Ctrl+S saves.

// Of a field that stands in one of several rows: which one, as in 会员级别 2.
const rowOf = (list) => {
  const row = list.closest("tr.form-row");
  if (!row) {
    const legend = list.closest("fieldset.row")?.querySelector("legend")?.textContent.trim() ?? "";
    return legend.length > 30 ? `${legend.slice(0, 29)}…` : legend;
  }
  const number = [...row.parentElement.querySelectorAll("tr.form-row")].indexOf(row) + 1;
  return `${row.closest("fieldset").querySelector("h2").textContent.trim()} ${number}`;
};

// What is wrong, in one place, with a way to each field; the first one has the focus.
const tellErrors = (form) => {
  const note = form.querySelector(".errornote");
  const wrong = [...form.querySelectorAll("ul.errorlist:not(.nonfield)")]
    .map((list) => {
      const row = list.closest("td") ?? list.parentElement;
      const fields = [...row.querySelectorAll("input:not([type=hidden]), select, textarea")];
      return { list, field: fields.find((field) => field.ariaInvalid === "true") ?? fields[0] };
    })
    .filter(({ field }) => field);
  if (!note || !wrong.length) return;
  const focus = (field) => {
    const shown = field.matches(".select2-hidden-accessible") ? field.nextElementSibling.querySelector(".select2-selection") : field;
    shown.scrollIntoView({ block: "center" });
    shown.focus({ preventScroll: true });
  };
  const ways = document.createElement("ul");
  for (const { list, field } of wrong) {
    const way = document.createElement("a");
    way.href = `#${field.id}`;
    const label = [rowOf(list), field.labels?.[0]?.textContent.trim()].filter(Boolean).join(" · ");
    way.textContent = [label, list.textContent.trim()].filter(Boolean).join(document.documentElement.lang === "en" ? ": " : "：");
    way.addEventListener("click", (event) => {
      event.preventDefault();
      focus(field);
    });
    const item = document.createElement("li");
    item.append(way);
    ways.append(item);
  }
  note.append(ways);
  if (document.readyState === "complete") focus(wrong[0].field);
  else window.addEventListener("load", () => focus(wrong[0].field));
};

const prepareForm = (form) => {
  const isOneLine = (field) =>
    field.matches("input:not([type=submit], [type=button], [type=reset], [type=image], [type=file]), select");
  const fields = () =>
    [...form.querySelectorAll("input, select, textarea, .select2-selection")].filter(
      (field) =>
        field.tabIndex >= 0 && !field.disabled && !field.readOnly && field.type !== "submit" && field.checkVisibility(),
    );

  form.addEventListener("keydown", (event) => {
    // While characters are composed (229), Enter takes what the input method offers.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (event.defaultPrevented || !isOneLine(event.target) || "finds" in event.target.dataset) return;
    event.preventDefault();
    // What was typed is complete now, as when the field is left.
    const next = fields().find((field) => event.target.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (next) next.focus();
    else event.target.blur();
  });

  tellErrors(form);
  if (form.matches("[data-final]")) return; // what cannot be taken back is done by its button only
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const button = form.querySelector(".submit-row .default[type=submit]");
    const other = document.activeElement?.closest("form"); // of several open cards, the one where somebody types
    if (!button || !form.isConnected || (other && other !== form && other.querySelector(".submit-row"))) return;
    event.preventDefault();
    button.click();
  });
};

for (const form of document.querySelectorAll(":is(.change-form, .record) #content-main form[method=post]")) prepareForm(form);
document.addEventListener("part:shown", ({ detail }) => {
  for (const form of detail.querySelectorAll("form[method=post]")) prepareForm(form);
});
