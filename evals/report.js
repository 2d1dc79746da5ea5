'use strict';
const cases = [...document.querySelectorAll('.case')];
const filters = ['fault', 'kind', 'languages', 'suite'].map((id) => document.getElementById(id)).filter(Boolean);
const search = document.getElementById('search');
const output = document.getElementById('shown');
const visible = () => cases.filter((c) => !c.hidden);

function apply() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const c of cases) {
    const fits = filters.every((f) => !f.value || (f.value === 'failed' ? c.dataset.fault !== 'passed' : c.dataset[f.id] === f.value));
    c.hidden = !(fits && words.every((w) => c.dataset.find.includes(w)));
  }
  const n = visible().length;
  output.textContent = output.dataset.words.replace('{shown}', n).replace('{total}', cases.length);
  document.getElementById('none').hidden = n > 0;
  for (const key of document.querySelectorAll('.key')) {
    key.setAttribute('aria-pressed', String(key.dataset.fault === filters[0].value));
  }
}

function step(by) {
  const shown = visible();
  if (!shown.length) return;
  const at = shown.indexOf(document.activeElement.closest('.case'));
  const next = shown[Math.min(Math.max(at + by, 0), shown.length - 1)];
  if (at >= 0 && shown[at] !== next) shown[at].open = false;
  next.open = true;
  next.querySelector('summary').focus({ preventScroll: true });
  next.scrollIntoView({ block: 'start' });
}

// The marked words are brought into view within a passage that is taller than its box.
document.addEventListener('toggle', (e) => {
  if (!e.target.open) return;
  for (const passage of e.target.querySelectorAll('.passage')) {
    const mark = passage.querySelector('mark');
    if (mark) passage.scrollTop = mark.offsetTop - passage.offsetTop - 40;
  }
}, true);

for (const f of filters) f.addEventListener('change', apply);
search.addEventListener('input', apply);
document.getElementById('filters').addEventListener('submit', (e) => e.preventDefault());
document.getElementById('expand').addEventListener('click', () => visible().forEach((c) => { c.open = true; }));
document.getElementById('collapse').addEventListener('click', () => cases.forEach((c) => { c.open = false; }));
for (const key of document.querySelectorAll('.key')) {
  key.addEventListener('click', () => {
    filters[0].value = filters[0].value === key.dataset.fault ? '' : key.dataset.fault;
    apply();
  });
}
document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, select')) return;
  if (e.key === 'j') step(1);
  else if (e.key === 'k') step(-1);
  else if (e.key === '/') { e.preventDefault(); search.focus(); }
});
const target = location.hash && document.getElementById(location.hash.slice(1));
if (target && target.matches('.case')) { target.open = true; filters[0].value = ''; }
apply();
const first = visible()[0];
if (!target && first) first.open = true;
