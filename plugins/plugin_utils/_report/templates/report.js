// Copyright (c) 2026, The fleetops.thingspace authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Sorts and filters the long tables. Without it they are plain tables.
"use strict";
for (const table of document.querySelectorAll("table[data-choices]")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows].map((row) => ({ row, cells: [...row.cells].map((cell) => cell.textContent.trim()) }));
  const choiceColumn = Number(table.dataset.choices);
  const order = new Intl.Collator("en", { numeric: true });

  const labelled = (text, control) => {
    const label = document.createElement("label");
    label.append(text, control);
    return label;
  };
  const input = document.createElement("input");
  input.type = "search";
  const select = document.createElement("select");
  select.add(new Option("all", ""));
  for (const word of new Set(rows.map((one) => one.cells[choiceColumn]))) select.add(new Option(word, word));
  const output = document.createElement("output");
  const tools = document.createElement("div");
  tools.className = "tools";
  tools.append(labelled("Filter", input), labelled(heads[choiceColumn].textContent, select), output);
  table.parentElement.before(tools);

  const filter = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const { row, cells } of rows) {
      const fits = (!select.value || cells[choiceColumn] === select.value)
        && (!wanted || cells.some((cell) => cell.toLowerCase().includes(wanted)));
      row.hidden = !fits;
      shown += fits;
    }
    output.value = `${shown} of ${rows.length} rows`;
  };
  input.addEventListener("input", filter);
  select.addEventListener("change", filter);
  filter();

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      rows.sort((one, other) => direction * order.compare(one.cells[column], other.cells[column]));
      body.append(...rows.map((one) => one.row));
    });
  });
}
