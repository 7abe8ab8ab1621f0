// Everything a person can press: buttons of messages and modals, menus, places, people, threads.
import { closeThread, go, where } from "./app.js";
import { fieldsOf, rawValue } from "./fields.js";
import { post } from "./tell.js";

const TYPING_PAUSE_MS = 300;

// Where an element stands: in a view or in a message.
export function source(element) {
  const view = element.closest("[data-view]");
  if (view) return { view: view.dataset.view };
  const { channel, ts } = element.closest("[data-ts]").dataset;
  return { channel, ts };
}

async function collected(root) {
  const state = {};
  for (const field of fieldsOf(root)) {
    const raw = rawValue(field);
    if (raw.files) raw.files = await Promise.all(raw.files.map(readFile));
    (state[field.dataset.block] ||= {})[field.dataset.action] = raw;
  }
  return state;
}

function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, base64: reader.result.split(",")[1] });
    reader.onerror = reject;
    reader.readAsDataURL(file);
  });
}

// Tells the bot that something was pressed or chosen, after the person has confirmed it where asked to.
async function act(element, raw) {
  if (element.dataset.confirm && !(await confirmed(JSON.parse(element.dataset.confirm)))) return;
  const { block, action } = element.dataset;
  const view = element.closest("[data-view]");
  element.setAttribute("aria-busy", "true");
  await post("act", {
    as: where().as,
    source: source(element),
    block,
    action,
    raw,
    state: view ? await collected(view) : await collected(element.closest("[data-ts]")),
  });
  element.removeAttribute("aria-busy");
}

// A field tells the bot by itself only where the bot asked for that.
export function dispatch(field, event = "always") {
  const wanted = (field.dataset.dispatch || "").split(" ");
  if (wanted.includes("always") || (field.dataset.dispatch && (event === "always" || wanted.includes(event)))) {
    act(field, rawValue(field));
  }
}

function confirmed(texts) {
  const dialog = document.getElementById("confirm");
  const put = (id, text, otherwise) => (document.getElementById(id).textContent = text || otherwise);
  put("confirm-title", texts.title, "Are you sure?");
  put("confirm-text", texts.text, "");
  put("confirm-yes", texts.confirm, "Yes");
  put("confirm-deny", texts.deny, "Cancel");
  document.getElementById("confirm-yes").className = `button ${texts.style === "danger" ? "danger" : "primary"}`;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}

async function closeView(form, how) {
  form.setAttribute("aria-busy", "true");
  await post("close", { as: where().as, view: form.dataset.view, all: how === "all" });
  form.removeAttribute("aria-busy");
}

async function submitView(form) {
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  await post("submit", { as: where().as, view: form.dataset.view, state: await collected(form) });
  form.removeAttribute("aria-busy");
}

function shortcut(button) {
  const message = button.closest("[data-ts]");
  const about = message ? { channel: message.dataset.channel, ts: message.dataset.ts } : {};
  post("shortcut", { as: where().as, name: button.dataset.shortcut, ...about });
}

function onClick(event) {
  const found = (selector) => event.target.closest(selector);
  document.querySelectorAll("details.overflow[open]").forEach((menu) => {
    if (!menu.contains(event.target) || found(".menu :is(a, button)")) menu.open = false;
  });
  const plain = !(event.metaKey || event.ctrlKey || event.shiftKey);
  const element = found(":is(button, a)[data-action]");
  if (element) return void act(element, { value: element.dataset.value ?? null });
  const person = found("[data-as]:not(#app)");
  const place = found("[data-place]");
  if (person && plain) {
    event.preventDefault();
    go({ as: person.dataset.as });
  } else if (place && plain) {
    event.preventDefault();
    go({ in: place.dataset.place });
    document.getElementById("text").focus();
  } else if (found("button[data-thread]")) go({ thread: found("button[data-thread]").dataset.thread });
  else if (found("[data-shortcut]")) shortcut(found("[data-shortcut]"));
  else if (found("[data-close]")) closeView(found("form"), found("[data-close]").dataset.close);
  else if (found("#close-thread")) closeThread();
  else if (found("#drawer")) document.body.classList.add("drawer-open");
  else if (found("#scrim")) document.body.classList.remove("drawer-open");
}

function onEscape() {
  const menu = document.querySelector("details.overflow[open]");
  const form = document.querySelector("#modal > form");
  if (menu) menu.open = false;
  else if (form) closeView(form, "top");
  else if (document.body.classList.contains("drawer-open")) document.body.classList.remove("drawer-open");
  else closeThread();
}

// The modal keeps the Tab key inside, as a dialog does.
function onTab(event) {
  const form = document.querySelector("#modal > form");
  if (!form || document.getElementById("confirm").open) return;
  const stops = [...form.querySelectorAll("a[href], button, input, textarea, summary")].filter(
    (stop) => !stop.disabled && stop.offsetParent,
  );
  const [first, last] = [stops[0], stops.at(-1)];
  const leaving = event.shiftKey ? document.activeElement === first : document.activeElement === last;
  if (leaving || !form.contains(document.activeElement)) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}

export function startActs() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-view]")) return;
    event.preventDefault();
    submitView(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.getElementById("confirm").open) onEscape();
    if (event.key === "Tab") onTab(event);
    const field = event.target;
    if (event.key === "Enter" && field.matches?.("input[data-dispatch]")) {
      event.preventDefault();
      dispatch(field, "on_enter_pressed");
    }
  });
  document.addEventListener("change", ({ target }) => {
    const choices = target.closest(".choices[data-dispatch]");
    if (choices) dispatch(choices);
    else if (target.matches('input[data-dispatch]:is([type="date"], [type="time"], [type="datetime-local"])')) dispatch(target);
  });
  document.addEventListener("input", ({ target }) => {
    if (!target.matches(":is(input, textarea)[data-dispatch]")) return;
    clearTimeout(target.waiting);
    target.waiting = setTimeout(() => dispatch(target, "on_character_entered"), TYPING_PAUSE_MS);
  });
  // Near the end of a list a menu opens upwards, or the composer would cover it.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!target.matches?.("details.overflow") || !target.open) return;
      const log = target.closest(".log, .view-blocks");
      const menu = target.querySelector(".menu");
      menu.classList.remove("up");
      menu.classList.toggle("up", Boolean(log) && menu.getBoundingClientRect().bottom > log.getBoundingClientRect().bottom);
    },
    true,
  );
}
