// The street without this script: forms, and a page that reloads. With it: everything moves by itself.
"use strict";

const parts = document.querySelector("[data-parts]");
let version = parts.dataset.version, timer = 0, hurry = 0;

function atTheEnd(list) { list.scrollTop = list.scrollHeight; }

// the officer's next text always begins with the code that is on the card now
function useCode() {
  const code = document.getElementById("kaart")?.dataset.code;
  document.querySelectorAll("textarea[data-example]").forEach((field) => {
    const told = field.value.trim();
    if (!told) field.value = `DRINGEND ${code} ${field.dataset.example}`;
    else if (document.activeElement !== field) field.value = field.value.replace(/^(\s*\S+ )\d{6}\b/, `$1${code}`);
  });
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(parts.dataset.parts + "?v=" + version, { cache: "no-store" });
    if (answer.status === 200) {
      version = answer.headers.get("X-Version") || "";
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      fresh.querySelectorAll("body > [id]").forEach((part) => {
        document.querySelectorAll("#" + part.id).forEach((old) => {
          if (old.outerHTML === part.outerHTML) return;
          if (old.matches("button")) { old.className = part.className; old.innerHTML = part.innerHTML; return; }
          const copy = part.cloneNode(true);
          const here = old.contains(document.activeElement);
          old.replaceWith(copy);
          if (here) copy.closest(".phone")?.querySelector("[name=text]:not(button)")?.focus({ preventScroll: true });
          if (copy.matches(".texts")) atTheEnd(copy);
        });
      });
      useCode();
    }
  } catch { /* the demo was stopped: keep the last picture */ }
  timer = setTimeout(look, document.hidden ? 5000 : Date.now() < hurry ? 350 : 1000);
}

async function post(form, extra, address = form.action) {
  const data = new FormData(form);
  for (const [name, value] of Object.entries(extra)) data.set(name, value);
  await fetch(address, { method: "POST", body: data, headers: { "X-Poll": "1" } });
  look();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-quiet]")) return;
  event.preventDefault();
  const field = form.querySelector("input[name=text], textarea"), pressed = event.submitter;
  if (pressed?.hasAttribute("formaction")) { post(form, {}, pressed.formAction); return; }
  const offered = pressed?.name === "text";
  post(form, offered ? { text: pressed.value } : {});
  if (field && !offered) field.value = "";
});

const knob = document.querySelector("[data-hold]");
let down = false;
function move(to) {
  if (down === (to === "down")) return;
  down = to === "down";
  knob.classList.toggle("held", down);
  hurry = Date.now() + 20000; // the lamp answers to the finger: hold, countdown, done
  post(knob.form, { move: to });
}
knob.hidden = false;
knob.addEventListener("pointerdown", (event) => { knob.setPointerCapture(event.pointerId); move("down"); });
for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) knob.addEventListener(name, () => move("up"));
knob.addEventListener("keydown", (event) => { if ([" ", "Enter"].includes(event.key)) { event.preventDefault(); move("down"); } });
knob.addEventListener("keyup", () => move("up"));
knob.addEventListener("contextmenu", (event) => event.preventDefault());

document.querySelectorAll(".texts").forEach(atTheEnd);
document.querySelectorAll("[popover]").forEach((phone) => phone.addEventListener("toggle", () => phone.querySelectorAll(".texts").forEach(atTheEnd)));
document.addEventListener("click", (event) => document.getElementById(event.target.closest("[data-phone]")?.dataset.phone)?.showPopover());
look();
