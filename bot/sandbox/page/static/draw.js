// Puts what the server drew into the page, and leaves alone what a person is in the middle of.
import { readFields, restoreFields, showChosen } from "./fields.js";

const NEAR_END_PX = 120;
// What was typed into each view of a stack, because only the topmost one is on the page.
const drafts = new Map();

export function apply(news) {
  const focus = document.activeElement?.id;
  for (const [id, drawn] of Object.entries(news.regions || {})) {
    const region = document.getElementById(id);
    if (!region || region.dataset.version === drawn.version) continue;
    const before = readFields(region);
    const form = region.querySelector("[data-view]")?.dataset.view;
    const scroll = region.scrollTop;
    region.innerHTML = drawn.html;
    region.dataset.version = drawn.version;
    settle(region);
    const now = region.querySelector("[data-view]")?.dataset.view;
    if (form) drafts.set(form, before);
    if (now && drafts.has(now)) restoreFields(region, drafts.get(now));
    if (id === "modal" && !now) drafts.clear();
    region.scrollTop = scroll;
    if (id === "modal" && now && form !== now) focusFirst(region);
    if (id === "modal" && !now && form) document.getElementById("text")?.focus();
  }
  for (const [id, list] of Object.entries(news.lists || {})) applyList(document.getElementById(id), list);
  // What held the focus may have been drawn anew.
  if (focus && document.activeElement === document.body) document.getElementById(focus)?.focus();
  const refused = document.querySelector('#modal [aria-invalid="true"]');
  if (news.regions?.modal && refused) refused.focus();
  showUnread();
}

function applyList(list, { order, changed }) {
  const log = list.parentElement;
  const away = log.scrollHeight - log.scrollTop - log.clientHeight;
  const fresh = list.childElementCount === 0;
  const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
  let came = false;
  order.forEach((key, index) => {
    let item = known.get(key);
    const html = changed[key];
    if (html !== undefined) {
      const made = document.createRange().createContextualFragment(html).firstElementChild;
      if (!item || item.dataset.version !== made.dataset.version) {
        came ||= !item;
        settle(made);
        if (item) {
          restoreFields(made, readFields(item));
          item.replaceWith(made);
        }
        item = made;
      }
    }
    if (item && list.children[index] !== item) list.insertBefore(item, list.children[index] || null);
  });
  while (list.children.length > order.length) list.lastElementChild.remove();
  if (fresh || away < NEAR_END_PX) scrollToEnd(list);
  else if (came) offerEnd(list);
}

export function scrollToEnd(list) {
  list.parentElement.scrollTop = list.parentElement.scrollHeight;
  document.getElementById("newer")?.remove();
}

function offerEnd(list) {
  if (document.getElementById("newer")) return;
  const button = document.createElement("button");
  button.id = "newer";
  button.type = "button";
  button.textContent = "New messages ↓";
  button.addEventListener("click", () => scrollToEnd(list));
  list.parentElement.after(button);
}

function settle(root) {
  drawTimes(root);
  root.querySelectorAll("[data-select]").forEach(showChosen);
}

function focusFirst(region) {
  const wanted = region.querySelector("[data-focus]") || region.querySelector(".view-blocks :is(input, textarea)");
  (wanted || region.querySelector("footer button"))?.focus();
}

// A channel with something newer than what was last seen there gets a mark.
export function showUnread() {
  const { as, in: place } = document.getElementById("app").dataset;
  for (const link of document.querySelectorAll("#sidebar [data-latest]")) {
    const key = `seen ${as} ${link.dataset.place}`;
    if (link.dataset.place === place && !document.hidden) sessionStorage.setItem(key, link.dataset.latest);
    link.classList.toggle("unread", link.dataset.latest > (sessionStorage.getItem(key) || ""));
  }
}

export function drawTimes(root) {
  for (const time of root.querySelectorAll("time[data-unix]")) {
    const moment = new Date(Number(time.dataset.unix) * 1000);
    const text = formatted(time.dataset.format, moment);
    if (time.textContent !== text) time.textContent = text;
    time.title = moment.toLocaleString();
  }
  for (const field of root.querySelectorAll('input[type="datetime-local"][data-unix]')) {
    const moment = new Date(Number(field.dataset.unix) * 1000);
    field.value = new Date(moment - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    delete field.dataset.unix;
  }
}

function formatted(pattern, moment) {
  const say = (options) => new Intl.DateTimeFormat(undefined, options).format(moment);
  const time = () => say({ hour: "numeric", minute: "2-digit" });
  const long = { year: "numeric", month: "long", day: "numeric" };
  const short = { year: "numeric", month: "short", day: "numeric" };
  const near = (options) => nearDay(moment) || say(options);
  const words = {
    date_num: () => `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
    date: () => say(long),
    date_short: () => say(short),
    date_long: () => say({ weekday: "long", ...long }),
    date_long_full: () => say({ weekday: "long", ...long }),
    date_pretty: () => near(long),
    date_short_pretty: () => near(short),
    date_long_pretty: () => near({ weekday: "long", ...long }),
    date_slash: () => say({ year: "numeric", month: "2-digit", day: "2-digit" }),
    day_divider_pretty: () => near({ weekday: "long", month: "long", day: "numeric" }),
    time,
    time_secs: () => say({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(moment),
    stamp: () => (nearDay(moment) === "today" ? time() : `${near(short)} ${time()}`),
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => words[name]?.() ?? whole);
}

function two(number) {
  return String(number).padStart(2, "0");
}

function nearDay(moment) {
  const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate());
  const days = Math.round((midnight(moment) - midnight(new Date())) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

function ago(moment) {
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const seconds = Math.round((moment - Date.now()) / 1000);
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(seconds, "second");
}
