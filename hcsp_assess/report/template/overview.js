"use strict";
// Sorts and searches the tables of this page; nothing is fetched, and without it the page shows every row.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], rows = [...body.rows];
  const tools = document.createElement("div"), label = document.createElement("label");
  const input = document.createElement("input"), said = document.createElement("p");
  tools.className = "tools";
  input.type = "search";
  input.id = `search-${table.id}`;
  input.autocomplete = "off";
  label.htmlFor = input.id;
  label.textContent = "Search areas, forces, reasons and headlines";
  said.setAttribute("role", "status");
  const box = document.createElement("div");
  box.append(label, input);
  tools.append(box, said);
  table.closest(".table-scroll").before(tools);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = rows.map((row) => plain(row.textContent));
  input.addEventListener("input", () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      row.hidden = !words.every((word) => texts[place].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    said.textContent = words.length ? `${shown} of ${rows.length} areas` : "";
  });
  const compare = new Intl.Collator("en-GB", { numeric: true }).compare;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      const value = (row) => row.cells[place].dataset.order ?? row.cells[place].textContent;
      const sorted = rows.map((row, at) => [value(row), at, row]).sort((a, b) => {
        if ((a[0] === "") !== (b[0] === "")) return a[0] === "" ? 1 : -1;
        return way * compare(a[0], b[0]) || a[1] - b[1];
      });
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      body.append(...sorted.map((each) => each[2]));
    });
  });
}
