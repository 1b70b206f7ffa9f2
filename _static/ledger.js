// The claims ledger: search its rows, sort by a click on a heading. Without it, it is a table.
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.rnn-ledger");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const order = new Intl.Collator("en", { numeric: true });

  const field = document.querySelector(".rnn-ledger-search input");
  const count = document.querySelector(".rnn-ledger-search output");

  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  };
  field.addEventListener("input", filter);
  filter();

  const headings = [...table.tHead.rows[0].cells];
  const sort = (column) => {
    const rising = headings[column].getAttribute("aria-sort") !== "ascending";
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    headings[column].setAttribute("aria-sort", rising ? "ascending" : "descending");
    const key = (row) => row.cells[column].textContent.trim();
    const sorted = [...rows].sort((a, b) => order.compare(key(a), key(b)));
    body.append(...(rising ? sorted : sorted.reverse()));
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(column));
    heading.append(button);
    heading.scope = "col";
  });
});
