// Writing messages and commands; the list of videos and adding one.
import { go, where } from "./app.js";
import { post, share, toast } from "./tell.js";

export function startComposers() {
  document.querySelectorAll(".composer").forEach(start);
  document.addEventListener("click", (event) => {
    const insert = event.target.closest("[data-insert]");
    if (insert) fill(insert.dataset.insert + " ");
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "add-video" && event.target.files.length) addVideo(event.target);
  });
}

function start(form) {
  const text = form.querySelector("textarea");
  const hints = form.querySelector(".hints");
  const inThread = form.dataset.where === "thread";
  const hint = () => hints && (hints.hidden = !/^\/[a-z]*$/.test(text.value));
  text.addEventListener("input", hint);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.key === "Tab" && !event.shiftKey && hints && !hints.hidden) {
      event.preventDefault();
      fill(hints.querySelector("[data-fill]").dataset.fill);
    }
  });
  hints?.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-fill]");
    if (chosen) fill(chosen.dataset.fill);
  });
  const chooser = form.querySelector("[data-attach]");
  chooser.addEventListener("change", async () => {
    const [file] = chooser.files;
    if (!file) return;
    const { as, in: place, thread } = where();
    const written = text.value.trim();
    form.setAttribute("aria-busy", "true");
    const shared = await share(file, { as, in: place, thread: inThread ? thread : "", text: written });
    form.removeAttribute("aria-busy");
    if (shared && text.value.trim() === written) text.value = "";
    chooser.value = "";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const written = text.value.replace(/\s+$/, "");
    if (!written.trim()) return;
    const { as, in: place, thread } = where();
    text.value = "";
    hint();
    const told = await post("say", { as, in: place, thread: inThread ? thread : "", text: written });
    // What could not be sent is not lost.
    if (!told && !text.value) text.value = written;
  });
}

function fill(words) {
  if (where().in === "home") go({ in: document.querySelector("#sidebar [data-place]").dataset.place });
  document.body.classList.remove("drawer-open");
  const text = document.getElementById("text");
  text.value = words;
  text.focus();
  text.dispatchEvent(new Event("input"));
}

async function copyText(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(`Copied ${button.dataset.copy}`);
  } catch {
    toast(button.dataset.copy);
  }
}

// How long the file plays; undefined where this browser cannot play it.
function duration(file) {
  return new Promise((resolve) => {
    const player = document.createElement("video");
    player.preload = "metadata";
    player.onloadedmetadata = () => resolve(Number.isFinite(player.duration) ? player.duration : undefined);
    player.onerror = () => resolve(undefined);
    player.src = URL.createObjectURL(file);
  });
}

async function addVideo(field) {
  const note = document.getElementById("add-video-note");
  const [file] = field.files;
  note.textContent = `Sending ${file.name}…`;
  const seconds = await duration(file);
  const query = { title: file.name.replace(/\.\w+$/, "") };
  if (seconds) query.duration_seconds = seconds;
  try {
    const answer = await fetch(`/_sandbox/mux/files?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: { "Content-Type": file.type || "application/octet-stream" },
      body: file,
    });
    const told = await answer.json();
    note.textContent = answer.ok
      ? `Added ${file.name}. Click it in the list above to caption it.`
      : told.error?.messages?.join(" ") || `The sandbox answered ${answer.status}.`;
  } catch {
    note.textContent = "The sandbox does not answer.";
  }
  field.value = "";
}
