// Fields of forms: reading them, putting values back after a redraw, and the searchable select menus.
import { dispatch, source } from "./acts.js";
import { where } from "./app.js";
import { post } from "./tell.js";

const TYPING_PAUSE_MS = 180;
const FIELDS = ":is(input, textarea, .choices, [data-select])[data-block][data-action]";

const keyOf = (field) => `${field.dataset.block}\n${field.dataset.action}\n${field.dataset.type}`;

export function fieldsOf(root) {
  return [...root.querySelectorAll(FIELDS)];
}

export function readFields(root) {
  return new Map(fieldsOf(root).map((field) => [keyOf(field), { ...rawValue(field), at: caret(field) }]));
}

function caret(field) {
  return document.activeElement === field && field.type === "text" ? field.selectionStart : null;
}

// What stands in a field, the same shape for all of a kind; the server makes it Slack's typed value.
export function rawValue(field) {
  if (field.dataset.select) return { options: JSON.parse(field.dataset.chosen) };
  if (field.matches(".choices")) {
    return { values: [...field.querySelectorAll("input:checked")].map((box) => box.value) };
  }
  if (field.type === "datetime-local") {
    return { value: field.value ? String(Math.floor(new Date(field.value).getTime() / 1000)) : null };
  }
  if (field.type === "file") return { files: [...field.files] };
  return { value: field.value === "" ? null : field.value };
}

export function restoreFields(root, values) {
  for (const field of fieldsOf(root)) {
    const raw = values.get(keyOf(field));
    if (!raw || raw.files) continue;
    if (raw.options) {
      field.dataset.chosen = JSON.stringify(raw.options);
      showChosen(field);
    } else if (raw.values) {
      field.querySelectorAll("input").forEach((box) => (box.checked = raw.values.includes(box.value)));
    } else if (field.type !== "datetime-local") {
      field.value = raw.value ?? "";
      if (raw.at !== null && raw.at !== undefined) {
        field.focus();
        field.setSelectionRange(raw.at, raw.at);
      }
    }
  }
}

const chosenOf = (select) => JSON.parse(select.dataset.chosen);
const fieldOf = (select) => select.querySelector('[role="combobox"]');
const listOf = (select) => select.querySelector('[role="listbox"]');
const optionsOf = (select) => [...listOf(select).querySelectorAll('[role="option"]:not([hidden])')];

export function showChosen(select) {
  const chosen = chosenOf(select);
  const values = chosen.map((option) => option.value);
  for (const item of listOf(select).querySelectorAll("[data-option]")) {
    item.setAttribute("aria-selected", String(values.includes(JSON.parse(item.dataset.option).value)));
  }
  if (select.dataset.select === "single") {
    fieldOf(select).value = chosen[0]?.text.text ?? "";
    return;
  }
  select.querySelector(".chips").replaceChildren(
    ...chosen.map((option) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.dataset.drop = option.value;
      chip.textContent = `${option.text.text} ×`;
      chip.setAttribute("aria-label", `Remove ${option.text.text}`);
      return chip;
    }),
  );
}

function open(select) {
  listOf(select).hidden = false;
  fieldOf(select).setAttribute("aria-expanded", "true");
}

function close(select) {
  if (listOf(select).hidden) return;
  listOf(select).hidden = true;
  fieldOf(select).setAttribute("aria-expanded", "false");
  fieldOf(select).removeAttribute("aria-activedescendant");
  if (select.dataset.select === "multi") fieldOf(select).value = "";
  else showChosen(select);
}

function filter(select, query) {
  if (select.dataset.source === "external") return askForOptions(select, query);
  open(select);
  const wanted = query.trim().toLowerCase();
  listOf(select).querySelector(".empty")?.remove();
  for (const item of listOf(select).querySelectorAll("[data-option]")) {
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
  }
  if (!optionsOf(select).length) listOf(select).append(emptyItem("Nothing matches"));
  activate(select, wanted ? optionsOf(select)[0] : undefined);
}

function emptyItem(text) {
  const item = document.createElement("li");
  item.className = "empty";
  item.textContent = text;
  return item;
}

function askForOptions(select, query) {
  clearTimeout(select.waiting);
  open(select);
  const minimum = Number(select.dataset.min);
  if (query.length < minimum) {
    listOf(select).replaceChildren(emptyItem(`Type at least ${minimum} characters`));
    return;
  }
  select.waiting = setTimeout(async () => {
    const { block, action } = select.dataset;
    select.asked = query;
    const told = await post("suggest", { as: where().as, source: source(select), block, action, query });
    if (select.asked !== query) return;
    listOf(select).innerHTML = told?.html || "";
    if (!optionsOf(select).length) listOf(select).replaceChildren(emptyItem("No result"));
    activate(select, optionsOf(select)[0]);
  }, TYPING_PAUSE_MS);
}

function activate(select, item) {
  listOf(select).querySelectorAll(".active").forEach((other) => other.classList.remove("active"));
  fieldOf(select).removeAttribute("aria-activedescendant");
  if (!item) return;
  item.classList.add("active");
  item.id ||= `option-${Math.random().toString(36).slice(2)}`;
  fieldOf(select).setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

function choose(select, item) {
  const option = JSON.parse(item.dataset.option);
  let chosen = [option];
  if (select.dataset.select === "multi") {
    const others = chosenOf(select).filter((other) => other.value !== option.value);
    chosen = others.length < chosenOf(select).length ? others : [...others, option];
  }
  setChosen(select, chosen);
  close(select);
}

function setChosen(select, chosen) {
  select.dataset.chosen = JSON.stringify(chosen);
  showChosen(select);
  dispatch(select);
}

function onKey(event) {
  const select = event.target.closest?.("[data-select]");
  if (!select || event.target !== fieldOf(select)) return;
  const shown = !listOf(select).hidden;
  const items = optionsOf(select);
  const at = items.findIndex((item) => item.classList.contains("active"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!shown) filter(select, "");
    else activate(select, items[(at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + items.length) % items.length]);
  } else if (event.key === "Enter" && shown) {
    event.preventDefault();
    if (at >= 0) choose(select, items[at]);
  } else if (event.key === "Escape" && shown) {
    event.stopImmediatePropagation();
    close(select);
  } else if (event.key === "Backspace" && !event.target.value && select.dataset.select === "multi") {
    setChosen(select, chosenOf(select).slice(0, -1));
  } else if (event.key === "Tab") close(select);
}

export function startFields() {
  document.querySelectorAll("[data-select]").forEach(showChosen);
  // In the capturing phase, so that Escape closes a list before it closes the modal around it.
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("input", (event) => {
    const select = event.target.closest("[data-select]");
    if (!select) return;
    // An emptied single select is one without a choice.
    if (select.dataset.select === "single" && !event.target.value && chosenOf(select).length) {
      select.dataset.chosen = "[]";
    }
    filter(select, event.target.value);
  });
  document.addEventListener("click", (event) => {
    const select = event.target.closest("[data-select]");
    document.querySelectorAll("[data-select]").forEach((other) => other !== select && close(other));
    if (!select) return;
    const item = event.target.closest("[data-option]");
    const drop = event.target.closest("[data-drop]");
    if (item) choose(select, item);
    else if (drop) setChosen(select, chosenOf(select).filter((option) => option.value !== drop.dataset.drop));
    else if (event.target === fieldOf(select) && listOf(select).hidden) {
      event.target.select();
      filter(select, "");
    }
  });
}
