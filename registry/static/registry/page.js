"use strict";
// What every page of the staff's site does.

// --- On a narrow page a button unfolds what has no room; on a wide one its style sheet shows neither button nor fold.

for (const button of document.querySelectorAll("button[data-fold]")) {
  const folded = document.getElementById(button.dataset.fold);
  const show = (open) => {
    folded.classList.toggle("unfolded", open);
    button.setAttribute("aria-expanded", open);
  };
  button.setAttribute("aria-controls", folded.id);
  button.hidden = false;
  folded.classList.add("foldable"); // without this script all is shown
  show(Boolean(folded.querySelector("[aria-invalid]")));
  button.addEventListener("click", () => show(!folded.classList.contains("unfolded")));
  const count = [...folded.querySelectorAll("select, input")].filter((field) => field.value).length;
  if (button.dataset.count && count) button.textContent = button.dataset.count.replace("{count}", count);
}

// --- A menu closes as menus do

const menus = [...document.querySelectorAll("details.menu")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && menus.find((one) => one.open);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// --- A list that is searched for choices says which field it is: its own script names it after its value only

const nameSearched = () => {
  for (const box of document.querySelectorAll(".select2-container")) {
    const label = box.previousElementSibling?.labels?.[0]?.textContent.trim();
    if (!label) continue;
    for (const part of box.querySelectorAll("[role=combobox], [role=textbox], input")) part.ariaLabel = label;
  }
};
// Each chosen value can be taken off by itself; to take off all would stand among them as no list may hold it.
for (const list of document.querySelectorAll("select.admin-autocomplete[multiple]")) list.dataset.allowClear = "false";
if (window.django?.jQuery) django.jQuery(nameSearched); // after the script of these lists, which waits in the same way
document.addEventListener("formset:added", () => setTimeout(nameSearched));

// --- Drafts of forms (draft.js) end with saving, with logging out, and where another account has logged in

const account = document.querySelector("meta[name=account]");
const PREFIX = "draft:";
const SENT = "draft-sent"; // the key of the form whose answer the next page is
const own = `${PREFIX}${account.content}:`;

const removeDrafts = (keep) => {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && !key.startsWith(keep)) sessionStorage.removeItem(key);
  }
};
removeDrafts(own);

const sent = sessionStorage.getItem(SENT);
sessionStorage.removeItem(SENT);
if (sent && document.querySelector(".messagelist .success")) sessionStorage.removeItem(sent);
document.getElementById("logout-form")?.addEventListener("submit", () => removeDrafts(" "));
