"use strict";
(() => {
  const picture = document.getElementById("picture");
  const lines = [...picture.querySelectorAll(".lines line")].map((line) => ({ line, ends: line.dataset.ends.split(" ") }));
  const placed = [...picture.querySelectorAll("[data-place]")];
  const rows = [...document.querySelectorAll("tbody tr")];
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = rows.map((row) => plain(row.querySelector("th").textContent));
  let kept = [];

  const show = (places) => {
    const chosen = new Set(places);
    const lit = new Set(places);
    for (const { line, ends } of lines) {
      const on = ends.some((end) => chosen.has(end));
      line.classList.toggle("on", on);
      if (on && chosen.size === 1) ends.forEach((end) => lit.add(end));
    }
    placed.forEach((element) => element.classList.toggle("on", lit.has(element.dataset.place)));
    rows.forEach((row) => row.classList.toggle("on", chosen.size === 1 && chosen.has(row.dataset.place)));
    picture.classList.toggle("chosen", placed.some((element) => chosen.has(element.dataset.place)));
  };

  for (const mark of picture.querySelectorAll(".mark")) {
    const here = () => show([mark.dataset.place]);
    const back = () => show(kept);
    mark.addEventListener("mouseenter", here);
    mark.addEventListener("focus", here);
    mark.addEventListener("mouseleave", back);
    mark.addEventListener("blur", back);
  }
  for (const row of rows) {
    row.addEventListener("mouseenter", () => show([row.dataset.place]));
    row.addEventListener("mouseleave", () => show(kept));
  }
  search.addEventListener("input", () => {
    const asked = plain(search.value.trim());
    const hits = rows.filter((row, place) => !(row.hidden = !words[place].includes(asked)));
    kept = asked ? hits.map((row) => row.dataset.place) : [];
    found.textContent = asked ? `${hits.length} of ${rows.length}` : "";
    show(kept);
  });
  search.closest("p").hidden = false;
})();
