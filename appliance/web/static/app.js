// The page works without this script. With it: parts update by themselves, the count follows the typing.
"use strict";

function replace(part, fresh) {
  // whoever stands on a button with the keyboard stays there
  const stops = () => [...part.querySelectorAll("a, button, input, summary")];
  const at = stops().indexOf(document.activeElement);
  part.innerHTML = fresh;
  if (at >= 0 && stops()[at]) stops()[at].focus({ preventScroll: true });
}

const saying = (part) => part.querySelector("[data-says]")?.dataset.says;

function say(part, before) {
  // what changed, from one region that stays: of one that is replaced a screen reader tells nothing, or all of it each time
  const voice = document.getElementById("stem"), words = saying(part);
  if (voice && words && words !== before) voice.textContent = words;
}

function poll(part) {
  const base = document.title;
  let timer = 0, last = "", version = part.dataset.version || "", every = Number(part.dataset.every) || 15;
  async function again() {
    if (document.hidden) { timer = setTimeout(again, 1000); return; }
    try {
      const answer = await fetch(part.dataset.poll + (version && "?v=" + version), { headers: { "X-Poll": "1" }, cache: "no-store" });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.headers.get("X-Go")) { location = answer.headers.get("X-Go"); return; }
      if (answer.status === 200) {
        version = answer.headers.get("X-Version") || "";
        const fresh = await answer.text();
        if (fresh !== last) { const before = saying(part); replace(part, fresh); say(part, before); last = fresh; }
        every = Number(answer.headers.get("X-Every")) || every;
        const count = answer.headers.get("X-Title");
        if (count) document.title = every < 5 ? count + " – " + base.replace(/^\d+\/\d+ – /, "") : base.replace(/^\d+\/\d+ – /, "");
      }
    } catch { timer = setTimeout(again, 15_000); return; } // the box cannot be reached: keep what was shown
    timer = setTimeout(again, every * 1000);
  }
  timer = setTimeout(again, every * 1000);
  window.addEventListener("pagehide", () => clearTimeout(timer));
}

function countWhileTyping(form) {
  const line = document.getElementById("telling");
  let timer = 0, asked = 0;
  async function count() {
    const mine = ++asked;
    const answer = await fetch(form.dataset.count, { method: "POST", body: new FormData(form), headers: { "X-Poll": "1" } });
    if (answer.ok && mine === asked) line.innerHTML = await answer.text();
  }
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(count, 600); });
  form.querySelector("button[value=count]").hidden = true;
  if (form.querySelector("textarea").value) count();
}

async function makePng(input) {
  // the box takes nothing but a small PNG; of a photograph this browser makes one
  const file = input.files[0], limit = 400;
  if (!file) return;
  try {
    const picture = await createImageBitmap(file), scale = Math.min(1, limit / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale)); canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => canvas.toBlob(done, "image/png")), held = new DataTransfer();
    held.items.add(new File([made], "logo.png", { type: "image/png" }));
    input.files = held.files;
  } catch { /* not a picture: the box says so */ }
}

document.querySelectorAll("input[data-picture]").forEach((input) => input.addEventListener("change", () => makePng(input)));
document.querySelectorAll("[data-poll]").forEach(poll);
document.querySelectorAll("form[data-count]").forEach(countWhileTyping);
// Escape stops what is about to leave
document.querySelectorAll("form[data-escape]").forEach((form) => document.addEventListener("keydown", (event) => { if (event.key === "Escape") form.requestSubmit(); }));
// a second click is harmless (the server sees to that); this only shows that the first one was heard
document.querySelectorAll("form[data-once]").forEach((form) => form.addEventListener("submit", () => { form.querySelector("button").setAttribute("aria-busy", "true"); }));
