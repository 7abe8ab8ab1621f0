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
export async function post(act, body) {
  try {
    const answer = await fetch(`/_page/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) toast(told.error || `The sandbox answered ${answer.status}.`);
    return answer.ok ? told : null;
  } catch {
    toast("The sandbox does not answer. Is it still running?");
    return null;
  }
}
