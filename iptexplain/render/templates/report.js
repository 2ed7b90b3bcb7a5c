// The page is complete without this. It adds the search, and opens what is folded where a link leads.
// Nothing here makes markup of text: elements are shown or hidden, and one sentence is set as text.
"use strict";
(() => {
  const query = document.getElementById("query");
  const found = document.querySelector("output");
  const portsFound = found.querySelector("[href='#services']"); // null where there are no Services
  const linesFound = found.querySelector("[href='#dump']");
  const services = [...document.querySelectorAll("details.service")];
  const chunks = [...document.querySelectorAll("details.lines > ol")];
  const lines = chunks.flatMap((chunk) => [...chunk.children]);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  let texts = null; // what is searched, in lower case; made when the search is first needed
  let words = [];

  const read = () => {
    const text = (element) => element.textContent.toLowerCase();
    texts ??= { services: services.map(text), lines: lines.map(text) };
  };

  // Hides the elements whose text lacks one of the words; says how many are left. Only what changes is touched.
  const sift = (elements, their) => {
    let left = 0;
    elements.forEach((element, at) => {
      const fits = words.every((word) => their[at].includes(word));
      left += fits;
      if (element.hidden === fits) element.hidden = !fits;
    });
    return left;
  };

  const tell = (link, count, all) => {
    if (link === null) return;
    const counts = { count: number.format(count), all: number.format(all) };
    link.textContent = link.dataset.found.replace(/\{(\w+)\}/g, (_, name) => counts[name]);
  };

  const search = () => {
    const asked = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (asked.join(" ") === words.join(" ")) return;
    words = asked;
    read();
    tell(portsFound, sift(services, texts.services), services.length);
    tell(linesFound, sift(lines, texts.lines), lines.length);
    found.hidden = !words.length;
    for (const chunk of chunks) {
      const empty = [...chunk.children].every((line) => line.hidden);
      if (chunk.hidden !== empty) chunk.hidden = empty;
    }
  };

  // Where a link leads has to be seen: what is folded opens, and a search that hides it ends.
  const show = () => {
    let name = "";
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    if (name.startsWith("q=")) {
      query.value = name.slice(2);
      search();
      return;
    }
    const target = document.getElementById(name);
    if (target === null) return;
    if (target.closest("[hidden]")) {
      query.value = "";
      search();
    }
    const folded = target.matches("section") ? target.querySelector(":scope > details.lines") : target.closest("details");
    for (let one = folded; one; one = one.parentElement.closest("details")) one.open = true;
    target.scrollIntoView();
  };

  document.querySelector(".search").hidden = false;
  query.addEventListener("focus", () => setTimeout(read), { once: true });
  query.addEventListener("input", search);
  query.addEventListener("change", () => {
    const hash = words.length ? "#q=" + encodeURIComponent(query.value.trim()) : "#top";
    try {
      history.replaceState(null, "", hash);
    } catch {
      // a page that is shown inside another one may not
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      query.focus();
      query.select();
    } else if (event.key === "Escape" && event.target === query) {
      query.value = "";
      search();
      query.blur();
    }
  });
  addEventListener("hashchange", show);
  // A link to where one already is changes nothing, and still is meant to lead there.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.getAttribute("href") === location.hash) show();
  });
  if (location.hash) show();
})();
