// Passkeys: asks this device for a finger, a face or a PIN. Without this script the password works as before.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(url, form, more) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(more || {})) body.set(name, value);
  const answer = await fetch(url, { method: "POST", body, headers: { "X-Poll": "1" } });
  if (!answer.ok) throw new Error("refused");
  if (answer.redirected) { location = answer.url; return new Promise(() => {}); }
  return answer.json();
}

function packed(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = text(credential.response[name]);
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} });
}

async function run(form) {
  const publicKey = await post(form.dataset.ask, form);
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const key of publicKey.excludeCredentials || []) key.id = bytes(key.id);
  const credential = publicKey.user ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  location = (await post(form.action, form, { credential: packed(credential) })).to;
}

// an address of numbers cannot have passkeys, only a name can
const able = window.isSecureContext && window.PublicKeyCredential && /[a-z]/i.test(location.hostname);
document.querySelectorAll("form[data-ask]").forEach((form) => {
  const trouble = form.querySelector("[role=alert]");
  form.hidden = !able;
  document.querySelectorAll("[data-unable]").forEach((words) => { words.hidden = able; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trouble.hidden = true;
    run(form).catch(() => { trouble.hidden = false; });
  });
});
