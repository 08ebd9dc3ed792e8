/* Runs in the report's page: filters the table, and opens the claim that the address names. */
/* global document, location, window */
(() => {
  const form = document.querySelector('.controls');
  const claims = [...document.querySelectorAll('tbody.claim')].map((body) => ({
    body,
    text: [...body.querySelectorAll('th, summary, .hypotheses, .labels')]
      .map((e) => e.textContent)
      .join(' ')
      .toLowerCase(),
  }));
  const families = [...document.querySelectorAll('tbody.family')];

  const wanted = ({ body, text }) => {
    const { search, family, verdict, bound } = form.elements;
    const words = search.value.toLowerCase().split(/\s+/);
    const fits = (select) => select.value === '' || body.dataset[select.name] === select.value;
    return [family, verdict, bound].every(fits) && words.every((word) => text.includes(word));
  };

  const filter = () => {
    let shown = 0;
    for (const claim of claims) {
      claim.body.hidden = !wanted(claim);
      if (!claim.body.hidden) shown++;
    }
    for (const head of families) {
      let next = head.nextElementSibling;
      while (next?.matches('.claim[hidden]')) next = next.nextElementSibling;
      head.hidden = !next?.matches('.claim');
    }
    form.querySelector('output').value = `${shown} of ${claims.length} claims`;
  };

  const openNamed = () => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = named?.querySelector('details');
    if (!details) return;
    details.open = true;
    named.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  for (const { body } of claims) {
    // The summary opens by itself; the line above it does the same.
    body.rows[0].addEventListener('click', (event) => {
      if (event.target.closest('a') === null) body.querySelector('details').open ^= true;
    });
  }
  window.addEventListener('hashchange', openNamed);
  filter();
  openNamed();
})();
