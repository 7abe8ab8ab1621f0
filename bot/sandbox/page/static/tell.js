// Telling the person something, and telling the server what the person did.
const SHOWN_MS = 7_000;

export function toast(text) {
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = text;
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

// Posts an act and returns the answer; null after a failure, which the person has then been told of.
export function post(act, body) {
  return send(`/_page/${act}`, "application/json", JSON.stringify(body));
}

// Posts a message with a file; the answer as for `post`.
export function share(file, about) {
  const query = new URLSearchParams({ ...about, name: file.name });
  return send(`/_page/share?${query}`, file.type || "application/octet-stream", file);
}

async function send(address, type, body) {
  try {
    const answer = await fetch(address, { method: "POST", headers: { "Content-Type": type }, body });
    const told = await answer.json();
    if (!answer.ok) toast(told.error || `The sandbox answered ${answer.status}.`);
    return answer.ok ? told : null;
  } catch {
    toast("The sandbox does not answer. Is it still running?");
    return null;
  }
}
