// Where the person is, the stream of what is new, and the parts of the page put to work.
import { startActs } from "./acts.js";
import { startComposers } from "./compose.js";
import { apply, drawTimes, scrollToEnd, showUnread } from "./draw.js";
import { startFields } from "./fields.js";
import { post, toast } from "./tell.js";

const app = document.getElementById("app");
// The server's heartbeat comes every 10 s; after a sleep the browser may not notice that the line is dead.
const SILENCE_MS = 25_000;
let stream = null;
let heard = Date.now();

export function where() {
  return { as: app.dataset.as, in: app.dataset.in, thread: app.dataset.thread || "" };
}

function address(path) {
  const { as, in: place, thread } = where();
  return `${path}?${new URLSearchParams(thread ? { as, in: place, thread } : { as, in: place })}`;
}

function connect() {
  stream?.close();
  const opened = new EventSource(address("/_page/stream"));
  stream = opened;
  heard = Date.now();
  const listen = (name, handle) =>
    opened.addEventListener(name, (event) => {
      if (opened !== stream) return;
      heard = Date.now();
      document.body.classList.remove("offline");
      handle(event.data);
    });
  listen("state", (data) => {
    const news = JSON.parse(data);
    // The server knows better which places exist, so it has the last word.
    Object.assign(app.dataset, { in: news.place, thread: news.thread });
    document.getElementById("thread").hidden = !news.thread;
    apply(news);
  });
  listen("toast", (data) => toast(JSON.parse(data).text));
  listen("beat", () => {});
  opened.onerror = () => {
    if (opened !== stream) return;
    document.body.classList.add("offline");
    // A refused stream is not retried by the browser itself.
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => opened === stream && connect(), 1000);
  };
}

// The bot hears whenever somebody opens its Home or the messages beside it.
function tellOfHome() {
  const { as, in: place } = where();
  if (place === "home" || place.startsWith("D")) post("home", { as, in: place });
}

export function go(change, { remember = true } = {}) {
  const moved = change.in !== undefined && change.in !== app.dataset.in;
  Object.assign(app.dataset, { thread: "" }, change);
  if (moved || change.as) {
    document.getElementById("messages").replaceChildren();
    document.body.classList.remove("drawer-open");
  }
  document.getElementById("thread-messages").replaceChildren();
  document.getElementById("thread").hidden = !app.dataset.thread;
  if (remember) history.pushState(where(), "", address("/"));
  connect();
  if (moved || change.as) tellOfHome();
  if (app.dataset.thread) document.getElementById("thread-text").focus();
}

export function closeThread() {
  if (!app.dataset.thread) return false;
  const opener = document.querySelector(`#messages [data-thread="${CSS.escape(app.dataset.thread)}"]`);
  go({ thread: "" });
  (opener || document.getElementById("text")).focus();
  return true;
}

window.addEventListener("popstate", () => {
  const query = new URLSearchParams(location.search);
  go(
    { as: query.get("as") || app.dataset.as, in: query.get("in") || app.dataset.in, thread: query.get("thread") || "" },
    { remember: false },
  );
});
function wake() {
  if (Date.now() - heard > SILENCE_MS) connect();
}
setInterval(wake, 5_000);
window.addEventListener("online", connect);
document.addEventListener("visibilitychange", () => document.hidden || wake());

startComposers();
startActs();
startFields();
drawTimes(document);
showUnread();
scrollToEnd(document.getElementById("messages"));
scrollToEnd(document.getElementById("thread-messages"));
history.replaceState(where(), "", address("/"));
connect();
tellOfHome();
setInterval(() => drawTimes(document), 30_000);
