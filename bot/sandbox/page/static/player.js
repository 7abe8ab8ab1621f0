// Starts the film where the link says, and lists the captions beside it: a line leads to its moment.
const video = document.querySelector("video");
const list = document.getElementById("cues");

// A fragment is the browser's business and never reaches the server.
function startSeconds() {
  const written = /^#t=(\d{1,6}(?:\.\d{1,6})?)/.exec(location.hash);
  return written ? Number(written[1]) : Number(video.dataset.start) || 0;
}

function begin() {
  const at = Math.min(startSeconds(), video.duration || 0);
  if (at > 0) video.currentTime = at;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${parts.join(":")}` : parts.join(":");
}

// Whatever stands in a cue is shown as the player shows it: text, with its markup taken away.
function lineOf(cue) {
  const button = document.createElement("button");
  const time = document.createElement("time");
  const words = document.createElement("span");
  button.type = "button";
  time.textContent = clock(cue.startTime);
  words.textContent = cue.getCueAsHTML().textContent;
  words.dir = "auto";
  button.append(time, words);
  button.addEventListener("click", () => {
    video.currentTime = cue.startTime;
  });
  const line = document.createElement("li");
  line.append(button);
  return line;
}

function show(track) {
  const lines = new Map([...(track.cues || [])].map((cue) => [cue, lineOf(cue)]));
  list.replaceChildren(...lines.values());
  list.lang = track.language;
  const mark = () => {
    if (track.mode !== "showing") return;
    const active = [...(track.activeCues || [])];
    lines.forEach((line, cue) => line.toggleAttribute("aria-current", active.includes(cue)));
  };
  track.addEventListener("cuechange", mark);
  mark();
}

function showing() {
  return [...video.textTracks].find((track) => track.mode === "showing");
}

if (video) {
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) begin();
  else video.addEventListener("loadedmetadata", begin, { once: true });
  window.addEventListener("hashchange", begin);
  for (const element of video.querySelectorAll("track")) {
    const draw = () => element.track.mode === "showing" && show(element.track);
    if (element.readyState === HTMLTrackElement.LOADED) draw();
    else element.addEventListener("load", draw);
  }
  video.textTracks.addEventListener("change", () => {
    const track = showing();
    if (track) show(track);
    else list.replaceChildren();
  });
}
