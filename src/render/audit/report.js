"use strict";
(() => {
  const form = document.querySelector("form");
  const text = form.elements.text, kind = form.elements.class, grave = form.elements.severity;
  const count = document.getElementById("count");
  const rows = [...document.querySelectorAll("details[data-id]")];
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  let current = -1;
  form.hidden = false;
  const shown = () => rows.filter((row) => !row.hidden);
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    for (const row of rows) {
      row.hidden = !(words.get(row).includes(wanted)
        && (!kind.value || row.dataset.class === kind.value)
        && (!grave.value || row.dataset.severity === grave.value));
    }
    for (const section of document.querySelectorAll("section[data-list]")) {
      section.hidden = !section.querySelector("details[data-id]:not([hidden])");
    }
    count.textContent = `${shown().length} of ${rows.length} shown`;
    const state = new URLSearchParams();
    for (const field of [text, kind, grave]) if (field.value) state.set(field.name, field.value);
    history.replaceState(null, "", `#${state}`);
    current = -1;
  };
  const state = new URLSearchParams(location.hash.slice(1));
  for (const field of [text, kind, grave]) field.value = state.get(field.name) ?? "";
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeprint", () => rows.forEach((row) => { row.open = true; }));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { text.value = kind.value = grave.value = ""; apply(); document.activeElement.blur(); return; }
    if (event.target.matches("input, select")) return;
    const all = shown();
    if (event.key === "/") { event.preventDefault(); text.focus(); }
    else if (event.key === "e") { const open = all.some((row) => !row.open); all.forEach((row) => { row.open = open; }); }
    else if ((event.key === "j" || event.key === "k") && all.length) {
      current = Math.min(all.length - 1, Math.max(0, current + (event.key === "j" ? 1 : -1)));
      all[current].querySelector("summary").focus();
      all[current].scrollIntoView({ block: "nearest" });
    }
  });
  apply();
})();
