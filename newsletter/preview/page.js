"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const mail = document.getElementById("mail");
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`);

function show() {
  const { views, pictures } = data[chosen("language").value];
  const view = chosen("view"), width = chosen("width").value;
  let { html, heights } = views[view.value];
  for (const [source, address] of Object.entries(pictures)) html = html.replaceAll(source, address);
  if (mail.srcdoc !== html) mail.srcdoc = html;
  mail.width = width;
  mail.height = heights[width];
  document.getElementById("about").textContent = view.dataset.about;
  for (const part of document.querySelectorAll(".language"))
    part.hidden = part.dataset.language !== chosen("language").value;
}

document.addEventListener("change", show);
show();
